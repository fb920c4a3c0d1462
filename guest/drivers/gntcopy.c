// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/xen/gntdev's copying between a program's memory and pages that other domains
 * grant. A segment of the program's becomes as many operations as it touches pages;
 * they go to the hypervisor in batches.
 */
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <xen/grant_table.h>
#include <xen/page.h>

#include <uapi/xen/gntdev.h>

#include "gntdev.h"

#define BATCH 24

struct batch {
	struct gnttab_copy ops[BATCH];
	struct page *pages[BATCH];
	s16 __user *status[BATCH]; /* whose operation it is */
	bool written[BATCH];	   /* the page is the program's and is written */
	unsigned int count;
};

/* Do what there is, tell the program of the failures. */
static long flush(struct batch *batch)
{
	unsigned int i;
	long err = 0;
	s16 status;

	if (!batch->count)
		return 0;
	gnttab_batch_copy(batch->ops, batch->count);
	for (i = 0; i < batch->count; i++) {
		if (batch->written[i])
			set_page_dirty_lock(batch->pages[i]);
		put_page(batch->pages[i]);
		/* A segment has the status of its first operation that failed. */
		if (batch->ops[i].status == GNTST_okay || err)
			continue;
		if (get_user(status, batch->status[i]))
			err = -EFAULT;
		else if (status == GNTST_okay && put_user(batch->ops[i].status, batch->status[i]))
			err = -EFAULT;
	}
	batch->count = 0;
	return err;
}

/* Without doing anything. */
static void drop(struct batch *batch)
{
	while (batch->count)
		put_page(batch->pages[--batch->count]);
}

/* Let @side be the program's memory at @virt, and hold its page. */
static int local_side(struct batch *batch, struct gnttab_copy_ptr *side, unsigned long virt,
		      bool write)
{
	struct page **page = &batch->pages[batch->count];

	if (get_user_pages_fast(virt, 1, write ? FOLL_WRITE : 0, page) != 1)
		return -EFAULT;
	batch->written[batch->count] = write;
	side->u.gmfn = xen_page_to_gfn(*page);
	side->domid = DOMID_SELF;
	side->offset = xen_offset_in_page(virt);
	return 0;
}

static long copy_segment(struct batch *batch, struct gntdev_grant_copy_segment *seg,
			 s16 __user *status)
{
	bool from = seg->flags & GNTCOPY_source_gref, to = seg->flags & GNTCOPY_dest_gref;
	unsigned int done, part, offset;
	struct gnttab_copy *op;
	unsigned long virt;
	long err;

	/* One side is the program's, the other one within a page. */
	if (from == to || seg->flags & ~(GNTCOPY_source_gref | GNTCOPY_dest_gref))
		return -EINVAL;
	offset = from ? seg->source.foreign.offset : seg->dest.foreign.offset;
	if (offset + seg->len > XEN_PAGE_SIZE)
		return -EINVAL;
	if (put_user(GNTST_okay, status))
		return -EFAULT;
	virt = (unsigned long)(from ? seg->dest.virt : seg->source.virt);
	for (done = 0; done < seg->len; done += part) {
		part = min_t(unsigned int, seg->len - done,
			     XEN_PAGE_SIZE - xen_offset_in_page(virt + done));
		op = &batch->ops[batch->count];
		op->flags = seg->flags;
		op->len = part;
		if (from) {
			op->source.u.ref = seg->source.foreign.ref;
			op->source.domid = seg->source.foreign.domid;
			op->source.offset = offset + done;
			err = local_side(batch, &op->dest, virt + done, true);
		} else {
			op->dest.u.ref = seg->dest.foreign.ref;
			op->dest.domid = seg->dest.foreign.domid;
			op->dest.offset = offset + done;
			err = local_side(batch, &op->source, virt + done, false);
		}
		if (err)
			return err;
		batch->status[batch->count++] = status;
		if (batch->count == BATCH)
			err = flush(batch);
		if (err)
			return err;
	}
	return 0;
}

long gntdev_copy(void __user *arg)
{
	struct gntdev_grant_copy_segment seg;
	struct ioctl_gntdev_grant_copy op;
	struct batch batch;
	unsigned int i;
	long err = 0;

	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	batch.count = 0;
	for (i = 0; !err && i < op.count; i++) {
		if (copy_from_user(&seg, &op.segments[i], sizeof(seg)))
			err = -EFAULT;
		else
			err = copy_segment(&batch, &seg, &op.segments[i].status);
		cond_resched();
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
	}
	if (err)
		drop(&batch);
	else
		err = flush(&batch);
	return err;
}
