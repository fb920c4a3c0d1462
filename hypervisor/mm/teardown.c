/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A dying domain's memory comes back: invariant 5 of the design. First what its
 * VCPUs hold goes, then the tables, each when its frame loses its pin, and then the
 * domain's own reference on every frame. The tables first, so that few frames are
 * freed by a table that lets go of them, one at a time, and most of them many at a
 * time, with one flush. The order among frames does not matter: two looks at each
 * are enough. What other domains have mapped stays until they let go of it.
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
static struct frame *next_frame(struct domain *d, struct frame *f, struct frame_batch *b)
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
		frame_batch_put(b, f);
	return m != FRAME_NONE ? n : NULL;
}

/* 0, or -ERESTART: this frame again. */
static int release_table(struct domain *d, struct frame *f)
{
	u64 old = __atomic_fetch_and(&f->type, ~FRAME_PINNED, __ATOMIC_RELAXED);

	if (old & FRAME_PINNED)
		table_put(d, f, (old & FRAME_TYPE_MASK) >> FRAME_TYPE_SHIFT);
	else
		table_abandon(d, f);
	return tables_unfinished(current) ? -ERESTART : 0;
}

static void release_frame(struct frame *f, struct frame_batch *b)
{
	u64 old = __atomic_fetch_and(&f->ref, ~FRAME_ALLOCATED, __ATOMIC_ACQ_REL);

	if (old & FRAME_ALLOCATED)
		frame_batch_put(b, f);
}

/* From d->releasing on. 0, or -ERESTART with the rest to do. */
static int release_all(struct domain *d)
{
	struct frame_batch b = { .nr = 0 };
	int rc = 0;

	while (d->releasing) {
		if (d->tables_released)
			release_frame(d->releasing, &b);
		else
			rc = release_table(d, d->releasing);
		if (rc)
			break;
		d->releasing = next_frame(d, d->releasing, &b);
		if (d->releasing && preempt_check()) {
			rc = -ERESTART;
			break;
		}
	}
	frame_batch_end(&b);
	return rc;
}

/* mmu lock held. */
static int memory_release(struct domain *d)
{
	struct vcpu *v;
	int rc = 0;

	if (!d->releasing && !d->tables_released) {
		for_each_vcpu(d, v) {
			rc = vcpu_release(v);
			if (rc)
				return rc;
		}
		d->releasing = next_frame(d, NULL, NULL);
	}
	rc = release_all(d);
	if (rc || d->tables_released)
		return rc;
	d->tables_released = true;
	d->releasing = next_frame(d, NULL, NULL);
	return release_all(d);
}

int domain_memory_release(struct domain *d)
{
	int rc;

	ASSERT(d->is_dying);
	if (tables_unfinished(current) && tables_finish(current))
		return -ERESTART;
	spin_lock(&d->mmu_lock);
	rc = memory_release(d);
	spin_unlock(&d->mmu_lock);
	return rc;
}
