/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A block front end that breaks the protocol, against an honest back end.
 *
 * front.c		its device: a ring as an honest front end has it, requests and answers
 * front_cases.c	all that is malformed, one after the other
 * front_random.c	the same at random, from a seed
 *
 * What it is about is chosen by unbinding a disk from its driver before this module is
 * loaded. It writes to the disk. "echo cases > .../parameters/run" then runs it, fails if
 * something failed, and parameters/result says in a line what came of it.
 */
#ifndef HOSTILE_BLOCK_FRONT_H
#define HOSTILE_BLOCK_FRONT_H

#include <linux/printk.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/interface/io/blkif.h>
#include <xen/page.h>
#include <xen/xenbus.h>

#include "../hostile.h"

enum {
	SLOT_BYTES = 112,
	SLOT_BYTES_32 = 108,
	RING_HEADER = 64,
	SLOTS = 32,
	DATA_PAGES = 11,
	BACK_PATIENCE = 20, /* seconds for what has to happen */
};

/* A key of ours in xenstore; value NULL: it is taken away. */
struct store_key {
	const char *name, *value;
};

struct front {
	struct xenbus_device *xdev;
	bool open;
	bool abi32; /* slots are laid out as a 32-bit front end has them */
	u8 *ring;
	grant_ref_t ring_ref;
	evtchn_port_t port;
	int irq;
	RING_IDX prod, cons;
	u64 sectors;
	u64 next_id;
	u8 *data[DATA_PAGES];
	grant_ref_t data_ref[DATA_PAGES];
	u8 *readonly; /* a page that the back end may only read */
	grant_ref_t readonly_ref;
	grant_ref_t unused_ref;	 /* ours, of no page */
	u8 *foreign;		 /* a page for another domain */
	grant_ref_t foreign_ref;
	struct blkif_request_segment *segments; /* a page of them */
	grant_ref_t segments_ref;
};

/* What goes into a slot, whatever its layout. */
struct ask {
	u8 op, nr; /* segments; of a discard flags, of an indirect request the inner operation */
	u16 nr_indirect;
	u64 sector, nr_sectors;
	grant_ref_t indirect;
	struct blkif_request_segment seg[BLKIF_MAX_SEGMENTS_PER_REQUEST];
};

/* front.c */
bool front_open(struct front *f, const struct store_key *keys, unsigned int nr);
bool front_try(struct front *f, const struct store_key *keys, unsigned int nr);
void front_close(struct front *f);
bool front_reopen(struct front *f, const char *what);
bool front_works(struct front *f, const char *what);
enum xenbus_state front_back_state(struct front *f);
bool front_await_loss(struct front *f);
struct blkif_sring *front_shared(struct front *f);
u8 *front_slot(struct front *f, RING_IDX index);
void front_put(struct front *f, const struct ask *ask);
void front_push(struct front *f);
int front_answer(struct front *f);
int front_ask(struct front *f, const struct ask *ask);
struct ask front_read(struct front *f);
bool front_renew_data(struct front *f, unsigned int n);

/* front_cases.c, front_random.c */
void run_cases(struct front *f);
void run_random(struct front *f, unsigned int seconds);

#endif
