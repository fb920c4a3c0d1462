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
static inline void unmark(struct grant_table *gt, u32 ref, u32 pin, u32 left)
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

/*
 * What of the word with flags and domid is checked, and what it has to be: the
 * rest may be anything. kind: those of the flags that say what is granted.
 */
static inline u32 checked(u32 kind, u32 pin)
{
	return kind | 0xffff0000u | (pin & PIN_WRITE ? GTF_readonly : 0);
}

static inline u32 wanted(u32 type, u16 domid)
{
	return type | (u32)domid << 16;
}

static inline int mark_v1(struct grant_table *gt, u32 ref, u16 domid, u32 pin, u32 kind, mfn_t *mfn)
{
	const u32 mask = checked(kind, pin), want = wanted(GTF_permit_access, domid);
	struct grant_entry_v1 *e = entry_v1(gt, ref);
	u32 *word = (u32 *)e, old = READ_ONCE(*word);
	unsigned int tries = TRIES;

	do {
		if (unlikely((old & mask) != want) || unlikely(tries-- == 0))
			return GNTST_general_error;
	} while (!__atomic_compare_exchange_n(word, &old, old | marks(pin), false, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	*mfn = READ_ONCE(e->frame);
	return GNTST_okay;
}

/* Mark the entry if it is of a type; *flags: as they are. */
static int mark_v2(struct grant_table *gt, u32 ref, u16 domid, u32 pin, u32 kind, u32 type,
		   u32 *flags)
{
	u32 *word = entry_word(gt, ref), old = READ_ONCE(*word);

	if ((old & checked(kind, pin)) != wanted(type, domid))
		return GNTST_general_error;
	__atomic_or_fetch(entry_status(gt, ref), marks(pin), __ATOMIC_SEQ_CST);
	if (READ_ONCE(*word) != old) {
		unmark(gt, ref, pin, *entry_pin(gt, ref));
		return GNTST_general_error;
	}
	*flags = old;
	return GNTST_okay;
}

/* Marked: now count it. */
static inline void count_pin(struct grant_table *gt, u32 ref, u32 *count, u32 pin)
{
	if (*count == 0 && ref >= GNTTAB_NR_RESERVED_ENTRIES)
		gt->pinned++;
	*count += pin;
}

static int mark_to_copy_v2(struct grant_table *gt, u32 ref, u16 domid, u32 pin, struct granted *g)
{
	const union grant_entry_v2 *e = entry_v2(gt, ref);
	u32 type = READ_ONCE(e->hdr.flags) & GTF_type_mask, flags;
	int rc;

	if (type != GTF_transitive)
		type = GTF_permit_access;
	rc = mark_v2(gt, ref, domid, pin, GTF_type_mask, type, &flags);
	if (rc)
		return rc;
	if (type == GTF_transitive) {
		g->transitive = true;
		g->domid = READ_ONCE(e->transitive.trans_domid);
		g->ref = READ_ONCE(e->transitive.gref);
	} else if (flags & GTF_sub_page) {
		g->mfn = READ_ONCE(e->sub_page.frame);
		g->offset = READ_ONCE(e->sub_page.page_off);
		g->length = READ_ONCE(e->sub_page.length);
	} else {
		g->mfn = READ_ONCE(e->full_page.frame);
	}
	return GNTST_okay;
}

int grant_pin(struct grant_table *gt, u32 ref, u16 domid, u32 pin, struct granted *g)
{
	u32 *count;
	int rc;

	if (unlikely(ref >= gt->entries))
		return GNTST_bad_gntref;
	ref = index_nospec(ref, gt->entries);
	count = entry_pin(gt, ref);
	if (unlikely(*count & PIN_FULL))
		return GNTST_general_error;
	*g = (struct granted){ .length = PAGE_SIZE };
	if (likely(gt->version == 1))
		rc = mark_v1(gt, ref, domid, pin, GTF_type_mask, &g->mfn);
	else
		rc = mark_to_copy_v2(gt, ref, domid, pin, g);
	if (likely(rc == GNTST_okay))
		count_pin(gt, ref, count, pin);
	return rc;
}

static inline void unpin(struct grant_table *gt, u32 ref, u32 pin)
{
	u32 *count = entry_pin(gt, ref), left = *count - pin;

	*count = left;
	unmark(gt, ref, pin, left);
	if (left == 0 && ref >= GNTTAB_NR_RESERVED_ENTRIES)
		gt->pinned--;
}

void grant_unpin(struct grant_table *gt, u32 ref, u32 pin)
{
	unpin(gt, ref, pin);
}

static inline int frame_hold(mfn_t mfn, u16 domid, bool writable)
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

static inline void frame_let_go(struct frame *f, bool writable)
{
	if (writable)
		frame_put_type(f);
	frame_put(f);
}

int grant_frame_get(mfn_t mfn, u16 domid, bool writable)
{
	return frame_hold(mfn, domid, writable);
}

void grant_frame_put(mfn_t mfn, bool writable)
{
	frame_let_go(mfn_to_frame(mfn), writable);
}

/* CPUs and devices: then the frame is held twice. */
static inline bool uses_twice(u32 pin)
{
	return unlikely(pin & PIN_DEVICE) && (pin & PIN_HOST);
}

int grant_use(struct domain *rd, u32 ref, u16 domid, u32 pin, mfn_t *mfn)
{
	/* Only whole frames. In version 1 there is nothing else, but asking is wrong. */
	const u32 kind = GTF_type_mask | GTF_sub_page;
	struct grant_table *gt = rd->grant;
	u32 *count, flags;
	int rc;

	spin_lock(&gt->lock);
	if (unlikely(ref >= gt->entries)) {
		rc = GNTST_bad_gntref;
		goto out;
	}
	ref = index_nospec(ref, gt->entries);
	count = entry_pin(gt, ref);
	if (unlikely(*count & PIN_FULL)) {
		rc = GNTST_general_error;
		goto out;
	}
	if (likely(gt->version == 1)) {
		rc = mark_v1(gt, ref, domid, pin, kind, mfn);
	} else {
		rc = mark_v2(gt, ref, domid, pin, kind, GTF_permit_access, &flags);
		*mfn = READ_ONCE(entry_v2(gt, ref)->full_page.frame);
	}
	if (unlikely(rc))
		goto out;
	rc = frame_hold(*mfn, rd->id, pin & PIN_WRITE);
	if (rc == GNTST_okay && uses_twice(pin)) {
		rc = frame_hold(*mfn, rd->id, pin & PIN_WRITE);
		if (rc)
			grant_frame_put(*mfn, pin & PIN_WRITE);
	}
	if (likely(rc == GNTST_okay))
		count_pin(gt, ref, count, pin);
	else
		unmark(gt, ref, pin, *count);
out:
	spin_unlock(&gt->lock);
	return rc;
}

void grant_use_end(struct domain *rd, u32 ref, mfn_t mfn, u32 pin)
{
	struct grant_table *gt = rd->grant;
	struct frame *f = mfn_to_frame(mfn);

	/* The frame first: when the guest sees the marks go, it is all its own. */
	if (uses_twice(pin))
		frame_let_go(f, pin & PIN_WRITE);
	frame_let_go(f, pin & PIN_WRITE);
	spin_lock(&gt->lock);
	unpin(gt, ref, pin);
	spin_unlock(&gt->lock);
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
	if (a >= gt->entries || b >= gt->entries) {
		rc = GNTST_bad_gntref;
		goto out;
	}
	a = index_nospec(a, gt->entries);
	b = index_nospec(b, gt->entries);
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
