/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page allocator. Free memory is kept as buddies: blocks of 2^order frames
 * on lists, one list for each order and each width of address. The width (bits
 * of the highest physical address in the block) is there so that a request for
 * memory below some address, which old devices make, is answered from the lists
 * that can serve it, and so that ordinary requests leave low memory for last. A
 * block never spans two widths, since widths change at powers of two.
 *
 * The state of a free block is in its first frame's record; a frame inside a
 * block has no flags. FRAME_DIRTY marks blocks whose content is somebody's: only
 * memory that firmware left us. What domains free is scrubbed at once, here.
 */
#include "domain/domain.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/frame.h"

#define MAX_BITS 52

static u32 free_list[MAX_BITS + 1][MAX_ORDER + 1]; /* mfn + 1; 0: empty */
static u64 free_in[MAX_BITS + 1];		   /* frames */
static struct spinlock heap_lock = SPINLOCK_INIT;

/* Bits of the last byte's address. */
static unsigned int width(mfn_t mfn)
{
	u64 last = (mfn << PAGE_SHIFT) | (PAGE_SIZE - 1);

	return 64 - __builtin_clzll(last);
}

static void list_push(struct frame *f, unsigned int order)
{
	u32 *head = &free_list[width(frame_to_mfn(f))][order];

	f->order = order;
	f->prev = 0;
	f->next = *head;
	if (*head)
		mfn_to_frame(*head - 1)->prev = frame_to_mfn(f) + 1;
	*head = frame_to_mfn(f) + 1;
	f->ref |= FRAME_FREE;
	free_in[width(frame_to_mfn(f))] += 1ull << order;
}

static void list_remove(struct frame *f)
{
	unsigned int w = width(frame_to_mfn(f));

	if (f->prev)
		mfn_to_frame(f->prev - 1)->next = f->next;
	else
		free_list[w][f->order] = f->next;
	if (f->next)
		mfn_to_frame(f->next - 1)->prev = f->prev;
	f->ref &= ~FRAME_FREE;
	free_in[w] -= 1ull << f->order;
}

/* Free a block, joining it with its buddies. heap_lock held. */
static void block_free(mfn_t mfn, unsigned int order, u64 dirty)
{
	for (; order < MAX_ORDER; order++) {
		mfn_t other = mfn ^ (1ull << order);
		struct frame *buddy = mfn_to_frame(other);

		if (!mfn_valid(other) || !(buddy->ref & FRAME_FREE) ||
		    buddy->order != order || width(other) != width(mfn))
			break;
		list_remove(buddy);
		dirty |= buddy->ref & FRAME_DIRTY;
		buddy->ref = 0;
		mfn_to_frame(mfn)->ref = 0;
		mfn &= ~(1ull << order);
	}
	mfn_to_frame(mfn)->ref = dirty;
	list_push(mfn_to_frame(mfn), order);
}

/* Cut a block down to one that holds mfn and has the wanted order. */
static struct frame *block_split(struct frame *f, unsigned int order, mfn_t mfn)
{
	u64 dirty = f->ref & FRAME_DIRTY;
	mfn_t start = frame_to_mfn(f);
	unsigned int have = f->order;

	list_remove(f);
	while (have > order) {
		mfn_t upper = start + (1ull << --have);
		mfn_t rest = mfn >= upper ? start : upper;

		if (rest == start)
			start = upper;
		mfn_to_frame(rest)->ref = dirty;
		list_push(mfn_to_frame(rest), have);
	}
	mfn_to_frame(start)->ref = dirty;
	return mfn_to_frame(start);
}

void frames_add(mfn_t start, mfn_t end)
{
	spin_lock(&heap_lock);
	while (start < end) {
		unsigned int order = MAX_ORDER;

		while ((start & ((1ull << order) - 1)) ||
		       start + (1ull << order) > end ||
		       width(start) != width(start + (1ull << order) - 1))
			order--;
		for (mfn_t m = start; m < start + (1ull << order); m++) {
			mfn_to_frame(m)->owner = DOMID_INVALID;
			mfn_to_frame(m)->ref = 0;
		}
		block_free(start, order, FRAME_DIRTY);
		start += 1ull << order;
	}
	spin_unlock(&heap_lock);
}

static struct frame *block_find(unsigned int order, unsigned int max_width)
{
	/* The smallest block that does, from the highest memory that does. */
	for (unsigned int w = max_width; w > 0; w--) {
		if (free_in[w] < 1ull << order)
			continue;
		for (unsigned int o = order; o <= MAX_ORDER; o++)
			if (free_list[w][o])
				return mfn_to_frame(free_list[w][o] - 1);
	}
	return NULL;
}

struct frame *frames_alloc(unsigned int order, unsigned int flags)
{
	unsigned int bits = flags >> 8;
	struct frame *f;
	bool dirty;

	if (order > MAX_ORDER)
		return NULL;
	if (bits == 0 || bits > MAX_BITS)
		bits = MAX_BITS;
	spin_lock(&heap_lock);
	f = block_find(order, bits);
	if (f)
		f = block_split(f, order, frame_to_mfn(f));
	spin_unlock(&heap_lock);
	if (!f)
		return NULL;

	dirty = f->ref & FRAME_DIRTY;
	for (u64 i = 0; i < 1ull << order; i++) {
		f[i] = (struct frame){ .ref = FRAME_ALLOCATED | 1,
				       .next = FRAME_NONE,
				       .prev = FRAME_NONE,
				       .owner = DOMID_INVALID };
		if (dirty && !(flags & ALLOC_DIRTY))
			memset(frame_to_virt(&f[i]), 0, PAGE_SIZE);
	}
	return f;
}

void frames_free(struct frame *f, unsigned int order)
{
	for (u64 i = 0; i < 1ull << order; i++) {
		ASSERT((f[i].ref & FRAME_REF_MASK) <= 1);
		f[i] = (struct frame){ .owner = DOMID_INVALID };
		memset(frame_to_virt(&f[i]), 0, PAGE_SIZE);
	}
	spin_lock(&heap_lock);
	block_free(frame_to_mfn(f), order, 0);
	spin_unlock(&heap_lock);
}

bool frame_offline(mfn_t mfn)
{
	bool done = false;

	if (!mfn_valid(mfn))
		return false;
	spin_lock(&heap_lock);
	/* The block that holds it starts at mfn with low bits cleared. */
	for (unsigned int o = 0; o <= MAX_ORDER && !done; o++) {
		struct frame *f = mfn_to_frame(mfn & ~((1ull << o) - 1));

		if (!mfn_valid(frame_to_mfn(f)))
			break;
		if (!(f->ref & FRAME_FREE) || f->order < o)
			continue;
		block_split(f, 0, mfn)->ref = FRAME_BAD;
		done = true;
	}
	spin_unlock(&heap_lock);
	return done;
}

u64 frames_free_below(unsigned int bits)
{
	u64 sum = 0;

	for (unsigned int w = 0; w <= min(bits, MAX_BITS + 0u); w++)
		sum += READ_ONCE(free_in[w]);
	return sum;
}

u64 frames_free_count(void)
{
	return frames_free_below(MAX_BITS);
}

void *page_alloc(void)
{
	struct frame *f = frames_alloc(0, 0);

	return f ? frame_to_virt(f) : NULL;
}

void page_free(void *page)
{
	if (page)
		frames_free(mfn_to_frame(virt_to_mfn(page)), 0);
}
