// SPDX-License-Identifier: GPL-2.0-only
/*
 * A queue: its interrupts, its polling, and how it comes and goes.
 *
 * One NAPI instance looks after both rings. The back end's events only schedule it; an
 * event is acknowledged (EOI) when polling found nothing more, so that a back end that
 * sends events without end costs what the kernel's event code lets it.
 *
 * Grant references: each ring keeps a list of its own, which is as long as it has slots,
 * so that nothing is allocated while packets flow. A reference whose page the peer still
 * uses when it should not is handed to the kernel, which waits for the peer and keeps the
 * page alive meanwhile; neither comes back here.
 */
#include "netfront.h"

/* Put a reference that is no longer granted back on a list. */
void grefs_put(grant_ref_t *grefs, unsigned int *count, grant_ref_t gref)
{
	gnttab_release_grant_reference(grefs, gref);
	++*count;
}

/**
 * grefs_end - end the peer's access, and keep the reference on a list
 *
 * Returns false if the peer still uses the page: nobody may rely on its contents, and
 * it must be let go of by put_page() or the like, which frees it when the peer is done.
 */
bool grefs_end(grant_ref_t *grefs, unsigned int *count, grant_ref_t gref)
{
	grant_ref_t fresh;

	if (likely(gnttab_end_foreign_access_ref(gref))) {
		grefs_put(grefs, count, gref);
		return true;
	}
	gnttab_end_foreign_access(gref, NULL);
	/* In its place, if there is one. */
	if (gnttab_alloc_grant_references(1, &fresh) == 0)
		grefs_put(grefs, count, gnttab_claim_grant_reference(&fresh));
	return false;
}

static irqreturn_t queue_event(struct queue *q, int event)
{
	set_bit(event, &q->events);
	napi_schedule(&q->napi);
	return IRQ_HANDLED;
}

static irqreturn_t tx_interrupt(int irq, void *opaque)
{
	return queue_event(opaque, EVENT_TX);
}

/* Also of both rings, when they share an event channel. */
static irqreturn_t rx_interrupt(int irq, void *opaque)
{
	return queue_event(opaque, EVENT_RX);
}

/* An event after which nothing had changed in the ring is told as spurious. */
static void queue_eoi(struct queue *q)
{
	struct tx *tx = &q->tx;
	struct rx *rx = &q->rx;
	RING_IDX tx_cons = READ_ONCE(tx->ring.rsp_cons);
	bool tx_moved = tx_cons != tx->eoi_cons, rx_moved = rx->ring.rsp_cons != rx->eoi_cons;

	if (test_and_clear_bit(EVENT_TX, &q->events)) {
		tx->eoi_cons = tx_cons;
		xen_irq_lateeoi(tx->irq, tx_moved ? 0 : XEN_EOI_FLAG_SPURIOUS);
	}
	if (test_and_clear_bit(EVENT_RX, &q->events)) {
		bool moved = rx_moved || (tx->irq == rx->irq && tx_moved);

		rx->eoi_cons = rx->ring.rsp_cons;
		if (tx->irq == rx->irq)
			tx->eoi_cons = tx_cons;
		xen_irq_lateeoi(rx->irq, moved ? 0 : XEN_EOI_FLAG_SPURIOUS);
	}
}

static int queue_poll(struct napi_struct *napi, int budget)
{
	struct queue *q = container_of(napi, struct queue, napi);
	int done;

	if (unlikely(READ_ONCE(q->nf->faulty))) {
		/* Not acknowledged: there will be no more events. */
		napi_complete(napi);
		return 0;
	}
	tx_poll(q);
	done = budget ? rx_poll(q, budget) : 0;
	if (!rx_fill(q))
		mod_timer(&q->rx.refill, jiffies + HZ / 10);
	if (done == budget || !napi_complete_done(napi, done))
		return done;
	if (rx_arm(q))
		napi_schedule(napi);
	else
		queue_eoi(q);
	return done;
}

static void queue_refill(struct timer_list *timer)
{
	struct queue *q = container_of(timer, struct queue, rx.refill);

	napi_schedule(&q->napi);
}

/* An event channel to the back end. Returns the interrupt. */
static int event_bind(struct queue *q, evtchn_port_t *port, irq_handler_t handler)
{
	int err, irq;

	err = xenbus_alloc_evtchn(q->nf->xdev, port);
	if (err)
		return err;
	irq = bind_evtchn_to_irqhandler_lateeoi(*port, handler, 0, q->nf->dev->name, q);
	if (irq < 0)
		xenbus_free_evtchn(q->nf->xdev, *port);
	return irq;
}

static int events_create(struct queue *q)
{
	q->rx.irq = event_bind(q, &q->rx.port, rx_interrupt);
	if (q->rx.irq < 0)
		return q->rx.irq;
	if (!q->nf->peer.split_events) {
		q->tx.irq = q->rx.irq;
		q->tx.port = q->rx.port;
		return 0;
	}
	q->tx.irq = event_bind(q, &q->tx.port, tx_interrupt);
	return q->tx.irq < 0 ? q->tx.irq : 0;
}

static void events_destroy(struct queue *q)
{
	if (q->tx.irq > 0 && q->tx.irq != q->rx.irq)
		unbind_from_irqhandler(q->tx.irq, q);
	if (q->rx.irq > 0)
		unbind_from_irqhandler(q->rx.irq, q);
}

static int queue_create(struct queue *q)
{
	int err;

	timer_setup(&q->rx.refill, queue_refill, 0);
	netif_napi_add(q->nf->dev, &q->napi, queue_poll);
	err = tx_create(q);
	if (!err)
		err = rx_create(q);
	if (!err)
		err = xdp_attach_queue(q);
	if (!err)
		err = events_create(q);
	return err;
}

/* Of a queue that does not run; also of half a one, all zeroes otherwise. */
static void queue_destroy(struct queue *q)
{
	events_destroy(q);
	del_timer_sync(&q->rx.refill);
	netif_napi_del(&q->napi);
	if (xdp_rxq_info_is_reg(&q->rx.xdp))
		xdp_rxq_info_unreg(&q->rx.xdp);
	rx_destroy(q);
	tx_destroy(q);
}

/**
 * queues_create - make the queues, granted to the back end, and not running
 * @count:	how many, at most nf->max_queues
 *
 * Returns 0 or a negative error, after which there are none. Holds the RTNL.
 */
int queues_create(struct netfront *nf, unsigned int count)
{
	unsigned int i;
	int err = 0;

	nf->queues = kvcalloc(count, sizeof(*nf->queues), GFP_KERNEL);
	if (!nf->queues)
		return -ENOMEM;
	for (i = 0; i < count && !err; i++) {
		nf->queues[i].nf = nf;
		nf->queues[i].id = i;
		nf->queues[i].stats = &nf->stats[i];
		nf->nr_queues++;
		err = queue_create(&nf->queues[i]);
	}
	if (err)
		queues_destroy(nf);
	return err;
}

/* Take all queues down; they do not run. Holds the RTNL. */
void queues_destroy(struct netfront *nf)
{
	unsigned int i;

	for (i = 0; i < nf->nr_queues; i++)
		queue_destroy(&nf->queues[i]);
	nf->nr_queues = 0;
	kvfree(nf->queues);
	nf->queues = NULL;
}

/* Poll from now on. What came before is found at once. Holds the RTNL. */
void queue_start(struct queue *q)
{
	napi_enable(&q->napi);
	local_bh_disable();
	napi_schedule(&q->napi);
	local_bh_enable();
}

/* Poll no more. Events stay unacknowledged until queue_start(). Holds the RTNL. */
void queue_stop(struct queue *q)
{
	napi_disable(&q->napi);
	/* Its next tick only finds NAPI disabled. */
	del_timer_sync(&q->rx.refill);
}
