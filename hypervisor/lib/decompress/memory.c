/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Contiguous memory of any size. The page allocator has powers of two, and the
 * next one above a kernel or a dictionary may be twice as much: what is beyond
 * the end goes back at once. It is for a short time, and domain 0 is to be given
 * a large block meanwhile: so we take the lowest memory that does, which the
 * allocator gives others last.
 */
#include "lib/decompress/decompress.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/frame.h"

/* Of physical addresses: 1 MiB, and what the architecture allows. */
#define LOWEST_BITS 20
#define HIGHEST_BITS 52

/* Frames from to end of an aligned block, in the largest pieces there are. */
static void free_range(struct frame *block, u64 from, u64 end)
{
	while (from < end) {
		unsigned int order = 0;

		while (!(from & ((2ull << order) - 1)) && from + (2ull << order) <= end)
			order++;
		frames_free(&block[from], order);
		from += 1ull << order;
	}
}

void *decompress_memory_take(size_t bytes)
{
	u64 pages = max(DIV_ROUND_UP((u64)bytes, PAGE_SIZE), 1ul);
	unsigned int order = 0;
	struct frame *f = NULL;

	if (bytes > PAGE_SIZE << MAX_ORDER)
		return NULL;
	while (1ull << order < pages)
		order++;
	for (unsigned int bits = LOWEST_BITS; !f && bits <= HIGHEST_BITS; bits++)
		f = frames_alloc(order, ALLOC_DIRTY | ALLOC_BITS(bits));
	if (!f)
		return NULL;
	free_range(f, pages, 1ull << order);
	return frame_to_virt(f);
}

void decompress_memory_give(void *p, size_t bytes)
{
	free_range(mfn_to_frame(virt_to_mfn(p)), 0, max(DIV_ROUND_UP((u64)bytes, PAGE_SIZE), 1ul));
}
