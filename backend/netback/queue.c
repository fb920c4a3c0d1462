// SPDX-License-Identifier: GPL-2.0
/*
 * A queue: two rings of the front end's, mapped, with one event channel or two, and their
 * NAPI contexts.
 *
 * An event channel stays masked from its interrupt until all work that the interrupt
 * started is done (line_done()); so a front end cannot interrupt us more often than we
 * poll. An event that brought nothing is reported as such, and the kernel makes those
 * that come often wait.
 */
#include <linux/slab.h>
#include "netback.h"

static bool tx_pending(struct tx *tx)
{
	return !READ_ONCE(tx->throttled) && RING_HAS_UNCONSUMED_REQUESTS(&tx->ring);
}

/* Has the front end added requests since the last event? */
static bool moved(RING_IDX *seen, RING_IDX now)
{
	bool different = *seen != now;

	*seen = now;
	return different;
}

/* One of those who owe the line its end is done. */
void line_done(struct line *line, int who)
{
	int owed = atomic_fetch_andnot(who, &line->owed);

	if (owed != who)
		return;
	xen_irq_lateeoi(line->irq, READ_ONCE(line->useful) ? 0 : XEN_EOI_FLAG_SPURIOUS);
}

/* who: whose events come by this line. */
static irqreturn_t interrupt(int irq, struct queue *queue, struct line *line, int who)
{
	bool useful = false;
	int owed = 0;

	/* The first may come before bind() knows. */
	line->irq = irq;
	/* A poll that ran anyway may have been faster: that is no fault of the event's. */
	if (who & OWED_TX)
		useful |= moved(&queue->tx.event_at, READ_ONCE(queue->tx.ring.sring->req_prod));
	if (who & OWED_RX)
		useful |= moved(&queue->rx.event_at, READ_ONCE(queue->rx.ring.sring->req_prod));
	if (who & OWED_TX && tx_pending(&queue->tx))
		owed |= OWED_TX;
	if (who & OWED_RX && READ_ONCE(queue->rx.blocked))
		owed |= OWED_RX;
	WRITE_ONCE(line->useful, useful);
	/* One more, so that the line is not done before everybody was told. */
	atomic_set(&line->owed, owed | 4);
	if (owed & OWED_TX)
		napi_schedule(&queue->tx.napi);
	if (owed & OWED_RX)
		napi_schedule(&queue->rx.napi);
	line_done(line, 4);
	return IRQ_HANDLED;
}

static irqreturn_t tx_interrupt(int irq, void *opaque)
{
	struct queue *queue = opaque;

	return interrupt(irq, queue, queue->tx.line, OWED_TX);
}

static irqreturn_t rx_interrupt(int irq, void *opaque)
{
	struct queue *queue = opaque;

	return interrupt(irq, queue, queue->rx.line, OWED_RX);
}

static irqreturn_t both_interrupt(int irq, void *opaque)
{
	struct queue *queue = opaque;

	return interrupt(irq, queue, queue->tx.line, OWED_TX | OWED_RX);
}

static int bind(struct queue *queue, struct line *line, evtchn_port_t port,
		irq_handler_t handler)
{
	int irq;

	/* From here on it may come: the rings are there, but nobody polls yet. */
	irq = bind_interdomain_evtchn_to_irqhandler_lateeoi(queue->vif->dev, port, handler, 0,
							    queue->vif->label, queue);
	if (irq < 0)
		return irq;
	line->irq = irq;
	return 0;
}

/* The slots that there are, from where the last response was written. */
#define attach(queue, half, name, vaddr)                                                           \
	({                                                                                         \
		struct xen_netif_##name##_sring *_s = (vaddr);                                     \
		RING_IDX _responses = READ_ONCE(_s->rsp_prod);                                     \
		RING_IDX _requests = READ_ONCE(_s->req_prod);                                      \
                                                                                                   \
		BACK_RING_ATTACH(&(queue)->half.ring, _s, _responses, XEN_PAGE_SIZE);              \
		_requests - _responses > RING_SLOTS ? -EINVAL : 0;                                 \
	})

/*
 * Take a queue of the front end's into use: its rings' grants and event channels. One
 * port for both if rx_port is the same as tx_port. What the front end has put in the rings
 * before is processed once the queue is started; what was answered stays so, so that this
 * also takes over rings that have been used.
 *
 * An error pointer if the front end's values are no good, or for want of memory.
 */
struct queue *queue_create(struct vif *vif, unsigned int id, grant_ref_t tx_ref,
			   grant_ref_t rx_ref, evtchn_port_t tx_port, evtchn_port_t rx_port)
{
	struct queue *queue = kvzalloc(sizeof(*queue), GFP_KERNEL);
	void *vaddr;
	int error;

	if (!queue)
		return ERR_PTR(-ENOMEM);
	queue->vif = vif;
	queue->id = id;
	queue->tx.line = queue->rx.line = &queue->lines[0];
	timer_setup(&queue->tx.credit_timer, tx_credit_timer, 0);
	timer_setup(&queue->rx.stall_timer, rx_stall_timer, 0);
	skb_queue_head_init(&queue->rx.backlog);
	netif_napi_add(vif->net, &queue->tx.napi, tx_poll);
	netif_napi_add_tx(vif->net, &queue->rx.napi, rx_poll);

	error = xenbus_map_ring_valloc(vif->dev, &tx_ref, 1, &vaddr);
	if (!error)
		error = attach(queue, tx, tx, vaddr);
	if (!error)
		error = xenbus_map_ring_valloc(vif->dev, &rx_ref, 1, &vaddr);
	if (!error)
		error = attach(queue, rx, rx, vaddr);
	if (!error && tx_port == rx_port)
		error = bind(queue, &queue->lines[0], tx_port, both_interrupt);
	if (!error && tx_port != rx_port) {
		queue->rx.line = &queue->lines[1];
		error = bind(queue, &queue->lines[0], tx_port, tx_interrupt);
		if (!error)
			error = bind(queue, &queue->lines[1], rx_port, rx_interrupt);
	}
	if (error) {
		queue_destroy(queue);
		return ERR_PTR(error);
	}
	return queue;
}

/* Packets flow. Under the RTNL. */
void queue_start(struct queue *queue)
{
	if (queue->running)
		return;
	queue->running = true;
	napi_enable(&queue->tx.napi);
	napi_enable(&queue->rx.napi);
	/* Who came while nobody polled is not forgotten. */
	local_bh_disable();
	napi_schedule(&queue->tx.napi);
	napi_schedule(&queue->rx.napi);
	local_bh_enable();
}

/* No more packets flow, and none are under way. Under the RTNL. */
void queue_stop(struct queue *queue)
{
	if (!queue->running)
		return;
	queue->running = false;
	del_timer_sync(&queue->tx.credit_timer);
	del_timer_sync(&queue->rx.stall_timer);
	napi_disable(&queue->tx.napi);
	napi_disable(&queue->rx.napi);
	/* A poll may have set them again, a timer may have scheduled nothing: that is all. */
	del_timer_sync(&queue->tx.credit_timer);
	del_timer_sync(&queue->rx.stall_timer);
	queue->tx.throttled = false;
	rx_purge(queue);
}

/* Give it all back. It has been stopped, and nobody finds it any more. */
void queue_destroy(struct queue *queue)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(queue->lines); i++)
		if (queue->lines[i].irq)
			unbind_from_irqhandler(queue->lines[i].irq, queue);
	netif_napi_del(&queue->tx.napi);
	netif_napi_del(&queue->rx.napi);
	if (queue->tx.ring.sring)
		xenbus_unmap_ring_vfree(queue->vif->dev, queue->tx.ring.sring);
	if (queue->rx.ring.sring)
		xenbus_unmap_ring_vfree(queue->vif->dev, queue->rx.ring.sring);
	tx_release(&queue->tx);
	kvfree(queue);
}
