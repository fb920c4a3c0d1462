/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * netfront: the front end of Xen's virtual network interfaces.
 *
 * A device (struct netfront) is a network interface. While it is connected to a back
 * end it has queues, each a transmit and a receive ring of 256 slots. Which file does
 * what:
 *
 *	xenbus.c	finding the device, agreeing with the back end, every change of state
 *	device.c	the network interface: what the kernel's stack asks for
 *	queue.c		a queue's rings, buffers, interrupts and polling
 *	tx.c, rx.c	packets out and in
 *	receive.c	what the back end says about a packet, checked
 *	xdp.c		XDP programs
 *	multicast.c	which multicast packets the back end lets through
 *	control.c	the control ring: how the back end spreads packets over queues
 *	ethtool.c	statistics, and the hash's settings
 *
 * Locks: the RTNL is held to connect and disconnect, so who holds it sees either. The
 * stack's lock of a transmit queue (__netif_tx_lock) guards struct tx. struct rx is
 * NAPI's. The control ring has a mutex.
 */
#ifndef NETFRONT_H
#define NETFRONT_H

#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/version.h>
#include <net/xdp.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include <xen/xen.h>
#include <xen/xenbus.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#include <net/page_pool.h>
#else
#include <net/page_pool/helpers.h>
#endif

#include "receive.h"

#define TX_RING_SIZE __CONST_RING_SIZE(xen_netif_tx, XEN_PAGE_SIZE)
#define RX_RING_SIZE __CONST_RING_SIZE(xen_netif_rx, XEN_PAGE_SIZE)

/* The most slots one packet takes: its parts, and an extra. */
#define TX_PACKET_MAX (XEN_NETIF_NR_SLOTS_MIN + 1)

#define HASH_KEY_SIZE 40
#define HASH_TABLE_MAX 128

/* Of a queue; only its owner writes them. ethtool.c names them, in this order. */
struct queue_stats {
	u64 rx_packets, rx_bytes;
	u64 rx_copied;		/* small, so that the buffer stays in place */
	u64 rx_malformed;	/* dropped: not what the protocol allows */
	u64 rx_no_memory;
	u64 rx_granted;		/* dropped: the back end had not let go of the buffer */
	u64 tx_packets, tx_bytes;
	u64 tx_copied;		/* packets that were copied as a whole */
	u64 tx_errors;		/* the back end said so, or did not take it */
	u64 tx_stopped;
	u64 xdp_drop, xdp_tx, xdp_redirect, xdp_aborted;
	u64 xdp_sent;		/* frames redirected to here */
};

#define QUEUE_STATS (sizeof(struct queue_stats) / sizeof(u64))

enum tx_use {
	TX_FREE,
	TX_COPIED,	/* what is sent lies in the id's own buffer */
	TX_GRANTED,	/* it lies in a page of skb */
	TX_MULTICAST,	/* no packet: changes the multicast filter */
};

/* What a request in flight holds; its index is the request's id. */
struct tx_request {
	enum tx_use use;
	grant_ref_t gref;	/* TX_GRANTED */
	struct sk_buff *skb;	/* TX_GRANTED */
	struct page *buffer;	/* granted to the back end, read-only, all the time */
	grant_ref_t buffer_gref;
};

struct tx {
	struct xen_netif_tx_front_ring ring;
	struct tx_request requests[TX_RING_SIZE];
	u16 free[TX_RING_SIZE];	/* ids, a stack */
	unsigned int nr_free;
	unsigned int held;	/* requests that the back end's answer frees something of */
	unsigned int extras;	/* in flight: slots that are no requests */
	grant_ref_t grefs;	/* a list of spare references */
	unsigned int nr_grefs;
	bool armed;		/* an interrupt comes once the answers reach .event */
	RING_IDX event;
	grant_ref_t ring_gref;
	evtchn_port_t port;
	int irq;
	RING_IDX eoi_cons;	/* where the answers were at the last interrupt */
};

struct rx_buffer {
	struct page *page;	/* NULL: none */
	grant_ref_t gref;
};

struct rx {
	struct xen_netif_rx_front_ring ring;
	struct rx_buffer buffers[RX_RING_SIZE];	/* by slot */
	struct rx_buffer spare[RX_RING_SIZE];	/* granted, and to be offered again */
	unsigned int nr_spare;
	struct page_pool *pool;
	grant_ref_t grefs;
	unsigned int nr_grefs;
	struct xdp_rxq_info xdp;
	RING_IDX seen;	/* responses up to here were there at the last look */
	struct timer_list refill;	/* after memory ran out */
	grant_ref_t ring_gref;
	evtchn_port_t port;
	int irq;
	RING_IDX eoi_cons;
};

struct queue {
	struct netfront *nf;
	unsigned int id;
	struct napi_struct napi;
	struct queue_stats *stats;
	unsigned long events;	/* interrupts not yet acknowledged: EVENT_* */
	struct tx tx;
	struct rx rx;
};

enum { EVENT_TX, EVENT_RX };

/* What the back end can do, or what we agreed on. */
struct features {
	bool sg, csum, csum6, tso, tso6, split_events, control, multicast;
	unsigned int max_queues;
};

struct control {
	struct xen_netif_ctrl_front_ring ring;
	grant_ref_t ring_gref;
	evtchn_port_t port;
	int irq;
	bool connected;
	bool event;		/* not yet acknowledged */
	u16 id;			/* of the request under way */
	struct mutex mutex;
	wait_queue_head_t answered;
	struct work_struct work;	/* tell the back end what is wanted */
	/* What is wanted: */
	u8 key[HASH_KEY_SIZE];
	u32 table[HASH_TABLE_MAX];
	bool custom_table;
};

struct netfront {
	struct xenbus_device *xdev;
	struct net_device *dev;
	struct features peer;
	bool trusted;		/* the back end may see all of a page with a packet in it */
	bool deceived;		/* it once kept a page: never to be trusted again */
	bool connected;		/* there are queues */
	bool xdp_mode;		/* queues were set up for XDP: packets in one part only */
	unsigned long faulty;	/* bit 0: the back end broke the protocol */
	struct work_struct fault_work;
	struct delayed_work notify_work;
	unsigned int notifications;	/* to be sent yet */
	struct queue *queues;
	unsigned int nr_queues;
	struct bpf_prog __rcu *xdp_prog;
	struct control control;
	bool all_multicast;	/* the back end's filter is off */
	struct work_struct multicast_work;
	unsigned int max_queues;
	struct queue_stats *stats;	/* of each queue; they outlive the queues */
};

/* xenbus.c */
void netfront_fault(struct netfront *nf, const char *what);
void netfront_reconnect(struct netfront *nf);

/* device.c */
struct net_device *netfront_create(struct xenbus_device *xdev);
void netfront_destroy(struct netfront *nf);
int netfront_attach(struct netfront *nf);
void netfront_detach(struct netfront *nf);

/* queue.c */
int queues_create(struct netfront *nf, unsigned int count);
void queues_destroy(struct netfront *nf);
void queue_start(struct queue *q);
void queue_stop(struct queue *q);
void grefs_put(grant_ref_t *grefs, unsigned int *count, grant_ref_t gref);
bool grefs_end(grant_ref_t *grefs, unsigned int *count, grant_ref_t gref);

/* tx.c */
int tx_create(struct queue *q);
void tx_destroy(struct queue *q);
netdev_tx_t tx_xmit(struct sk_buff *skb, struct net_device *dev);
void tx_poll(struct queue *q);
bool tx_frame(struct queue *q, const void *data, unsigned int len);
bool tx_multicast(struct queue *q, const u8 *address, bool add);
void tx_flush(struct queue *q);

/* rx.c */
int rx_create(struct queue *q);
void rx_destroy(struct queue *q);
int rx_poll(struct queue *q, int budget);
bool rx_fill(struct queue *q);
bool rx_arm(struct queue *q);

/* xdp.c */
struct sk_buff *xdp_receive(struct queue *q, struct bpf_prog *prog, const void *data,
			    unsigned int len, bool *redirected);
int xdp_attach_queue(struct queue *q);
int netfront_bpf(struct net_device *dev, struct netdev_bpf *bpf);
int netfront_xdp_xmit(struct net_device *dev, int n, struct xdp_frame **frames, u32 flags);

/* multicast.c */
void multicast_init(struct netfront *nf);
void multicast_update(struct net_device *dev);
void multicast_replay(struct netfront *nf);
void multicast_failed(struct netfront *nf);

/* control.c */
void control_init(struct netfront *nf);
int control_create(struct netfront *nf);
void control_destroy(struct netfront *nf);

/* ethtool.c */
extern const struct ethtool_ops netfront_ethtool_ops;

/* As memcpy(), for a packet at most. */
static inline void copy_words(void *to, const void *from, unsigned int len)
{
	if (len >= 128) {
		unsigned long words = len / 8;

		asm volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
		len %= 8;
	}
	for (; len >= 8; len -= 8, to += 8, from += 8)
		put_unaligned(get_unaligned((const u64 *)from), (u64 *)to);
	for (; len; len--)
		*(u8 *)to++ = *(const u8 *)from++;
}

static inline domid_t peer_domain(const struct netfront *nf)
{
	return nf->xdev->otherend_id;
}

static inline struct netdev_queue *tx_queue(const struct queue *q)
{
	return netdev_get_tx_queue(q->nf->dev, q->id);
}

#endif
