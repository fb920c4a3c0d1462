/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A dying domain's memory comes back: invariant 5 of the design. First what its
 * VCPUs hold goes, then each frame loses its pin and the domain's own reference.
 * A frame is free when the last table that maps it is undone, so the order among
 * frames does not matter: one look at each is enough. What other domains have
 * mapped stays until they let go of it.
 */
#include "cpu/guest_mode.h"
#include "domain/domain.h"
#include "domain/vcpu_op.h"
#include "machine.h"
#include "mm/frame.h"
#include "mm/pagetable.h"
#include "mm/teardown.h"

/* mmu lock held. 0 or -ERESTART. */
static int vcpu_release(struct vcpu *v)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(v->mm_unfinished); i++) {
		struct frame *f = v->mm_unfinished[i];

		/* The frame's own turn comes. */
		v->mm_unfinished[i] = NULL;
		if (f)
			frame_put(f);
	}
	descriptors_drop(v);
	return vcpu_drop_roots(v);
}

/*
 * The frame behind f on d's list, or the first, with a reference; drops the one on
 * f, which kept it on the list.
 */
static struct frame *next_frame(struct domain *d, struct frame *f)
{
	struct frame *n = NULL;
	u32 m;

	spin_lock(&d->page_lock);
	for (m = f ? f->next : d->frame_list; m != FRAME_NONE; m = n->next) {
		n = mfn_to_frame(m);
		/* Without references it is just being freed. */
		if (frame_get(n, d->id))
			break;
	}
	spin_unlock(&d->page_lock);
	if (f)
		frame_put(f);
	return m != FRAME_NONE ? n : NULL;
}

/* 0, or -ERESTART: this frame again. */
static int frame_release(struct domain *d, struct frame *f)
{
	u64 old = __atomic_fetch_and(&f->type, ~FRAME_PINNED, __ATOMIC_RELAXED);

	if (old & FRAME_PINNED)
		table_put(d, f, (old & FRAME_TYPE_MASK) >> FRAME_TYPE_SHIFT);
	else
		table_abandon(d, f);
	if (tables_unfinished(current))
		return -ERESTART;
	if (__atomic_fetch_and(&f->ref, ~FRAME_ALLOCATED, __ATOMIC_ACQ_REL) &
	    FRAME_ALLOCATED)
		frame_put(f);
	return 0;
}

int domain_memory_release(struct domain *d)
{
	struct vcpu *v;
	int rc = 0;

	ASSERT(d->is_dying);
	if (tables_unfinished(current) && tables_finish(current))
		return -ERESTART;
	spin_lock(&d->mmu_lock);
	if (!d->releasing) {
		for_each_vcpu(d, v) {
			rc = vcpu_release(v);
			if (rc)
				goto out;
		}
		d->releasing = next_frame(d, NULL);
	}
	while (d->releasing) {
		rc = frame_release(d, d->releasing);
		if (rc)
			break;
		d->releasing = next_frame(d, d->releasing);
		if (d->releasing && preempt_check()) {
			rc = -ERESTART;
			break;
		}
	}
out:
	spin_unlock(&d->mmu_lock);
	return rc;
}
