// SPDX-License-Identifier: GPL-2.0-only
/*
 * At random, from a seed: requests of which some are well, indexes, keys and states; slots
 * and segments change while the back end has them. Between rounds the disk has to work.
 */
#include <linux/delay.h>
#include <linux/sched/signal.h>

#include "front.h"
#include "random.h"

static void random_segment(struct front *f, struct blkif_request_segment *segment)
{
	segment->gref = one_in(12) ? next() : one_in(12) ? f->readonly_ref : f->data_ref[below(DATA_PAGES)];
	segment->first_sect = one_in(8) ? next() : below(4);
	segment->last_sect = one_in(8) ? next() : 4 + below(4);
}

static void random_ask(struct front *f)
{
	static const u8 ops[] = { BLKIF_OP_READ, BLKIF_OP_WRITE, BLKIF_OP_WRITE_BARRIER,
				  BLKIF_OP_FLUSH_DISKCACHE, BLKIF_OP_DISCARD, BLKIF_OP_INDIRECT };
	struct ask ask = { .op = one_in(16) ? next() : ops[below(ARRAY_SIZE(ops))] };
	unsigned int i;

	ask.nr = one_in(16) ? next() : ask.op == BLKIF_OP_INDIRECT ? below(2) : below(12);
	ask.nr_indirect = one_in(16) ? next() : below(257);
	ask.sector = one_in(8) ? next() : below(f->sectors);
	ask.nr_sectors = one_in(8) ? next() : below(256);
	ask.indirect = one_in(12) ? next() : f->segments_ref;
	for (i = 0; i < ARRAY_SIZE(ask.seg); i++)
		random_segment(f, &ask.seg[i]);
	front_put(f, &ask);
	malformed++;
}

/* What the back end may be reading now. */
static void random_change(struct front *f)
{
	random_segment(f, &f->segments[below(512)]);
	front_slot(f, below(SLOTS))[below(SLOT_BYTES)] = next();
}

static void random_store(struct front *f)
{
	static const char *const names[] = { "state", "ring-ref", "event-channel", "protocol",
					     "ring-page-order", "multi-queue-num-queues" };
	const char *name = names[below(ARRAY_SIZE(names))];

	if (one_in(4))
		xenbus_rm(XBT_NIL, f->xdev->nodename, name);
	else
		xenbus_printf(XBT_NIL, f->xdev->nodename, name, "%d",
			      one_in(3) ? (int)next() : (int)below(9));
}

/* Some requests; false: it is time for another connection. */
static bool random_round(struct front *f)
{
	unsigned int n = 1 + below(SLOTS), i;
	RING_IDX end;

	for (i = 0; i < n; i++)
		random_ask(f);
	end = f->prod;
	front_push(f);
	for (i = below(200); i; i--)
		random_change(f);
	if (one_in(60))
		random_store(f);
	if (one_in(60)) {
		f->prod = next();
		front_push(f);
		return false;
	}
	for (i = 0; i < 2000 && READ_ONCE(front_shared(f)->rsp_prod) != end; i++)
		usleep_range(200, 500);
	if (front_back_state(f) != XenbusStateConnected)
		return false;
	if (i == 2000) {
		failed("not answered: %u of %u", end - READ_ONCE(front_shared(f)->rsp_prod), n);
		return false;
	}
	f->cons = end;
	/* Whatever is under way, such a page is not to be kept. */
	if (one_in(10))
		front_renew_data(f, below(DATA_PAGES));
	return true;
}

void run_random(struct front *f, unsigned int seconds)
{
	unsigned long end = jiffies + seconds * HZ;
	char what[48];

	while (time_before(jiffies, end) && !fatal_signal_pending(current)) {
		snprintf(what, sizeof(what), "seed %llu", seed);
		while (random_round(f) && time_before(jiffies, end) && !one_in(100))
			cond_resched();
		f->abi32 = false;
		if (!front_reopen(f, what))
			return;
	}
}
