/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Giving frames away. The frame must be nobody's but its owner's: not mapped,
 * not a table, nothing else holds it. Then it is taken out of the one domain,
 * the target's entry is claimed (GTF_transfer_committed), the frame goes into
 * the target with the contents it has, and the entry says so.
 *
 * As on Xen, once the frame is out of its domain there is no way back: when the
 * target cannot take it, it is freed.
 */
#include "grant/internal.h"
#include "hypercall/hypercall.h"
#include "mm/alloc.h"
#include "mm/frame.h"

#define TRIES 5

/*
 * Take a frame from a domain that nothing else refers to. Afterwards it has no
 * owner and no reference, so nobody can get one. False: it is in use.
 */
static bool steal(struct domain *d, struct frame *f)
{
	u64 alone = FRAME_ALLOCATED | 2; /* the domain's, and ours */

	if (!frame_get(f, d->id))
		return false;
	if (!__atomic_compare_exchange_n(&f->ref, &alone, FRAME_ALLOCATED, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED)) {
		frame_put(f);
		return false;
	}
	domain_frame_remove(d, f);
	/* Translations that it forgot to flush must not see what comes next. */
	flush_tlb_mask(READ_ONCE(d->dirty_cpus));
	return true;
}

/* Claim e's entry for a frame from d; e's grant lock held. */
static bool commit(struct grant_table *gt, u32 ref, const struct domain *d)
{
	u32 *word = entry_word(gt, ref), old = READ_ONCE(*word);

	for (unsigned int i = 0; i < TRIES; i++) {
		if (old != (GTF_accept_transfer | (u32)d->id << 16))
			return false;
		if (__atomic_compare_exchange_n(word, &old, old | GTF_transfer_committed, false,
						__ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			return true;
	}
	return false;
}

/* The guest said where it wants the frame; tell it which one it is. */
static void complete(struct grant_table *gt, u32 ref, struct frame *f)
{
	mfn_t mfn = frame_to_mfn(f);
	u16 *flags;
	u64 pfn;

	if (gt->version == 1) {
		struct grant_entry_v1 *v1 = entry_v1(gt, ref);

		pfn = READ_ONCE(v1->frame);
		WRITE_ONCE(v1->frame, mfn);
		flags = &v1->flags;
	} else {
		union grant_entry_v2 *v2 = entry_v2(gt, ref);

		pfn = READ_ONCE(v2->full_page.frame);
		WRITE_ONCE(v2->full_page.frame, mfn);
		flags = &v2->hdr.flags;
	}
	machine_to_phys[mfn] = pfn;
	__atomic_or_fetch(flags, GTF_transfer_completed, __ATOMIC_RELEASE);
}

/* Put the frame into e by its entry. GNTST_general_error: it cannot be done. */
static int give(struct domain *d, struct domain *e, u32 ref, struct frame *f)
{
	struct grant_table *gt = e->grant;
	int rc = GNTST_general_error;

	spin_lock(&gt->lock);
	if (e->is_dying || e->tot_pages >= e->max_pages || ref >= gt->entries)
		goto out;
	ref = index_nospec(ref, gt->entries);
	if (*entry_pin(gt, ref) || !commit(gt, ref, d))
		goto out;
	f->type = 0;
	domain_frame_add(e, f);
	__atomic_store_n(&f->ref, FRAME_ALLOCATED | 1, __ATOMIC_RELEASE);
	complete(gt, ref, f);
	rc = GNTST_okay;
out:
	spin_unlock(&gt->lock);
	return rc;
}

static int transfer_one(struct domain *d, const struct gnttab_transfer *op)
{
	struct domain *e;
	struct frame *f;
	int rc;

	if (!mfn_valid(op->mfn))
		return GNTST_bad_page;
	f = mfn_to_frame(op->mfn);
	if (!steal(d, f))
		return GNTST_bad_page;
	machine_to_phys[op->mfn] = UINT64_MAX;
	e = op->domid != DOMID_SELF ? domain_get(op->domid) : NULL;
	rc = e ? give(d, e, op->ref, f) : GNTST_bad_domain;
	if (rc)
		frames_free(f, 0);
	if (e)
		domain_put(e);
	return rc;
}

long grant_transfer(struct gnttab_transfer *uop, u32 count)
{
	for (u32 i = 0; i < count; i++) {
		struct gnttab_transfer op;

		if (i > 0 && preempt_check())
			return GRANT_RESTART(GNTTABOP_transfer, uop, i, count);
		if (copy_from_guest(&op, &uop[i], sizeof(op)))
			return -XEN_EFAULT;
		op.status = transfer_one(current->domain, &op);
		if (copy_to_guest(&uop[i].status, &op.status, sizeof(op.status)))
			return -XEN_EFAULT;
	}
	return 0;
}
