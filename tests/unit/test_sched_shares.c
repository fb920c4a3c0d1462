/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Borrowed virtual time: shares by weight on one CPU and on several, and that no
 * claim of the past makes anybody starve.
 */
#include "test.h"

#include <stdlib.h>

#include "bvt_ops.h"

#define MAX 12 /* VCPUs of a test */

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

/* To be fair on two CPUs three have to move; not at every switch. */
static void test_few_moves(void **state)
{
	struct vcpu *v[3] = { weighted(1, 1), weighted(2, 1), weighted(3, 1) };
	unsigned int moves = 0, on[3] = { 0 };

	sim_advance(SECONDS(1));
	sim_count.switches = 0;
	for (int ms = 0; ms < 10000; ms++) {
		sim_advance(MILLISECONDS(1));
		for (int i = 0; i < 3; i++) {
			moves += v[i]->processor != on[i];
			on[i] = v[i]->processor;
		}
	}
	assert_in_range(moves, 10, sim_count.switches / 3);
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
		test(2, bvt, test_few_moves),
		test(1, bvt, test_no_starvation),
		test(2, bvt, test_no_starvation),
		test(1, bvt, test_change_weight),
		test(1, bvt, test_change_both_weights),
		test(1, bvt, test_weight_before_vcpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
