// SPDX-License-Identifier: GPL-2.0
/*
 * What the network stack sends to the domain.
 *
 * The stack's packets wait in a short list. A poll takes as many as the ring has slots
 * for, one hypercall copies them all into the front end's pages, then the responses are
 * written, and the front end is told once. What the list holds is bounded: when it is as
 * much as a ring, the stack's queue is stopped, and so who sends here waits or is dropped
 * by the stack.
 *
 * When the ring has too few slots, the front end is asked for an event at the slot with
 * which the first packet fits. If that does not come for RX_STALL_MS, all that waits is
 * dropped, and what comes too, until there are slots: nobody's packets and memory are
 * held for longer by a domain that does not receive.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include "netback.h"

/* In the skb, while it is here. */
struct rx_cb {
	unsigned long since;	/* jiffies */
	u16 nr_slots;
	u16 first_bytes;	/* of it in its first slot, at most */
	u32 hash;
	s16 hash_type;		/* < 0: no hash */
	u8 gso_type;		/* XEN_NETIF_GSO_TYPE_* */
};

static struct rx_cb *rx_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct rx_cb) > sizeof(skb->cb));
	return (struct rx_cb *)skb->cb;
}

/* What the packet needs; fixed now, though the front end may change its mind meanwhile. */
static void prepare(struct vif *vif, struct sk_buff *skb)
{
	struct rx_cb *cb = rx_cb(skb);
	unsigned int first = XEN_PAGE_SIZE - READ_ONCE(vif->xdp_headroom);
	u32 hash = 0;

	cb->since = jiffies;
	cb->first_bytes = first;
	cb->hash_type = vif_hash(vif, skb, &hash);
	cb->hash = hash;
	cb->gso_type = XEN_NETIF_GSO_TYPE_NONE;
	if (skb_is_gso(skb))
		cb->gso_type = skb_shinfo(skb)->gso_type & SKB_GSO_TCPV4 ?
				       XEN_NETIF_GSO_TYPE_TCPV4 : XEN_NETIF_GSO_TYPE_TCPV6;
	cb->nr_slots = 1 + (cb->hash_type >= 0) + (cb->gso_type != XEN_NETIF_GSO_TYPE_NONE);
	if (skb->len > first)
		cb->nr_slots += DIV_ROUND_UP(skb->len - first, XEN_PAGE_SIZE);
}

/* The stack hands over a packet; with its queue locked. */
netdev_tx_t rx_transmit(struct queue *queue, struct sk_buff *skb)
{
	struct rx *rx = &queue->rx;
	struct vif *vif = queue->vif;

	if (!multicast_passes(&vif->multicast, ((struct ethhdr *)skb->data)->h_dest))
		goto drop;
	prepare(vif, skb);
	if (rx_cb(skb)->nr_slots > RX_SLOTS_MAX || READ_ONCE(rx->stalled) ||
	    skb_orphan_frags_rx(skb, GFP_ATOMIC)) {
		rx->stats.dropped++;
		goto drop;
	}
	skb_tx_timestamp(skb);
	spin_lock(&rx->backlog.lock);
	__skb_queue_tail(&rx->backlog, skb);
	rx->backlog_slots += rx_cb(skb)->nr_slots;
	if (rx->backlog_slots >= RX_BACKLOG) {
		netif_tx_stop_queue(netdev_get_tx_queue(vif->net, queue->id));
		rx->stopped = true;
	}
	spin_unlock(&rx->backlog.lock);
	/* While more come, this waits: one hypercall is for all of them. */
	if (!netdev_xmit_more() || READ_ONCE(rx->stopped))
		napi_schedule(&rx->napi);
	return NETDEV_TX_OK;
drop:
	if (!netdev_xmit_more())
		napi_schedule(&rx->napi);
	kfree_skb(skb);
	return NETDEV_TX_OK;
}

/* Under the list's lock. */
static void wake(struct queue *queue)
{
	if (queue->rx.stopped && queue->rx.backlog_slots <= RX_BACKLOG / 2) {
		queue->rx.stopped = false;
		netif_tx_wake_queue(netdev_get_tx_queue(queue->vif->net, queue->id));
	}
}

/* Drop all that waits. */
void rx_purge(struct queue *queue)
{
	struct rx *rx = &queue->rx;
	struct sk_buff_head dropped;

	__skb_queue_head_init(&dropped);
	spin_lock_bh(&rx->backlog.lock);
	rx->stats.dropped += skb_queue_len(&rx->backlog);
	skb_queue_splice_init(&rx->backlog, &dropped);
	rx->backlog_slots = 0;
	wake(queue);
	spin_unlock_bh(&rx->backlog.lock);
	__skb_queue_purge(&dropped);
}

void rx_stall_timer(struct timer_list *timer)
{
	struct rx *rx = container_of(timer, struct rx, stall_timer);

	napi_schedule(&rx->napi);
}

/* Slots that the front end has given, and that nobody has. */
static unsigned int available(struct queue *queue)
{
	struct rx *rx = &queue->rx;
	unsigned int nr = READ_ONCE(rx->ring.sring->req_prod) - rx->ring.req_cons;

	if (nr > RING_SLOTS) {
		vif_break(queue->vif, "more requests in the receive ring than it has slots");
		return 0;
	}
	virt_rmb(); /* the index before the slots */
	return nr;
}

static void take_slot(struct rx *rx, unsigned int at)
{
	struct xen_netif_rx_request request;

	RING_COPY_REQUEST(&rx->ring, rx->ring.req_cons++, &request);
	rx->slots[at] = (struct rx_slot){ .id = request.id, .gref = request.gref };
}

/* Extra information after the first slot. */
static unsigned int take_extras(struct rx *rx, struct sk_buff *skb, unsigned int first)
{
	const struct rx_cb *cb = rx_cb(skb);
	unsigned int at = first;
	struct rx_slot *slot;

	if (cb->gso_type != XEN_NETIF_GSO_TYPE_NONE) {
		take_slot(rx, ++at);
		slot = &rx->slots[at];
		slot->extra = true;
		slot->info.type = XEN_NETIF_EXTRA_TYPE_GSO;
		slot->info.u.gso.size = skb_shinfo(skb)->gso_size;
		slot->info.u.gso.type = cb->gso_type;
	}
	if (cb->hash_type >= 0) {
		if (at > first)
			rx->slots[at].info.flags = XEN_NETIF_EXTRA_FLAG_MORE;
		take_slot(rx, ++at);
		slot = &rx->slots[at];
		slot->extra = true;
		slot->info.type = XEN_NETIF_EXTRA_TYPE_HASH;
		slot->info.u.hash.type = cb->hash_type;
		slot->info.u.hash.algorithm = XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ;
		slot->info.u.hash.value[0] = cb->hash;
		slot->info.u.hash.value[1] = cb->hash >> 8;
		slot->info.u.hash.value[2] = cb->hash >> 16;
		slot->info.u.hash.value[3] = cb->hash >> 24;
	}
	if (at > first)
		rx->slots[first].flags |= XEN_NETRXF_extra_info;
	return at;
}

/* Where the next bytes of a packet go. */
struct cursor {
	struct queue *queue;
	unsigned int packet; /* number in the batch */
	unsigned int at;     /* in slots */
	unsigned int next;   /* the one after, which is not taken yet */
};

/* Collect the copies of bytes that lie in one page or several that follow each other. */
static void copy_bytes(struct cursor *c, struct page *page, unsigned int offset,
		       unsigned int bytes)
{
	struct rx *rx = &c->queue->rx;

	page += offset >> PAGE_SHIFT;
	offset &= ~PAGE_MASK;
	while (bytes) {
		struct rx_slot *slot = &rx->slots[c->at];
		unsigned int to = slot->offset + slot->size, size;
		struct xen_page_foreign *foreign;
		struct gnttab_copy *op;

		if (to == XEN_PAGE_SIZE) {
			slot->flags |= XEN_NETRXF_more_data;
			c->at = c->next++;
			take_slot(rx, c->at);
			continue;
		}
		size = min3(bytes, (unsigned int)PAGE_SIZE - offset,
			    (unsigned int)XEN_PAGE_SIZE - to);
		op = copies_next(&rx->copies, c->packet);
		op->flags = GNTCOPY_dest_gref;
		foreign = xen_page_foreign(page);
		if (foreign) {
			/* Another back end has it mapped for another domain. */
			op->source.domid = foreign->domid;
			op->source.u.ref = foreign->gref;
			op->flags |= GNTCOPY_source_gref;
		} else {
			op->source.domid = DOMID_SELF;
			op->source.u.gmfn = xen_page_to_gfn(page);
		}
		op->source.offset = offset;
		op->dest.domid = c->queue->vif->dev->otherend_id;
		op->dest.u.ref = slot->gref;
		op->dest.offset = to;
		op->len = size;
		slot->size += size;
		bytes -= size;
		offset += size;
		if (offset == PAGE_SIZE) {
			offset = 0;
			page++;
		}
	}
}

static void copy_skb(struct cursor *c, struct sk_buff *skb)
{
	struct skb_shared_info *shared = skb_shinfo(skb);
	struct sk_buff *part;
	unsigned int i;

	copy_bytes(c, virt_to_page(skb->data), offset_in_page(skb->data), skb_headlen(skb));
	for (i = 0; i < shared->nr_frags; i++) {
		skb_frag_t *frag = &shared->frags[i];

		copy_bytes(c, skb_frag_page(frag), skb_frag_off(frag), skb_frag_size(frag));
	}
	skb_walk_frags(skb, part)
		copy_skb(c, part);
}

/* Collect the copies of a packet, and fill in its slots from at on. How many they are. */
static unsigned int take_packet(struct queue *queue, struct sk_buff *skb, unsigned int packet,
				unsigned int at)
{
	struct cursor c = { .queue = queue, .packet = packet, .at = at };
	struct rx *rx = &queue->rx;

	take_slot(rx, at);
	rx->slots[at].offset = XEN_PAGE_SIZE - rx_cb(skb)->first_bytes;
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		rx->slots[at].flags = XEN_NETRXF_csum_blank | XEN_NETRXF_data_validated;
	else if (skb->ip_summed == CHECKSUM_UNNECESSARY)
		rx->slots[at].flags = XEN_NETRXF_data_validated;
	c.next = take_extras(rx, skb, at) + 1;
	copy_skb(&c, skb);
	return c.next - at;
}

/* Take the packets for which there are slots, as many as a batch has. Their number. */
static unsigned int take_packets(struct queue *queue, unsigned int max)
{
	unsigned int slots = available(queue), at = 0, n = 0;
	struct rx *rx = &queue->rx;
	struct sk_buff *skb;

	if (slots && READ_ONCE(rx->stalled))
		WRITE_ONCE(rx->stalled, false);
	while (n < max) {
		struct rx_work *work = &rx->work[n];

		spin_lock(&rx->backlog.lock);
		skb = skb_peek(&rx->backlog);
		if (skb && rx_cb(skb)->nr_slots <= slots - at) {
			__skb_unlink(skb, &rx->backlog);
			rx->backlog_slots -= rx_cb(skb)->nr_slots;
			wake(queue);
		} else {
			skb = NULL;
		}
		spin_unlock(&rx->backlog.lock);
		if (!skb)
			break;
		work->skb = skb;
		work->at = at;
		work->nr = take_packet(queue, skb, n, at);
		at += work->nr;
		n++;
	}
	return n;
}

/* A packet's responses; the extras' are what they say. */
static void respond(struct rx *rx, const struct rx_work *work, bool failed)
{
	unsigned int i;

	for (i = 0; i < work->nr; i++) {
		struct xen_netif_rx_response *response =
			RING_GET_RESPONSE(&rx->ring, rx->ring.rsp_prod_pvt++);
		const struct rx_slot *slot = &rx->slots[work->at + i];

		if (slot->extra) {
			memcpy(response, &slot->info, sizeof(*response));
			continue;
		}
		response->id = slot->id;
		response->offset = slot->offset;
		response->flags = slot->flags;
		response->status = failed ? XEN_NETIF_RSP_ERROR : slot->size;
	}
}

static unsigned int process(struct queue *queue, int budget)
{
	struct rx *rx = &queue->rx;
	unsigned int n, i;
	bool notify;

	rx->copies.failed = 0;
	n = take_packets(queue, min(budget, PACKETS_MAX));
	if (n == 0)
		return 0;
	copies_run(&rx->copies);
	for (i = 0; i < n; i++) {
		bool failed = rx->copies.failed & BIT_ULL(i);
		struct sk_buff *skb = rx->work[i].skb;

		respond(rx, &rx->work[i], failed);
		if (failed) {
			rx->stats.copy_errors++;
		} else {
			rx->stats.packets++;
			rx->stats.bytes += skb->len;
			rx->stats.gso += skb_is_gso(skb);
		}
	}
	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&rx->ring, notify);
	if (notify) {
		notify_remote_via_irq(rx->line->irq);
		rx->stats.notifications++;
	}
	rx->stats.batches++;
	for (i = 0; i < n; i++)
		napi_consume_skb(rx->work[i].skb, budget);
	return n;
}

/*
 * Nothing more can be sent now: see to it that this goes on. Asks for an event if packets
 * wait, or if the front end had stalled. True: there are slots after all.
 */
static bool wait_for_slots(struct queue *queue)
{
	struct rx *rx = &queue->rx;
	unsigned int needed = 0;
	unsigned long since = 0;
	struct sk_buff *skb;

	spin_lock(&rx->backlog.lock);
	skb = skb_peek(&rx->backlog);
	if (skb) {
		needed = rx_cb(skb)->nr_slots;
		since = rx_cb(skb)->since;
	}
	spin_unlock(&rx->backlog.lock);
	if (!skb && READ_ONCE(rx->stalled))
		needed = 1;
	WRITE_ONCE(rx->blocked, needed != 0);
	if (!needed)
		return false;
	rx->ring.sring->req_event = rx->ring.req_cons + needed;
	virt_mb(); /* the wish before the last look */
	if (available(queue) >= needed) {
		WRITE_ONCE(rx->blocked, false);
		return true;
	}
	if (!skb)
		return false;
	if (time_after_eq(jiffies, since + msecs_to_jiffies(RX_STALL_MS))) {
		rx->stats.stalls++;
		WRITE_ONCE(rx->stalled, true);
		rx_purge(queue);
	} else {
		mod_timer(&rx->stall_timer, since + msecs_to_jiffies(RX_STALL_MS));
	}
	return false;
}

int rx_poll(struct napi_struct *napi, int budget)
{
	struct queue *queue = container_of(napi, struct queue, rx.napi);
	struct rx *rx = &queue->rx;
	unsigned int work;

	if (budget == 0)
		return 0;
	if (READ_ONCE(queue->vif->broken)) {
		napi_complete_done(napi, 0);
		line_done(rx->line, OWED_RX);
		return 0;
	}
	work = process(queue, budget);
	if (work == min(budget, PACKETS_MAX))
		return budget;
	/* Before this poll is over: whoever adds a packet later starts another. */
	if (wait_for_slots(queue))
		return budget;
	if (!napi_complete_done(napi, work))
		return work;
	line_done(rx->line, OWED_RX);
	return work;
}
