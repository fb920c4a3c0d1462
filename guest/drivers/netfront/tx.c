// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets out.
 *
 * Each request id has a page of its own, granted to the back end for good. A small packet
 * is copied there whole, in one slot, and forgotten: no grant, and nothing to wait for,
 * unless the back end is behind: then the packet counts as its sender's until answered. Of
 * a large one the headers are copied, and the pages with the rest are granted as they are
 * until the back end answers. Granting a page shows all of it, though: to a back end that
 * is not trusted everything is copied. So is what lies in pages that are not ours to grant,
 * and what would take more slots than a back end has to accept.
 *
 * Interrupts: copied packets need no answer before the ring fills up. As long as pages are
 * lent, one interrupt is asked for, for when all that is in flight then is answered; it
 * finds the next lot. So a sender that is busy is interrupted once per ring, not per
 * packet, and one that waits for its buffers (TCP) gets them back as a whole.
 *
 * All of it under __netif_tx_lock of the queue.
 */
#include <linux/ip.h>
#include <linux/nospec.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>

#include "netfront.h"

/* Up to here a copy is cheaper than lending pages, and costs the back end less, too. */
#define COPY_MAX 1536
/* Of what is larger, the headers; the back end looks at these anyway. */
#define COPY_MIN 128
/* These are never fewer bytes: Ethernet, IPv4, TCP. */
#define HEADERS_MIN (ETH_HLEN + sizeof(struct iphdr) + sizeof(struct tcphdr))
/* So many requests not answered: the back end is behind. */
#define BEHIND 32
/* A stopped queue goes on when there is room for this. */
#define WAKE_SLOTS (TX_RING_SIZE / 4)

/* In the skb's control block, while pages of it are lent. */
struct lent {
	unsigned int slots;
};

static struct lent *lent(struct sk_buff *skb)
{
	return (struct lent *)skb->cb;
}

static unsigned int in_flight(const struct tx *tx)
{
	return tx->ring.req_prod_pvt - tx->ring.rsp_cons;
}

static bool has_room(const struct tx *tx, unsigned int slots)
{
	return TX_RING_SIZE - in_flight(tx) >= slots;
}

/* Put a request into the next slot. */
static struct tx_request *put_request(struct tx *tx, enum tx_use use, grant_ref_t gref,
				      unsigned int offset, unsigned int size, unsigned int flags)
{
	u16 id = tx->free[--tx->nr_free];
	struct tx_request *request = &tx->requests[id];

	request->use = use;
	*RING_GET_REQUEST(&tx->ring, tx->ring.req_prod_pvt++) = (struct xen_netif_tx_request){
		.gref = use == TX_GRANTED ? gref : request->buffer_gref,
		.offset = offset,
		.flags = flags,
		.id = id,
		.size = size,
	};
	return request;
}

static void put_extra(struct tx *tx, const struct xen_netif_extra_info *extra)
{
	*(struct xen_netif_extra_info *)RING_GET_REQUEST(&tx->ring, tx->ring.req_prod_pvt++) = *extra;
	tx->extras++;
}

/* Where the next request's buffer is. */
static void *next_buffer(struct tx *tx)
{
	return page_address(tx->requests[tx->free[tx->nr_free - 1]].buffer);
}

static void end_packet(struct sk_buff *skb)
{
	if (--lent(skb)->slots == 0)
		dev_consume_skb_any(skb);
}

/*
 * The back end has answered, and still uses a page. The packet that has it is never
 * freed, nor is another lent.
 */
static void distrust(struct queue *q)
{
	if (q->nf->trusted && net_ratelimit())
		netdev_err(q->nf->dev, "the back end keeps pages: no longer trusted\n");
	q->nf->trusted = false;
	q->nf->deceived = true;
}

/* The back end has answered this request. Returns false if there is no such request. */
static bool tx_answer(struct queue *q, const struct xen_netif_tx_response *answer)
{
	struct tx *tx = &q->tx;
	struct tx_request *request;

	if (answer->status == XEN_NETIF_RSP_NULL) {
		if (!tx->extras)
			return false;
		tx->extras--;
		return true;
	}
	if (answer->id >= TX_RING_SIZE)
		return false;
	request = &tx->requests[array_index_nospec(answer->id, TX_RING_SIZE)];
	switch (request->use) {
	case TX_FREE:
		return false;
	case TX_GRANTED:
		if (likely(grefs_end(&tx->grefs, &tx->nr_grefs, request->gref)))
			end_packet(request->skb);
		else
			distrust(q);
		tx->held--;
		break;
	case TX_MULTICAST:
		tx->held--;
		if (answer->status != XEN_NETIF_RSP_OKAY)
			multicast_failed(q->nf);
		break;
	case TX_COPIED:
		if (request->skb) {
			end_packet(request->skb);
			tx->held--;
		}
		break;
	}
	request->skb = NULL;
	if (answer->status != XEN_NETIF_RSP_OKAY)
		q->stats->tx_errors++;
	request->use = TX_FREE;
	tx->free[tx->nr_free++] = request - tx->requests;
	return true;
}

/* Take the answers that are there. */
static void tx_reap(struct queue *q)
{
	struct tx *tx = &q->tx;
	RING_IDX prod = READ_ONCE(tx->ring.sring->rsp_prod);

	if (unlikely(prod - tx->ring.rsp_cons > in_flight(tx)))
		return netfront_fault(q->nf, "more answers than packets sent");
	virt_rmb(); /* the index before the answers */
	while (tx->ring.rsp_cons != prod) {
		struct xen_netif_tx_response answer;

		RING_COPY_RESPONSE(&tx->ring, tx->ring.rsp_cons, &answer);
		if (unlikely(!tx_answer(q, &answer)))
			return netfront_fault(q->nf, "answer to a packet that was not sent");
		tx->ring.rsp_cons++;
	}
	if (tx->armed && (int)(tx->ring.rsp_cons - tx->event) >= 0)
		tx->armed = false;
}

/* Have an interrupt when the answers reach @event. Returns true if they have already. */
static bool arm_at(struct tx *tx, RING_IDX event)
{
	tx->event = event;
	tx->armed = true;
	tx->ring.sring->rsp_event = event;
	virt_mb(); /* the event before a last look */
	return (int)(READ_ONCE(tx->ring.sring->rsp_prod) - event) >= 0;
}

/* Have an interrupt if there is something to wait for; after a push. */
static void tx_arm(struct queue *q)
{
	struct tx *tx = &q->tx;

	while (!READ_ONCE(q->nf->faulty)) {
		if (netif_tx_queue_stopped(tx_queue(q))) {
			if (has_room(tx, WAKE_SLOTS)) {
				netif_tx_wake_queue(tx_queue(q));
				continue;
			}
			if (!arm_at(tx, tx->ring.rsp_cons + in_flight(tx) - TX_RING_SIZE + WAKE_SLOTS))
				return;
		} else {
			if (tx->armed || !tx->held || !arm_at(tx, tx->ring.req_prod_pvt))
				return;
		}
		tx_reap(q);
	}
}

/* Show the back end what was put into the ring. */
void tx_flush(struct queue *q)
{
	bool notify;

	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&q->tx.ring, notify);
	if (notify)
		notify_remote_via_irq(q->tx.irq);
	tx_arm(q);
}

/* From NAPI: answers, and who waits for them. */
void tx_poll(struct queue *q)
{
	struct netdev_queue *txq = tx_queue(q);

	__netif_tx_lock(txq, smp_processor_id());
	if (q->nf->connected) {
		tx_reap(q);
		tx_arm(q);
	}
	__netif_tx_unlock(txq);
}

/*
 * How much of a packet to copy; the rest is lent. All of it, if it is small or lending it
 * is impossible. Else at least the headers, which are then in the first slot.
 */
static unsigned int how_much_to_copy(struct queue *q, struct sk_buff *skb)
{
	unsigned int head = skb_headlen(skb), slots, copy, i;
	const struct skb_shared_info *info = skb_shinfo(skb);

	if (!q->nf->trusted || skb->len <= COPY_MAX || head < HEADERS_MIN)
		return skb->len;
	copy = head <= COPY_MAX ? head : COPY_MIN;
	slots = 1;
	if (copy < head)
		slots += DIV_ROUND_UP(offset_in_page(skb->data + copy) + head - copy, XEN_PAGE_SIZE);
	for (i = 0; i < info->nr_frags; i++) {
		const skb_frag_t *frag = &info->frags[i];

		if (xen_page_foreign(skb_frag_page(frag)))
			return skb->len;
		slots += DIV_ROUND_UP(offset_in_page(skb_frag_off(frag)) + skb_frag_size(frag),
				      XEN_PAGE_SIZE);
	}
	return slots > XEN_NETIF_NR_SLOTS_MIN || slots > q->tx.nr_grefs ? skb->len : copy;
}

/* Lend a part of a packet, a page at a time. *left: bytes of the packet to come. */
static void lend(struct queue *q, struct sk_buff *skb, struct page *page, unsigned int offset,
		 unsigned int len, unsigned int *left)
{
	struct tx *tx = &q->tx;

	page += offset >> PAGE_SHIFT;
	for (offset = offset_in_page(offset); len; page++, offset = 0) {
		unsigned int chunk = min_t(unsigned int, len, PAGE_SIZE - offset);
		grant_ref_t gref = gnttab_claim_grant_reference(&tx->grefs);
		struct tx_request *request;

		tx->nr_grefs--;
		tx->held++;
		lent(skb)->slots++;
		gnttab_page_grant_foreign_access_ref_one(gref, peer_domain(q->nf), page, true);
		len -= chunk;
		*left -= chunk;
		request = put_request(tx, TX_GRANTED, gref, offset, chunk,
				      *left ? XEN_NETTXF_more_data : 0);
		request->gref = gref;
		request->skb = skb;
	}
}

static unsigned int first_flags(const struct sk_buff *skb)
{
	unsigned int flags = 0;

	if (skb->ip_summed == CHECKSUM_PARTIAL)
		flags |= XEN_NETTXF_csum_blank | XEN_NETTXF_data_validated;
	else if (skb->ip_summed == CHECKSUM_UNNECESSARY)
		flags |= XEN_NETTXF_data_validated;
	if (skb_is_gso(skb))
		flags |= XEN_NETTXF_extra_info;
	return flags;
}

static void put_gso(struct tx *tx, const struct sk_buff *skb)
{
	struct xen_netif_extra_info extra = {
		.type = XEN_NETIF_EXTRA_TYPE_GSO,
		.u.gso.size = skb_shinfo(skb)->gso_size,
		.u.gso.type = skb_shinfo(skb)->gso_type & SKB_GSO_TCPV6 ? XEN_NETIF_GSO_TYPE_TCPV6 :
									  XEN_NETIF_GSO_TYPE_TCPV4,
	};

	put_extra(tx, &extra);
}

/* Few bytes are sooner copied by words than by the kernel's memcpy, which warms up. */
static void copy_bytes(const struct sk_buff *skb, unsigned int at, void *to, unsigned int len)
{
	if (len <= COPY_MAX && at + len <= skb_headlen(skb))
		copy_words(to, skb->data + at, len);
	else
		skb_copy_bits(skb, at, to, len);
}

/*
 * Put a packet into the ring: the first @copy bytes copied, the rest lent. Returns the
 * last request of the copied part.
 */
static struct tx_request *put_packet(struct queue *q, struct sk_buff *skb, unsigned int copy)
{
	unsigned int at = 0, left = skb->len, i;
	struct tx *tx = &q->tx;
	struct tx_request *last = NULL;

	while (at < copy) {
		unsigned int chunk = min_t(unsigned int, copy - at, XEN_PAGE_SIZE);
		unsigned int flags = at ? 0 : first_flags(skb);

		copy_bytes(skb, at, next_buffer(tx), chunk);
		left -= chunk;
		if (left)
			flags |= XEN_NETTXF_more_data;
		/* The first slot has the whole packet's size. */
		last = put_request(tx, TX_COPIED, 0, 0, at ? chunk : skb->len, flags);
		if (flags & XEN_NETTXF_extra_info)
			put_gso(tx, skb);
		at += chunk;
	}
	if (!left)
		return last;
	lent(skb)->slots = 0;
	if (copy < skb_headlen(skb))
		lend(q, skb, virt_to_page(skb->data + copy), offset_in_page(skb->data + copy),
		     skb_headlen(skb) - copy, &left);
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		lend(q, skb, skb_frag_page(frag), skb_frag_off(frag), skb_frag_size(frag), &left);
	}
	return last;
}

/*
 * A packet that was copied: of no more use, unless the back end is behind. Then whoever
 * sends has to feel it.
 */
static void end_copied(struct queue *q, struct tx_request *last, struct sk_buff *skb)
{
	struct tx *tx = &q->tx;

	if (tx->ring.req_prod_pvt - READ_ONCE(tx->ring.sring->rsp_prod) < BEHIND)
		return dev_consume_skb_any(skb);
	lent(skb)->slots = 1;
	last->skb = skb;
	tx->held++;
}

/* ndo_start_xmit */
netdev_tx_t tx_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct netfront *nf = netdev_priv(dev);
	unsigned int mapping = skb_get_queue_mapping(skb), copy;
	struct tx_request *last;
	struct queue *q;

	if (unlikely(!nf->connected || mapping >= nf->nr_queues || nf->faulty ||
		     skb->len > XEN_NETIF_MAX_TX_SIZE)) {
		dev_core_stats_tx_dropped_inc(dev);
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}
	q = &nf->queues[mapping];
	q->stats->tx_packets++;
	q->stats->tx_bytes += skb->len;
	skb_tx_timestamp(skb);
	copy = how_much_to_copy(q, skb);
	last = put_packet(q, skb, copy);
	if (copy == skb->len) {
		q->stats->tx_copied++;
		end_copied(q, last, skb);
	}

	if (unlikely(!has_room(&q->tx, TX_PACKET_MAX))) {
		tx_reap(q);
		if (!has_room(&q->tx, TX_PACKET_MAX)) {
			q->stats->tx_stopped++;
			netif_tx_stop_queue(tx_queue(q));
		}
	}
	if (!netdev_xmit_more() || netif_xmit_stopped(tx_queue(q)))
		tx_flush(q);
	return NETDEV_TX_OK;
}

/**
 * tx_frame - send bytes that are no skb, copied
 * @len:	at most a page
 *
 * Returns false if there is no room. tx_flush() follows. Holds the queue's lock.
 */
bool tx_frame(struct queue *q, const void *data, unsigned int len)
{
	if (!has_room(&q->tx, TX_PACKET_MAX)) {
		tx_reap(q);
		if (!has_room(&q->tx, TX_PACKET_MAX) || q->nf->faulty)
			return false;
	}
	memcpy(next_buffer(&q->tx), data, len);
	put_request(&q->tx, TX_COPIED, 0, 0, len, 0);
	q->stats->tx_packets++;
	q->stats->tx_bytes += len;
	return true;
}

/**
 * tx_multicast - have the back end let a multicast address through, or no longer
 *
 * Returns false if there is no room. tx_flush() follows. Holds the queue's lock.
 */
bool tx_multicast(struct queue *q, const u8 *address, bool add)
{
	struct xen_netif_extra_info extra = {
		.type = add ? XEN_NETIF_EXTRA_TYPE_MCAST_ADD : XEN_NETIF_EXTRA_TYPE_MCAST_DEL,
	};

	/* What a packet may need is left for packets. */
	if (!has_room(&q->tx, 2 + TX_PACKET_MAX))
		return false;
	ether_addr_copy(extra.u.mcast.addr, address);
	put_request(&q->tx, TX_MULTICAST, 0, 0, 0, XEN_NETTXF_extra_info);
	put_extra(&q->tx, &extra);
	q->tx.held++;
	return true;
}

/* The ring and the buffers. Returns 0 or a negative error; tx_destroy() follows anyway. */
int tx_create(struct queue *q)
{
	struct tx *tx = &q->tx;
	unsigned int i;
	void *ring;
	int err;

	err = xenbus_setup_ring(q->nf->xdev, GFP_KERNEL, &ring, 1, &tx->ring_gref);
	if (err)
		return err;
	XEN_FRONT_RING_INIT(&tx->ring, (struct xen_netif_tx_sring *)ring, XEN_PAGE_SIZE);
	err = gnttab_alloc_grant_references(TX_RING_SIZE, &tx->grefs);
	if (err)
		return err;
	tx->nr_grefs = TX_RING_SIZE;
	for (i = 0; i < TX_RING_SIZE; i++) {
		struct tx_request *request = &tx->requests[i];
		int gref;

		request->buffer = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!request->buffer)
			return -ENOMEM;
		gref = gnttab_grant_foreign_access(peer_domain(q->nf),
						   xen_page_to_gfn(request->buffer), true);
		if (gref < 0) {
			__free_page(request->buffer);
			request->buffer = NULL;
			return gref;
		}
		request->buffer_gref = gref;
		tx->free[tx->nr_free++] = TX_RING_SIZE - 1 - i;
	}
	return 0;
}

/* What was under way is lost; pages that the peer still uses are freed when it is done. */
void tx_destroy(struct queue *q)
{
	struct tx *tx = &q->tx;
	void *ring = tx->ring.sring;
	unsigned int i;

	if (!ring)
		return;
	for (i = 0; i < TX_RING_SIZE; i++) {
		struct tx_request *request = &tx->requests[i];

		if (request->use == TX_GRANTED &&
		    !grefs_end(&tx->grefs, &tx->nr_grefs, request->gref))
			request->skb = NULL;
		if (request->use != TX_FREE && request->skb)
			end_packet(request->skb);
		if (request->buffer)
			gnttab_end_foreign_access(request->buffer_gref, request->buffer);
	}
	if (tx->nr_grefs)
		gnttab_free_grant_references(tx->grefs);
	xenbus_teardown_ring(&ring, 1, &tx->ring_gref);
}
