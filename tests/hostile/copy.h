/* SPDX-License-Identifier: GPL-2.0-only */
/* For back ends: a page that the front end granted. */
#ifndef HOSTILE_COPY_H
#define HOSTILE_COPY_H

#include <asm/xen/hypercall.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include <xen/xenbus.h>

/* Copy so many bytes from @offset in the other's page to @here, within one page, or back. */
static inline bool copy_granted(struct xenbus_device *xdev, grant_ref_t gref, unsigned int offset,
				void *here, unsigned int bytes, bool in)
{
	struct gnttab_copy op = { .len = bytes };
	struct gnttab_copy_ptr theirs = { .domid = xdev->otherend_id, .offset = offset };
	struct gnttab_copy_ptr ours = { .domid = DOMID_SELF, .offset = offset_in_page(here) };

	theirs.u.ref = gref;
	ours.u.gmfn = virt_to_gfn(here);
	op.source = in ? theirs : ours;
	op.dest = in ? ours : theirs;
	op.flags = in ? GNTCOPY_source_gref : GNTCOPY_dest_gref;
	return !HYPERVISOR_grant_table_op(GNTTABOP_copy, &op, 1) && op.status == GNTST_okay;
}

#endif
