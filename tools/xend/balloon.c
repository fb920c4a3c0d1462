// SPDX-License-Identifier: GPL-2.0
/*
 * Memory for new domains. What the hypervisor has free is used first; if that is not
 * enough, domain 0 is asked to give the rest, by its balloon target, and is waited for
 * as long as it makes progress. If it does not give enough, it gets back what it gave.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "balloon.h"
#include "log.h"
#include "store.h"

#define STEP_MS 50
#define STALL_MS 10000 /* without progress for so long: it gives no more */

static struct {
	done_fn *done;
	void *context;
	uint64_t wanted; /* KiB */
	uint64_t best;	 /* the most that was free so far */
	uint64_t old_target;
	unsigned int stalled_ms;
	struct timer timer;
} reserve;

int memory_set_target(unsigned int domid, uint64_t kib, struct error *e)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)kib);
	if (!store_write(text, "/local/domain/%u/memory/target", domid))
		return error_set(e, EIO, "xenstore does not take memory/target of domain %u",
				 domid);
	return 0;
}

static int free_kib(uint64_t *kib, struct error *e)
{
	struct control_node node;

	if (control_node(control, &node, e))
		return -1;
	*kib = node.free_kib;
	return 0;
}

static int not_enough(struct error *e, uint64_t wanted, uint64_t can_be)
{
	return error_set(e, ENOMEM,
			 "memory: the domain needs %llu MiB; there are %llu MiB, with "
			 "what domain 0 can give down to its %u MiB",
			 (unsigned long long)(wanted + 1023) >> 10,
			 (unsigned long long)can_be >> 10, DOM0_MIN_KIB >> 10);
}

static void watch_balloon(void *context)
{
	struct error e;
	uint64_t now;

	(void)context;
	if (free_kib(&now, &e)) {
		reserve.done(reserve.context, &e);
		return;
	}
	if (now >= reserve.wanted) {
		reserve.done(reserve.context, NULL);
		return;
	}
	reserve.stalled_ms = now > reserve.best ? 0 : reserve.stalled_ms + STEP_MS;
	reserve.best = now > reserve.best ? now : reserve.best;
	if (reserve.stalled_ms < STALL_MS) {
		timer_set(&reserve.timer, STEP_MS, watch_balloon, NULL);
		return;
	}
	log_warning("Domain-0: does not give the memory that it was asked for: target back to "
		    "%llu MiB",
		    (unsigned long long)reserve.old_target >> 10);
	memory_set_target(0, reserve.old_target, &e);
	not_enough(&e, reserve.wanted, reserve.best);
	reserve.done(reserve.context, &e);
}

/* -1: it cannot be had, and nothing was changed. */
static int ask_domain0(uint64_t missing, uint64_t now, struct error *e)
{
	struct control_domain dom0;
	uint64_t spare;

	if (control_domain(control, 0, &dom0, e))
		return -1;
	spare = dom0.memory_kib > DOM0_MIN_KIB ? dom0.memory_kib - DOM0_MIN_KIB : 0;
	if (spare < missing)
		return not_enough(e, reserve.wanted, now + spare);
	reserve.old_target = store_read_number(dom0.memory_kib, "/local/domain/0/memory/target");
	log_info("Domain-0: asked to give %llu MiB", (unsigned long long)missing >> 10);
	return memory_set_target(0, dom0.memory_kib - missing, e);
}

void memory_reserve(uint64_t kib, done_fn *done, void *context)
{
	struct error e;
	uint64_t now;

	reserve.done = done;
	reserve.context = context;
	reserve.wanted = kib;
	if (free_kib(&now, &e)) {
		done(context, &e);
		return;
	}
	if (now >= kib) {
		done(context, NULL);
		return;
	}
	if (ask_domain0(kib - now, now, &e)) {
		done(context, &e);
		return;
	}
	reserve.best = now;
	reserve.stalled_ms = 0;
	timer_set(&reserve.timer, STEP_MS, watch_balloon, NULL);
}
