/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Atropos: who is promised time has it, whatever the others do, and runs within its latency
 * when it wakes; what is left over is shared; no more is promised than there is.
 */
#include "test.h"

#include <stdlib.h>

#include <xen/domctl.h>
#include <xen/errno.h>
#include <xen/sysctl.h>
#include <xenolith/sched.h>

#include "sched_ops.h"

#define MAX 64 /* VCPUs of a test */

SETUP(16, atropos)

static int promise(struct domain *d, u32 period_us, u32 slice_us, u32 latency_us, bool xtratime)
{
	struct xenolith_domctl_atropos p = {
		.period_us = period_us,
		.slice_us = slice_us,
		.latency_us = latency_us,
		.xtratime = xtratime,
	};

	return sched_adjust(d, &p, true);
}

/* A domain of one busy VCPU with a promise; NULL: there is no room for that. */
static struct vcpu *promised(u16 domid, u32 period_us, u32 slice_us, u32 latency_us, bool xtratime)
{
	struct vcpu *v = sim_domain(domid, 1, false)->vcpu[0];
	int rc = promise(v->domain, period_us, slice_us, latency_us, xtratime);

	if (rc) {
		assert_int_equal(rc, -XEN_ENOSPC);
		sim_domain_destroy(v->domain);
		return NULL;
	}
	sched_vcpu_up(v);
	return v;
}

/* Everything is promised to some, and as many have nothing and want everything. */
static void test_promises_kept(void **state)
{
	int cpus = __builtin_popcountll(sched_cpus());

	srandom(4);
	for (int round = 0; round < 20; round++) {
		struct {
			struct vcpu *v;
			u32 period, slice;
			stime_t start;
			bool extra;
		} p[MAX];
		const stime_t time = SECONDS(3);
		int n = 0, domid = 1;

		for (int tries = 0; tries < 6 * cpus && n < MAX / 2; tries++) {
			u32 period = 500 + random() % 40000;
			u32 slice = max(period / 100 * (1 + random() % 99), XENOLITH_SLICE_US_MIN);
			bool x = random() % 2;
			struct vcpu *v = promised(domid, period, slice, 0, x);

			if (v) {
				p[n].period = period, p[n].slice = slice;
				p[n].extra = x, p[n++].v = v;
			}
			domid++;
		}
		for (int i = 0; i < cpus + 2; i++)
			spinner(domid++);
		sim_advance(MILLISECONDS(100));
		for (int i = 0; i < n; i++)
			p[i].start = ran(p[i].v);
		sim_advance(time);
		for (int i = 0; i < n; i++) {
			stime_t got = ran(p[i].v) - p[i].start;
			stime_t slice = MICROSECONDS(p[i].slice),
				period = MICROSECONDS(p[i].period);

			/* In that time so many whole periods lie, wherever they began. */
			assert_true(got >= (time / period - 1) * slice);
			if (!p[i].extra)
				assert_true(got <= (time / period + 2) * slice);
		}
		sim_check_sched();
		for (int i = 1; i < domid; i++) {
			struct domain *d = domain_by_id(i);

			if (d)
				sim_domain_destroy(d);
		}
	}
}

/* In each single period: seen at the end of every one. */
static void test_every_period(void **state)
{
	struct vcpu *v = promised(1, 10000, 3000, 0, false), *w = promised(2, 7000, 4000, 0, false);
	struct vcpu *hog = spinner(3);
	stime_t v_ran = 0, w_ran = 0;

	/* Both periods begin now, and for 70 ms none of the ends of the one is that of the other. */
	for (int ms = 1; ms < 70; ms++) {
		sim_advance(MILLISECONDS(1));
		if (ms % 10 == 0) {
			assert_in_range(ran(v) - v_ran, MILLISECONDS(3), MILLISECONDS(3) + 1000);
			v_ran = ran(v);
		}
		if (ms % 7 == 0) {
			assert_in_range(ran(w) - w_ran, MILLISECONDS(4), MILLISECONDS(4) + 1000);
			w_ran = ran(w);
		}
	}
	assert_in_range(ran(hog), MILLISECONDS(7), MILLISECONDS(10));
}

/* The CPU idles rather than give more to who may not have it; each period counts for itself. */
static void test_no_more_than_promised(void **state)
{
	struct vcpu *v = promised(1, 10000, 2000, 0, false);

	sim_advance(SECONDS(1));
	assert_in_range(ran(v), MILLISECONDS(198), MILLISECONDS(202));
	block(v);
	sim_advance(SECONDS(1));
	sched_event(v);
	sim_advance(SECONDS(1));
	assert_in_range(ran(v), MILLISECONDS(396), MILLISECONDS(404));
}

/* All of the CPU is promised; one sleeps, and runs within its latency when it wakes. */
static void test_latency(void **state)
{
	static const u32 latency[] = { 0, 100, 1000, 5000, 20000 };

	srandom(5);
	for (unsigned int i = 0; i < ARRAY_SIZE(latency); i++) {
		stime_t most = MICROSECONDS(latency[i] ? latency[i] : 20000), woken;
		struct vcpu *io = promised(1, 20000, 4000, latency[i], false);
		struct vcpu *busy = promised(2, 30000, 15000, 0, true);
		struct vcpu *other = promised(3, 10000, 3000, 0, true), *hog = spinner(4);

		stime_t start = now();

		assert_non_null(other);
		for (int n = 0; n < 500; n++) {
			while (!runs(io))
				sim_advance(MICROSECONDS(20));
			sim_advance(random() % MICROSECONDS(1000));
			if (!runs(io))
				continue;
			block(io);
			sim_run();
			sim_advance(MILLISECONDS(20) + random() % MILLISECONDS(30));
			woken = now();
			sched_event(io);
			sim_run();
			while (!runs(io)) {
				sim_advance(MICROSECONDS(10));
				assert_true(now() - woken <= most);
			}
		}
		/* And that cost the others nothing that they were promised. */
		assert_true(ran(busy) >= (now() - start) / 2 - MILLISECONDS(15));
		assert_true(ran(hog) > 0);
		for (int d = 1; d <= 4; d++)
			sim_domain_destroy(domain_by_id(d));
	}
}

/* Who stops and starts again and again, to have many first periods, gains nothing. */
static void test_no_gain_by_sleeping(void **state)
{
	struct vcpu *v = promised(1, 10000, 1000, 500, false);
	struct vcpu *busy = promised(2, 10000, 9000, 0, false);
	stime_t start = now();

	srandom(6);
	while (now() < start + SECONDS(5)) {
		sim_advance(random() % MILLISECONDS(1));
		domain_pause(v->domain);
		sim_run();
		sim_advance(random() % MILLISECONDS(2));
		domain_unpause(v->domain);
		sim_run();
	}
	assert_true(ran(v) <= SECONDS(5) / 10 + MILLISECONDS(2));
	assert_true(ran(busy) >= (now() - start) / 10 * 9 - MILLISECONDS(10));
}

/* What is left is shared alike, by those that have a promise and those that have none. */
static void test_left_over(void **state)
{
	int cpus = __builtin_popcountll(sched_cpus());
	struct vcpu *v = promised(1, 10000, 4000, 0, true), *hog[6];
	stime_t got;

	for (int i = 0; i < 3 * cpus; i++)
		hog[i] = spinner(2 + i);
	sim_advance(SECONDS(10));
	/* Between what it is promised, and that beside an equal part of the rest. */
	assert_in_range(ran(v), MILLISECONDS(3990), MILLISECONDS(8000));
	got = (SECONDS(10) * cpus - ran(v)) / (3 * cpus);
	for (int i = 0; i < 3 * cpus; i++)
		assert_in_range(ran(hog[i]), got / 100 * 95, got / 100 * 105);
}

/* A promise that comes in the midst of every second turn: that turn goes on afterwards. */
static void test_turns_go_on(void **state)
{
	struct vcpu *a, *b;

	promised(1, 7500, 100, 0, false);
	a = spinner(2);
	b = spinner(3);
	sim_advance(SECONDS(5));
	assert_in_range(ran(a), ran(b) / 100 * 98, ran(b) / 100 * 102);
}

/* Who has used up its slice, and stops and starts, has the next one when its period begins. */
static void test_starts_again_spent(void **state)
{
	struct vcpu *v = promised(1, 10000, 2000, 0, false), *hog = spinner(2);
	stime_t before;

	sim_advance(MILLISECONDS(5));
	assert_true(runs(hog));
	domain_pause(v->domain);
	sim_advance(MILLISECONDS(1));
	on_cpu_of(hog);
	do_sched_op(SCHEDOP_yield, NULL); /* to nobody, who could want the CPU soon */
	sim_run();
	domain_unpause(v->domain);
	before = ran(v);
	sim_advance(MILLISECONDS(3));
	assert_int_equal(ran(v), before);
	sim_advance(MILLISECONDS(4));
	assert_in_range(ran(v), before + MILLISECONDS(2) - 10000, before + MILLISECONDS(2) + 10000);
}

/* Full is full, on each CPU; and nothing changes for who was refused. */
static void test_admission(void **state)
{
	struct vcpu *a = promised(1, 10000, 6000, 0, true), *b = promised(2, 10000, 6000, 0, true);
	struct xenolith_sysctl_atropos s;
	struct xenolith_domctl_atropos p;
	struct domain *d = sim_domain(3, 2, true);

	assert_non_null(a);
	assert_non_null(b);
	assert_int_equal(promise(d, 10000, 4000, 0, true), 0);
	assert_int_equal(sched_control(&s, false), 0);
	assert_int_equal(s.cpus, 2);
	assert_in_range(s.reserved_ppm, 1999000, 2001000);
	assert_null(promised(4, 10000, 100, 0, true));
	assert_int_equal(promise(d, 10000, 4100, 0, true), -XEN_ENOSPC);
	assert_int_equal(promise(a->domain, 10000, 6000, 200, false), 0);
	assert_int_equal(sched_adjust(d, &p, false), 0);
	assert_int_equal(p.slice_us, 4000);
	assert_int_equal(sched_adjust(a->domain, &p, false), 0);
	assert_int_equal(p.latency_us, 200);
	assert_int_equal(p.xtratime, 0);
	sim_domain_destroy(b->domain);
	assert_non_null(promised(5, 10000, 5900, 0, true));
	/* Only the other CPU has room. */
	assert_int_equal(promise(a->domain, 10000, 100, 0, true), 0);
	assert_int_equal(sched_set_affinity(d->vcpu[0], cpumask_of(0)), 0);
	assert_int_equal(sched_set_affinity(d->vcpu[1], cpumask_of(0)), 0);
	sim_advance(MILLISECONDS(50));
	assert_int_equal(promise(d, 10000, 5500, 0, true), -XEN_ENOSPC);
	assert_int_equal(sched_control(&s, true), -XEN_EOPNOTSUPP);
}

static void test_ranges(void **state)
{
	struct domain *d = sim_domain(1, 1, true);

	assert_int_equal(promise(d, 499, 100, 0, true), -XEN_EINVAL);
	assert_int_equal(promise(d, 1000001, 100, 0, true), -XEN_EINVAL);
	assert_int_equal(promise(d, 1000, 99, 0, true), -XEN_EINVAL);
	assert_int_equal(promise(d, 1000, 1001, 0, true), -XEN_EINVAL);
	assert_int_equal(promise(d, 1000, 500, 1001, true), -XEN_EINVAL);
	assert_int_equal(promise(d, 1000, 0, 0, false), -XEN_EINVAL);
	assert_int_equal(promise(d, 1000, 0, 0, true), 0);
	assert_int_equal(promise(d, 1000, 1000, 1000, false), 0);
}

/* Pinned to one CPU with more than that is promised: each has its part, and all that is over. */
static void test_pinned(void **state)
{
	struct vcpu *a = promised(1, 10000, 8000, 0, true), *b = promised(2, 10000, 8000, 0, true);

	assert_int_equal(sched_set_affinity(a, cpumask_of(1)), 0);
	assert_int_equal(sched_set_affinity(b, cpumask_of(1)), 0);
	sim_advance(SECONDS(10));
	assert_in_range(ran(a) + ran(b), MILLISECONDS(9980), SECONDS(10));
	assert_in_range(ran(a), MILLISECONDS(2000), MILLISECONDS(8000));
	assert_int_equal(sched_set_affinity(b, ~0ull), 0);
	sim_check_sched();
}

/* Domain 0 is promised time unless it is told otherwise. */
static void test_domain0(void **state)
{
	struct vcpu *v = sim_domain(0, 1, true)->vcpu[0];
	struct xenolith_domctl_atropos p;

	for (int i = 1; i < 20; i++)
		spinner(i);
	sim_advance(SECONDS(1));
	assert_in_range(ran(v), MILLISECONDS(248), SECONDS(1));
	assert_int_equal(sched_adjust(v->domain, &p, false), 0);
	assert_int_equal(p.period_us, 10000);
	assert_int_equal(p.slice_us, 2500);
}

static void test_yield(void **state)
{
	struct vcpu *v = promised(1, 10000, 9000, 0, false), *hog = spinner(2);

	while (!runs(v))
		sim_advance(MICROSECONDS(100));
	on_cpu_of(v);
	assert_int_equal(do_sched_op(SCHEDOP_yield, NULL), 0);
	sim_run();
	assert_true(runs(hog));
	sim_advance(MILLISECONDS(1));
	assert_true(runs(v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(1, atropos, test_promises_kept),
		test(2, atropos, test_promises_kept),
		test(16, atropos, test_promises_kept),
		test(1, atropos, test_every_period),
		test(1, atropos, test_no_more_than_promised),
		test(1, atropos, test_latency),
		test(1, atropos, test_no_gain_by_sleeping),
		test(1, atropos, test_left_over),
		test(2, atropos, test_left_over),
		test(1, atropos, test_turns_go_on),
		test(1, atropos, test_starts_again_spent),
		test(2, atropos, test_admission),
		test(1, atropos, test_ranges),
		test(2, atropos, test_pinned),
		test(1, atropos, test_domain0),
		test(1, atropos, test_yield),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
