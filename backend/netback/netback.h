/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The network back end: what its files share. A front end's interface is a vif
 * (xenbus.c), which is a network device here (interface.c) and has queues (queue.c). In
 * each there are two rings: tx is what the domain transmits (tx.c), rx what it receives
 * (rx.c). All data is copied by the hypervisor (copy.c): no page of a domain is ever
 * mapped here, and nothing of a packet changes once it was looked at.
 *
 * Each ring belongs to its NAPI context. A vif's connection (queues, control ring) is made
 * and taken down under its mutex, and where the network stack may look, under the RTNL.
 */
#ifndef NETBACK_H
#define NETBACK_H

#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/xenbus.h>
#include <xen/interface/io/netif.h>
#include "credit.h"
#include "hash.h"
#include "parse.h"
#include "spoof.h"

enum {
	RING_SLOTS = 256,      /* of each ring: what fits in a page */
	PACKETS_MAX = 64,      /* in a batch: NAPI_POLL_WEIGHT */
	COPIES_MAX = 256,      /* in a hypercall */
	MULTICAST_MAX = 64,    /* addresses in a vif's list */
	CHUNK_ORDER = 3,       /* pages for received data are taken so many at a time */
	CHUNKS = 16,	       /* that a queue keeps */
	RX_BACKLOG = 256,      /* slots that packets may wait for before the queue is stopped */
	RX_SLOTS_MAX = 18,     /* of a packet: what front ends take */
	RX_STALL_MS = 1000,    /* so long a packet waits for slots */
};

/* copy.c: bytes that the hypervisor is to copy, for several packets at once. */
struct copies {
	unsigned int nr;
	u64 failed; /* a bit a packet */
	struct gnttab_copy op[COPIES_MAX];
	u8 packet[COPIES_MAX];
};

struct gnttab_copy *copies_next(struct copies *copies, unsigned int packet);
void copies_run(struct copies *copies);

struct queue_stats {
	u64 packets, bytes, gso, batches, notifications;
	u64 dropped;   /* for want of memory, or of slots */
	u64 malformed, spoofed, copy_errors;
	u64 stalls, throttled;
};

/* An event channel of a queue's. It stays masked until all who owe it have paid. */
enum { OWED_TX = 1, OWED_RX = 2 };

struct line {
	int irq; /* 0: none */
	atomic_t owed;
	bool useful; /* the event came with requests */
};

struct tx_work {
	struct tx_packet packet;
	struct sk_buff *skb; /* NULL: nothing is sent */
	unsigned int at;     /* its first slot, in slots */
	s16 status;
};

struct rx_slot {
	u16 id;
	grant_ref_t gref;
	u16 flags, offset, size;
	bool extra; /* not data, but this: */
	struct xen_netif_extra_info info;
};

struct rx_work {
	struct sk_buff *skb;
	unsigned int at, nr; /* in slots */
};

struct tx {
	struct napi_struct napi;
	struct xen_netif_tx_back_ring ring;
	RING_IDX event_at; /* requests that there were at the last event */
	struct line *line;
	struct timer_list credit_timer;
	bool throttled; /* it waits for credit_timer */
	struct page *chunks[CHUNKS]; /* in the order of their use; NULL: none yet */
	unsigned int chunk;	     /* the one where the next bytes go, from here on: */
	unsigned int chunk_at;
	struct queue_stats stats;
	struct copies copies;
	struct tx_work work[PACKETS_MAX];
	union tx_slot slots[RING_SLOTS];
};

struct rx {
	struct napi_struct napi;
	struct xen_netif_rx_back_ring ring;
	RING_IDX event_at; /* requests that there were at the last event */
	struct line *line;
	struct sk_buff_head backlog; /* its lock is for these: */
	unsigned int backlog_slots;
	bool stopped; /* the stack's queue is */
	bool blocked; /* the ring has not enough slots */
	bool stalled; /* nor has it had for too long: packets are dropped */
	struct timer_list stall_timer;
	struct queue_stats stats;
	struct copies copies;
	struct rx_work work[PACKETS_MAX];
	struct rx_slot slots[RING_SLOTS];
};

struct vif;

struct queue {
	struct vif *vif;
	unsigned int id;
	struct line lines[2]; /* tx and rx, or one for both */
	bool running;
	struct tx tx;
	struct rx rx;
};

struct multicast {
	spinlock_t lock;
	bool requested; /* only what is in the list passes */
	unsigned int nr;
	u8 addresses[MULTICAST_MAX][ETH_ALEN];
};

struct control {
	struct xen_netif_ctrl_back_ring ring;
	int irq; /* 0: there is no control ring */
	struct work_struct work;
	bool useful; /* the event came with requests; the work's */
};

struct config_watch {
	struct xenbus_watch watch;
	struct vif *vif;
	bool registered;
};

enum { NR_WATCHES = 7 };

struct vif {
	struct xenbus_device *dev;
	struct net_device *net;
	unsigned int handle;
	char label[32]; /* vif1.0, however the interface is called now */

	struct mutex lock; /* of the connection */
	enum xenbus_state front_state;
	bool connected;
	unsigned long broken; /* bit 0 */
	bool script; /* somebody plugs the interface in, and tells so */
	struct work_struct break_work, config_work;
	struct config_watch watches[NR_WATCHES];

	struct rtnl_link_stats64 past; /* of queues that are gone */
	struct queue **queues;	       /* nr_queues_max */
	unsigned int nr_queues, nr_queues_max;
	netdev_features_t front_features; /* of NETIF_F_*, what the front end takes */
	unsigned int xdp_headroom;

	spinlock_t credit_lock;
	struct credit credit;
	struct spoof __rcu *spoof; /* NULL: domains may send as who they like */
	struct hash __rcu *hash;   /* NULL: none was asked for */
	struct multicast multicast;
	struct control control;
};

/* interface.c */
struct net_device *interface_create(struct xenbus_device *dev, unsigned int handle,
				    unsigned int nr_queues);
void interface_start(struct vif *vif);
void interface_stop(struct vif *vif);
void vif_break(struct vif *vif, const char *why);

/* queue.c */
struct queue *queue_create(struct vif *vif, unsigned int id, grant_ref_t tx_ref,
			   grant_ref_t rx_ref, evtchn_port_t tx_port, evtchn_port_t rx_port);
void queue_destroy(struct queue *queue);
void queue_start(struct queue *queue);
void queue_stop(struct queue *queue);
void line_done(struct line *line, int who);

/* tx.c */
int tx_poll(struct napi_struct *napi, int budget);
void tx_credit_timer(struct timer_list *timer);
void tx_release(struct tx *tx);

/* rx.c */
int rx_poll(struct napi_struct *napi, int budget);
netdev_tx_t rx_transmit(struct queue *queue, struct sk_buff *skb);
void rx_stall_timer(struct timer_list *timer);
void rx_purge(struct queue *queue);

/* control.c */
int control_connect(struct vif *vif, grant_ref_t ref, evtchn_port_t port);
void control_disconnect(struct vif *vif);
int vif_hash(struct vif *vif, struct sk_buff *skb, u32 *value);

/* multicast.c */
bool multicast_add(struct multicast *multicast, const u8 *address);
void multicast_remove(struct multicast *multicast, const u8 *address);
bool multicast_passes(struct multicast *multicast, const u8 *address);

/* stats.c */
extern const struct ethtool_ops vif_ethtool_ops;
void vif_keep_stats(struct vif *vif, const struct queue *queue);
void vif_get_stats64(struct net_device *net, struct rtnl_link_stats64 *stats);

#endif
