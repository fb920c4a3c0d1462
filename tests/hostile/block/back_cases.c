// SPDX-License-Identifier: GPL-2.0-only
/*
 * All that a back end can say wrongly, one lie after the other; and at random. After what
 * cannot be, the front end leaves; after what can, it goes on; and then it is there anew.
 */
#include <linux/delay.h>
#include <linux/sched/signal.h>

#include "back.h"
#include "random.h"

static bool next_request(struct back *b, struct blkif_request *request)
{
	return await(back_next(b, request), BACK_PATIENCE);
}

/* The front end must not go on. */
static void lied(struct back *b, const char *what)
{
	malformed++;
	if (!await(back_front_state(b) != XenbusStateConnected, BACK_PATIENCE))
		failed("%s: the front end stays", what);
	back_reopen(b, what);
}

static void wrong_id(struct back *b, const char *what, const struct blkif_request *request)
{
	back_answer(b, back_id(request) + 1000, back_operation(request), 0);
}

static void huge_id(struct back *b, const char *what, const struct blkif_request *request)
{
	back_answer(b, back_id(request) | 1ull << 32, back_operation(request), 0);
}

/* An identifier that is free: of a ring of 32 not all are in flight. */
static void free_id(struct back *b, const char *what, const struct blkif_request *request)
{
	back_execute(b, request);
	back_answer(b, back_id(request), back_operation(request), 0);
	back_answer(b, back_id(request), back_operation(request), 0);
}

static void negative_id(struct back *b, const char *what, const struct blkif_request *request)
{
	back_answer(b, -1, back_operation(request), 0);
}

static void operation(struct back *b, const char *what, const struct blkif_request *request)
{
	back_answer(b, back_id(request), 77, 0);
}

static void status(struct back *b, const char *what, const struct blkif_request *request)
{
	back_answer(b, back_id(request), back_operation(request), 1);
}

static void status_least(struct back *b, const char *what, const struct blkif_request *request)
{
	back_answer(b, back_id(request), back_operation(request), -32768);
}

static void one_too_many(struct back *b, const char *what, const struct blkif_request *request)
{
	b->ring.rsp_prod_pvt = READ_ONCE(b->shared->req_prod) + 1;
}

static void far_ahead(struct back *b, const char *what, const struct blkif_request *request)
{
	b->ring.rsp_prod_pvt += 0x40000000;
}

static void backwards(struct back *b, const char *what, const struct blkif_request *request)
{
	b->ring.rsp_prod_pvt--;
}

static void half_way_round(struct back *b, const char *what, const struct blkif_request *request)
{
	b->ring.rsp_prod_pvt += 0x80000000;
}

static const struct {
	const char *what;
	void (*lie)(struct back *b, const char *what, const struct blkif_request *request);
} lies[] = {
	{ "an identifier never sent", wrong_id },
	{ "an identifier of 64 bits", huge_id },
	{ "a response twice", free_id },
	{ "the identifier -1", negative_id },
	{ "another operation", operation },
	{ "status 1", status },
	{ "status -32768", status_least },
	{ "one response too many", one_too_many },
	{ "responses far ahead", far_ahead },
	{ "responses backwards", backwards },
	{ "responses half way round", half_way_round },
};

static void run_lies(struct back *b)
{
	struct blkif_request request;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		if (!next_request(b, &request)) {
			failed("%s: no requests before it", lies[i].what);
			return;
		}
		lies[i].lie(b, lies[i].what, &request);
		back_push(b);
		lied(b, lies[i].what);
	}
}

/* A page of a request that is answered stays mapped. */
static void run_mapped(struct back *b)
{
	struct gnttab_unmap_grant_ref unmap;
	struct gnttab_map_grant_ref map;
	struct blkif_request request;
	struct page *page;

	if (gnttab_alloc_pages(1, &page))
		return;
	while (next_request(b, &request)) {
		if (request.operation > BLKIF_OP_WRITE) {
			back_answer(b, back_id(&request), back_operation(&request), 0);
			back_push(b);
			continue;
		}
		back_execute(b, &request);
		gnttab_set_map_op(&map, (unsigned long)page_address(page),
				  GNTMAP_host_map | GNTMAP_readonly, request.u.rw.seg[0].gref,
				  b->xdev->otherend_id);
		if (gnttab_map_refs(&map, NULL, &page, 1) || map.status) {
			failed("cannot map: %d", map.status);
			break;
		}
		back_answer(b, back_id(&request), back_operation(&request), 0);
		back_push(b);
		lied(b, "a page that stays mapped");
		gnttab_set_unmap_op(&unmap, (unsigned long)page_address(page), GNTMAP_host_map,
				    map.handle);
		gnttab_unmap_refs(&unmap, NULL, &page, 1);
		break;
	}
	gnttab_free_pages(1, &page);
}

/* Errors for everything are no lie, and the disk goes on. */
static void run_errors(struct back *b)
{
	static const s16 statuses[] = { BLKIF_RSP_ERROR, BLKIF_RSP_EOPNOTSUPP };
	struct blkif_request request;
	unsigned int i;

	for (i = 0; i < 20 && next_request(b, &request); i++) {
		malformed++;
		back_answer(b, back_id(&request), back_operation(&request), statuses[i / 10]);
		back_push(b);
	}
	back_works(b, "errors");
	back_reopen(b, "errors");
}

/* Before the ring is made, and before it is Connected: those that must not, and those that may. */
static void run_keys(struct back *b)
{
	static const struct store_key wrong[] = {
		{ "sector-size", "0" }, { "sector-size", "256" }, { "sector-size", "513" },
		{ "sector-size", "8192" }, { "sector-size", "4294967295" }, { "sector-size", "x" },
		{ "sector-size", NULL }, { "sectors", NULL }, { "sectors", "x" }, { "sectors", "-1" },
		{ "sectors", "18446744073709551615" }, { "sectors", "9223372036854775808" },
	};
	static const struct store_key odd[] = {
		{ "max-ring-page-order", "4294967295" }, { "max-ring-page-order", "x" },
		{ "multi-queue-max-queues", "4294967295" }, { "multi-queue-max-queues", "0" },
		{ "feature-max-indirect-segments", "4294967295" },
		{ "feature-max-indirect-segments", "12" }, { "feature-max-indirect-segments", "1" },
		{ "feature-max-indirect-segments", "x" }, { "physical-sector-size", "0" },
		{ "physical-sector-size", "513" }, { "physical-sector-size", "4294967295" },
		{ "discard-granularity", "0" }, { "discard-granularity", "513" },
		{ "discard-granularity", "2147483648" }, { "discard-alignment", "4294967295" },
		{ "info", "4294967291" }, { "info", "x" }, { "feature-flush-cache", "2" },
		{ "feature-barrier", NULL }, { "feature-discard", "x" }, { "discard-secure", "-1" },
	};
	struct store_key keys[2] = {};
	char what[64];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		keys[0] = wrong[i];
		malformed++;
		snprintf(what, sizeof(what), "%s = %s", keys[0].name, keys[0].value ?: "nothing");
		back_close(b);
		if (back_open(b, NULL, keys))
			failed("%s: the front end connects", what);
	}
	back_reopen(b, "keys that are wrong");
	for (i = 0; i < ARRAY_SIZE(odd); i++) {
		keys[0] = odd[i];
		malformed++;
		snprintf(what, sizeof(what), "%s = %s", keys[0].name, keys[0].value ?: "nothing");
		back_close(b);
		/* A larger ring or more queues than ours are taken by the honest one only. */
		if (back_open(b, keys, NULL))
			back_works(b, what);
		else if (b->shared)
			failed("%s: the front end is in state %u", what, back_front_state(b));
	}
	back_reopen(b, "keys that are odd");
}

/* States and sizes while it is used. */
static void run_states(struct back *b)
{
	static const char *const states[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "99", "x",
					      NULL };
	static const char *const sizes[] = { "4096", "0", "2048", "1", "x", NULL,
					     "18446744073709551615", "2048" };
	const char *node = b->xdev->nodename;
	unsigned int i;
	char what[64];

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		snprintf(what, sizeof(what), "state %s", states[i] ?: "nothing");
		malformed++;
		if (states[i])
			xenbus_write(XBT_NIL, node, "state", states[i]);
		else
			xenbus_rm(XBT_NIL, node, "state");
		msleep(100);
		back_reopen(b, what);
	}
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		malformed++;
		if (sizes[i])
			xenbus_write(XBT_NIL, node, "sectors", sizes[i]);
		else
			xenbus_rm(XBT_NIL, node, "sectors");
		xenbus_write(XBT_NIL, node, "state", "4");
		msleep(50);
	}
	back_reopen(b, "sizes");
}

/* What an old back end offers: no flush, but barriers; and secure erase. */
static void run_features(struct back *b)
{
	static const struct store_key keys[] = { { "feature-flush-cache", "0" }, {} };

	back_close(b);
	if (!back_open(b, NULL, keys)) {
		failed("a back end with barriers: the front end is in state %u", back_front_state(b));
		return;
	}
	b->barriers = b->erased = 0;
	while (back_works(b, "barriers") && !(b->barriers && b->erased) && checks < 100)
		;
	if (!b->barriers || !b->erased)
		failed("%u barriers, %u secure erases", b->barriers, b->erased);
	back_reopen(b, "barriers");
}

void run_cases(struct back *b)
{
	run_features(b);
	run_lies(b);
	run_mapped(b);
	run_errors(b);
	run_keys(b);
	run_states(b);
}

static void random_answer(struct back *b, const struct blkif_request *request)
{
	u64 id = one_in(30) ? next() : one_in(30) ? below(64) : back_id(request);
	u8 op = one_in(30) ? next() : back_operation(request);
	s16 status = one_in(30) ? next() : one_in(8) ? -(int)below(3) : back_execute(b, request);

	malformed++;
	back_answer(b, id, op, status);
}

static void random_store(struct back *b)
{
	static const char *const names[] = { "state", "sectors", "sector-size", "info", "online",
					     "feature-flush-cache", "feature-discard",
					     "max-ring-page-order", "feature-persistent" };
	const char *name = names[below(ARRAY_SIZE(names))];

	if (one_in(4))
		xenbus_rm(XBT_NIL, b->xdev->nodename, name);
	else
		xenbus_printf(XBT_NIL, b->xdev->nodename, name, "%d",
			      one_in(3) ? (int)next() : (int)below(9));
}

void run_random(struct back *b, unsigned int seconds)
{
	unsigned long end = jiffies + seconds * HZ;
	struct blkif_request request;
	char what[48];

	while (time_before(jiffies, end) && !fatal_signal_pending(current)) {
		snprintf(what, sizeof(what), "seed %llu", seed);
		while (time_before(jiffies, end) && back_front_state(b) == XenbusStateConnected) {
			if (back_next(b, &request))
				random_answer(b, &request);
			if (one_in(500))
				b->ring.rsp_prod_pvt += one_in(2) ? next() : below(64);
			if (one_in(500))
				random_store(b);
			/* What it looks at: its own index, and where it has put requests. */
			if (one_in(100))
				b->shared->req_prod = next();
			if (one_in(20))
				((u8 *)b->shared)[64 + below(PAGE_SIZE - 64)] = next();
			back_push(b);
			usleep_range(200, 500);
		}
		if (!back_reopen(b, what))
			return;
	}
}
