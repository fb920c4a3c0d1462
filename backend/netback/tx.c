// SPDX-License-Identifier: GPL-2.0
/*
 * What the domain transmits, on its way to the network stack.
 *
 * A poll takes what is in the ring, at most the budget: each packet is parsed and gets a
 * buffer, then one hypercall copies them all, then all slots are answered, and at last the
 * packets go to the stack. So the front end has its slots back before anybody looks at the
 * packets, and its pages are never waited for.
 *
 * Packets lie in chunks of several pages. One that fits is all in the buffer's linear part.
 * Of others the headers are, and the rest lies in the chunk as it does in the domain's
 * pages: then each page is one copy, and the packet has few fragments. Chunks whose packets
 * are gone are used again, by this queue only.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include "netback.h"

enum {
	LINEAR_MAX = 1600,  /* bytes of a packet that has no fragments */
	HEADER_BYTES = 128, /* of the others that are linear, if it is we who choose */
	HEADER_MAX = 256,   /* if the front end does */
};

/* Where a packet's next byte goes. */
struct target {
	struct sk_buff *skb;
	unsigned int linear;	  /* bytes of the linear part that are free */
	unsigned int packet;	  /* number in the batch */
	bool fragment;		  /* the chunk's end is the packet's, too */
};

static struct page *chunk_alloc(void)
{
	gfp_t gfp = GFP_ATOMIC | __GFP_NOWARN;
	struct page *page = alloc_pages(gfp | __GFP_COMP | __GFP_NORETRY, CHUNK_ORDER);

	return page ?: alloc_page(gfp);
}

static unsigned int chunk_room(const struct tx *tx)
{
	struct page *page = tx->chunks[tx->chunk];

	return page ? page_size(page) - tx->chunk_at : 0;
}

/*
 * A chunk with something free. False: no memory. After the last byte of one the next is
 * that which was filled longest ago, if its packets are gone. Kernels that zero what they
 * allocate make a new one dear.
 */
static bool chunk_ready(struct tx *tx)
{
	struct page **next;

	if (chunk_room(tx))
		return true;
	tx->chunk = (tx->chunk + 1) % CHUNKS;
	tx->chunk_at = 0;
	next = &tx->chunks[tx->chunk];
	if (*next && page_ref_count(*next) > 1) {
		put_page(*next);
		*next = NULL;
	}
	if (!*next)
		*next = chunk_alloc();
	return *next;
}

/* Give the chunks back; those of their packets that are left keep them. */
void tx_release(struct tx *tx)
{
	unsigned int i;

	for (i = 0; i < CHUNKS; i++) {
		if (tx->chunks[i])
			put_page(tx->chunks[i]);
		tx->chunks[i] = NULL;
	}
}

/* A buffer with so many bytes of linear data, in a chunk. NULL: no memory. */
static struct sk_buff *linear_skb(struct tx *tx, unsigned int bytes)
{
	unsigned int size = SKB_DATA_ALIGN(NET_SKB_PAD + NET_IP_ALIGN + bytes) +
			    SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	struct sk_buff *skb;
	struct page *chunk;

	tx->chunk_at = ALIGN(tx->chunk_at, SMP_CACHE_BYTES);
	if (chunk_room(tx) < size) {
		tx->chunk_at += chunk_room(tx);
		if (!chunk_ready(tx))
			return NULL;
	}
	chunk = tx->chunks[tx->chunk];
	skb = napi_build_skb(page_address(chunk) + tx->chunk_at, size);
	if (!skb)
		return NULL;
	get_page(chunk);
	tx->chunk_at += size;
	skb_reserve(skb, NET_SKB_PAD + NET_IP_ALIGN);
	return skb;
}

/* The chunk's next byte shall have this offset in its page. */
static void chunk_align(struct tx *tx, unsigned int offset)
{
	unsigned int skip = (offset - tx->chunk_at) & (XEN_PAGE_SIZE - 1);

	tx->chunk_at += min(skip, chunk_room(tx));
}

/*
 * Where up to bytes go, contiguous in a page: their number, and the place. 0: there is no
 * memory.
 */
static unsigned int place(struct tx *tx, struct target *t, unsigned int bytes,
			  unsigned long *gfn, unsigned int *offset)
{
	struct skb_shared_info *shared = skb_shinfo(t->skb);
	unsigned int n = shared->nr_frags;
	struct page *chunk;

	if (t->linear) {
		u8 *at = skb_tail_pointer(t->skb);

		*gfn = virt_to_gfn(at);
		*offset = xen_offset_in_page(at);
		bytes = min3(bytes, t->linear, (unsigned int)XEN_PAGE_SIZE - *offset);
		t->linear -= bytes;
		skb_put(t->skb, bytes);
		return bytes;
	}
	if (!chunk_room(tx)) {
		t->fragment = false;
		if (!chunk_ready(tx))
			return 0;
	}
	chunk = tx->chunks[tx->chunk];
	*gfn = pfn_to_gfn(page_to_pfn(chunk) + (tx->chunk_at >> PAGE_SHIFT));
	*offset = xen_offset_in_page(tx->chunk_at);
	bytes = min(bytes, (unsigned int)XEN_PAGE_SIZE - *offset);
	if (!t->fragment) {
		if (n == MAX_SKB_FRAGS)
			return 0;
		get_page(chunk);
		skb_add_rx_frag(t->skb, n, chunk, tx->chunk_at, bytes, bytes);
		t->fragment = true;
	} else {
		skb_coalesce_rx_frag(t->skb, n - 1, bytes, bytes);
	}
	tx->chunk_at += bytes;
	return bytes;
}

/* Collect the copies of one part of a packet. False: no memory. */
static bool copy_part(struct queue *queue, struct target *t, grant_ref_t gref,
		      unsigned int offset, unsigned int size)
{
	struct tx *tx = &queue->tx;

	while (size) {
		unsigned int to_offset, bytes;
		struct gnttab_copy *op;
		unsigned long gfn;

		bytes = place(tx, t, size, &gfn, &to_offset);
		if (bytes == 0)
			return false;
		op = copies_next(&tx->copies, t->packet);
		op->flags = GNTCOPY_source_gref;
		op->source.u.ref = gref;
		op->source.domid = queue->vif->dev->otherend_id;
		op->source.offset = offset;
		op->dest.u.gmfn = gfn;
		op->dest.domid = DOMID_SELF;
		op->dest.offset = to_offset;
		op->len = bytes;
		offset += bytes;
		size -= bytes;
	}
	return true;
}

/* How much of a packet is linear. */
static unsigned int linear_bytes(const struct tx_packet *packet)
{
	if (packet->size <= LINEAR_MAX)
		return packet->size;
	if (packet->first_size >= HEADER_BYTES / 2 && packet->first_size <= HEADER_MAX)
		return packet->first_size;
	return HEADER_BYTES;
}

/* A buffer for a packet, and the copies into it; NULL: no memory. */
static struct sk_buff *build(struct queue *queue, struct tx_work *work, unsigned int number)
{
	const struct tx_packet *packet = &work->packet;
	struct target t = { .linear = linear_bytes(packet), .packet = number };
	unsigned int size = packet->first_size, part = 0, left = packet->size;
	struct tx *tx = &queue->tx;

	t.skb = linear_skb(tx, t.linear);
	if (!t.skb)
		return NULL;
	while (left) {
		unsigned int slot = work->at + tx_part_slot(packet, part++);
		const struct xen_netif_tx_request *request = &tx->slots[slot].request;

		if (part > 1)
			size = request->size;
		if (!t.linear && !t.fragment && left > 2 * XEN_PAGE_SIZE)
			chunk_align(tx, request->offset);
		if (!copy_part(queue, &t, request->gref, request->offset, size)) {
			/* The copies that were collected have where to go until they are done. */
			tx->copies.failed |= BIT_ULL(number);
			return t.skb;
		}
		left -= size;
	}
	return t.skb;
}

/* The headers that segmentation needs are there, and are what the front end said. */
static bool setup_gso(struct sk_buff *skb, const struct tx_packet *packet)
{
	bool v4 = packet->gso_type == XEN_NETIF_GSO_TYPE_TCPV4;
	unsigned int headers = skb_transport_offset(skb) + sizeof(struct tcphdr);
	struct skb_shared_info *shared;

	if (skb->protocol != htons(v4 ? ETH_P_IP : ETH_P_IPV6) ||
	    skb->csum_offset != offsetof(struct tcphdr, check) || !pskb_may_pull(skb, headers))
		return false;
	if (tcp_hdr(skb)->doff < 5)
		return false;
	headers = skb_transport_offset(skb) + tcp_hdrlen(skb);
	if (!pskb_may_pull(skb, headers) || skb->len <= headers)
		return false;
	if (skb->len - headers <= packet->gso_size)
		return true;
	shared = skb_shinfo(skb);
	shared->gso_size = packet->gso_size;
	shared->gso_segs = DIV_ROUND_UP(skb->len - headers, packet->gso_size);
	/* Whoever relies on more than was looked at here looks again. */
	shared->gso_type = (v4 ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6) | SKB_GSO_DODGY;
	return true;
}

/* Checksum and segmentation; skb's protocol is known. False: the packet is malformed. */
static bool setup_offload(struct sk_buff *skb, const struct tx_packet *packet)
{
	bool blank = packet->flags & XEN_NETTXF_csum_blank;

	skb_reset_network_header(skb);
	if (blank || packet->gso_size) {
		skb->ip_summed = CHECKSUM_PARTIAL;
		/* A sum that was made for the whole packet becomes that of its pseudo-header. */
		if (skb_checksum_setup(skb, !blank))
			return false;
		return !packet->gso_size || setup_gso(skb, packet);
	}
	if (packet->flags & XEN_NETTXF_data_validated)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	return true;
}

static bool spoofed(struct vif *vif, struct sk_buff *skb)
{
	const struct spoof *spoof;
	unsigned int bytes = min_t(unsigned int, skb->len, SPOOF_HEADER_MAX);
	bool allowed = true;

	rcu_read_lock();
	spoof = rcu_dereference(vif->spoof);
	if (spoof)
		allowed = pskb_may_pull(skb, bytes) && spoof_allowed(spoof, skb->data, bytes);
	rcu_read_unlock();
	return !allowed;
}

/* Only TCP's packets can be joined: for others the stack's attempt is wasted. */
static bool joinable(const struct sk_buff *skb)
{
	if (skb_is_gso(skb))
		return false;
	if (skb->protocol == htons(ETH_P_IP))
		return skb_headlen(skb) >= sizeof(struct iphdr) && ip_hdr(skb)->protocol == IPPROTO_TCP;
	return skb->protocol == htons(ETH_P_IPV6) && skb_headlen(skb) >= sizeof(struct ipv6hdr) &&
	       ipv6_hdr(skb)->nexthdr == IPPROTO_TCP;
}

/* A packet whose bytes are all there goes to the stack. */
static void deliver(struct queue *queue, struct tx_work *work)
{
	struct queue_stats *stats = &queue->tx.stats;
	struct sk_buff *skb = work->skb;

	if (spoofed(queue->vif, skb)) {
		stats->spoofed++;
		goto drop;
	}
	stats->packets++;
	stats->bytes += skb->len;
	skb->protocol = eth_type_trans(skb, queue->vif->net);
	if (eth_type_vlan(skb->protocol)) {
		skb = skb_vlan_untag(skb);
		if (!skb) {
			stats->malformed++;
			return;
		}
	}
	if (!setup_offload(skb, &work->packet)) {
		stats->malformed++;
		goto drop;
	}
	if (work->packet.hashed)
		skb_set_hash(skb, work->packet.hash,
			     work->packet.hash_l4 ? PKT_HASH_TYPE_L4 : PKT_HASH_TYPE_L3);
	skb_record_rx_queue(skb, queue->id);
	stats->gso += skb_is_gso(skb);
	if (joinable(skb))
		napi_gro_receive(&queue->tx.napi, skb);
	else
		netif_receive_skb(skb);
	return;
drop:
	kfree_skb(skb);
}

/* The list of multicast addresses changes. */
static s16 change_multicast(struct vif *vif, const struct tx_packet *packet)
{
	if (packet->mcast_del)
		multicast_remove(&vif->multicast, packet->mcast_addr);
	else if (!multicast_add(&vif->multicast, packet->mcast_addr))
		return XEN_NETIF_RSP_ERROR;
	return XEN_NETIF_RSP_OKAY;
}

/* May the next packet go? If not, a timer goes on when it may. */
static bool have_credit(struct queue *queue, unsigned int bytes)
{
	struct vif *vif = queue->vif;
	u64 wait;

	if (!READ_ONCE(vif->credit.bytes))
		return true;
	spin_lock(&vif->credit_lock);
	wait = credit_wait(&vif->credit, ktime_get_ns());
	if (!wait)
		credit_pay(&vif->credit, bytes);
	spin_unlock(&vif->credit_lock);
	if (!wait)
		return true;
	queue->tx.stats.throttled++;
	WRITE_ONCE(queue->tx.throttled, true);
	mod_timer(&queue->tx.credit_timer, jiffies + nsecs_to_jiffies(wait) + 1);
	return false;
}

void tx_credit_timer(struct timer_list *timer)
{
	struct tx *tx = container_of(timer, struct tx, credit_timer);

	WRITE_ONCE(tx->throttled, false);
	napi_schedule(&tx->napi);
}

/* Read the slots that are waiting, once. Their number; 0 too if the ring is bad. */
static unsigned int take_slots(struct queue *queue)
{
	struct tx *tx = &queue->tx;
	unsigned int pending = READ_ONCE(tx->ring.sring->req_prod) - tx->ring.req_cons;
	unsigned int i;

	if (pending > RING_SLOTS) {
		vif_break(queue->vif, "more requests in the transmit ring than it has slots");
		return 0;
	}
	virt_rmb(); /* the index before the slots */
	for (i = 0; i < pending; i++)
		RING_COPY_REQUEST(&tx->ring, tx->ring.req_cons + i, &tx->slots[i].request);
	return pending;
}

/* Parse packets, and collect what is to be copied. Their number; slots that they have. */
static unsigned int take_packets(struct queue *queue, unsigned int max, unsigned int *nr_slots)
{
	struct tx *tx = &queue->tx;
	unsigned int pending = take_slots(queue), at = 0, n;

	for (n = 0; n < max && at < pending; n++) {
		struct tx_work *work = &tx->work[n];

		work->at = at;
		work->skb = NULL;
		work->status = XEN_NETIF_RSP_ERROR;
		if (tx_parse(&tx->slots[at], pending - at, &work->packet)) {
			vif_break(queue->vif, "a packet in the transmit ring has no end");
			break;
		}
		if (work->packet.verdict == TX_SEND) {
			if (!have_credit(queue, work->packet.size))
				break;
			work->skb = build(queue, work, n);
			if (!work->skb)
				tx->stats.dropped++;
		} else if (work->packet.verdict == TX_MULTICAST) {
			work->status = change_multicast(queue->vif, &work->packet);
		} else {
			tx->stats.malformed++;
		}
		at += work->packet.nr_slots;
	}
	*nr_slots = at;
	return n;
}

static void respond(struct tx *tx, const struct tx_work *work)
{
	unsigned int i;

	for (i = 0; i < work->packet.nr_slots; i++) {
		struct xen_netif_tx_response *response =
			RING_GET_RESPONSE(&tx->ring, tx->ring.rsp_prod_pvt++);
		bool extra = i && i <= work->packet.nr_extras;

		response->id = tx->slots[work->at + i].request.id;
		response->status = extra ? XEN_NETIF_RSP_NULL : work->status;
	}
}

static unsigned int process(struct queue *queue, unsigned int max)
{
	struct tx *tx = &queue->tx;
	unsigned int n, i, nr_slots;
	bool notify;

	tx->copies.failed = 0;
	n = take_packets(queue, max, &nr_slots);
	copies_run(&tx->copies);
	for (i = 0; i < n; i++) {
		struct tx_work *work = &tx->work[i];

		if (work->skb && tx->copies.failed & BIT_ULL(i)) {
			kfree_skb(work->skb);
			work->skb = NULL;
			tx->stats.copy_errors++;
		} else if (work->skb) {
			work->status = XEN_NETIF_RSP_OKAY;
		}
		respond(tx, work);
	}
	if (n == 0)
		return 0;
	tx->ring.req_cons += nr_slots;
	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&tx->ring, notify);
	if (notify) {
		notify_remote_via_irq(tx->line->irq);
		tx->stats.notifications++;
	}
	tx->stats.batches++;
	for (i = 0; i < n; i++)
		if (tx->work[i].skb)
			deliver(queue, &tx->work[i]);
	return n;
}

int tx_poll(struct napi_struct *napi, int budget)
{
	struct queue *queue = container_of(napi, struct queue, tx.napi);
	struct tx *tx = &queue->tx;
	unsigned int work = 0;
	int more;

	if (budget == 0)
		return 0;
	if (!READ_ONCE(queue->vif->broken) && !READ_ONCE(tx->throttled))
		work = process(queue, min(budget, PACKETS_MAX));
	if (work == min(budget, PACKETS_MAX))
		return budget;
	if (!napi_complete_done(napi, work))
		return work;
	if (!READ_ONCE(queue->vif->broken) && !READ_ONCE(tx->throttled)) {
		RING_FINAL_CHECK_FOR_REQUESTS(&tx->ring, more);
		if (more) {
			napi_schedule(napi);
			return work;
		}
	}
	line_done(tx->line, OWED_TX);
	return work;
}
