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

/* The first frame of the list goes to its end; with a reference, or NULL. */
static struct frame *next_frame(struct domain *d)
{
	struct frame *f = NULL;

	spin_lock(&d->page_lock);
	if (d->frame_list != FRAME_NONE) {
		f = mfn_to_frame(d->frame_list);
		domain_frame_rotate(d);
		if (!frame_get(f, d->id))
			f = NULL; /* it is just being freed */
	}
	spin_unlock(&d->page_lock);
	return f;
}

static void frame_release(struct domain *d, struct frame *f)
{
	u64 old = __atomic_fetch_and(&f->type, ~FRAME_PINNED, __ATOMIC_RELAXED);

	if (old & FRAME_PINNED)
		table_put(d, f, (old & FRAME_TYPE_MASK) >> FRAME_TYPE_SHIFT);
	else
		table_abandon(d, f);
	if (!tables_unfinished(current) &&
	    (__atomic_fetch_and(&f->ref, ~FRAME_ALLOCATED, __ATOMIC_ACQ_REL) &
	     FRAME_ALLOCATED))
		frame_put(f);
	frame_put(f);
}

int domain_memory_release(struct domain *d)
{
	struct frame *f;
	struct vcpu *v;
	int rc = 0;

	ASSERT(d->is_dying);
	if (tables_unfinished(current) && tables_finish(current))
		return -ERESTART;
	spin_lock(&d->mmu_lock);
	for_each_vcpu(d, v) {
		rc = vcpu_release(v);
		if (rc)
			goto out;
	}
	if (d->frames_to_release == 0)
		d->frames_to_release = d->tot_pages + 1;
	while (d->frames_to_release > 1) {
		f = next_frame(d);
		if (f)
			frame_release(d, f);
		/* A table that is not undone yet has its turn again. */
		if (tables_unfinished(current)) {
			d->frames_to_release++;
			rc = -ERESTART;
			goto out;
		}
		d->frames_to_release--;
		if (preempt_check()) {
			rc = -ERESTART;
			goto out;
		}
	}
out:
	spin_unlock(&d->mmu_lock);
	return rc;
}
