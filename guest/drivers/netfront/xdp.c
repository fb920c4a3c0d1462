// SPDX-License-Identifier: GPL-2.0-only
/*
 * XDP: programs that see packets first.
 *
 * A program may grow a packet at its front, and must see bytes that nobody changes under
 * it; a buffer of the ring offers neither. So each packet is copied into a fresh page, and
 * the buffer stays where it is, granted. That needs packets in one part: with a program
 * the back end is told that we take neither scatter-gather nor GSO, for which the device
 * connects anew.
 */
#include <linux/bpf_trace.h>

#include "netfront.h"

#define XDP_ROOM (SKB_WITH_OVERHEAD(PAGE_SIZE) - XDP_PACKET_HEADROOM)

/* Send a packet back to where it came from. */
static bool send_back(struct queue *q, const struct xdp_buff *xdp)
{
	struct netdev_queue *txq = tx_queue(q);
	bool sent = false;

	__netif_tx_lock(txq, smp_processor_id());
	if (!netif_xmit_frozen_or_drv_stopped(txq)) {
		txq_trans_cond_update(txq);
		sent = tx_frame(q, xdp->data, xdp->data_end - xdp->data);
		if (sent)
			tx_flush(q);
	}
	__netif_tx_unlock(txq);
	return sent;
}

static struct sk_buff *pass_on(struct queue *q, const struct xdp_buff *xdp)
{
	struct sk_buff *skb = napi_build_skb(xdp->data_hard_start, PAGE_SIZE);

	if (unlikely(!skb)) {
		q->stats->rx_no_memory++;
		return NULL;
	}
	skb_reserve(skb, xdp->data - xdp->data_hard_start);
	skb_put(skb, xdp->data_end - xdp->data);
	if (xdp->data > xdp->data_meta)
		skb_metadata_set(skb, xdp->data - xdp->data_meta);
	skb_mark_for_recycle(skb);
	return skb;
}

/**
 * xdp_receive - run the program over a packet
 * @data:	the packet, @len bytes; read once
 * @redirected:	set if xdp_do_flush() has to follow
 *
 * Returns the packet as the program left it, if it is to go on, or NULL. From NAPI.
 */
struct sk_buff *xdp_receive(struct queue *q, struct bpf_prog *prog, const void *data,
			    unsigned int len, bool *redirected)
{
	struct queue_stats *stats = q->stats;
	struct net_device *dev = q->nf->dev;
	struct sk_buff *skb = NULL;
	struct xdp_buff xdp;
	struct page *page;
	u32 action;

	page = len <= XDP_ROOM ? page_pool_dev_alloc_pages(q->rx.pool) : NULL;
	if (unlikely(!page)) {
		stats->rx_no_memory++;
		return NULL;
	}
	xdp_init_buff(&xdp, PAGE_SIZE, &q->rx.xdp);
	xdp_prepare_buff(&xdp, page_address(page), XDP_PACKET_HEADROOM, len, true);
	memcpy(xdp.data, data, len);
	action = bpf_prog_run_xdp(prog, &xdp);
	switch (action) {
	case XDP_PASS:
		skb = pass_on(q, &xdp);
		if (likely(skb))
			return skb;
		break;
	case XDP_TX:
		if (send_back(q, &xdp))
			stats->xdp_tx++;
		else
			stats->xdp_aborted++;
		break;
	case XDP_REDIRECT:
		if (xdp_do_redirect(dev, &xdp, prog) == 0) {
			stats->xdp_redirect++;
			*redirected = true;
			return NULL;
		}
		stats->xdp_aborted++;
		trace_xdp_exception(dev, prog, action);
		break;
	default:
		bpf_warn_invalid_xdp_action(dev, prog, action);
		fallthrough;
	case XDP_ABORTED:
		trace_xdp_exception(dev, prog, action);
		stats->xdp_aborted++;
		break;
	case XDP_DROP:
		stats->xdp_drop++;
		break;
	}
	page_pool_recycle_direct(q->rx.pool, page);
	return NULL;
}

/* ndo_xdp_xmit: frames that were redirected to here. */
int netfront_xdp_xmit(struct net_device *dev, int n, struct xdp_frame **frames, u32 flags)
{
	struct netfront *nf = netdev_priv(dev);
	struct netdev_queue *txq;
	struct queue *q;
	int i, sent = 0;

	if (flags & ~XDP_XMIT_FLAGS_MASK)
		return -EINVAL;
	/* Under RCU, for which netfront_detach() waits before the queues go. */
	if (!READ_ONCE(nf->connected) || READ_ONCE(nf->faulty))
		return -ENETDOWN;
	q = &nf->queues[smp_processor_id() % nf->nr_queues];
	txq = tx_queue(q);
	__netif_tx_lock(txq, smp_processor_id());
	if (!netif_xmit_frozen_or_drv_stopped(txq)) {
		txq_trans_cond_update(txq);
		for (; sent < n; sent++)
			if (frames[sent]->len > XEN_PAGE_SIZE || xdp_frame_has_frags(frames[sent]) ||
			    !tx_frame(q, frames[sent]->data, frames[sent]->len))
				break;
		q->stats->xdp_sent += sent;
		if (sent)
			tx_flush(q);
	}
	__netif_tx_unlock(txq);
	/* Copied; who calls frees those that were not sent. */
	for (i = 0; i < sent; i++)
		xdp_return_frame_rx_napi(frames[i]);
	return sent;
}

/* What programs are told about a queue. Returns 0 or a negative error. */
int xdp_attach_queue(struct queue *q)
{
	int err = xdp_rxq_info_reg(&q->rx.xdp, q->nf->dev, q->id, q->napi.napi_id);

	if (err)
		return err;
	return xdp_rxq_info_reg_mem_model(&q->rx.xdp, MEM_TYPE_PAGE_POOL, q->rx.pool);
}

static int xdp_setup(struct netfront *nf, struct netdev_bpf *bpf)
{
	struct bpf_prog *old = rtnl_dereference(nf->xdp_prog);

	if (bpf->prog && nf->dev->mtu > ETH_DATA_LEN) {
		NL_SET_ERR_MSG(bpf->extack, "XDP: the MTU may be 1500 at most");
		return -EOPNOTSUPP;
	}
	rcu_assign_pointer(nf->xdp_prog, bpf->prog);
	if (old)
		bpf_prog_put(old);
	if (nf->connected && nf->xdp_mode != !!bpf->prog)
		netfront_reconnect(nf);
	return 0;
}

/* ndo_bpf */
int netfront_bpf(struct net_device *dev, struct netdev_bpf *bpf)
{
	if (bpf->command != XDP_SETUP_PROG)
		return -EINVAL;
	return xdp_setup(netdev_priv(dev), bpf);
}
