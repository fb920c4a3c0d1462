// SPDX-License-Identifier: GPL-2.0
/*
 * The block layer's requests, on their way to the back end and back.
 *
 * Requests come in batches: all are put on the ring, and only at the last of a batch
 * the back end is shown them, with one event at most. Responses are taken all at once
 * too, and end as a batch. Nothing is allocated for a request, unless its data has to
 * be copied.
 *
 * A request that finds no slot, no grant references or no page of segments waits in
 * the block layer, until the ring has ended a request.
 */
#include <linux/bio.h>
#include <linux/interrupt.h>
#include <linux/nospec.h>
#include <xen/events.h>

#include "blkfront.h"
#include "compat.h"

static struct bf_ring *ring_of(struct blk_mq_hw_ctx *hctx)
{
	struct bf_dev *dev = hctx->queue->tag_set->driver_data;

	/* A back end that came back may have fewer rings than there are queues. */
	return &dev->rings[hctx->queue_num % dev->nr_rings];
}

static struct bf_result *result_of(struct request *rq)
{
	return blk_mq_rq_to_pdu(rq);
}

/*
 * The operation on the ring that a request becomes, or -1: it need not or cannot be
 * sent, and has come to *status.
 */
static int operation_of(struct bf_dev *dev, struct request *rq, blk_status_t *status)
{
	const struct bf_features *f = &dev->features;

	switch (req_op(rq)) {
	case REQ_OP_READ:
		return BLKIF_OP_READ;
	case REQ_OP_WRITE:
		return BLKIF_OP_WRITE;
	case REQ_OP_FLUSH:
		if (f->flush)
			return BLKIF_OP_FLUSH_DISKCACHE;
		/* Without data it is a flush, in order: all before it has been answered. */
		if (f->barrier)
			return BLKIF_OP_WRITE_BARRIER;
		/* The one that came back writes through; nothing is left to flush. */
		*status = BLK_STS_OK;
		return -1;
	case REQ_OP_DISCARD:
		*status = BLK_STS_NOTSUPP;
		return f->discard ? BLKIF_OP_DISCARD : -1;
	case REQ_OP_SECURE_ERASE:
		*status = BLK_STS_NOTSUPP;
		return f->secure_erase ? BLKIF_OP_DISCARD : -1;
	default:
		*status = BLK_STS_NOTSUPP;
		return -1;
	}
}

/* Reads and writes: the data, in the request itself or by a page of segments. */
static int fill_data(struct bf_ring *ring, struct bf_slot *slot, struct blkif_request *to, int op,
		     u64 id)
{
	unsigned int segments = blk_rq_nr_phys_segments(slot->rq);
	int err;

	if (segments <= BF_DIRECT_SEGMENTS) {
		slot->indirect = NULL;
		err = bf_grant_request(ring, slot, to->u.rw.seg);
		if (err)
			return err;
		to->operation = op;
		to->u.rw.nr_segments = slot->nr_frames;
		to->u.rw.handle = 0;
		to->u.rw.id = id;
		to->u.rw.sector_number = blk_rq_pos(slot->rq);
		return 0;
	}
	slot->indirect = ring->free_indirect;
	if (!slot->indirect)
		return -ENOSPC;
	err = bf_grant_request(ring, slot, slot->indirect->segments);
	if (err) {
		slot->indirect = NULL;
		return err;
	}
	ring->free_indirect = slot->indirect->next;
	to->operation = BLKIF_OP_INDIRECT;
	to->u.indirect.indirect_op = op;
	to->u.indirect.nr_segments = slot->nr_frames;
	to->u.indirect.id = id;
	to->u.indirect.sector_number = blk_rq_pos(slot->rq);
	to->u.indirect.handle = 0;
	to->u.indirect.indirect_grefs[0] = slot->indirect->page.gref;
	return 0;
}

static void fill_rest(struct bf_slot *slot, struct blkif_request *to, int op, u64 id)
{
	struct request *rq = slot->rq;

	slot->indirect = NULL;
	slot->nr_frames = 0;
	to->operation = op;
	if (op == BLKIF_OP_DISCARD) {
		to->u.discard.flag = req_op(rq) == REQ_OP_SECURE_ERASE ? BLKIF_DISCARD_SECURE : 0;
		to->u.discard.id = id;
		to->u.discard.sector_number = blk_rq_pos(rq);
		to->u.discard.nr_sectors = blk_rq_sectors(rq);
	} else {
		to->u.rw.nr_segments = 0;
		to->u.rw.handle = 0;
		to->u.rw.id = id;
		to->u.rw.sector_number = 0;
	}
}

/* Put a request on the ring; not yet for the back end to see. */
static int put_request(struct bf_ring *ring, struct request *rq, int op)
{
	int id = bf_ring_take_slot(ring), err = 0;
	struct blkif_request *to;
	struct bf_slot *slot;

	if (id < 0)
		return -ENOSPC;
	slot = &ring->slots[id];
	slot->rq = rq;
	to = RING_GET_REQUEST(&ring->ring, ring->ring.req_prod_pvt);
	if (op == BLKIF_OP_READ || op == BLKIF_OP_WRITE)
		err = fill_data(ring, slot, to, op, id);
	else
		fill_rest(slot, to, op, id);
	if (err) {
		bf_ring_put_slot(ring, id);
		return err;
	}
	ring->sent[id] = (struct bf_sent){
		.index = ring->ring.req_prod_pvt++,
		.operation = op,
		.in_flight = true,
	};
	return 0;
}

/*
 * A request of a time when the back end could take more: its bios are submitted
 * again, and become requests that fit.
 */
static void split_again(struct bf_dev *dev, struct request *rq)
{
	unsigned long flags;

	spin_lock_irqsave(&dev->again_lock, flags);
	blk_steal_bios(&dev->again, rq);
	spin_unlock_irqrestore(&dev->again_lock, flags);
	blk_mq_end_request(rq, BLK_STS_OK);
	schedule_work(&dev->work);
}

static blk_status_t queue_request(struct blk_mq_hw_ctx *hctx, const struct blk_mq_queue_data *bd)
{
	struct bf_dev *dev = hctx->queue->tag_set->driver_data;
	struct request *rq = bd->rq;
	blk_status_t status;
	struct bf_ring *ring;
	unsigned long flags;
	bool notify = false;
	int op, err;

	if (unlikely(READ_ONCE(dev->dead)))
		return BLK_STS_IOERR;
	op = operation_of(dev, rq, &status);
	blk_mq_start_request(rq);
	if (unlikely(op < 0)) {
		blk_mq_end_request(rq, status);
		return BLK_STS_OK;
	}
	if (unlikely(blk_rq_nr_phys_segments(rq) > dev->features.segments &&
		     (op == BLKIF_OP_READ || op == BLKIF_OP_WRITE))) {
		split_again(dev, rq);
		return BLK_STS_OK;
	}

	ring = ring_of(hctx);
	spin_lock_irqsave(&ring->lock, flags);
	err = put_request(ring, rq, op);
	if (unlikely(err))
		ring->starved = true;
	if (bd->last || unlikely(err))
		notify = bf_ring_push(ring);
	spin_unlock_irqrestore(&ring->lock, flags);
	if (notify)
		notify_remote_via_irq(ring->irq);
	if (likely(!err))
		return BLK_STS_OK;
	/*
	 * The ring's next response runs the queue again. But memory is not the ring's, and
	 * where queues share a ring it may have had its last response just now.
	 */
	if (err == -ENOMEM || dev->nr_rings < dev->tags.nr_hw_queues)
		return BLK_STS_RESOURCE;
	return BLK_STS_DEV_RESOURCE;
}

/* What was queued without being told that it is the last. */
static void commit_requests(struct blk_mq_hw_ctx *hctx)
{
	struct bf_dev *dev = hctx->queue->tag_set->driver_data;
	struct bf_ring *ring;
	unsigned long flags;
	bool notify;

	if (READ_ONCE(dev->dead))
		return;
	ring = ring_of(hctx);
	spin_lock_irqsave(&ring->lock, flags);
	notify = bf_ring_push(ring);
	spin_unlock_irqrestore(&ring->lock, flags);
	if (notify)
		notify_remote_via_irq(ring->irq);
}

/* What a response says of the request, and of what the back end can do. */
static blk_status_t status_of(struct bf_dev *dev, struct request *rq, s16 status)
{
	if (likely(status == BLKIF_RSP_OKAY))
		return BLK_STS_OK;
	if (status != BLKIF_RSP_EOPNOTSUPP)
		return BLK_STS_IOERR;
	if (req_op(rq) == REQ_OP_FLUSH) {
		/* Nothing beneath has a cache to flush; then it is not asked again. */
		dev->features.flush = false;
		dev->features.barrier = false;
		return BLK_STS_OK;
	}
	if (req_op(rq) == REQ_OP_DISCARD)
		blk_queue_disable_discard(rq->q);
	else if (req_op(rq) == REQ_OP_SECURE_ERASE)
		blk_queue_disable_secure_erase(rq->q);
	return BLK_STS_NOTSUPP;
}

/* Take one response; what is wrong with it, or NULL. */
static const char *take_response(struct bf_ring *ring, struct request **rq)
{
	struct blkif_response rsp;
	struct bf_slot *slot;
	const char *wrong;
	unsigned int id;

	RING_COPY_RESPONSE(&ring->ring, ring->ring.rsp_cons, &rsp);
	wrong = bf_check_response(rsp.id, rsp.operation, rsp.status, ring->sent, ring->nr_slots,
				  ring->pushed);
	if (unlikely(wrong))
		return wrong;
	ring->ring.rsp_cons++;
	id = array_index_nospec((unsigned int)rsp.id, ring->nr_slots);
	slot = &ring->slots[id];
	*rq = slot->rq;
	result_of(*rq)->status = status_of(ring->dev, *rq, rsp.status);
	if (unlikely(!bf_end_grants(ring, slot, rsp.status == BLKIF_RSP_OKAY))) {
		result_of(*rq)->status = BLK_STS_IOERR;
		wrong = "a page of a request that it has answered is still mapped";
	}
	if (slot->indirect) {
		slot->indirect->next = ring->free_indirect;
		ring->free_indirect = slot->indirect;
		slot->indirect = NULL;
	}
	bf_ring_put_slot(ring, id);
	return wrong;
}

/*
 * Take the responses that are there. Those of requests that go well are collected in
 * batch, others are linked at *single, to be ended without the lock. How many there
 * were; ring->lock is held.
 */
static unsigned int take_responses(struct bf_ring *ring, struct io_comp_batch *batch,
				   struct request **single)
{
	const char *wrong = NULL;
	unsigned int taken = 0;
	RING_IDX prod;
	int more;

	do {
		prod = READ_ONCE(ring->ring.sring->rsp_prod);
		virt_rmb(); /* responses are read after the index that shows them */
		wrong = bf_check_producer(prod, ring->ring.rsp_cons, ring->pushed);
		while (!wrong && ring->ring.rsp_cons != prod) {
			struct request *rq = NULL;

			wrong = take_response(ring, &rq);
			if (!rq)
				break;
			taken++;
			blk_mq_set_request_complete(rq);
			if (!blk_mq_add_to_batch(rq, batch, result_of(rq)->status != BLK_STS_OK,
						 blk_mq_end_request_batch)) {
				rq->rq_next = *single;
				*single = rq;
			}
		}
		if (wrong)
			break;
		RING_FINAL_CHECK_FOR_RESPONSES(&ring->ring, more);
	} while (more);
	if (unlikely(wrong)) {
		ring->broken = true;
		bf_break(ring->dev, wrong);
	}
	return taken;
}

/* Take what the back end has answered. Returns whether it had answered anything. */
static bool consume(struct bf_ring *ring)
{
	struct request *single = NULL, *next;
	DEFINE_IO_COMP_BATCH(batch);
	unsigned int taken = 0;
	unsigned long flags;
	bool starved = false;

	spin_lock_irqsave(&ring->lock, flags);
	if (likely(!ring->broken))
		taken = take_responses(ring, &batch, &single);
	if (taken)
		swap(starved, ring->starved);
	spin_unlock_irqrestore(&ring->lock, flags);

	if (batch.complete)
		batch.complete(&batch);
	for (; single; single = next) {
		next = single->rq_next;
		blk_mq_end_request(single, result_of(single)->status);
	}
	if (starved)
		blk_mq_run_hw_queues(ring->dev->disk->queue, true);
	return taken;
}

/* The same for a ring that has been stopped. */
void bf_consume(struct bf_ring *ring)
{
	consume(ring);
}

irqreturn_t bf_interrupt(int irq, void *ring)
{
	xen_irq_lateeoi(irq, consume(ring) ? 0 : XEN_EOI_FLAG_SPURIOUS);
	return IRQ_HANDLED;
}

const struct blk_mq_ops bf_mq_ops = {
	.queue_rq = queue_request,
	.commit_rqs = commit_requests,
};
