/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Borrowed virtual time: how soon one that wakes runs, that nobody saves up, the
 * allowance, yielding, parameters.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include <xen/domctl.h>
#include <xen/errno.h>
#include <xen/sysctl.h>

#include "bvt_ops.h"

/* A hog and one that wakes now and then: it runs at once if the hog had a turn. */
static void test_wake_latency(void **state)
{
	struct vcpu *hog = weighted(1, 1), *io = weighted(2, 1);
	stime_t woken, total = 0;

	sim_run();
	if (!runs(io))
		sim_advance(2 * ALLOWANCE);
	block(io);
	sim_advance(SECONDS(1));
	assert_true(runs(hog));
	sched_event(io);
	sim_run();
	assert_true(runs(io));
	/* In the middle of a turn: when that is over, whenever it is. */
	srandom(3);
	for (int i = 0; i < 2000; i++) {
		sim_advance(random() % MILLISECONDS(1));
		block(io);
		sim_run();
		sim_advance(random() % (2 * ALLOWANCE));
		woken = now();
		sched_event(io);
		sim_run();
		while (!runs(io))
			sim_advance(MICROSECONDS(50));
		assert_in_range(now() - woken, 0, ALLOWANCE);
		total += now() - woken;
	}
	assert_in_range(total / 2000, 0, ALLOWANCE / 2);
	assert_true(ran(hog) > ran(io));
}

/* The same on two CPUs: the one whose VCPU had its turn lets it in. */
static void test_wake_latency_smp(void **state)
{
	struct vcpu *io = weighted(3, 1), *fresh, *old = weighted(1, 1);

	sim_run();
	block(io);
	sim_advance(SECONDS(1));
	for (int i = 0; i < 10; i++) {
		/* There is one that has just begun, where io ran. */
		fresh = weighted(10 + i, 1);
		sched_set_affinity(fresh, cpumask_of(io->processor));
		sched_set_affinity(old, ~cpumask_of(io->processor));
		sim_advance(MILLISECONDS(1));
		assert_true(runs(fresh) && runs(old));
		assert_int_equal(fresh->processor, io->processor);
		sched_event(io);
		sim_run();
		assert_true(runs(io));
		assert_int_equal(io->processor, !fresh->processor);
		block(io);
		sim_domain_destroy(fresh->domain);
		sim_advance(SECONDS(1));
	}
}

static void warp(struct vcpu *v, stime_t by, u32 warpl, u32 warpu)
{
	struct xenolith_domctl_bvt p;

	assert_int_equal(sched_adjust(v->domain, &p, false), 0);
	p.warpback = by != 0;
	p.warpvalue = by / MICROSECONDS(100) * p.mcuadv;
	p.warpl = warpl;
	p.warpu = warpu;
	assert_int_equal(sched_adjust(v->domain, &p, true), 0);
}

/* Run for so long, sleep for so long; true: it ran as soon as it woke. */
static bool burst(struct vcpu *v, stime_t busy, stime_t sleep)
{
	bool at_once;

	while (!runs(v))
		sim_advance(MICROSECONDS(50));
	sim_advance(busy);
	domain_pause(v->domain);
	sim_run();
	sim_advance(sleep);
	domain_unpause(v->domain);
	sim_run();
	at_once = runs(v);
	return at_once;
}

/* It wants two thirds and has a half: it has to wait, but not while it may borrow. */
static void test_warp(void **state)
{
	struct vcpu *hog = weighted(1, 1), *v = weighted(2, 1);
	unsigned int waited = 0;
	stime_t hog_ran, v_ran;

	for (int i = 0; i < 10; i++)
		waited += !burst(v, MILLISECONDS(2), MILLISECONDS(1));
	assert_true(waited > 0);
	sim_domain_destroy(v->domain);
	v = weighted(3, 1);
	warp(v, MILLISECONDS(30), 0, 0);
	burst(v, MILLISECONDS(2), MILLISECONDS(1));
	for (int i = 0; i < 12; i++)
		assert_true(burst(v, MILLISECONDS(2), MILLISECONDS(1)));
	/* In the long run it has what it had. */
	sim_advance(SECONDS(1));
	hog_ran = ran(hog), v_ran = ran(v);
	for (int i = 0; i < 4000; i++)
		burst(v, MILLISECONDS(2), MILLISECONDS(1));
	assert_in_range(ran(v) - v_ran, 1, (ran(hog) - hog_ran) / 100 * 103);
	assert_true(ran(v) - v_ran > (ran(hog) - hog_ran) / 100 * 90);
}

/* No longer than its limit, and then not again for a while. */
static void test_warp_limits(void **state)
{
	struct vcpu *hog = weighted(1, 1), *v = weighted(2, 1);

	warp(v, MILLISECONDS(100), 0, 0);
	for (int i = 0; i < 20; i++)
		burst(v, MILLISECONDS(2), MILLISECONDS(1));
	/* Now it is some 20 ms ahead, and would have to wait for that. */
	domain_pause(v->domain);
	sim_run();
	warp(v, MILLISECONDS(100), 1000, 6000);
	domain_unpause(v->domain);
	sim_run();
	assert_true(runs(v));
	sim_advance(MICROSECONDS(900));
	assert_true(runs(v));
	sim_advance(MICROSECONDS(200));
	assert_true(runs(hog));
	assert_false(burst(hog, MILLISECONDS(1), 0) && runs(v));
	domain_pause(v->domain);
	sim_advance(MILLISECONDS(1));
	domain_unpause(v->domain);
	sim_run();
	assert_true(runs(hog));
	domain_pause(v->domain);
	sim_advance(MILLISECONDS(5));
	domain_unpause(v->domain);
	sim_run();
	assert_true(runs(v));
}

/* Woken where it may not run any more, it waits with those where it may. */
static void test_wake_repinned(void **state)
{
	struct vcpu *v = weighted(1, 1), *hog, *other;

	sched_set_affinity(v, cpumask_of(0));
	sim_run();
	block(v);
	sim_run();
	sched_set_affinity(v, cpumask_of(1));
	hog = weighted(2, 1);
	other = weighted(3, 1);
	sched_set_affinity(hog, cpumask_of(1));
	sched_set_affinity(other, cpumask_of(0));
	sim_advance(MILLISECONDS(1));
	assert_true(runs(hog) && hog->processor == 1 && runs(other));
	sched_event(v);
	sim_advance(ALLOWANCE);
	assert_true(runs(v) && v->processor == 1);
}

/* Time slept is not saved up, and a late comer has no claim to the past. */
static void test_no_saving(void **state)
{
	struct vcpu *a = weighted(1, 1), *b = weighted(2, 1), *late;
	stime_t start;

	sim_run();
	block(runs(a) ? a : b);
	sim_advance(SECONDS(30));
	sched_event(a);
	sched_event(b);
	late = weighted(3, 1);
	start = ran(a);
	sim_advance(MILLISECONDS(600));
	assert_in_range(ran(a) - start, MILLISECONDS(200) - 3 * ALLOWANCE,
			MILLISECONDS(200) + 3 * ALLOWANCE);
	assert_in_range(ran(late), MILLISECONDS(200) - 3 * ALLOWANCE,
			MILLISECONDS(200) + 3 * ALLOWANCE);
	sim_check_sched();
}

/* Who sleeps often but is always ready in time gets its share all the same. */
static void test_short_sleeps(void **state)
{
	struct vcpu *hog = weighted(1, 1), *v = weighted(2, 1);
	stime_t start = now();

	sim_run();
	srandom(8);
	while (now() < start + SECONDS(20)) {
		sim_advance(random() % MICROSECONDS(200));
		if (!runs(v))
			continue;
		block(v);
		sim_run();
		sim_advance(random() % MICROSECONDS(20));
		sched_event(v);
		sim_run();
	}
	assert_in_range(ran(v), SECONDS(9), SECONDS(10) + 2 * ALLOWANCE);
	assert_in_range(ran(hog), SECONDS(10) - 2 * ALLOWANCE, SECONDS(11));
}

/* No turn is shorter than the allowance unless its VCPU ends it. */
static void test_allowance(void **state)
{
	static const u32 allowances[] = { 100, 1000, 5000, 40000 };

	for (unsigned int i = 0; i < ARRAY_SIZE(allowances); i++) {
		stime_t allowance = MICROSECONDS(allowances[i]);
		struct vcpu *v[3], *running = NULL;
		unsigned int switches;
		stime_t since = 0;

		set_allowance(allowances[i]);
		for (int n = 0; n < 3; n++)
			v[n] = weighted(n + 1, n + 1);
		sim_advance(10 * allowance);
		switches = sim_count.switches;
		for (int step = 0; step < 3000; step++) {
			sim_advance(allowance / 20);
			/* Waking somebody does not cut it short, nor a look. */
			sched_event(v[step % 3]);
			cpu_raise_softirq(0, SOFTIRQ_SCHEDULE);
			sim_run();
			if (current == running)
				continue;
			if (running)
				assert_true(now() - since >= allowance);
			running = current;
			since = now();
		}
		/* Nor are turns much longer: 150 allowances have passed. */
		assert_in_range(sim_count.switches - switches, 30, 150);
		for (int n = 0; n < 3; n++)
			sim_domain_destroy(v[n]->domain);
	}
}

/* To yield lets others run, without a loss of share in the end. */
static void test_yield(void **state)
{
	struct vcpu *a = weighted(1, 1), *b = weighted(2, 1), *first;

	sim_run();
	first = current;
	do_sched_op(SCHEDOP_yield, NULL);
	sim_run();
	assert_ptr_equal(current, first == a ? b : a);
	for (int i = 0; i < 4000; i++) {
		sim_advance(MICROSECONDS(700));
		if (runs(a)) {
			on_cpu_of(a);
			do_sched_op(SCHEDOP_yield, NULL);
			sim_run();
			assert_true(runs(b));
		}
	}
	assert_true(ran(b) > ran(a));
	assert_in_range(ran(a), MILLISECONDS(50), SECONDS(1));
}

static void test_parameters(void **state)
{
	struct vcpu *v = spinner(1);
	struct xen_domctl_scheduler_op op = {
		.sched_id = XENOLITH_SCHEDULER_BVT,
		.cmd = XEN_DOMCTL_SCHEDOP_getinfo,
	};
	struct xen_sysctl_scheduler_op sys = {
		.sched_id = XENOLITH_SCHEDULER_BVT,
		.cmd = XEN_SYSCTL_SCHEDOP_getinfo,
	};
	struct xenolith_domctl_bvt *p = (void *)&op.u;
	struct xenolith_sysctl_bvt *s = (void *)&sys.u;

	assert_int_equal(sched_domctl(v->domain, &op), 0);
	assert_int_equal(p->mcuadv, XENOLITH_MCUADV_DEFAULT);
	op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
	p->mcuadv = 7;
	assert_int_equal(sched_domctl(v->domain, &op), 0);
	for (u16 wrong = 0; wrong < 2; wrong++) {
		p->mcuadv = wrong ? XENOLITH_MCUADV_MAX + 1 : XENOLITH_MCUADV_MIN - 1;
		assert_int_equal(sched_domctl(v->domain, &op), -XEN_EINVAL);
	}
	*p = (struct xenolith_domctl_bvt){ .mcuadv = 9, .warpback = 2 };
	assert_int_equal(sched_domctl(v->domain, &op), -XEN_EINVAL);
	*p = (struct xenolith_domctl_bvt){ .mcuadv = 9, .warpvalue = XENOLITH_WARP_MAX + 1 };
	assert_int_equal(sched_domctl(v->domain, &op), -XEN_EINVAL);
	*p = (struct xenolith_domctl_bvt){ .mcuadv = 9, .warpl = XENOLITH_WARP_US_MAX + 1 };
	assert_int_equal(sched_domctl(v->domain, &op), -XEN_EINVAL);
	*p = (struct xenolith_domctl_bvt){ .mcuadv = 9, .warpu = XENOLITH_WARP_US_MAX + 1 };
	assert_int_equal(sched_domctl(v->domain, &op), -XEN_EINVAL);
	op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
	assert_int_equal(sched_domctl(v->domain, &op), 0);
	assert_int_equal(p->mcuadv, 7);
	assert_int_equal(p->warpback | p->warpvalue | p->warpl | p->warpu, 0);
	op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
	*p = (struct xenolith_domctl_bvt){ 7, 0, 1, 2, 3, 4 };
	assert_int_equal(sched_domctl(v->domain, &op), 0);
	assert_int_equal(p->warpback, 1);
	assert_int_equal(p->warpvalue, 2);
	assert_int_equal(p->warpl, 3);
	assert_int_equal(p->warpu, 4);
	for (u32 cmd = 2; cmd < 6; cmd++) {
		op.cmd = cmd;
		assert_int_equal(sched_domctl(v->domain, &op), -XEN_EINVAL);
	}
	op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
	op.sched_id = XEN_SCHEDULER_CREDIT2;
	assert_int_equal(sched_domctl(v->domain, &op), -XEN_EINVAL);

	assert_int_equal(sched_sysctl(&sys), 0);
	assert_int_equal(MICROSECONDS(s->ctx_allow_us), ALLOWANCE);
	sys.cmd = XEN_SYSCTL_SCHEDOP_putinfo;
	s->ctx_allow_us = XENOLITH_SLICE_US_MIN - 1;
	assert_int_equal(sched_sysctl(&sys), -XEN_EINVAL);
	s->ctx_allow_us = XENOLITH_SLICE_US_MAX + 1;
	assert_int_equal(sched_sysctl(&sys), -XEN_EINVAL);
	s->ctx_allow_us = XENOLITH_SLICE_US_MAX;
	assert_int_equal(sched_sysctl(&sys), 0);
	sys.cmd = 2;
	assert_int_equal(sched_sysctl(&sys), -XEN_EINVAL);
	sys.cmd = XEN_SYSCTL_SCHEDOP_getinfo;
	s->ctx_allow_us = 0;
	assert_int_equal(sched_sysctl(&sys), 0);
	assert_int_equal(s->ctx_allow_us, XENOLITH_SLICE_US_MAX);
	sys.cpupool_id = 1;
	assert_int_equal(sched_sysctl(&sys), -XEN_ESRCH);
	sys.cpupool_id = 0;
	sys.sched_id = XENOLITH_SCHEDULER_RROBIN;
	assert_int_equal(sched_sysctl(&sys), -XEN_EINVAL);
}

/* What tools made for Xen see: weights of credit, whose default is 256. */
static void test_as_credit(void **state)
{
	struct vcpu *v = weighted(1, 42);
	struct xen_domctl_scheduler_op op = { .sched_id = XEN_SCHEDULER_CREDIT };

	op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
	memset(&op.u, 0xff, sizeof(op.u));
	assert_int_equal(sched_domctl(v->domain, &op), 0);
	assert_int_equal(op.u.credit.weight, 128);
	assert_int_equal(op.u.credit.cap, 0);
	op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
	op.u.credit.weight = 512;
	assert_int_equal(sched_domctl(v->domain, &op), 0);
	assert_int_equal(v->domain->bvt_rate, 5 * XENOLITH_MCUADV_PARTS);
	/* A quarter of the default's mcuadv is no whole number. */
	op.u.credit.weight = 1024;
	assert_int_equal(sched_domctl(v->domain, &op), 0);
	assert_int_equal(v->domain->bvt_rate, 5 * XENOLITH_MCUADV_PARTS / 2);
	op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
	assert_int_equal(sched_domctl(v->domain, &op), 0);
	assert_int_equal(op.u.credit.weight, 1024);
	op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
	/* As near as its parts come. */
	op.u.credit.weight = UINT16_MAX;
	assert_int_equal(sched_domctl(v->domain, &op), 0);
	assert_int_equal(v->domain->bvt_rate, 3);
	op.u.credit.weight = 0;
	assert_int_equal(sched_domctl(v->domain, &op), -XEN_EINVAL);
	op.u.credit = (struct xen_domctl_sched_credit){ .weight = 256, .cap = 50 };
	assert_int_equal(sched_domctl(v->domain, &op), -XEN_EINVAL);
	op.u.credit = (struct xen_domctl_sched_credit){ .weight = 1 };
	assert_int_equal(sched_domctl(v->domain, &op), -XEN_EINVAL);
	assert_int_equal(v->domain->bvt_rate, 3);
}

/*
 * In some days a virtual time wraps, and one that slept meanwhile seems to be
 * ahead. It does not wait for that.
 */
static void test_months(void **state)
{
	struct vcpu *hog = weighted(1, 1), *sleeper = weighted(2, 1);
	const stime_t day = SECONDS(86400);
	stime_t woken;

	set_mcuadv(hog, XENOLITH_MCUADV_MAX);
	sim_run();
	while (!runs(sleeper))
		sim_advance(ALLOWANCE);
	block(sleeper);
	for (int days = 0; days < 900; days += 150) {
		for (int i = 0; i < 150; i++) {
			sim_time += day;
			sim_timer[0] = sim_time;
			sim_advance(SECONDS(10));
		}
		assert_true(runs(hog));
		woken = now();
		sched_event(sleeper);
		sim_run();
		while (!runs(sleeper)) {
			sim_advance(ALLOWANCE);
			assert_in_range(now() - woken, 0, 10 * ALLOWANCE);
		}
		sim_advance(MILLISECONDS(1));
		block(sleeper);
		sim_run();
	}
}

/* Who is alone costs the machine a timer a second. */
static void test_alone(void **state)
{
	struct vcpu *v = weighted(1, 1);

	sim_run();
	sim_count.set_timer = 0;
	for (int i = 0; i < 100; i++) {
		sim_advance(MILLISECONDS(100));
		do_sched_op(SCHEDOP_yield, NULL);
		sim_run();
	}
	assert_true(runs(v));
	assert_in_range(sim_count.set_timer, 5, 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(1, bvt, test_warp),	  test(1, bvt, test_warp_limits),
		test(1, bvt, test_wake_latency),  test(2, bvt, test_wake_latency_smp),
		test(2, bvt, test_wake_repinned), test(1, bvt, test_months),
		test(1, bvt, test_alone),	  test(1, bvt, test_no_saving),
		test(1, bvt, test_short_sleeps),  test(1, bvt, test_allowance),
		test(1, bvt, test_yield),	  test(1, bvt, test_parameters),
		test(1, bvt, test_as_credit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
