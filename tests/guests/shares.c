/*
 * Two domains that never stop share one CPU by their weights: 1:1, 1:2 and 1:4, to
 * within 3 % of the share of each. What it was is printed.
 */
#include "test.h"
#include <xen/sched.h>
#include <xen/sysctl.h>
#include "clock.h"
#include "domain.h"
#include "event.h"

#define WEIGHT 256
#define SETTLE 4 /* in units of a tenth of a second: not measured */
#define MEASURE 20

static unsigned long window[2][512] __attribute__((aligned(4096)));
static struct child child[2];

static unsigned int scheduler(void)
{
	struct xen_sysctl op = {
		.cmd = XEN_SYSCTL_sched_id,
		.interface_version = XEN_SYSCTL_INTERFACE_VERSION,
	};

	REQUIRE(hypercall(__HYPERVISOR_sysctl, &op) == 0);
	return op.u.sched_id.sched_id;
}

/* Xen's two schedulers that know weights have them in the same place. */
static void set_weight(const struct child *c, unsigned int weight)
{
	struct xen_domctl op;

	memset(&op, 0, sizeof(op));
	op.u.scheduler_op.sched_id = scheduler();
	op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
	op.u.scheduler_op.u.credit.weight = weight;
	CHECK_EQ(domctl(XEN_DOMCTL_scheduler_op, c->id, &op), 0);
}

static uint64_t cpu_time(const struct child *c)
{
	struct xen_domctl op;

	REQUIRE(domctl(XEN_DOMCTL_getdomaininfo, c->id, &op) == 0);
	return op.u.getdomaininfo.cpu_time;
}

/* The children have the CPU for themselves. */
static void leave_alone(unsigned int tenths)
{
	uint64_t end = clock_now() + tenths * (SECOND / 10);

	while (clock_now() < end) {
		static evtchn_port_t port;
		struct sched_poll poll = { .nr_ports = 1, .timeout = end };

		if (!port)
			port = event_alloc_unbound(DOMID_SELF, 0);
		poll.ports.p = &port;
		hv_sched_op(SCHEDOP_poll, &poll);
	}
}

static void measure(unsigned int ratio)
{
	uint64_t used[2], all, wanted = 10000 / (ratio + 1), got;

	set_weight(&child[0], WEIGHT);
	set_weight(&child[1], WEIGHT * ratio);
	leave_alone(SETTLE);
	for (unsigned int i = 0; i < 2; i++)
		used[i] = cpu_time(&child[i]);
	leave_alone(MEASURE);
	for (unsigned int i = 0; i < 2; i++)
		used[i] = cpu_time(&child[i]) - used[i];
	all = used[0] + used[1];
	got = used[0] * 10000 / all;
	print("weights 1:%u: %lu us and %lu us, of 10000 parts %lu and %lu\n", ratio,
	      used[0] / 1000, used[1] / 1000, got, 10000 - got);
	CHECK(got * 100 > wanted * 97 && got * 100 < wanted * 103);
	/* The CPU was theirs. */
	CHECK(all > MEASURE * (SECOND / 10) / 100 * 95);
}

int test_main(struct start_info *si)
{
	struct xen_domctl op;

	(void)si;
	events_enable();
	for (unsigned int i = 0; i < 2; i++) {
		REQUIRE(child_create(&child[i], window[i]));
		CHECK_EQ(domctl(XEN_DOMCTL_unpausedomain, child[i].id, &op), 0);
	}
	measure(1);
	measure(2);
	measure(4);
	for (unsigned int i = 0; i < 2; i++) {
		CHECK_EQ(child_destroy(&child[i]), 0);
		child_unmap(&child[i]);
	}
	return 0;
}
