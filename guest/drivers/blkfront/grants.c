// SPDX-License-Identifier: GPL-2.0
/*
 * What of our memory the back end may reach, and how that ends.
 *
 * A ring owns grant references enough for its requests, so that the kernel's pool of
 * them, with its lock, is used only when a ring is made. A request's own pages are
 * granted where they are. Not so if the data does not lie on 512 bytes, which the
 * protocol cannot say, if the back end is not trusted and would see what else is in the
 * page, or if the page is another domain's, whose disk this domain serves from this one:
 * then it goes through pages of ours, which start as zeroes.
 *
 * If both sides want it the pages of ours stay granted and mapped ("persistent
 * grants"), and all data is copied through them.
 *
 * A page whose grant the back end still uses when it should not is never used again:
 * the kernel keeps it until the grant ends, if ever.
 */
#include <linux/bvec.h>
#include <linux/highmem.h>
#include <xen/page.h>

#include "blkfront.h"

#define POOL_LEAST (BF_INDIRECT_SEGMENTS + 2 * BF_DIRECT_SEGMENTS)
#define POOL_MOST 2048u
#define KEPT_MOST 1024u

static grant_ref_t claim(struct bf_ring *ring)
{
	int gref = gnttab_claim_grant_reference(&ring->pool);

	if (gref < 0)
		return INVALID_GRANT_REF;
	ring->nr_pool--;
	return gref;
}

/* End a grant; false: the back end still uses it, and the page is not ours any more. */
static bool end_grant(struct bf_ring *ring, struct bf_frame *frame)
{
	if (likely(gnttab_end_foreign_access_ref(frame->gref))) {
		gnttab_release_grant_reference(&ring->pool, frame->gref);
		ring->nr_pool++;
		return true;
	}
	/* The kernel takes a reference to the page, and tries again from time to time. */
	gnttab_end_foreign_access(frame->gref, NULL);
	return false;
}

/* The references: as many as all slots can use, or what there is. */
int bf_pool_create(struct bf_ring *ring)
{
	struct bf_features *f = &ring->dev->features;
	unsigned int want = clamp(ring->nr_slots * f->segments, POOL_LEAST, POOL_MOST);
	int err;

	while ((err = gnttab_alloc_grant_references(want, &ring->pool)) && want > POOL_LEAST)
		want = max(want / 2, POOL_LEAST);
	if (err)
		return err;
	ring->nr_pool = want;
	if (f->persistent) {
		ring->max_kept = min(want - POOL_LEAST / 2, KEPT_MOST);
		ring->kept = kvcalloc(ring->max_kept, sizeof(*ring->kept), GFP_KERNEL);
		if (!ring->kept)
			return -ENOMEM;
	}
	return 0;
}

/* No request is in flight. */
void bf_pool_destroy(struct bf_ring *ring)
{
	while (ring->nr_kept) {
		struct bf_frame *frame = &ring->kept[--ring->nr_kept];

		end_grant(ring, frame);
		__free_page(frame->page);
	}
	kvfree(ring->kept);
	ring->kept = NULL;
	if (ring->nr_pool)
		gnttab_free_grant_references(ring->pool);
	ring->nr_pool = 0;
}

/* The pages of segments, which the back end may read as long as there is the ring. */
int bf_indirect_create(struct bf_ring *ring)
{
	unsigned int i;
	int gref;

	ring->indirect = kvcalloc(BF_INDIRECT_PAGES, sizeof(*ring->indirect), GFP_KERNEL);
	if (!ring->indirect)
		return -ENOMEM;
	for (i = 0; i < BF_INDIRECT_PAGES; i++) {
		struct bf_indirect *indirect = &ring->indirect[i];

		indirect->page.page = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!indirect->page.page)
			return -ENOMEM;
		gref = gnttab_grant_foreign_access(ring->dev->peer,
						   xen_page_to_gfn(indirect->page.page),
						   !ring->dev->features.persistent);
		if (gref < 0) {
			__free_page(indirect->page.page);
			indirect->page.page = NULL;
			return gref;
		}
		indirect->page.gref = gref;
		indirect->segments = page_address(indirect->page.page);
		indirect->next = ring->free_indirect;
		ring->free_indirect = indirect;
	}
	return 0;
}

void bf_indirect_destroy(struct bf_ring *ring)
{
	unsigned int i;

	for (i = 0; ring->indirect && i < BF_INDIRECT_PAGES; i++)
		if (ring->indirect[i].page.page) /* which is freed with it */
			gnttab_end_foreign_access(ring->indirect[i].page.gref,
						  ring->indirect[i].page.page);
	kvfree(ring->indirect);
	ring->indirect = NULL;
	ring->free_indirect = NULL;
}

/* A page of ours that is granted: one that was kept, or a new one. */
static bool get_page_of_ours(struct bf_ring *ring, struct bf_frame *frame, bool readonly)
{
	if (ring->nr_kept) {
		*frame = ring->kept[--ring->nr_kept];
		return true;
	}
	frame->page = alloc_page(GFP_ATOMIC | __GFP_ZERO | __GFP_NOWARN);
	if (!frame->page)
		return false;
	frame->gref = claim(ring);
	if (frame->gref == INVALID_GRANT_REF) {
		__free_page(frame->page);
		return false;
	}
	gnttab_page_grant_foreign_access_ref_one(frame->gref, ring->dev->peer, frame->page,
						 readonly && !ring->kept);
	return true;
}

static bool put_page_of_ours(struct bf_ring *ring, struct bf_frame *frame)
{
	bool ended;

	if (ring->kept && ring->nr_kept < ring->max_kept) {
		ring->kept[ring->nr_kept++] = *frame;
		return true;
	}
	ended = end_grant(ring, frame);
	__free_page(frame->page);
	return ended;
}

/* Between a request's data and our pages, which it fills without gaps. */
static void copy_data(struct bf_slot *slot, bool to_ours)
{
	struct bf_frame *frame = bf_frames(slot);
	struct req_iterator iter;
	struct bio_vec bv;
	unsigned int at = 0, done, n;

	rq_for_each_segment(bv, slot->rq, iter)
	{
		void *data = bvec_kmap_local(&bv);

		for (done = 0; done < bv.bv_len; done += n) {
			void *ours = page_address(frame->page) + at;

			n = min(bv.bv_len - done, BF_PAGE_BYTES - at);
			if (to_ours)
				memcpy(ours, data + done, n);
			else
				memcpy(data + done, ours, n);
			at += n;
			if (at == BF_PAGE_BYTES) {
				at = 0;
				frame++;
			}
		}
		kunmap_local(data);
	}
}

/*
 * Another domain's, mapped by its grant to us: not ours to grant. The page's flag alone
 * would not do, since the bit is the swap cache's, too.
 */
static bool foreign(struct page *page)
{
	return unlikely(PageForeign(page)) && (xen_feature(XENFEAT_auto_translated_physmap) ||
					       __pfn_to_mfn(page_to_pfn(page)) & FOREIGN_FRAME_BIT);
}

/* Does the back end have to get pages of ours? */
static bool must_bounce(struct bf_ring *ring, struct request *rq)
{
	struct req_iterator iter;
	struct bio_vec bv;
	unsigned int mask = ring->dev->trusted ? BF_SECTOR_BYTES - 1 : BF_PAGE_BYTES - 1;

	if (ring->kept)
		return true;
	rq_for_each_segment(bv, rq, iter)
	{
		if ((bv.bv_offset | bv.bv_len) & mask || foreign(bv.bv_page))
			return true;
	}
	return false;
}

static int grant_ours(struct bf_ring *ring, struct bf_slot *slot, struct blkif_request_segment *to)
{
	unsigned int left = blk_rq_bytes(slot->rq), n;
	struct bf_frame *frames = bf_frames(slot);

	slot->bounced = true;
	for (; left; left -= n, to++) {
		n = min(left, BF_PAGE_BYTES);
		if (!get_page_of_ours(ring, &frames[slot->nr_frames], slot->readonly))
			return -ENOMEM;
		to->gref = frames[slot->nr_frames++].gref;
		to->first_sect = 0;
		to->last_sect = n / BF_SECTOR_BYTES - 1;
	}
	if (slot->readonly)
		copy_data(slot, true);
	return 0;
}

/* Pieces that touch within a page are one segment, as the block layer counts them. */
static int grant_theirs(struct bf_ring *ring, struct bf_slot *slot,
			struct blkif_request_segment *to)
{
	struct bf_frame *frames = bf_frames(slot), *frame = NULL;
	unsigned int end = 0;
	struct req_iterator iter;
	struct bio_vec bv;

	slot->bounced = false;
	rq_for_each_segment(bv, slot->rq, iter)
	{
		if (frame && frame->page == bv.bv_page && end == bv.bv_offset) {
			end += bv.bv_len;
			to[-1].last_sect = end / BF_SECTOR_BYTES - 1;
			continue;
		}
		frame = &frames[slot->nr_frames];
		frame->page = bv.bv_page;
		frame->gref = claim(ring);
		if (frame->gref == INVALID_GRANT_REF)
			return -ENOSPC;
		gnttab_page_grant_foreign_access_ref_one(frame->gref, ring->dev->peer, frame->page,
							 slot->readonly);
		slot->nr_frames++;
		end = bv.bv_offset + bv.bv_len;
		to->gref = frame->gref;
		to->first_sect = bv.bv_offset / BF_SECTOR_BYTES;
		to->last_sect = end / BF_SECTOR_BYTES - 1;
		to++;
	}
	return 0;
}

/*
 * Let the back end reach the data of slot->rq, and describe it at "to", which has
 * room for all of its segments. An error: nothing is granted; try again when other
 * requests have ended. ring->lock is held.
 */
int bf_grant_request(struct bf_ring *ring, struct bf_slot *slot, struct blkif_request_segment *to)
{
	int err;

	slot->nr_frames = 0;
	slot->readonly = rq_data_dir(slot->rq) == WRITE;
	if (unlikely(must_bounce(ring, slot->rq)))
		err = grant_ours(ring, slot, to);
	else
		err = grant_theirs(ring, slot, to);
	if (err)
		bf_end_grants(ring, slot, false);
	return err;
}

/*
 * The back end has no business any more with the frames of a slot. copy: what it put
 * into pages of ours is wanted. False: it still uses one. ring->lock is held, or
 * nobody else has the ring.
 */
bool bf_end_grants(struct bf_ring *ring, struct bf_slot *slot, bool copy)
{
	struct bf_frame *frames = bf_frames(slot);
	bool ended = true;
	unsigned int i;

	if (slot->bounced && copy && !slot->readonly && slot->nr_frames)
		copy_data(slot, false);
	for (i = 0; i < slot->nr_frames; i++)
		if (slot->bounced)
			ended &= put_page_of_ours(ring, &frames[i]);
		else
			ended &= end_grant(ring, &frames[i]);
	slot->nr_frames = 0;
	return ended;
}
