/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmuext_op: pin page tables, load them, flush TLBs, set the LDT. The mmu lock is
 * taken only by operations that touch tables; flushes, which are the frequent
 * ones, go without.
 */
#include <xen/errno.h>
#include <xen/xen.h>

#include "cpu/guest_mode.h"
#include "cpu/layout.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/batch.h"
#include "mm/foreign.h"
#include "mm/frame.h"
#include "mm/mmuext.h"
#include "mm/pagetable.h"

static int pin(struct domain *d, mfn_t mfn, unsigned int level)
{
	struct frame *f;
	int rc;

	if (!mfn_valid(mfn))
		return -XEN_EINVAL;
	f = mfn_to_frame(mfn);
	rc = table_get(d, f, level);
	if (rc)
		return rc;
	if (__atomic_fetch_or(&f->type, FRAME_PINNED, __ATOMIC_RELAXED) &
	    FRAME_PINNED) {
		table_put(d, f, level);
		return -XEN_EINVAL;
	}
	return 0;
}

static int unpin(struct domain *d, mfn_t mfn)
{
	struct frame *f;
	u64 old;

	if (!mfn_valid(mfn))
		return -XEN_EINVAL;
	f = mfn_to_frame(mfn);
	if (!frame_get(f, d->id))
		return -XEN_EINVAL;
	old = __atomic_fetch_and(&f->type, ~FRAME_PINNED, __ATOMIC_RELAXED);
	if (old & FRAME_PINNED)
		table_put(d, f,
			  (old & FRAME_TYPE_MASK) >> FRAME_TYPE_SHIFT);
	frame_put(f);
	return old & FRAME_PINNED ? 0 : -XEN_EINVAL;
}

/* The VCPU's root for its kernel (new_baseptr) or its user mode. */
static int set_root(struct vcpu *v, mfn_t mfn, mfn_t *root, bool kernel)
{
	struct domain *d = v->domain;
	mfn_t old = *root;
	int rc;

	if (mfn == old)
		return 0;
	if (mfn != 0 || kernel) {
		if (!mfn_valid(mfn))
			return -XEN_EINVAL;
		rc = table_get(d, mfn_to_frame(mfn), 4);
		if (rc)
			return rc;
	}
	*root = mfn;
	if (kernel)
		vcpu_load_root(v);
	if (old)
		table_put(d, mfn_to_frame(old), 4);
	return 0;
}

static int clear_or_copy(struct domain *d, mfn_t to, mfn_t from, bool copy)
{
	struct frame *src = NULL, *dst;
	int rc = -XEN_EINVAL;

	if (!mfn_valid(to) || (copy && !mfn_valid(from)))
		return -XEN_EINVAL;
	dst = mfn_to_frame(to);
	if (copy) {
		src = mfn_to_frame(from);
		if (!frame_get(src, d->id))
			return -XEN_EINVAL;
	}
	if (frame_get_writable(dst, d->id)) {
		if (copy)
			memcpy(frame_to_virt(dst), frame_to_virt(src),
			       PAGE_SIZE);
		else
			memset(frame_to_virt(dst), 0, PAGE_SIZE);
		frame_put_writable(dst);
		rc = 0;
	}
	if (src)
		frame_put(src);
	return rc;
}

/* Operations on tables and frames, under pg_owner's mmu lock. */
static int table_op(struct vcpu *v, struct domain *d, const struct mmuext_op *op)
{
	switch (op->cmd) {
	case MMUEXT_PIN_L1_TABLE:
	case MMUEXT_PIN_L2_TABLE:
	case MMUEXT_PIN_L3_TABLE:
	case MMUEXT_PIN_L4_TABLE:
		return pin(d, op->arg1.mfn, op->cmd - MMUEXT_PIN_L1_TABLE + 1);
	case MMUEXT_UNPIN_TABLE:
		return unpin(d, op->arg1.mfn);
	case MMUEXT_NEW_BASEPTR:
		return d == v->domain ? set_root(v, op->arg1.mfn,
						 &v->kernel_l4, true) :
					-XEN_EPERM;
	case MMUEXT_NEW_USER_BASEPTR:
		return d == v->domain ? set_root(v, op->arg1.mfn, &v->user_l4,
						 false) :
					-XEN_EPERM;
	case MMUEXT_SET_LDT:
		return d == v->domain ? vcpu_set_ldt(v, op->arg1.linear_addr,
						     op->arg2.nr_ents) :
					-XEN_EPERM;
	case MMUEXT_CLEAR_PAGE:
		return clear_or_copy(d, op->arg1.mfn, 0, false);
	case MMUEXT_COPY_PAGE:
		return clear_or_copy(d, op->arg1.mfn, op->arg2.src_mfn, true);
	default:
		return -XEN_ENOSYS;
	}
}

/* Large-page marks mean nothing to guests that cannot have large pages. */
static int process(struct vcpu *v, struct domain *d, const struct mmuext_op *op)
{
	cpumask_t cpus;
	int rc;

	switch (op->cmd) {
	case MMUEXT_TLB_FLUSH_LOCAL:
		if (unlikely(d != v->domain))
			return -XEN_EPERM;
		flush_tlb_local();
		return 0;
	case MMUEXT_INVLPG_LOCAL:
		if (unlikely(d != v->domain))
			return -XEN_EPERM;
		flush_tlb_one_local(op->arg1.linear_addr);
		return 0;
	case MMUEXT_TLB_FLUSH_MULTI:
	case MMUEXT_INVLPG_MULTI:
		if (unlikely(d != v->domain))
			return -XEN_EPERM;
		rc = guest_vcpu_mask(d, op->arg2.vcpumask.p, &cpus);
		if (rc)
			return -XEN_EINVAL;
		if (op->cmd == MMUEXT_TLB_FLUSH_MULTI)
			flush_tlb_mask(cpus);
		else
			flush_tlb_one_mask(cpus, op->arg1.linear_addr);
		return 0;
	case MMUEXT_TLB_FLUSH_ALL:
		if (unlikely(d != v->domain))
			return -XEN_EPERM;
		flush_tlb_mask(READ_ONCE(d->dirty_cpus));
		return 0;
	case MMUEXT_INVLPG_ALL:
		if (unlikely(d != v->domain))
			return -XEN_EPERM;
		flush_tlb_one_mask(READ_ONCE(d->dirty_cpus),
				   op->arg1.linear_addr);
		return 0;
	case MMUEXT_FLUSH_CACHE:
	case MMUEXT_FLUSH_CACHE_GLOBAL:
		if (d != v->domain)
			return -XEN_EPERM;
		if (!d->is_privileged)
			return -XEN_EINVAL;
		flush_cache(op->cmd == MMUEXT_FLUSH_CACHE_GLOBAL);
		return 0;
	case MMUEXT_MARK_SUPER:
	case MMUEXT_UNMARK_SUPER:
		return -XEN_EOPNOTSUPP;
	}

	if (unlikely(tables_unfinished(v))) {
		rc = tables_finish(v);
		if (rc)
			return rc;
	}
	spin_lock(&d->mmu_lock);
	rc = table_op(v, d, op);
	spin_unlock(&d->mmu_lock);
	return rc;
}

/*
 * One operation of a guest on itself, which is what most calls are, without
 * anything around it. What cannot be finished here is restarted the long way.
 */
static long single(struct vcpu *v, struct mmuext_op *arg)
{
	struct mmuext_op op;
	int rc;

	if (unlikely(copy_from_guest(&op, arg, sizeof(op))))
		return -XEN_EFAULT;
	rc = process(v, v->domain, &op);
	/* What failed is not tried again; what it left goes with the next. */
	if (likely(rc != -ERESTART && (rc || !tables_unfinished(v))))
		return rc;
	return hypercall_restart(__HYPERVISOR_mmuext_op, 4,
				 (u64)(rc ? arg : arg + 1),
				 (u64)(PREEMPTED | (rc ? 1 : 0)), 0ul,
				 (u64)DOMID_SELF);
}

int mmuext_one(struct vcpu *v, const struct mmuext_op *op)
{
	return process(v, v->domain, op);
}

long do_mmuext_op(void *ops, unsigned int count, void *pdone,
		  unsigned int foreigndom)
{
	struct mmuext_op *req = ops;
	struct vcpu *v = current;
	struct domain *pt_owner, *pg_owner;
	unsigned int i = 0, done;
	long rc;

	if (likely(count == 1 && foreigndom == DOMID_SELF && !pdone) &&
	    !tables_unfinished(v))
		return single(v, ops);

	rc = batch_begin(&count, &done, pdone);
	if (unlikely(rc))
		return rc;
	rc = foreign_get(foreigndom, &pt_owner, &pg_owner);
	if (unlikely(rc))
		return rc;
	if (unlikely(tables_unfinished(v)))
		rc = tables_finish(v);
	while (rc == 0 && i < count) {
		struct mmuext_op op;

		if (i > 0 && preempt_check()) {
			rc = -ERESTART;
			break;
		}
		if (unlikely(copy_from_guest(&op, &req[i], sizeof(op)))) {
			rc = -XEN_EFAULT;
			break;
		}
		rc = process(v, pg_owner, &op);
		if (rc == 0) {
			i++;
			if (unlikely(tables_unfinished(v)))
				rc = -ERESTART;
		}
	}
	foreign_put(foreigndom, pt_owner, pg_owner);
	return batch_end(__HYPERVISOR_mmuext_op, rc, done + i, pdone, &req[i], count - i,
			 foreigndom);
}
