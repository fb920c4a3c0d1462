// SPDX-License-Identifier: GPL-2.0
/*
 * A ring: the pages shared with the back end, its event channel, and the slots of the
 * requests that are with the back end.
 *
 * A request's identifier is its slot's number. There are as many slots as the ring
 * has entries, so that a slot is room in the ring, too.
 */
#include <linux/interrupt.h>
#include <linux/sort.h>
#include <xen/events.h>

#include "blkfront.h"

static int connect_events(struct bf_ring *ring)
{
	int err;

	err = xenbus_alloc_evtchn(ring->dev->xbdev, &ring->port);
	if (err)
		return err;
	/* Events without responses are delayed more and more by the kernel. */
	err = bind_evtchn_to_irqhandler_lateeoi(ring->port, bf_interrupt, 0,
						dev_name(&ring->dev->xbdev->dev), ring);
	if (err < 0) {
		xenbus_free_evtchn(ring->dev->xbdev, ring->port);
		return err;
	}
	ring->irq = err;
	return 0;
}

/*
 * Make a ring of 2^order pages for dev->peer. After an error and after success alike
 * bf_ring_destroy() undoes what was done. dev->lock is held.
 */
int bf_ring_create(struct bf_ring *ring, struct bf_dev *dev, u32 order)
{
	unsigned int i;
	int err;

	ring->dev = dev;
	spin_lock_init(&ring->lock);
	ring->nr_pages = 1 << order;
	err = xenbus_setup_ring(dev->xbdev, GFP_KERNEL, &ring->shared, ring->nr_pages,
				ring->shared_grefs);
	if (err)
		return err;
	XEN_FRONT_RING_INIT(&ring->ring, (struct blkif_sring *)ring->shared,
			    ring->nr_pages * XEN_PAGE_SIZE);

	ring->nr_slots = RING_SIZE(&ring->ring);
	ring->slots = kvcalloc(ring->nr_slots, sizeof(*ring->slots), GFP_KERNEL);
	ring->sent = kvcalloc(ring->nr_slots, sizeof(*ring->sent), GFP_KERNEL);
	ring->free = kvcalloc(ring->nr_slots, sizeof(*ring->free), GFP_KERNEL);
	if (!ring->slots || !ring->sent || !ring->free)
		return -ENOMEM;
	for (i = 0; i < ring->nr_slots; i++)
		ring->free[i] = ring->nr_slots - 1 - i;
	ring->nr_free = ring->nr_slots;

	err = bf_pool_create(ring);
	if (!err && dev->features.segments > BF_DIRECT_SEGMENTS)
		err = bf_indirect_create(ring);
	if (!err)
		err = connect_events(ring);
	return err;
}

/* No more events; what the back end has answered so far is taken. */
void bf_ring_stop(struct bf_ring *ring)
{
	if (ring->irq)
		unbind_from_irqhandler(ring->irq, ring);
	ring->irq = 0;
	if (ring->slots)
		bf_consume(ring);
}

static int compare_sent(const void *a, const void *b, const void *context)
{
	const struct bf_ring *ring = context;
	s32 d = ring->sent[*(const u16 *)a].index - ring->sent[*(const u16 *)b].index;

	return d < 0 ? -1 : d > 0;
}

/*
 * Take what is in flight off a stopped ring: linked by rq_next, the first sent first.
 * The back end has no use any more of the pages; if it does use them they are lost.
 */
struct request *bf_ring_in_flight(struct bf_ring *ring)
{
	struct request *first = NULL, **link = &first;
	unsigned int i, n = 0;
	u16 *ids = ring->free; /* of which this ring has no more need */

	if (!ring->slots)
		return NULL;
	for (i = 0; i < ring->nr_slots; i++)
		if (ring->slots[i].rq)
			ids[n++] = i;
	sort_r(ids, n, sizeof(*ids), compare_sent, NULL, ring);
	for (i = 0; i < n; i++) {
		struct bf_slot *slot = &ring->slots[ids[i]];

		bf_end_grants(ring, slot, false);
		*link = slot->rq;
		link = &slot->rq->rq_next;
		slot->rq = NULL;
	}
	*link = NULL;
	return first;
}

/* After bf_ring_stop() and bf_ring_in_flight(), or a failed bf_ring_create(). */
void bf_ring_destroy(struct bf_ring *ring)
{
	bf_indirect_destroy(ring);
	bf_pool_destroy(ring);
	kvfree(ring->slots);
	kvfree(ring->sent);
	kvfree(ring->free);
	if (ring->shared)
		xenbus_teardown_ring(&ring->shared, ring->nr_pages, ring->shared_grefs);
}

/* A free slot's number, or -1. With ring->lock, as all that follows. */
int bf_ring_take_slot(struct bf_ring *ring)
{
	return ring->nr_free ? ring->free[--ring->nr_free] : -1;
}

void bf_ring_put_slot(struct bf_ring *ring, unsigned int id)
{
	ring->slots[id].rq = NULL;
	ring->sent[id].in_flight = false;
	ring->free[ring->nr_free++] = id;
}

/* Show the back end all requests so far. Does it want an event for that? */
bool bf_ring_push(struct bf_ring *ring)
{
	bool notify;

	if (ring->pushed == ring->ring.req_prod_pvt)
		return false;
	ring->pushed = ring->ring.req_prod_pvt;
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&ring->ring, notify);
	return notify;
}
