// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets in.
 *
 * The ring is kept full of empty pages that are granted to the back end. A small packet
 * is copied out and its page, still granted, is offered again. For others the back end's
 * access ends first, so that what is looked at can change no more; then the page becomes
 * the packet: as a whole where the packet leaves room for the kernel's bookkeeping at its
 * end, else as a fragment beside the copied headers. The pages are a page_pool's, and
 * come back to it from wherever the stack has used them up.
 */
#include <linux/skbuff.h>

#include "netfront.h"

/* Up to here a copy is cheaper than another page. */
#define COPY_MAX 256
/* The headers that the stack looks at, of a packet in fragments. */
#define PULL 128
/* With so many buffers on offer there is no need to look for memory again soon. */
#define ENOUGH (RX_RING_SIZE / 4)

static struct page *page_of(struct rx *rx, const struct rx_frag *frag)
{
	return rx->buffers[frag->slot].page;
}

static void put_page_back(struct rx *rx, struct page *page)
{
	page_pool_put_full_page(rx->pool, page, true);
}

/* A slot's buffer was not used: to be offered again as it is. */
static void keep_buffer(struct rx *rx, unsigned int slot)
{
	rx->spare[rx->nr_spare++] = rx->buffers[slot];
	rx->buffers[slot].page = NULL;
}

/* Keep the buffers of all slots of a packet, but for those with its data. */
static void keep_others(struct rx *rx, const struct rx_packet *packet, unsigned int frags)
{
	unsigned int i, frag = 0;

	for (i = 0; i < packet->slots; i++) {
		unsigned int slot = (rx->ring.rsp_cons + i) & (RX_RING_SIZE - 1);

		if (frag < frags && packet->frag[frag].slot == slot)
			frag++;
		else
			keep_buffer(rx, slot);
	}
}

/* End the back end's access to a packet. False: it did not let go, the packet is lost. */
static bool take_pages(struct rx *rx, const struct rx_packet *packet, struct page **pages)
{
	bool good = true;
	unsigned int i;

	for (i = 0; i < packet->frags; i++) {
		struct rx_buffer *buffer = &rx->buffers[packet->frag[i].slot];

		pages[i] = buffer->page;
		good &= grefs_end(&rx->grefs, &rx->nr_grefs, buffer->gref);
		buffer->page = NULL;
	}
	if (good)
		return true;
	for (i = 0; i < packet->frags; i++)
		put_page_back(rx, pages[i]);
	return false;
}

static struct sk_buff *copy_packet(struct queue *q, const struct rx_packet *packet)
{
	const void *data = page_address(page_of(&q->rx, packet->frag)) + packet->frag[0].offset;
	struct sk_buff *skb = napi_alloc_skb(&q->napi, packet->len);

	if (likely(skb))
		copy_words(skb_put(skb, packet->len), data, packet->len);
	return skb;
}

/* A packet within one page that leaves room for the kernel's bookkeeping. */
static struct sk_buff *wrap_page(struct page *page, const struct rx_frag *frag)
{
	struct sk_buff *skb = napi_build_skb(page_address(page), PAGE_SIZE);

	if (likely(skb)) {
		skb_reserve(skb, frag->offset);
		skb_put(skb, frag->len);
		skb_mark_for_recycle(skb);
	}
	return skb;
}

/* Any packet: headers copied, the rest in place. */
static struct sk_buff *join_pages(struct queue *q, const struct rx_packet *packet,
				  struct page **pages)
{
	const struct rx_frag *first = &packet->frag[0];
	unsigned int pull = min_t(unsigned int, first->len, PULL), i;
	struct sk_buff *skb;

	if (packet->frags > MAX_SKB_FRAGS)
		pull = first->len;
	skb = napi_alloc_skb(&q->napi, max_t(unsigned int, pull, PULL));
	if (unlikely(!skb))
		return NULL;
	skb_mark_for_recycle(skb);
	copy_words(skb_put(skb, pull), page_address(pages[0]) + first->offset, pull);
	if (pull == first->len)
		put_page_back(&q->rx, pages[0]);
	else
		skb_add_rx_frag(skb, 0, pages[0], first->offset + pull, first->len - pull, PAGE_SIZE);
	for (i = 1; i < packet->frags; i++)
		skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, pages[i], packet->frag[i].offset,
				packet->frag[i].len, PAGE_SIZE);
	return skb;
}

static struct sk_buff *use_pages(struct queue *q, const struct rx_packet *packet)
{
	struct page *pages[RX_FRAGS_MAX];
	struct sk_buff *skb;
	unsigned int i;

	if (unlikely(!take_pages(&q->rx, packet, pages))) {
		q->stats->rx_granted++;
		return NULL;
	}
	if (packet->frags == 1 &&
	    packet->frag[0].offset + packet->len <= SKB_WITH_OVERHEAD(PAGE_SIZE))
		skb = wrap_page(pages[0], &packet->frag[0]);
	else
		skb = join_pages(q, packet, pages);
	if (likely(skb))
		return skb;
	q->stats->rx_no_memory++;
	for (i = 0; i < packet->frags; i++)
		put_page_back(&q->rx, pages[i]);
	return NULL;
}

/* Through the XDP program, if there is one. The packet's buffer stays. */
static struct sk_buff *try_xdp(struct queue *q, struct bpf_prog *prog,
			       const struct rx_packet *packet, bool *redirected)
{
	if (packet->frags > 1) {
		/* From before the back end knew that there is a program. */
		q->stats->xdp_drop++;
		return NULL;
	}
	return xdp_receive(q, prog,
			   page_address(page_of(&q->rx, packet->frag)) + packet->frag[0].offset,
			   packet->len, redirected);
}

/* Tell the stack what is known about a packet. False: it is malformed. */
static bool describe(struct queue *q, struct sk_buff *skb, const struct rx_packet *packet)
{
	struct rx_headers headers;

	/* Usually they are. */
	if (!pskb_may_pull(skb, min_t(unsigned int, skb->len, PULL)))
		return false;
	if (packet->csum_blank &&
	    !receive_headers(skb->data, skb_headlen(skb), packet, &headers))
		return false;
	skb->protocol = eth_type_trans(skb, q->nf->dev);
	if (packet->csum_blank) {
		if (!skb_partial_csum_set(skb, headers.l4 - ETH_HLEN, headers.checksum))
			return false;
	} else if (packet->data_validated) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	}
	if (packet->gso_type != XEN_NETIF_GSO_TYPE_NONE &&
	    packet->len > headers.end + packet->gso_size) {
		struct skb_shared_info *info = skb_shinfo(skb);

		info->gso_size = packet->gso_size;
		info->gso_type = packet->gso_type == XEN_NETIF_GSO_TYPE_TCPV4 ? SKB_GSO_TCPV4 :
										SKB_GSO_TCPV6;
		/* Whoever cuts it up looks at the headers first. */
		info->gso_type |= SKB_GSO_DODGY;
		info->gso_segs = 0;
	}
	if (packet->has_hash)
		skb_set_hash(skb, packet->hash,
			     packet->hash_type == _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP ||
					     packet->hash_type == _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP ?
				     PKT_HASH_TYPE_L4 :
				     PKT_HASH_TYPE_L3);
	skb_record_rx_queue(skb, q->id);
	return true;
}

/* One good packet, which is at the ring's consumer index. */
static void rx_packet(struct queue *q, struct bpf_prog *prog, const struct rx_packet *packet,
		      bool *redirected)
{
	bool copy = packet->frags == 1 && packet->len <= COPY_MAX;
	struct sk_buff *skb;

	if (prog) {
		skb = try_xdp(q, prog, packet, redirected);
		keep_others(&q->rx, packet, 0);
		if (!skb)
			return;
	} else if (copy) {
		skb = copy_packet(q, packet);
		keep_others(&q->rx, packet, 0);
		if (unlikely(!skb)) {
			q->stats->rx_no_memory++;
			return;
		}
		q->stats->rx_copied++;
	} else {
		keep_others(&q->rx, packet, packet->frags);
		skb = use_pages(q, packet);
		if (unlikely(!skb))
			return;
	}
	if (unlikely(!describe(q, skb, packet))) {
		q->stats->rx_malformed++;
		napi_consume_skb(skb, 1);
		return;
	}
	q->stats->rx_packets++;
	q->stats->rx_bytes += packet->len;
	napi_gro_receive(&q->napi, skb);
}

/**
 * rx_poll - receive packets
 *
 * Returns how many slots' worth of work it was, in packets; @budget: there may be more.
 * From NAPI.
 */
int rx_poll(struct queue *q, int budget)
{
	struct bpf_prog *prog = rcu_dereference_bh(q->nf->xdp_prog);
	struct xen_netif_rx_front_ring *ring = &q->rx.ring;
	RING_IDX prod = READ_ONCE(ring->sring->rsp_prod);
	bool redirected = false;
	int done = 0;

	if (unlikely(prod - ring->rsp_cons > ring->req_prod_pvt - ring->rsp_cons)) {
		netfront_fault(q->nf, "more packets than buffers");
		return 0;
	}
	virt_rmb(); /* the index before the responses */
	q->rx.seen = prod;
	while (ring->rsp_cons != prod && done < budget) {
		struct rx_packet packet;
		enum rx_verdict verdict;

		verdict = receive_packet((const union rx_slot *)ring->sring->ring, RX_RING_SIZE,
					 ring->rsp_cons, prod, &packet);
		if (verdict == RX_PARTIAL)
			break;
		if (unlikely(verdict == RX_BROKEN)) {
			netfront_fault(q->nf, packet.why);
			break;
		}
		if (likely(verdict == RX_GOOD)) {
			rx_packet(q, prog, &packet, &redirected);
		} else {
			q->stats->rx_malformed++;
			keep_others(&q->rx, &packet, 0);
		}
		ring->rsp_cons += packet.slots;
		done++;
	}
	if (redirected)
		xdp_do_flush();
	return done;
}

/* Have an event when there is more than was seen. Returns true if there is already. */
bool rx_arm(struct queue *q)
{
	struct xen_netif_rx_sring *sring = q->rx.ring.sring;

	sring->rsp_event = q->rx.seen + 1;
	virt_mb(); /* the event before a last look */
	return READ_ONCE(sring->rsp_prod) != q->rx.seen;
}

static bool fresh_buffer(struct queue *q, struct rx_buffer *buffer)
{
	struct rx *rx = &q->rx;

	if (unlikely(!rx->nr_grefs))
		return false;
	buffer->page = page_pool_dev_alloc_pages(rx->pool);
	if (unlikely(!buffer->page))
		return false;
	buffer->gref = gnttab_claim_grant_reference(&rx->grefs);
	rx->nr_grefs--;
	gnttab_page_grant_foreign_access_ref_one(buffer->gref, peer_domain(q->nf), buffer->page,
						 false);
	return true;
}

/**
 * rx_fill - offer buffers until the ring is full
 *
 * Returns false if memory ran out before there were some. From NAPI, or before it runs.
 */
bool rx_fill(struct queue *q)
{
	struct xen_netif_rx_front_ring *ring = &q->rx.ring;
	RING_IDX before = ring->req_prod_pvt;
	bool notify;

	while (ring->req_prod_pvt - ring->rsp_cons < RX_RING_SIZE) {
		unsigned int slot = ring->req_prod_pvt & (RX_RING_SIZE - 1);
		struct rx_buffer *buffer = &q->rx.buffers[slot];

		if (q->rx.nr_spare)
			*buffer = q->rx.spare[--q->rx.nr_spare];
		else if (!fresh_buffer(q, buffer))
			break;
		*RING_GET_REQUEST(ring, ring->req_prod_pvt++) = (struct xen_netif_rx_request){
			.id = slot,
			.gref = buffer->gref,
		};
	}
	if (ring->req_prod_pvt != before) {
		RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(ring, notify);
		/* Before there are interrupts the back end is not there either. */
		if (notify && q->rx.irq > 0)
			notify_remote_via_irq(q->rx.irq);
	}
	return ring->req_prod_pvt - ring->rsp_cons >= ENOUGH;
}

/* The ring, full of buffers. Returns 0 or a negative error; rx_destroy() follows anyway. */
int rx_create(struct queue *q)
{
	struct page_pool_params params = {
		.pool_size = RX_RING_SIZE,
		.nid = NUMA_NO_NODE,
		.dma_dir = DMA_FROM_DEVICE,
	};
	struct page_pool *pool = page_pool_create(&params);
	struct rx *rx = &q->rx;
	void *ring;
	int err;

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	rx->pool = pool;
	err = xenbus_setup_ring(q->nf->xdev, GFP_KERNEL, &ring, 1, &rx->ring_gref);
	if (err)
		return err;
	XEN_FRONT_RING_INIT(&rx->ring, (struct xen_netif_rx_sring *)ring, XEN_PAGE_SIZE);
	err = gnttab_alloc_grant_references(RX_RING_SIZE, &rx->grefs);
	if (err)
		return err;
	rx->nr_grefs = RX_RING_SIZE;
	return rx_fill(q) ? 0 : -ENOMEM;
}

static void free_buffer(struct rx *rx, struct rx_buffer *buffer)
{
	/* If the back end still uses it, the page is freed when it is done. */
	grefs_end(&rx->grefs, &rx->nr_grefs, buffer->gref);
	page_pool_put_full_page(rx->pool, buffer->page, false);
}

void rx_destroy(struct queue *q)
{
	struct rx *rx = &q->rx;
	void *ring = rx->ring.sring;
	unsigned int i;

	for (i = 0; i < RX_RING_SIZE; i++)
		if (rx->buffers[i].page)
			free_buffer(rx, &rx->buffers[i]);
	for (i = 0; i < rx->nr_spare; i++)
		free_buffer(rx, &rx->spare[i]);
	if (rx->nr_grefs)
		gnttab_free_grant_references(rx->grefs);
	if (ring)
		xenbus_teardown_ring(&ring, 1, &rx->ring_gref);
	if (rx->pool)
		page_pool_destroy(rx->pool);
}
