/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * References and simple typed uses of frames (mm/frame.h has the rules), and the
 * list of frames that a domain owns. Page-table types are taken and dropped in
 * mm/pagetable.c, which alone knows how to validate a table; what it may assume
 * of the others is here: a type count that is not zero keeps the type.
 */
#include <xen/errno.h>

#include "domain/domain.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/frame.h"
#include "mm/tlb.h"

bool frame_get(struct frame *f, u16 domid)
{
	u64 x = READ_ONCE(f->ref);

	do {
		/* Free frames have no references; leave room for more. */
		if (unlikely((x & FRAME_REF_MASK) - 1 >= FRAME_REF_MASK - 1) ||
		    unlikely(READ_ONCE(f->owner) != domid))
			return false;
	} while (!__atomic_compare_exchange_n(&f->ref, &x, x + 1, false,
					      __ATOMIC_ACQUIRE,
					      __ATOMIC_RELAXED));
	/* The owner cannot change while we hold a reference. */
	if (likely(READ_ONCE(f->owner) == domid))
		return true;
	frame_put(f);
	return false;
}

void frame_get_again(struct frame *f)
{
	u64 old = __atomic_fetch_add(&f->ref, 1, __ATOMIC_RELAXED);

	BUG_ON((old & FRAME_REF_MASK) == 0);
}

/* True when that was the last. */
static inline bool drop(struct frame *f)
{
	u64 x = __atomic_sub_fetch(&f->ref, 1, __ATOMIC_ACQ_REL);

	ASSERT((x & FRAME_REF_MASK) != FRAME_REF_MASK);
	return unlikely((x & FRAME_REF_MASK) == 0);
}

/*
 * Before anybody else may have a frame, no TLB must lead to it any more: who has
 * unmapped it need not have flushed.
 */
static __noinline void release(struct frame *f)
{
	tlb_flush_frame(f, tlb_clock_now());
	domain_frame_free(f);
}

void frame_put(struct frame *f)
{
	if (drop(f))
		release(f);
}

void frame_batch_put(struct frame_batch *b, struct frame *f)
{
	if (!drop(f))
		return;
	b->mfns[b->nr++] = frame_to_mfn(f);
	if (b->nr == ARRAY_SIZE(b->mfns))
		frame_batch_end(b);
}

void frame_batch_end(struct frame_batch *b)
{
	tlb_flush_frames(b->mfns, b->nr);
	while (b->nr > 0)
		domain_frame_free(mfn_to_frame(b->mfns[--b->nr]));
}

/*
 * A frame that was a table is about to be written to by the guest. CPUs keep what
 * they read of tables, and the way to a table, as they do translations: one that
 * has not flushed since might go on to walk through it. Before, not after: once
 * the type is there, others may map it.
 */
static void table_change_flush(struct frame *f, u64 x, u32 *stamp)
{
	if ((x & FRAME_TYPE_MASK) == FRAME_NONE_TYPE)
		return;
	*stamp = READ_ONCE(f->tlb_stamp);
	tlb_flush_frame(f, *stamp);
}

int frame_get_type_slow(struct frame *f, u64 type)
{
	u64 x = READ_ONCE(f->type), new;
	bool changes = false;
	u32 stamp = 0;

	for (;;) {
		if (unlikely((x & FRAME_TYPE_COUNT) == FRAME_TYPE_COUNT))
			return -XEN_EINVAL;
		if ((x & FRAME_TYPE_COUNT) == 0 &&
		    (x & FRAME_TYPE_MASK) != type) {
			/* Pinned or half validated tables hold a count. */
			if (type != FRAME_WRITABLE)
				return -XEN_EINVAL;
			new = type | FRAME_VALIDATED | 1;
			table_change_flush(f, x, &stamp);
			changes = x != 0;
		} else if (unlikely((x & FRAME_TYPE_MASK) != type)) {
			return -XEN_EBUSY;
		} else if (unlikely(!(x & FRAME_VALIDATED))) {
			return -XEN_EINVAL;
		} else {
			new = x + 1;
		}
		if (__atomic_compare_exchange_n(&f->type, &x, new, false,
						__ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			break;
	}
	/* It was a table once more between the two. */
	if (unlikely(changes) && READ_ONCE(f->tlb_stamp) != stamp)
		tlb_flush_frame(f, READ_ONCE(f->tlb_stamp));
	return 0;
}

void frame_put_type(struct frame *f)
{
	u64 x = READ_ONCE(f->type), new;

	do {
		ASSERT((x & FRAME_TYPE_COUNT) != 0);
		new = x - 1;
		if ((new & FRAME_TYPE_COUNT) == 0)
			f->tlb_stamp = tlb_clock_now();
	} while (!__atomic_compare_exchange_n(&f->type, &x, new, false,
					      __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
}

int frame_change_type(struct frame *f, u64 type)
{
	u64 x = READ_ONCE(f->type);

	do {
		if ((x & FRAME_TYPE_COUNT) != 0)
			return -XEN_EBUSY;
	} while (!__atomic_compare_exchange_n(&f->type, &x, type | 1, false,
					      __ATOMIC_ACQ_REL,
					      __ATOMIC_RELAXED));
	/* Somewhere a TLB may hold a writable translation from its old life. */
	tlb_flush_frame(f, f->tlb_stamp);
	return 0;
}
