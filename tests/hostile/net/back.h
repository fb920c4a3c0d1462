/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hostile network back end, in domain 0 in netback's place: what its files share.
 *
 * It connects to one front end and asks it by ARP for 10.0.0.2, to see whether its network
 * still works; and then does what it must not. back.c has the device and its rings,
 * back_cases.c what is done to them. The parameters are the front end's (front.h).
 */
#ifndef HOSTILE_BACK_H
#define HOSTILE_BACK_H

#include <linux/etherdevice.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include <xen/xenbus.h>
#include <xen/interface/io/netif.h>

#include "../hostile.h"

#include "frames.h"

enum { SLOTS = 256 };

union rx_slot {
	struct xen_netif_rx_response data;
	struct xen_netif_extra_info extra;
};

struct back {
	struct xenbus_device *xdev;
	bool open;
	struct xen_netif_tx_sring *tx;
	struct xen_netif_rx_sring *rx;
	struct xen_netif_ctrl_sring *control; /* NULL: there is none */
	int irq, control_irq;
	RING_IDX tx_cons, tx_prod; /* requests looked at; responses written */
	RING_IDX rx_cons;	   /* and the responses' */
	u8 *data;		   /* a page */
	bool replied;		   /* an ARP reply came */
	u16 last_id;		   /* of a request that was answered */
};

/* A key of ours in xenstore, other than usual. */
struct store_key {
	const char *name, *value;
};

extern struct back *back;

/* back.c */
enum xenbus_state front_state(struct back *b);
bool back_open(struct back *b, const struct store_key *keys, unsigned int nr);
void back_close(struct back *b);
bool back_reopen(struct back *b, const char *what);
bool back_works(struct back *b, const char *what);
bool copy_to(struct back *b, grant_ref_t gref, unsigned int offset, unsigned int bytes);
void serve(struct back *b);
void notify(struct back *b);

/* Slots of the receive ring; they are seen after push(). */
bool rx_room(struct back *b, unsigned int slots);
struct xen_netif_rx_response *respond(struct back *b, unsigned int offset, int status,
				      unsigned int flags);
struct xen_netif_extra_info *respond_extra(struct back *b, u8 type, u8 flags);
grant_ref_t next_buffer(struct back *b);
void push(struct back *b);

/* back_cases.c */
void run_receive(struct back *b);
void run_frames(struct back *b);
void run_rings(struct back *b);
void run_held(struct back *b);
void run_control(struct back *b);
void run_store(struct back *b);
void run_random(struct back *b, unsigned int seconds);

#endif
