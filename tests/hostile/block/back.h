/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A block back end that breaks the protocol, against an honest front end.
 *
 * back.c	its device: a disk in memory, served as an honest back end does
 * back_cases.c	all that is malformed, one after the other; and at random, from a seed
 *
 * It takes the vbd that was unbound from its driver before this module is loaded. A front
 * end that was lied to gives the disk up for good, so somebody in its domain has to bind
 * the driver again whenever the device is Closed; and has to use the disk all the time.
 */
#ifndef HOSTILE_BLOCK_BACK_H
#define HOSTILE_BLOCK_BACK_H

#include <linux/printk.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/interface/io/blkif.h>
#include <xen/page.h>
#include <xen/xenbus.h>

#include "../hostile.h"

enum {
	DISK_BYTES = 1 << 20,
	DISK_SECTORS = DISK_BYTES / 512,
	BACK_PATIENCE = 30, /* seconds for what has to happen */
};

/* A key of ours in xenstore; value NULL: it is taken away. */
struct store_key {
	const char *name, *value;
};

struct back {
	struct xenbus_device *xdev;
	bool open;
	struct blkif_sring *shared;
	struct blkif_back_ring ring;
	int irq;
	u8 *disk;  /* DISK_BYTES */
	u8 *page;  /* for segments */
	unsigned int served, barriers, erased;
};

/* back.c */
enum xenbus_state back_front_state(struct back *b);
bool back_open(struct back *b, const struct store_key *before, const struct store_key *after);
void back_close(struct back *b);
bool back_reopen(struct back *b, const char *what);
bool back_works(struct back *b, const char *what);
bool back_next(struct back *b, struct blkif_request *request);
s16 back_execute(struct back *b, const struct blkif_request *request);
void back_answer(struct back *b, u64 id, u8 operation, s16 status);
void back_push(struct back *b);
u64 back_id(const struct blkif_request *request);
u8 back_operation(const struct blkif_request *request);

/* back_cases.c */
void run_cases(struct back *b);
void run_random(struct back *b, unsigned int seconds);

#endif
