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
#include "mm/iomem.h"

#define MAX_FRAME_INFO 1024
#define PORTS 65536

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

/*
 * Who gives a right, or takes it, must have it. So domain 0 cannot give what is
 * ours, and what it has taken from itself is gone for good.
 */
long domctl_iomem_permission(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_iomem_permission *p = &op->u.iomem_permission;
	mfn_t last = p->first_mfn + p->nr_mfns - 1;

	if (last < p->first_mfn) /* none at all, too */
		return -XEN_EINVAL;
	if (!iomem_permitted(current->domain, p->first_mfn, last))
		return -XEN_EPERM;
	return iomem_permit(d, p->first_mfn, last, p->allow_access);
}

long domctl_ioport_permission(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_ioport_permission *p = &op->u.ioport_permission;

	if (p->nr_ports == 0 || p->first_port >= PORTS || p->nr_ports > PORTS - p->first_port)
		return -XEN_EINVAL;
	if (!ioport_permitted(current->domain, p->first_port, p->nr_ports))
		return -XEN_EPERM;
	ioport_permit(d, p->first_port, p->nr_ports, p->allow_access);
	return 0;
}

long domctl_irq_permission(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_irq_permission *p = &op->u.irq_permission;

	return pirq_permit(d, current->domain, p->pirq, p->allow_access);
}

/* A PV guest maps what it may use by itself: there is nothing to do for it. */
long domctl_memory_mapping(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_memory_mapping *m = &op->u.memory_mapping;
	u64 last = m->first_mfn + m->nr_mfns - 1;

	if (last < m->first_mfn || last >= iomem_end)
		return -XEN_EINVAL;
	return m->first_gfn + m->nr_mfns - 1 < m->first_gfn ? -XEN_EINVAL : 0;
}
