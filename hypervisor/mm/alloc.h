/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page allocator: buddies over the frame table, NUMA-blind. Freed frames
 * are scrubbed before anyone can get them again. Any context; takes the heap
 * lock.
 */
#ifndef MM_ALLOC_H
#define MM_ALLOC_H

#include "lib/types.h"

struct domain;
struct frame;

#define MAX_ORDER 18 /* 1 GiB: the largest block, log2 of frames */

/* Flags of frames_alloc(). */
#define ALLOC_DIRTY (1u << 0) /* contents do not matter: do not scrub */
/* The block must end below physical address 1 << bits; 0: anywhere. */
#define ALLOC_BITS(bits) ((bits) << 8)

/* Give free RAM [start, end) to the allocator (boot only). */
void frames_add(mfn_t start, mfn_t end);

/*
 * 2^order contiguous frames, aligned to their size, zeroed unless ALLOC_DIRTY,
 * with ref = FRAME_ALLOCATED | 1 each and no owner. NULL when there are none.
 */
struct frame *frames_alloc(unsigned int order, unsigned int flags);

/* Give them back. Nobody may hold a reference. */
void frames_free(struct frame *f, unsigned int order);

/* Free frames in all, and those below physical address 1 << bits. */
u64 frames_free_count(void);
u64 frames_free_below(unsigned int bits);

/* Take a frame out of use for good; false when it is in use already. */
bool frame_offline(mfn_t mfn);

/* Frames for the hypervisor's own use: one, zeroed; NULL when out of memory. */
void *page_alloc(void);
void page_free(void *page);

/*
 * Give a domain 2^order frames (domain's own lock not needed). They count
 * against its max_pages; -> NULL when over it, out of memory, or d is dying.
 */
struct frame *domain_frames_alloc(struct domain *d, unsigned int order,
				  unsigned int flags);

/*
 * Set free memory aside, so that d will have pages frames in all; 0: what has not
 * been taken of that is free again. -EINVAL: d has a claim already, has so many
 * frames or may not have so many; -ENOMEM.
 */
int domain_claim(struct domain *d, u64 pages);

/* Frames set aside for all domains. */
u64 frames_claimed(void);

/* Small objects of the hypervisor: zeroed, 16-byte aligned; NULL when out. */
void *heap_alloc(size_t bytes);
void heap_free(void *p);

#define new(type) ((type *)heap_alloc(sizeof(type)))

#endif
