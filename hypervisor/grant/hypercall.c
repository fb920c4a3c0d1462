/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypercall grant_table_op: which operation it is, and how many of them. */
#include "grant/internal.h"
#include "hypercall/hypercall.h"
#include "mm/frame.h"

/* Xen keeps the state of a preempted cache_flush above; other commands have none. */
#define COMMAND_MASK 0xfffu

static long swap_grant_refs(struct gnttab_swap_grant_ref *uop, u32 count)
{
	for (u32 i = 0; i < count; i++) {
		struct gnttab_swap_grant_ref op;

		if (i > 0 && preempt_check())
			return GRANT_RESTART(GNTTABOP_swap_grant_ref, uop, i, count);
		if (copy_from_guest(&op, &uop[i], sizeof(op)))
			return -XEN_EFAULT;
		op.status = grant_swap(current->domain, op.ref_a, op.ref_b);
		if (copy_to_guest(&uop[i].status, &op.status, sizeof(op.status)))
			return -XEN_EFAULT;
	}
	return 0;
}

/*
 * Devices of this architecture see what is in the caches, and what a guest maps
 * it can flush by itself: so there is nothing to do but to say what is wrong.
 */
static long cache_flush_one(const struct gnttab_cache_flush *op)
{
	mfn_t mfn = op->a.dev_bus_addr >> PAGE_SHIFT;

	if (op->offset >= PAGE_SIZE || op->length > PAGE_SIZE ||
	    op->offset + op->length > PAGE_SIZE)
		return -XEN_EINVAL;
	if (op->length == 0 || op->op == 0)
		return 0;
	/* A reference instead of an address was never made to work on x86. */
	if (op->op & ~(GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL))
		return -XEN_EINVAL;
	if (!mfn_valid(mfn))
		return -XEN_EINVAL;
	if (!frame_get(mfn_to_frame(mfn), current->domain->id))
		return -XEN_EPERM;
	frame_put(mfn_to_frame(mfn));
	return op->op & GNTTAB_CACHE_CLEAN ? 0 : -XEN_EOPNOTSUPP;
}

static long cache_flush(struct gnttab_cache_flush *uop, u32 count)
{
	long rc = 0;

	for (u32 i = 0; i < count && rc == 0; i++) {
		struct gnttab_cache_flush op;

		if (i > 0 && preempt_check())
			return GRANT_RESTART(GNTTABOP_cache_flush, uop, i, count);
		if (copy_from_guest(&op, &uop[i], sizeof(op)))
			return -XEN_EFAULT;
		rc = cache_flush_one(&op);
	}
	return rc;
}

static __attribute__((noinline)) long other_operation(unsigned int cmd, void *uop, u32 count)
{
	switch (cmd) {
	case GNTTABOP_unmap_and_replace:
		return grant_replace(uop, count);
	case GNTTABOP_transfer:
		return grant_transfer(uop, count);
	case GNTTABOP_swap_grant_ref:
		return swap_grant_refs(uop, count);
	case GNTTABOP_cache_flush:
		return cache_flush(uop, count);
	case GNTTABOP_setup_table:
		return count == 1 ? grant_setup_table(uop) : -XEN_EINVAL;
	case GNTTABOP_query_size:
		return count == 1 ? grant_query_size(uop) : -XEN_EINVAL;
	case GNTTABOP_get_status_frames:
		return count == 1 ? grant_get_status_frames(uop) : -XEN_EINVAL;
	case GNTTABOP_set_version:
		return grant_set_version(uop);
	case GNTTABOP_get_version:
		return grant_get_version(uop);
	default:
		return -XEN_ENOSYS;
	}
}

/* Those first that drivers call all day. */
long do_grant_table_op(unsigned int cmd, void *uop, unsigned int count)
{
	if (unlikely((int)count < 0))
		return -XEN_EINVAL;
	if (cmd == GNTTABOP_map_grant_ref)
		return grant_map(uop, count);
	if (cmd == GNTTABOP_unmap_grant_ref)
		return grant_unmap(uop, count);
	if (cmd == GNTTABOP_copy)
		return grant_copy(uop, count);
	if ((cmd & ~COMMAND_MASK) && (cmd & COMMAND_MASK) != GNTTABOP_cache_flush)
		return -XEN_EINVAL;
	return other_operation(cmd & COMMAND_MASK, uop, count);
}
