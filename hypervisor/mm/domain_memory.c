/* SPDX-License-Identifier: GPL-2.0-only */
/* Which frames a domain owns: a list through the frame table, and its counts. */
#include <xen/errno.h>

#include "domain/domain.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/frame.h"
#include "mm/tlb.h"

/*
 * Claims: free memory set aside for a domain that is being built. Its frames come
 * out of what is its own; everybody else's out of what is left.
 */
static struct spinlock claim_lock = SPINLOCK_INIT;
static u64 claimed; /* frames, of all domains */

static void frame_add_locked(struct domain *d, struct frame *f)
{
	f->owner = d->id;
	f->prev = FRAME_NONE;
	f->next = d->frame_list;
	if (d->frame_list != FRAME_NONE)
		mfn_to_frame(d->frame_list)->prev = frame_to_mfn(f);
	d->frame_list = frame_to_mfn(f);
	if (d->tot_pages++ == 0)
		__atomic_add_fetch(&d->references, 1, __ATOMIC_RELAXED);
}

void domain_frame_add(struct domain *d, struct frame *f)
{
	spin_lock(&d->page_lock);
	frame_add_locked(d, f);
	spin_unlock(&d->page_lock);
}

static void frame_unlink(struct domain *d, struct frame *f)
{
	bool last;

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

void domain_frame_remove(struct domain *d, struct frame *f)
{
	tlb_flush_frame(f, tlb_clock_now());
	frame_unlink(d, f);
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

void domain_frame_free(struct frame *f)
{
	ASSERT((f->type & FRAME_TYPE_COUNT) == 0);
	if (!(f->ref & FRAME_SHARED) && f->owner < MAX_DOMAINS)
		frame_unlink(domain_by_id(f->owner), f);
	frames_free(f, 0);
}

/* With d's page lock. */
static void claim_reduce(struct domain *d, u64 pages)
{
	spin_lock(&claim_lock);
	pages = min(pages, d->claimed);
	d->claimed -= pages;
	claimed -= pages;
	spin_unlock(&claim_lock);
}

int domain_claim(struct domain *d, u64 pages)
{
	int rc = 0;

	spin_lock(&d->page_lock);
	if (pages == 0) {
		claim_reduce(d, UINT64_MAX);
	} else if (d->is_dying || d->claimed || pages <= d->tot_pages ||
		   pages > d->max_pages) {
		rc = -XEN_EINVAL;
	} else {
		spin_lock(&claim_lock);
		if (claimed + pages - d->tot_pages > frames_free_count()) {
			rc = -XEN_ENOMEM;
		} else {
			d->claimed = pages - d->tot_pages;
			claimed += d->claimed;
		}
		spin_unlock(&claim_lock);
	}
	spin_unlock(&d->page_lock);
	return rc;
}

u64 frames_claimed(void)
{
	return READ_ONCE(claimed);
}

/* Whether so many frames may be taken for d without touching others' claims. */
static bool unclaimed(const struct domain *d, u64 pages)
{
	u64 others = READ_ONCE(claimed) - READ_ONCE(d->claimed);

	return likely(others == 0) || frames_free_count() >= others + pages;
}

struct frame *domain_frames_alloc(struct domain *d, unsigned int order,
				  unsigned int flags)
{
	u64 pages = 1ull << order;
	struct frame *f;
	bool room;

	if (!unclaimed(d, pages))
		return NULL;
	f = frames_alloc(order, flags);
	if (!f)
		return NULL;
	spin_lock(&d->page_lock);
	/* Nothing that comes after is_dying would be given back. */
	room = !d->is_dying && d->tot_pages + pages <= d->max_pages;
	for (u64 i = 0; room && i < pages; i++)
		frame_add_locked(d, &f[i]);
	if (room && unlikely(d->claimed))
		claim_reduce(d, pages);
	spin_unlock(&d->page_lock);
	if (room)
		return f;
	frames_free(f, order);
	return NULL;
}

void frame_share(struct frame *f, struct domain *d)
{
	f->owner = d->id;
	f->type = FRAME_WRITABLE | FRAME_VALIDATED | 1;
	__atomic_or_fetch(&f->ref, FRAME_SHARED, __ATOMIC_RELEASE);
}

/* Whoever comes after the domain shall not have it for its own. */
void frame_unshare(struct frame *f, const struct domain *d)
{
	if (d->is_dying)
		f->owner = MAX_DOMAINS;
	frame_put_type(f);
	frame_put(f);
}

/* Without a reference to be had it looks as the machine-to-physical table does. */
void frame_show(struct frame *f, bool writable)
{
	f->type = 0;
	f->ref = writable ? FRAME_SHARED : 0;
	__atomic_store_n(&f->owner, DOMID_XEN, __ATOMIC_RELEASE);
}
