// SPDX-License-Identifier: GPL-2.0-only
/*
 * All that is malformed, one after the other. A request that is, has an answer that says so;
 * an index that cannot be, and keys that cannot be, end the connection; and afterwards the
 * disk works.
 */
#include <linux/delay.h>
#include <linux/kernel.h>

#include "front.h"

/* A request that has to be refused; the ring goes on. */
static void refused(struct front *f, const char *what, const struct ask *ask)
{
	int status = front_ask(f, ask);

	malformed++;
	if (status != BLKIF_RSP_ERROR && status != BLKIF_RSP_EOPNOTSUPP)
		failed("%s: answered with %d", what, status);
}

static void run_ranges(struct front *f)
{
	const u64 sectors[] = { f->sectors, f->sectors - 7, f->sectors + 1, 1ull << 32, 1ull << 55,
				1ull << 63, -1ull, -7ull, -8ull };
	const u8 ops[] = { BLKIF_OP_READ, BLKIF_OP_WRITE, BLKIF_OP_WRITE_BARRIER, BLKIF_OP_DISCARD };
	unsigned int i, j;
	char what[32];

	for (i = 0; i < ARRAY_SIZE(sectors); i++)
		for (j = 0; j < ARRAY_SIZE(ops); j++) {
			struct ask ask = front_read(f);

			ask.op = ops[j];
			ask.sector = sectors[i];
			if (ops[j] == BLKIF_OP_DISCARD)
				ask.nr = i & 1;
			snprintf(what, sizeof(what), "operation %u at %llx", ops[j], sectors[i]);
			refused(f, what, &ask);
		}
	for (i = 0; i < 4; i++) {
		const u64 nr[] = { 0, f->sectors + 1, 1ull << 63, -1ull };
		struct ask ask = { .op = BLKIF_OP_DISCARD, .sector = i & 1, .nr_sectors = nr[i] };

		refused(f, "discard of too many sectors, or none", &ask);
	}
	front_works(f, "ranges");
}

static void run_segments(struct front *f)
{
	static const struct { u8 first, last; } ends[] = { { 1, 0 }, { 7, 6 }, { 0, 8 }, { 8, 8 },
							   { 0, 255 }, { 255, 255 }, { 255, 0 } };
	static const u8 counts[] = { 0, 12, 13, 127, 128, 255 };
	unsigned int i, op;
	struct ask ask;

	for (op = BLKIF_OP_READ; op <= BLKIF_OP_WRITE_BARRIER; op++)
		for (i = 0; i < ARRAY_SIZE(ends); i++) {
			ask = front_read(f);
			ask.op = op;
			ask.seg[0].first_sect = ends[i].first;
			ask.seg[0].last_sect = ends[i].last;
			refused(f, "ends of a segment", &ask);
			ask = front_read(f); /* the last of several */
			ask.op = op;
			ask.nr = 2;
			ask.seg[1] = ask.seg[0];
			ask.seg[1].first_sect = ends[i].first;
			ask.seg[1].last_sect = ends[i].last;
			refused(f, "ends of the second segment", &ask);
		}
	for (op = BLKIF_OP_READ; op <= BLKIF_OP_FLUSH_DISKCACHE; op++)
		for (i = 0; i < ARRAY_SIZE(counts); i++) {
			/* A barrier or a flush needs no data. */
			if (!counts[i] && op >= BLKIF_OP_WRITE_BARRIER)
				continue;
			ask = front_read(f);
			ask.op = op;
			ask.nr = counts[i];
			refused(f, "count of segments", &ask);
		}
	for (op = 0; op < 256; op++) {
		if (op <= BLKIF_OP_FLUSH_DISKCACHE || op == BLKIF_OP_DISCARD || op == BLKIF_OP_INDIRECT)
			continue;
		ask = front_read(f);
		ask.op = op;
		refused(f, "unknown operation", &ask);
	}
	front_works(f, "segments");
}

static void run_grants(struct front *f)
{
	/* The first of the table are given by the tools, to domain 0 too. */
	const grant_ref_t bad[] = { f->unused_ref, f->foreign_ref, 0x7fffffff, 0x80000000,
				    0xffffffff, 1 << 20 };
	struct ask ask;
	unsigned int i, op;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		for (op = BLKIF_OP_READ; op <= BLKIF_OP_WRITE_BARRIER; op++) {
			ask = front_read(f);
			ask.op = op;
			ask.seg[0].gref = bad[i];
			refused(f, "bad grant", &ask);
			ask = front_read(f); /* one of many, the others are to be let go of */
			ask.op = op;
			ask.nr = 3;
			ask.seg[1] = ask.seg[2] = ask.seg[0];
			ask.seg[1].gref = bad[i];
			refused(f, "bad grant among others", &ask);
		}
	ask = front_read(f);
	ask.seg[0].gref = f->readonly_ref;
	refused(f, "read to a page that may only be read", &ask);
	/* The same page eleven times is odd, and is permitted. */
	ask = front_read(f);
	ask.nr = DATA_PAGES;
	for (i = 0; i < DATA_PAGES; i++)
		ask.seg[i] = ask.seg[0];
	if (front_ask(f, &ask))
		failed("a page eleven times: refused");
	for (i = 0; i < DATA_PAGES; i++)
		front_renew_data(f, i);
	front_works(f, "grants");
}

static void fill_segments(struct front *f, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		f->segments[i] = (struct blkif_request_segment){
			.gref = f->data_ref[i % DATA_PAGES], .last_sect = 7 };
}

static void run_indirect(struct front *f)
{
	static const u16 counts[] = { 0, 257, 511, 512, 513, 0x7fff, 0x8000, 0xffff };
	const grant_ref_t bad[] = { f->unused_ref, f->foreign_ref, 0x7fffffff, 0xffffffff };
	struct ask ask = front_read(f);
	unsigned int i;

	ask.op = BLKIF_OP_INDIRECT;
	ask.nr = BLKIF_OP_READ;
	for (i = 0; i < 256; i++) {
		ask.nr = i;
		ask.nr_indirect = 1;
		fill_segments(f, 1);
		if (i > BLKIF_OP_WRITE)
			refused(f, "inner operation", &ask);
	}
	ask.nr = BLKIF_OP_READ;
	fill_segments(f, 512);
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		ask.nr_indirect = counts[i];
		refused(f, "count of indirect segments", &ask);
	}
	ask.nr_indirect = 16;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		ask.indirect = bad[i];
		refused(f, "page of segments", &ask);
	}
	ask.indirect = f->segments_ref;
	f->segments[15].gref = 0xffffffff;
	refused(f, "grant of the last indirect segment", &ask);
	fill_segments(f, 16);
	f->segments[15].last_sect = 8;
	refused(f, "end of the last indirect segment", &ask);
	fill_segments(f, 16);
	ask.sector = f->sectors - 16 * 8 + 1;
	refused(f, "the last indirect segment is beyond the disk", &ask);
	ask.sector = 0;
	fill_segments(f, 256);
	ask.nr_indirect = 256;
	if (front_ask(f, &ask))
		failed("256 indirect segments: refused");
	front_works(f, "indirect");
}

/* Indexes that cannot be: it is the ring's end. */
static void run_rings(struct front *f)
{
	static const u32 steps[] = { SLOTS + 1, 2 * SLOTS, 0x7fffffff, 0x80000000, 0xffffffff,
				     -SLOTS, -SLOTS - 1 };
	unsigned int i;
	char what[32];

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		malformed++;
		f->prod += steps[i];
		front_push(f);
		snprintf(what, sizeof(what), "index %d ahead", (int)steps[i]);
		if (!front_await_loss(f))
			failed("%s: the back end stays", what);
		if (!front_reopen(f, what))
			return;
	}
	/* What is the back end's: it need not look there. */
	front_shared(f)->rsp_prod = 0x55555555;
	front_shared(f)->req_event = 0xaaaaaaaa;
	front_shared(f)->rsp_event = 0x12345678;
	f->prod += SLOTS;
	front_push(f);
	msleep(100);
	front_reopen(f, "indexes of the back end");
}

static const struct store_key wrong_keys[] = {
	{ "ring-ref", "garbage" }, { "ring-ref", NULL }, { "ring-ref", "-1" }, { "ring-ref", "" },
	{ "ring-ref", "4294967295" }, { "ring-ref", "99999999999999999999" },
	{ "event-channel", "garbage" }, { "event-channel", NULL }, { "event-channel", "0" },
	{ "event-channel", "4294967295" }, { "event-channel", "3000" }, { "event-channel", "1" },
	{ "ring-page-order", "1" }, { "ring-page-order", "5" }, { "ring-page-order", "31" },
	{ "ring-page-order", "32" }, { "ring-page-order", "4294967295" },
	{ "multi-queue-num-queues", "0" }, { "multi-queue-num-queues", "2" },
	{ "multi-queue-num-queues", "4294967295" }, { "protocol", "" }, { "protocol", "x86_64-abi " },
	{ "protocol", "%s%n" },
};

static void run_store(struct front *f)
{
	static const char *const states[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "99", "-1",
					      "garbage", "", NULL };
	const char *node = f->xdev->nodename;
	char what[64];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong_keys); i++) {
		const struct store_key *key = &wrong_keys[i];

		malformed++;
		snprintf(what, sizeof(what), "%s = %s", key->name, key->value ?: "nothing");
		if (front_try(f, key, 1))
			failed("%s: the back end connects", what);
		if (!front_reopen(f, what))
			return;
		front_close(f);
	}
	front_reopen(f, "keys");
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		snprintf(what, sizeof(what), "state %s", states[i] ?: "nothing");
		if (states[i])
			xenbus_write(XBT_NIL, node, "state", states[i]);
		else
			xenbus_rm(XBT_NIL, node, "state");
		msleep(50);
		if (!front_reopen(f, what))
			return;
	}
	/* Keys that change when they have been read need nobody's attention. */
	for (i = 0; i < ARRAY_SIZE(wrong_keys); i++)
		if (wrong_keys[i].value)
			xenbus_write(XBT_NIL, node, wrong_keys[i].name, wrong_keys[i].value);
		else
			xenbus_rm(XBT_NIL, node, wrong_keys[i].name);
	front_works(f, "keys that change");
}

/* A 32-bit front end's slots, honest and not. */
static void run_abi32(struct front *f)
{
	front_close(f);
	f->abi32 = true;
	if (front_open(f, NULL, 0) && front_works(f, "x86_32-abi")) {
		run_ranges(f);
		run_segments(f);
		run_indirect(f);
	}
	front_close(f);
	f->abi32 = false;
	front_reopen(f, "x86_32-abi");
}

void run_cases(struct front *f)
{
	run_ranges(f);
	run_segments(f);
	run_grants(f);
	run_indirect(f);
	run_abi32(f);
	run_rings(f);
	run_store(f);
}
