/* SPDX-License-Identifier: GPL-2.0-only */
/* Which frames a domain owns: a list through the frame table, and its counts. */
#include "domain/domain.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/frame.h"
#include "mm/tlb.h"

void domain_frame_add(struct domain *d, struct frame *f)
{
	spin_lock(&d->page_lock);
	f->owner = d->id;
	f->prev = FRAME_NONE;
	f->next = d->frame_list;
	if (d->frame_list != FRAME_NONE)
		mfn_to_frame(d->frame_list)->prev = frame_to_mfn(f);
	d->frame_list = frame_to_mfn(f);
	if (d->tot_pages++ == 0)
		__atomic_add_fetch(&d->references, 1, __ATOMIC_RELAXED);
	spin_unlock(&d->page_lock);
}

/*
 * Before anybody else may have the frame, no TLB must lead to it any more: who
 * has unmapped it need not have flushed.
 */
void domain_frame_remove(struct domain *d, struct frame *f)
{
	bool last;

	tlb_flush_frame(f, tlb_clock_now());
	spin_lock(&d->page_lock);
	if (f->prev == FRAME_NONE)
		d->frame_list = f->next;
	else
		mfn_to_frame(f->prev)->next = f->next;
	if (f->next != FRAME_NONE)
		mfn_to_frame(f->next)->prev = f->prev;
	last = --d->tot_pages == 0;
	spin_unlock(&d->page_lock);
	if (last)
		domain_put(d);
}

bool domain_frame_steal(struct domain *d, struct frame *f)
{
	u64 alone = FRAME_ALLOCATED | 1 | (READ_ONCE(f->ref) & FRAME_FOREIGN);

	/* With its last reference gone nobody can take another one. */
	if (READ_ONCE(f->owner) != d->id ||
	    !__atomic_compare_exchange_n(&f->ref, &alone, alone - 1,
					 false, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED))
		return false;
	domain_frame_remove(d, f);
	f->owner = DOMID_INVALID;
	f->type = 0;
	__atomic_store_n(&f->ref, FRAME_ALLOCATED | 1, __ATOMIC_RELEASE);
	return true;
}

void domain_frame_release(struct frame *f)
{
	ASSERT((f->type & FRAME_TYPE_COUNT) == 0);
	if (f->ref & FRAME_SHARED)
		tlb_flush_frame(f, tlb_clock_now());
	else if (f->owner < MAX_DOMAINS)
		domain_frame_remove(domain_by_id(f->owner), f);
	frames_free(f, 0);
}

struct frame *domain_frames_alloc(struct domain *d, unsigned int order,
				  unsigned int flags)
{
	struct frame *f;

	if (d->is_dying || d->tot_pages + (1ull << order) > d->max_pages)
		return NULL;
	f = frames_alloc(order, flags);
	if (!f)
		return NULL;
	for (u64 i = 0; i < 1ull << order; i++)
		domain_frame_add(d, &f[i]);
	return f;
}

void frame_share(struct frame *f, struct domain *d)
{
	f->owner = d->id;
	f->type = FRAME_WRITABLE | FRAME_VALIDATED | 1;
	__atomic_or_fetch(&f->ref, FRAME_SHARED, __ATOMIC_RELEASE);
}

void frame_unshare(struct frame *f)
{
	frame_put_type(f);
	frame_put(f);
}
