/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hostile network front end, in a domU in netfront's place: what its files share.
 *
 * It speaks the protocol well enough to connect and to ask domain 0 by ARP whether its
 * network still works; and then does what it must not. front.c has the device and its
 * rings, front_tx.c what is wrong with packets, front_store.c with xenstore, the control
 * and the receive ring, front_random.c everything at random. tests/system/test_network_pair.py
 * says what to do by writing to the parameter "run", and reads "result".
 */
#ifndef HOSTILE_FRONT_H
#define HOSTILE_FRONT_H

#include <linux/etherdevice.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include <xen/xenbus.h>
#include <xen/interface/io/netif.h>

#include "frames.h"
#include "../hostile.h"

enum {
	SLOTS = 256,	/* of the rings */
	PAGES = 20,	/* with data to send */
	BUFFERS = 64,	/* to receive into */
	PATTERN = 0x5a,	/* what is in these before */
	VIFS = 2,
};

union slot {
	struct xen_netif_tx_request request;
	struct xen_netif_extra_info extra;
	u8 raw[12];
};

struct front {
	struct xenbus_device *xdev;
	unsigned int handle;
	u8 mac[ETH_ALEN];
	bool open;
	struct xen_netif_tx_sring *tx;
	struct xen_netif_rx_sring *rx;
	struct xen_netif_ctrl_sring *control;
	grant_ref_t tx_ref, rx_ref, control_ref;
	evtchn_port_t port, control_port;
	int irq, control_irq;
	RING_IDX tx_prod, tx_cons;	/* what we put in; what was answered */
	RING_IDX rx_prod, rx_cons;
	RING_IDX control_prod, control_cons;
	u8 *page[PAGES], *buffer[BUFFERS];
	grant_ref_t page_ref[PAGES], buffer_ref[BUFFERS];
	u16 last_id;
};

/* A key of ours in xenstore, other than usual; value NULL: it is missing. */
struct store_key {
	const char *name, *value;
};

extern struct front *fronts[VIFS];

/* Tell what went wrong. */
/* front.c */
bool front_open(struct front *f, const struct store_key *keys, unsigned int nr);
void front_close(struct front *f);
bool front_connected(struct front *f);
bool front_await(struct front *f, enum xenbus_state state, unsigned int seconds);
bool front_await_loss(struct front *f);
bool front_works(struct front *f, const char *what);
bool front_reopen(struct front *f, const char *what);
void offer_buffers(struct front *f);
bool receive(struct front *f, u8 *frame, unsigned int *bytes);

/* Slots of the transmit ring; they are seen after push(). */
union slot *next_slot(struct front *f);
void put(struct front *f, unsigned int page, unsigned int offset, unsigned int size,
	 unsigned int flags);
void put_ref(struct front *f, grant_ref_t gref, unsigned int offset, unsigned int size,
	     unsigned int flags);
struct xen_netif_extra_info *put_extra(struct front *f, u8 type, u8 flags);
void push(struct front *f);
bool answered(struct front *f);

/* front_tx.c, front_store.c, front_random.c */
void run_tx(struct front *f);
void run_frames(struct front *f);
void run_rings(struct front *f);
void run_short(struct front *f, struct front *to);
void run_store(struct front *f);
void run_control(struct front *f);
void run_receive(struct front *f);
void run_random(struct front *f, unsigned int seconds);

#endif
