/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entries of grant tables: memory that a guest writes at any time, from any of
 * its VCPUs, while we read it.
 *
 * The protocol with the guest: it takes a grant back by exchanging the flags for
 * 0 while neither GTF_reading nor GTF_writing is set; we set those before we read
 * anything else of the entry. In version 1 they are in the word with the flags,
 * so one compare-and-exchange checks and sets. In version 2 they are in a word of
 * their own; there we set first, and then look whether the flags are still those
 * that we checked. Either the guest sees our mark, or we see its change.
 */
#include "grant/internal.h"
#include "mm/frame.h"

/* How often the flags may change under our hands before we give up. */
#define TRIES 5

static inline u32 marks(u32 pin)
{
	return pin & PIN_WRITE ? GTF_reading | GTF_writing : GTF_reading;
}

/* pin goes and left remains: take away the marks that nobody needs any more. */
static void unmark(struct grant_table *gt, u32 ref, u32 pin, u32 left)
{
	u16 clear = 0, *flags;

	if ((pin & PIN_WRITE) && !(left & PIN_WRITE))
		clear |= GTF_writing;
	if (!left)
		clear |= GTF_reading;
	if (!clear)
		return;
	flags = gt->version == 1 ? &entry_v1(gt, ref)->flags : entry_status(gt, ref);
	__atomic_and_fetch(flags, (u16)~clear, __ATOMIC_RELEASE);
}

/* Whether a word of flags and domid lets domid do what pin says. */
static inline bool permits(u32 word, u16 domid, u32 pin)
{
	return word >> 16 == domid && !((pin & PIN_WRITE) && (word & GTF_readonly));
}

static int pin_v1(struct grant_table *gt, u32 ref, u16 domid, u32 pin, bool mapping,
		  struct granted *g)
{
	/* There are no parts of frames in version 1, but asking for one is wrong. */
	const u32 kind = mapping ? GTF_type_mask | GTF_sub_page : GTF_type_mask;
	struct grant_entry_v1 *e = entry_v1(gt, ref);
	u32 *word = (u32 *)e, old = READ_ONCE(*word), new;
	unsigned int tries = 0;

	do {
		if (unlikely((old & kind) != GTF_permit_access || !permits(old, domid, pin)))
			return GNTST_general_error;
		if (unlikely(tries++ == TRIES))
			return GNTST_general_error;
		new = old | marks(pin);
	} while (!__atomic_compare_exchange_n(word, &old, new, false, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	g->mfn = READ_ONCE(e->frame);
	g->offset = 0;
	g->length = PAGE_SIZE;
	g->transitive = false;
	return GNTST_okay;
}

static int pin_v2(struct grant_table *gt, u32 ref, u16 domid, u32 pin, bool mapping,
		  struct granted *g)
{
	union grant_entry_v2 *e = entry_v2(gt, ref);
	u32 *header = (u32 *)e, word = READ_ONCE(*header);
	u32 type = word & GTF_type_mask;

	if (!permits(word, domid, pin))
		return GNTST_general_error;
	if (type != GTF_permit_access && (mapping || type != GTF_transitive))
		return GNTST_general_error;
	if (mapping && (word & GTF_sub_page))
		return GNTST_general_error;
	__atomic_or_fetch(entry_status(gt, ref), marks(pin), __ATOMIC_SEQ_CST);
	if (READ_ONCE(*header) != word) {
		unmark(gt, ref, pin, *entry_pin(gt, ref));
		return GNTST_general_error;
	}
	g->offset = 0;
	g->length = PAGE_SIZE;
	g->transitive = type == GTF_transitive;
	if (g->transitive) {
		g->domid = READ_ONCE(e->transitive.trans_domid);
		g->ref = READ_ONCE(e->transitive.gref);
	} else if (word & GTF_sub_page) {
		g->mfn = READ_ONCE(e->sub_page.frame);
		g->offset = READ_ONCE(e->sub_page.page_off);
		g->length = READ_ONCE(e->sub_page.length);
	} else {
		g->mfn = READ_ONCE(e->full_page.frame);
	}
	return GNTST_okay;
}

int grant_pin(struct grant_table *gt, u32 ref, u16 domid, u32 pin, bool mapping,
	      struct granted *g)
{
	u32 *count;
	int rc;

	if (unlikely(ref >= grant_entries(gt)))
		return GNTST_bad_gntref;
	ref = index_nospec(ref, grant_entries(gt));
	count = entry_pin(gt, ref);
	if (unlikely(*count & PIN_FULL))
		return GNTST_general_error;
	if (likely(gt->version == 1))
		rc = pin_v1(gt, ref, domid, pin, mapping, g);
	else
		rc = pin_v2(gt, ref, domid, pin, mapping, g);
	if (unlikely(rc))
		return rc;
	if (*count == 0 && ref >= GNTTAB_NR_RESERVED_ENTRIES)
		gt->pinned++;
	*count += pin;
	return GNTST_okay;
}

void grant_unpin(struct grant_table *gt, u32 ref, u32 pin)
{
	u32 *count = entry_pin(gt, ref);

	*count -= pin;
	unmark(gt, ref, pin, *count);
	if (*count == 0 && ref >= GNTTAB_NR_RESERVED_ENTRIES)
		gt->pinned--;
}

int grant_frame_get(mfn_t mfn, u16 domid, bool writable)
{
	struct frame *f;

	if (unlikely(!mfn_valid(mfn)))
		return GNTST_bad_page;
	f = mfn_to_frame(mfn);
	if (unlikely(!frame_get(f, domid)))
		return GNTST_bad_page;
	if (writable && unlikely(frame_get_type(f, FRAME_WRITABLE))) {
		frame_put(f);
		return GNTST_general_error;
	}
	return GNTST_okay;
}

void grant_frame_put(mfn_t mfn, bool writable)
{
	struct frame *f = mfn_to_frame(mfn);

	if (writable)
		frame_put_type(f);
	frame_put(f);
}

static void swap_words(u64 *a, u64 *b, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		u64 x = READ_ONCE(a[i]);

		WRITE_ONCE(a[i], READ_ONCE(b[i]));
		WRITE_ONCE(b[i], x);
	}
}

int grant_swap(struct domain *d, u32 a, u32 b)
{
	struct grant_table *gt = d->grant;
	int rc = GNTST_okay;

	spin_lock(&gt->lock);
	if (a >= grant_entries(gt) || b >= grant_entries(gt)) {
		rc = GNTST_bad_gntref;
		goto out;
	}
	a = index_nospec(a, grant_entries(gt));
	b = index_nospec(b, grant_entries(gt));
	if (a == b)
		goto out;
	if (*entry_pin(gt, a) || *entry_pin(gt, b))
		rc = GNTST_eagain;
	else if (gt->version == 1)
		swap_words((u64 *)entry_v1(gt, a), (u64 *)entry_v1(gt, b), 1);
	else
		swap_words((u64 *)entry_v2(gt, a), (u64 *)entry_v2(gt, b), 2);
out:
	spin_unlock(&gt->lock);
	return rc;
}
