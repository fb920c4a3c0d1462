// SPDX-License-Identifier: GPL-2.0
/*
 * Whether to believe the back end. Each check gets copies, never what the back end
 * can still change, and says in words what is wrong, or NULL.
 */
#include "checks.h"

#include <xen/interface/io/blkif.h>

static bool power_of_2(u32 n)
{
	return n && !(n & (n - 1));
}

/*
 * The size of the disk. A physical sector size that makes no sense is only a hint
 * that is not taken: 0, and then it is the logical one.
 */
const char *bf_check_geometry(struct bf_geometry *g)
{
	if (!power_of_2(g->sector_bytes) || g->sector_bytes < BF_SECTOR_BYTES ||
	    g->sector_bytes > BF_PAGE_BYTES)
		return "sector-size is no power of 2 from 512 to 4096";
	if (g->sectors >> (63 - 9))
		return "sectors is more than 2^63 bytes";
	if (g->sectors % (g->sector_bytes / BF_SECTOR_BYTES))
		return "sectors is no multiple of sector-size";
	if (!power_of_2(g->physical_bytes) || g->physical_bytes < g->sector_bytes ||
	    g->physical_bytes > 1u << 20)
		g->physical_bytes = g->sector_bytes;
	return NULL;
}

/* Take from what is offered no more than we want; an absurd offer is a large one. */
void bf_bound_offer(struct bf_offer *offer, u32 max_queues, u32 max_order)
{
	if (!offer->queues)
		offer->queues = 1;
	if (offer->queues > max_queues)
		offer->queues = max_queues;
	if (offer->ring_order > max_order)
		offer->ring_order = max_order;
	if (offer->indirect_segments > BF_INDIRECT_SEGMENTS)
		offer->indirect_segments = BF_INDIRECT_SEGMENTS;
	if (offer->indirect_segments <= BF_DIRECT_SEGMENTS)
		offer->indirect_segments = 0;
}

/*
 * How far the responses go. Every request has one slot and one response, so there
 * are never more of them to be read than requests that were sent and not answered.
 */
const char *bf_check_producer(u32 rsp_prod, u32 rsp_cons, u32 req_pushed)
{
	if (rsp_prod - rsp_cons > req_pushed - rsp_cons)
		return "more responses than requests";
	return NULL;
}

/*
 * One response: sent[] has slots entries; requests are with the back end up to the
 * ring's index req_pushed.
 */
const char *bf_check_response(u64 id, u8 operation, s16 status, const struct bf_sent *sent,
			      u32 slots, u32 req_pushed)
{
	if (id >= slots)
		return "a response to no identifier of ours";
	sent += id;
	if (!sent->in_flight || (s32)(sent->index - req_pushed) >= 0)
		return "a response to a request that was not sent";
	/* Some name the operation inside of an indirect request, others do not. */
	if (operation != sent->operation && operation != BLKIF_OP_INDIRECT)
		return "a response to another operation";
	if (status != BLKIF_RSP_OKAY && status != BLKIF_RSP_ERROR && status != BLKIF_RSP_EOPNOTSUPP)
		return "a response of an unknown status";
	return NULL;
}
