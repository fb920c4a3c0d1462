/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmu_update, update_va_mapping: guests change entries of their page tables.
 *
 * The mmu lock is taken once for a batch. Under it a table's type cannot change,
 * so looking at the type of the frame is enough: no references on the way.
 */
#include <xen/errno.h>
#include <xen/xen.h>

#include "cpu/layout.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "machine.h"
#include "mm/batch.h"
#include "mm/foreign.h"
#include "mm/frame.h"
#include "mm/pagetable.h"

/* Entries between two looks at the clock. */
#define BATCH 64

/*
 * A word in a frame that is no table: an ordinary write, allowed when the guest
 * could do it itself.
 */
static int write_word(struct domain *d, struct frame *f, u64 *p, u64 val)
{
	if (!frame_get_writable(f, d->id))
		return -XEN_EINVAL;
	WRITE_ONCE(*p, val);
	frame_put_writable(f);
	return 0;
}

static int update_one(struct domain *d, struct domain *pg_owner, u64 ptr,
		      u64 val, bool preserve_ad)
{
	mfn_t mfn = ptr >> PAGE_SHIFT;
	struct frame *f;
	u64 type, *p;

	if (unlikely(!mfn_valid(mfn)))
		return -XEN_EINVAL;
	f = mfn_to_frame(mfn);
	if (unlikely(f->owner != d->id))
		return -XEN_EINVAL;
	p = (u64 *)(map_frame(mfn) + (ptr & ~PAGE_MASK & ~7ul));
	type = READ_ONCE(f->type);
	if (likely((type & (FRAME_TYPE_MASK | FRAME_VALIDATED)) ==
		   (FRAME_L1 | FRAME_VALIDATED)))
		return l1_update(d, pg_owner, p, val, preserve_ad);
	switch (type & FRAME_TYPE_MASK) {
	case FRAME_L1:
	case FRAME_L2:
	case FRAME_L3:
	case FRAME_L4:
		if (type & FRAME_VALIDATED)
			return entry_update(d, pg_owner, p,
					    type >> FRAME_TYPE_SHIFT, val,
					    preserve_ad);
		/* Nobody's table now, or one that is not finished. */
		if (type & FRAME_TYPE_COUNT)
			return -XEN_EBUSY;
		/* fall through */
	default:
		return write_word(d, f, p, val);
	}
}

static int update_m2p(struct domain *pg_owner, u64 ptr, u64 val)
{
	mfn_t mfn = ptr >> PAGE_SHIFT;
	struct frame *f;

	if (!mfn_valid(mfn))
		return -XEN_EINVAL;
	f = mfn_to_frame(mfn);
	if (!frame_get(f, pg_owner->id))
		return -XEN_EINVAL;
	machine_to_phys[mfn] = val;
	frame_put(f);
	return 0;
}

static int process(struct domain *pt_owner, struct domain *pg_owner, u64 ptr,
		   u64 val)
{
	switch (ptr & 7) {
	case MMU_NORMAL_PT_UPDATE:
	case MMU_PT_UPDATE_NO_TRANSLATE:
		return update_one(pt_owner, pg_owner, ptr, val, false);
	case MMU_PT_UPDATE_PRESERVE_AD:
		return update_one(pt_owner, pg_owner, ptr, val, true);
	case MMU_MACHPHYS_UPDATE:
		return update_m2p(pg_owner, ptr, val);
	default:
		return -XEN_ENOSYS;
	}
}

long do_mmu_update(void *ureqs, unsigned int count, void *pdone,
		   unsigned int foreigndom)
{
	struct mmu_update *req = ureqs;
	struct domain *pt_owner, *pg_owner;
	unsigned int i = 0, done;
	long rc = batch_begin(&count, &done, pdone);

	if (unlikely(rc))
		return rc;
	rc = foreign_get(foreigndom, &pt_owner, &pg_owner);
	if (unlikely(rc))
		return rc;
	if (unlikely(tables_unfinished(current)))
		rc = tables_finish(current);
	spin_lock(&pt_owner->mmu_lock);
	while (rc == 0 && i < count) {
		struct mmu_update u;

		if (unlikely(i % BATCH == BATCH - 1) && preempt_check()) {
			rc = -ERESTART;
			break;
		}
		if (unlikely(copy_from_guest(&u, &req[i], sizeof(u)))) {
			rc = -XEN_EFAULT;
			break;
		}
		rc = process(pt_owner, pg_owner, u.ptr, u.val);
		if (rc == 0) {
			i++;
			if (unlikely(tables_unfinished(current)))
				rc = -ERESTART;
		}
	}
	spin_unlock(&pt_owner->mmu_lock);
	foreign_put(foreigndom, pt_owner, pg_owner);
	return batch_end(__HYPERVISOR_mmu_update, rc, done + i, pdone, &req[i],
			 count - i, foreigndom);
}

/* The flush that an update_va_mapping asks for; va is the page that changed. */
static long flush_for(struct domain *d, u64 va, u64 flags)
{
	u64 target = flags & ~(u64)UVMF_FLUSHTYPE_MASK;
	cpumask_t cpus;

	if ((flags & UVMF_FLUSHTYPE_MASK) == UVMF_NONE)
		return 0;
	if (likely(target == UVMF_LOCAL)) {
		if ((flags & UVMF_FLUSHTYPE_MASK) == UVMF_INVLPG)
			flush_tlb_one_local(va);
		else
			flush_tlb_local();
		return 0;
	}
	if (target == UVMF_ALL) {
		cpus = READ_ONCE(d->dirty_cpus);
	} else {
		long rc = guest_vcpu_mask(d, (void *)target, &cpus);

		if (rc)
			return rc;
	}
	if ((flags & UVMF_FLUSHTYPE_MASK) == UVMF_INVLPG)
		flush_tlb_one_mask(cpus, va);
	else
		flush_tlb_mask(cpus);
	return 0;
}

static long update_va(struct domain *d, struct domain *pg_owner, u64 va, u64 val,
		      u64 flags)
{
	long rc = -XEN_EINVAL;
	pte_t *p;

	spin_lock(&d->mmu_lock);
	p = l1_lookup(current->kernel_l4, va);
	if (likely(p != NULL))
		rc = l1_update(d, pg_owner, p, val, false);
	spin_unlock(&d->mmu_lock);
	/* Xen flushes whether or not the update went well, and so do we. */
	if (flags) {
		long rc2 = flush_for(d, va, flags);

		if (rc == 0)
			rc = rc2;
	}
	return rc;
}

long do_update_va_mapping(u64 va, u64 val, u64 flags)
{
	struct domain *d = current->domain;

	return update_va(d, d, va, val, flags);
}

long do_update_va_mapping_otherdomain(u64 va, u64 val, u64 flags, u16 domid)
{
	struct domain *pt_owner, *pg_owner;
	long rc = foreign_get(domid, &pt_owner, &pg_owner);

	if (rc)
		return rc;
	rc = update_va(pt_owner, pg_owner, va, val, flags);
	foreign_put(domid, pt_owner, pg_owner);
	return rc;
}
