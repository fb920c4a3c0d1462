/* SPDX-License-Identifier: GPL-2.0-only */
/* The operations of domctl on a domain's memory, and on what hardware it may use. */
#include <xen/domctl.h>
#include <xen/errno.h>

#include "cpu/ioport.h"
#include "domain/domain.h"
#include "domain/hypercall_page.h"
#include "hypercall/domctl.h"
#include "irq/pirq.h"
#include "machine.h"
#include "mm/frame.h"

#define MAX_FRAME_INFO 1024

/* What a frame is, as the tools that save a domain want to know. */
static u64 frame_info(struct domain *d, mfn_t mfn)
{
	struct frame *f;
	u64 type, info;

	if (!mfn_valid(mfn))
		return XEN_DOMCTL_PFINFO_XTAB;
	f = mfn_to_frame(mfn);
	if (!frame_get(f, d->id))
		return XEN_DOMCTL_PFINFO_XTAB;
	type = READ_ONCE(f->type);
	info = (type & FRAME_TYPE_MASK) >> FRAME_TYPE_SHIFT;
	info = info >= 1 && info <= 4 && type & FRAME_TYPE_COUNT ?
		       info << XEN_DOMCTL_PFINFO_LTAB_SHIFT :
		       0;
	if (type & FRAME_PINNED)
		info |= XEN_DOMCTL_PFINFO_LPINTAB;
	frame_put(f);
	return info;
}

long domctl_getpageframeinfo3(struct domain *d, struct xen_domctl *op)
{
	u64 *array = op->u.getpageframeinfo3.array.p;
	u64 entry;

	if (op->u.getpageframeinfo3.num > MAX_FRAME_INFO)
		return -XEN_E2BIG;
	for (u64 i = 0; i < op->u.getpageframeinfo3.num; i++) {
		if (copy_from_guest(&entry, array + i, sizeof(entry)))
			return -XEN_EFAULT;
		entry = frame_info(d, entry);
		if (copy_to_guest(array + i, &entry, sizeof(entry)))
			return -XEN_EFAULT;
	}
	return 0;
}

long domctl_hypercall_init(struct domain *d, struct xen_domctl *op)
{
	return hypercall_page_write(d, op->u.hypercall_init.gmfn);
}

long domctl_ioport_permission(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_ioport_permission *p = &op->u.ioport_permission;

	return ioport_permit(d, p->first_port, p->nr_ports, p->allow_access);
}

/* PV guests have no other ports than the machine's. */
long domctl_ioport_mapping(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_ioport_mapping *m = &op->u.ioport_mapping;

	if (m->first_gport != m->first_mport)
		return -XEN_EINVAL;
	return ioport_permit(d, m->first_mport, m->nr_ports, m->add_mapping);
}
