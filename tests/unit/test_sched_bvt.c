/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Borrowed virtual time: shares by weight on one CPU and on several, that nobody
 * starves or saves up, how soon one that wakes runs, and the allowance.
 */
#include "test.h"

#include <stdlib.h>

#include <xen/domctl.h>
#include <xen/errno.h>
#include <xen/sysctl.h>
#include <xenolith/sched.h>

#include "lib/string.h"
#include "sched_ops.h"

#define ALLOWANCE MILLISECONDS(5)
#define MAX 12 /* VCPUs of a test */

static void set_mcuadv(struct vcpu *v, u16 mcuadv)
{
	struct xenolith_domctl_bvt p = { .mcuadv = mcuadv };

	assert_int_equal(sched_adjust(v->domain, &p, true), 0);
}

static void set_allowance(u32 us)
{
	struct xenolith_sysctl_bvt p = { .ctx_allow_us = us };

	assert_int_equal(sched_control(&p, true), 0);
}

/* A domain of one busy VCPU, with a weight: mcuadv is its inverse. */
static struct vcpu *weighted(u16 domid, u16 weight)
{
	struct vcpu *v = sim_domain(domid, 1, false)->vcpu[0];

	set_mcuadv(v, 840 / weight);
	sched_vcpu_up(v);
	return v;
}

/*
 * What busy VCPUs should get of so many CPUs: shares by weight, but nobody more
 * than one CPU, and what that leaves goes to the others by weight.
 */
static void ideal_shares(const u16 *weight, double *share, int n, double cpus)
{
	double sum = 0;

	for (int i = 0; i < n; i++) {
		share[i] = 0;
		sum += weight[i];
	}
	for (bool again = true; again;) {
		again = false;
		for (int i = 0; i < n; i++)
			if (!share[i] && weight[i] * cpus >= sum) {
				share[i] = 1;
				sum -= weight[i];
				cpus--;
				again = true;
			}
	}
	for (int i = 0; i < n; i++)
		if (!share[i])
			share[i] = weight[i] * cpus / sum;
}

/* Within 3 % of the share for the time from start on, which is so long ago. */
static void check_shares(struct vcpu **v, const stime_t *start, const u16 *weight, int n, int cpus,
			 stime_t time)
{
	double share[MAX];

	ideal_shares(weight, share, n, cpus);
	for (int i = 0; i < n; i++) {
		double got = ran(v[i]) - start[i], due = share[i] * time;

		if (got >= due * 0.97 && got <= due * 1.03)
			continue;
		for (int j = 0; j < n; j++)
			print_message("weight %2d: %.4f of %d CPUs, due %.4f\n", weight[j],
				      (double)(ran(v[j]) - start[j]) / time, cpus, share[j]);
		fail_msg("share %d", i);
	}
}

static void share(const u16 *weight, int n, int cpus, stime_t time)
{
	stime_t start[MAX];
	struct vcpu *v[MAX];

	for (int i = 0; i < n; i++)
		v[i] = weighted(i + 1, weight[i]);
	sim_advance(MILLISECONDS(500));
	for (int i = 0; i < n; i++)
		start[i] = ran(v[i]);
	sim_advance(time);
	check_shares(v, start, weight, n, cpus, time);
	sim_check_sched();
	for (int i = 0; i < n; i++)
		sim_domain_destroy(v[i]->domain);
}

#define SHARE(cpus, ...)                                                                  \
	share((u16[]){ __VA_ARGS__ }, sizeof((u16[]){ __VA_ARGS__ }) / sizeof(u16), cpus, \
	      SECONDS(20))

static void test_shares(void **state)
{
	SHARE(1, 1);
	SHARE(1, 1, 1);
	SHARE(1, 1, 2);
	SHARE(1, 1, 4);
	SHARE(1, 1, 2, 5, 7);
	SHARE(1, 84, 42, 42);
	set_allowance(XENOLITH_SLICE_US_MIN);
	SHARE(1, 1, 2);
	SHARE(1, 3, 3, 20);
	set_allowance(50000);
	SHARE(1, 2, 3);
}

static void test_shares_smp(void **state)
{
	SHARE(2, 1, 1, 1);
	SHARE(2, 1, 2, 3);
	SHARE(2, 2, 3, 3);
	SHARE(2, 5, 6, 7);
	/* More than a CPU to itself is due to the last. */
	SHARE(2, 1, 1, 4);
	SHARE(2, 1, 2, 20);
	SHARE(2, 1, 1);
	SHARE(2, 1, 1, 1, 1);
	SHARE(2, 1, 2, 1, 2);
	SHARE(2, 1, 1, 1, 1, 1);
	SHARE(2, 1, 2, 3, 4, 5, 6, 7);
	set_allowance(1000);
	SHARE(2, 1, 2, 3);
}

static void test_shares_any(void **state)
{
	int cpus = __builtin_popcountll(sched_cpus());

	srandom(11);
	for (int round = 0; round < 40; round++) {
		int n = 2 + random() % (MAX - 1);
		u16 weight[MAX];

		for (int i = 0; i < n; i++)
			weight[i] = (u16[]){ 1, 2, 3, 4, 5, 6, 7, 8, 10, 12 }[random() % 10];
		share(weight, n, cpus, SECONDS(20));
	}
}

/* Crowded on one CPU they share it by weight, whatever goes on on the other. */
static void test_shares_pinned(void **state)
{
	static const u16 weight[] = { 1, 2, 4 };
	struct vcpu *crowd[3], *alone[5];
	stime_t start[3];

	for (int i = 0; i < 3; i++) {
		crowd[i] = weighted(i + 1, weight[i]);
		assert_int_equal(sched_set_affinity(crowd[i], cpumask_of(1)), 0);
	}
	alone[0] = weighted(10, 1);
	assert_int_equal(sched_set_affinity(alone[0], cpumask_of(0)), 0);
	for (int n = 0; n < 5; n++) {
		for (int i = 0; i < 3; i++)
			start[i] = ran(crowd[i]);
		sim_advance(SECONDS(10));
		check_shares(crowd, start, weight, 3, 1, SECONDS(10));
		if (n < 4) {
			alone[n + 1] = weighted(11 + n, 1 + 3 * n);
			assert_int_equal(sched_set_affinity(alone[n + 1], cpumask_of(0)), 0);
		}
	}
	assert_in_range(ran(alone[0]), SECONDS(10), SECONDS(50));
}

/*
 * However far two CPUs drifted apart, when the pins go the shares are right soon:
 * nobody has to wait until a debt is paid.
 */
static void test_no_old_debts(void **state)
{
	static const u16 weight[] = { 1, 1, 1, 1, 1 };
	struct vcpu *v[5];
	stime_t start[5];

	for (int i = 0; i < 5; i++) {
		v[i] = weighted(i + 1, 1);
		assert_int_equal(sched_set_affinity(v[i], cpumask_of(i == 0)), 0);
	}
	sim_advance(SECONDS(100));
	assert_in_range(ran(v[0]), SECONDS(99), SECONDS(101));
	for (int i = 0; i < 5; i++)
		assert_int_equal(sched_set_affinity(v[i], ~0ull), 0);
	sim_advance(SECONDS(1));
	for (int i = 0; i < 5; i++)
		start[i] = ran(v[i]);
	sim_advance(SECONDS(10));
	check_shares(v, start, weight, 5, 2, SECONDS(10));
}

/* After a weight that was worth more than the CPU it had. */
static void test_no_hidden_claim(void **state)
{
	struct vcpu *heavy = weighted(1, 84), *a = weighted(2, 1), *b = weighted(3, 1), *late;
	stime_t before;

	sim_advance(SECONDS(100));
	assert_in_range(ran(heavy), SECONDS(99), SECONDS(100));
	late = weighted(4, 1);
	before = ran(a) + ran(b);
	sim_advance(SECONDS(6));
	assert_in_range(ran(late), MILLISECONDS(1900), MILLISECONDS(2100));
	assert_in_range(ran(a) + ran(b) - before, MILLISECONDS(3800), MILLISECONDS(4200));
	/* And when there is only one CPU for all it does not get that alone. */
	sched_set_affinity(heavy, 1);
	sched_set_affinity(late, 1);
	sched_set_affinity(a, 1);
	before = ran(late);
	sim_advance(SECONDS(10));
	assert_true(ran(late) > before);
}

/* Nor when the weight changes: what it could not use is nobody's debt. */
static void test_no_hidden_claim_later(void **state)
{
	static const u16 weight[] = { 1, 1, 1 };
	struct vcpu *v[3] = { weighted(1, 84), weighted(2, 1), weighted(3, 1) };
	stime_t start[3];

	sim_advance(SECONDS(100));
	set_mcuadv(v[0], 840);
	sim_advance(SECONDS(1));
	for (int i = 0; i < 3; i++)
		start[i] = ran(v[i]);
	sim_advance(SECONDS(10));
	check_shares(v, start, weight, 3, 2, SECONDS(10));
}

/* The longest time for which one of n busy VCPUs was not given a CPU. */
static stime_t longest_wait(struct vcpu **v, int n, stime_t time)
{
	stime_t last[MAX], run[MAX], longest = 0;

	for (int i = 0; i < n; i++) {
		last[i] = now();
		run[i] = ran(v[i]);
	}
	for (stime_t end = now() + time; now() < end;) {
		sim_advance(MICROSECONDS(100));
		for (int i = 0; i < n; i++) {
			if (ran(v[i]) != run[i])
				last[i] = now();
			run[i] = ran(v[i]);
			longest = max(longest, now() - last[i]);
		}
	}
	return longest;
}

static void test_no_starvation(void **state)
{
	static const u16 weight[] = { 10, 1, 5, 2, 3 };
	int cpus = __builtin_popcountll(sched_cpus());
	struct vcpu *v[6];

	for (int i = 0; i < 5; i++)
		v[i] = weighted(i + 1, weight[i]);
	/* The lightest has 1/21 of a CPU, in turns of two allowances at most. */
	assert_in_range(longest_wait(v, 5, SECONDS(4)), 2 * ALLOWANCE, (2 * 21 + 5) * ALLOWANCE);
	/* One that comes and goes all the time does not take the others' place. */
	v[5] = weighted(9, 10);
	for (int i = 0; i < 3000; i++) {
		sim_advance(MICROSECONDS(700));
		if (runs(v[5])) {
			block(v[5]);
			sim_run();
			sim_advance(MICROSECONDS(10));
		}
		sched_event(v[5]);
		sim_run();
	}
	for (int i = 0; i < 5; i++)
		assert_true(ran(v[i]) > SECONDS(5) * cpus / 31 / 2);
	assert_in_range(longest_wait(v, 5, SECONDS(4)), 2 * ALLOWANCE, (2 * 31 + 6) * ALLOWANCE);
}

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

/* A change of weight counts from now on, for those that run, wait and sleep. */
static void test_change_weight(void **state)
{
	static const u16 weights[][3] = { { 1, 2, 0 }, { 84, 1, 0 }, { 1, 84, 0 }, { 1, 1, 0 } };
	struct vcpu *v[3] = { weighted(1, 1), weighted(2, 1), weighted(3, 1) };
	stime_t start[3];

	sim_run();
	for (unsigned int n = 0; n < ARRAY_SIZE(weights); n++) {
		for (int i = 0; i < 2; i++)
			set_mcuadv(v[i], 840 / weights[n][i]);
		set_mcuadv(v[2], n % 2 ? 1 : 1000);
		while (!runs(v[2]))
			sim_advance(MILLISECONDS(10));
		block(v[2]);
		sim_advance(SECONDS(2));
		for (int i = 0; i < 2; i++)
			start[i] = ran(v[i]);
		sim_advance(SECONDS(100));
		check_shares(v, start, weights[n], 2, 1, SECONDS(100));
		sched_event(v[2]);
		sim_run();
	}
}

/* And takes nobody's place for longer than it would have been. */
static void test_change_both_weights(void **state)
{
	struct vcpu *v[2] = { weighted(1, 1), weighted(2, 1) };

	for (int n = 0; n < 10; n++) {
		for (int i = 0; i < 2; i++)
			set_mcuadv(v[i], n % 2 ? XENOLITH_MCUADV_MIN : XENOLITH_MCUADV_MAX);
		assert_in_range(longest_wait(v, 2, MILLISECONDS(203)), ALLOWANCE, 4 * ALLOWANCE);
	}
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
	*p = (struct xenolith_domctl_bvt){ .mcuadv = 9, .warpback = 1 };
	assert_int_equal(sched_domctl(v->domain, &op), -XEN_EOPNOTSUPP);
	*p = (struct xenolith_domctl_bvt){ .mcuadv = 9, .warpvalue = 1 };
	assert_int_equal(sched_domctl(v->domain, &op), -XEN_EOPNOTSUPP);
	*p = (struct xenolith_domctl_bvt){ .mcuadv = 9, .warpl = 1 };
	assert_int_equal(sched_domctl(v->domain, &op), -XEN_EOPNOTSUPP);
	*p = (struct xenolith_domctl_bvt){ .mcuadv = 9, .warpu = 1 };
	assert_int_equal(sched_domctl(v->domain, &op), -XEN_EOPNOTSUPP);
	op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
	assert_int_equal(sched_domctl(v->domain, &op), 0);
	assert_int_equal(p->mcuadv, 7);
	assert_int_equal(p->warpback | p->warpvalue | p->warpl | p->warpu, 0);
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
	assert_int_equal(v->domain->bvt_mcuadv, 5);
	/* As near as mcuadv comes. */
	op.u.credit.weight = UINT16_MAX;
	assert_int_equal(sched_domctl(v->domain, &op), 0);
	assert_int_equal(v->domain->bvt_mcuadv, XENOLITH_MCUADV_MIN);
	op.u.credit.weight = 0;
	assert_int_equal(sched_domctl(v->domain, &op), -XEN_EINVAL);
	op.u.credit = (struct xen_domctl_sched_credit){ .weight = 256, .cap = 50 };
	assert_int_equal(sched_domctl(v->domain, &op), -XEN_EINVAL);
	op.u.credit = (struct xen_domctl_sched_credit){ .weight = 1 };
	assert_int_equal(sched_domctl(v->domain, &op), -XEN_EINVAL);
	assert_int_equal(v->domain->bvt_mcuadv, XENOLITH_MCUADV_MIN);
}

/* VCPUs that come after the weight was set have it too. */
static void test_weight_before_vcpus(void **state)
{
	struct domain *d = sim_domain(1, 2, false);
	struct vcpu *other = weighted(2, 4), *v;

	sched_vcpu_destroy(d->vcpu[1]);
	set_mcuadv(d->vcpu[0], 840 / 2);
	assert_int_equal(sched_vcpu_init(d->vcpu[1], 0), 0);
	v = d->vcpu[1];
	sched_vcpu_up(v);
	sim_advance(SECONDS(30));
	assert_in_range(ran(v), MILLISECONDS(9700), MILLISECONDS(10300));
	assert_in_range(ran(other), MILLISECONDS(19700), MILLISECONDS(20300));
}

/*
 * In some months a virtual time wraps, and one that slept meanwhile seems to be
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
		for (int i = 0; i < 15; i++) {
			sim_time += 10 * day;
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
		test(1, bvt, test_shares),
		test(2, bvt, test_shares_smp),
		test(2, bvt, test_shares_any),
		test(4, bvt, test_shares_any),
		test(2, bvt, test_shares_pinned),
		test(2, bvt, test_no_old_debts),
		test(2, bvt, test_no_hidden_claim),
		test(2, bvt, test_no_hidden_claim_later),
		test(1, bvt, test_no_starvation),
		test(2, bvt, test_no_starvation),
		test(1, bvt, test_wake_latency),
		test(2, bvt, test_wake_latency_smp),
		test(2, bvt, test_wake_repinned),
		test(1, bvt, test_months),
		test(1, bvt, test_alone),
		test(1, bvt, test_no_saving),
		test(1, bvt, test_short_sleeps),
		test(1, bvt, test_allowance),
		test(1, bvt, test_yield),
		test(1, bvt, test_change_weight),
		test(1, bvt, test_change_both_weights),
		test(1, bvt, test_parameters),
		test(1, bvt, test_as_credit),
		test(1, bvt, test_weight_before_vcpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
