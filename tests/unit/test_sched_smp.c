/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler on several CPUs: who runs where, moving, and the hand-over of a
 * VCPU from one CPU to another.
 */
#include "test.h"

#include <stdlib.h>

#include <xen/errno.h>

#include "sched_ops.h"

static void test_fair_smp(void **state)
{
	struct vcpu *v[5];

	for (int i = 0; i < 5; i++)
		v[i] = spinner(i + 1);
	sim_advance(SECONDS(5));
	for (int i = 0; i < 5; i++)
		assert_in_range(ran(v[i]), SECONDS(2) - 3 * SLICE, SECONDS(2) + 3 * SLICE);
	sim_check_sched();
}

static void test_sleep_sync(void **state)
{
	struct vcpu *a = spinner(1), *b = spinner(2);

	sim_run();
	assert_true(runs(a) && runs(b) && a->processor != b->processor);
	on_cpu_of(a);
	__atomic_fetch_add(&b->pause_count, 1, __ATOMIC_SEQ_CST);
	sched_sleep_sync(b);
	assert_false(b->is_running);
	b->pause_count = 0;
	sched_wake(b);
	sim_run();
	assert_true(runs(b));
}

/* Each VCPU that wakes gets a CPU of its own while there are some. */
static void test_spread(void **state)
{
	struct vcpu *v[4];
	u64 used = 0;

	for (int i = 0; i < 4; i++)
		v[i] = sim_domain(i, 1, false)->vcpu[0];
	for (int i = 0; i < 4; i++)
		sched_vcpu_up(v[i]);
	sim_run();
	for (int i = 0; i < 4; i++) {
		assert_true(runs(v[i]));
		used |= cpumask_of(v[i]->processor);
	}
	assert_int_equal(used, 0xf);
	/* And goes back to where it was. */
	for (int n = 0; n < 10; n++) {
		unsigned int cpu = v[n % 4]->processor;

		block(v[n % 4]);
		sim_run();
		sched_event(v[n % 4]);
		sim_run();
		assert_int_equal(v[n % 4]->processor, cpu);
	}
	assert_int_equal(sim_count.kicks, 0);
}

/* Of several idle CPUs the one that it ran on. */
static void test_stay(void **state)
{
	struct vcpu *v = spinner(1);

	sim_run();
	for (unsigned int cpu = 0; cpu < 4; cpu++) {
		sched_set_affinity(v, cpumask_of(cpu));
		sim_run();
		sched_set_affinity(v, ~0ull);
		block(v);
		sim_run();
		sched_event(v);
		sim_run();
		assert_true(runs(v));
		assert_int_equal(v->processor, cpu);
	}
}

/* A CPU whose VCPU blocks takes one that waits. */
static void test_take_waiting(void **state)
{
	struct vcpu *v[3] = { spinner(1), spinner(2), spinner(3) }, *gone;
	int waiting = 0;

	sim_run();
	for (int i = 0; i < 3; i++)
		if (!runs(v[i]))
			waiting = i;
	gone = v[(waiting + 1) % 3];
	block(gone);
	sim_run();
	assert_true(runs(v[waiting]));
	assert_int_equal(v[waiting]->processor, gone->processor);
	assert_int_equal(ran(v[waiting]), 0); /* at once */
	sim_check_sched();
}

static void test_affinity(void **state)
{
	struct vcpu *a = spinner(1), *b = spinner(2);

	sim_run();
	assert_int_equal(sched_set_affinity(a, 0), -XEN_EINVAL);
	assert_int_equal(sched_set_affinity(a, ~0xfull), -XEN_EINVAL);
	/* While it runs. */
	assert_int_equal(sched_set_affinity(a, cpumask_of(3)), 0);
	sim_run();
	assert_true(runs(a));
	assert_int_equal(a->processor, 3);
	/* Two on one CPU share it though others idle. */
	assert_int_equal(sched_set_affinity(b, cpumask_of(3)), 0);
	sim_advance(SECONDS(1));
	assert_in_range(ran(b), MILLISECONDS(490), MILLISECONDS(510));
	/* While it waits. */
	a = runs(a) ? b : a;
	assert_false(runs(a));
	assert_int_equal(sched_set_affinity(a, cpumask_of(1) | cpumask_of(2)), 0);
	sim_run();
	assert_true(runs(a) && (a->processor == 1 || a->processor == 2));
	/* While it sleeps. */
	block(a);
	sim_run();
	assert_int_equal(sched_set_affinity(a, cpumask_of(0)), 0);
	sched_event(a);
	sim_run();
	assert_true(runs(a) && a->processor == 0);
	sim_check_sched();
}

/* Pushed off its CPU by one that can run nowhere else, it moves on. */
static void test_displaced(void **state)
{
	struct vcpu *a = spinner(1), *pinned = sim_domain(2, 1, false)->vcpu[0];

	sim_run();
	assert_int_equal(sched_set_affinity(pinned, cpumask_of(a->processor)), 0);
	sched_vcpu_up(pinned);
	sim_run();
	assert_true(runs(a) && !runs(pinned));
	sim_advance(SLICE);
	assert_true(runs(a) && runs(pinned));
	assert_int_not_equal(a->processor, pinned->processor);
	sim_check_sched();
}

static void test_pin_override(void **state)
{
	struct sched_pin_override op = { .pcpu = 1 };
	struct vcpu *v = spinner(0), *other = sim_domain(1, 1, false)->vcpu[0];

	sim_run();
	on_cpu_of(v);
	sched_set_affinity(v, 0x6);
	sim_run();
	on_cpu_of(v);
	assert_int_equal(sim_sched_op(SCHEDOP_pin_override, &op, sizeof(op)), 0);
	assert_int_equal(v->affinity, 2);
	assert_int_equal(sim_sched_op(SCHEDOP_pin_override, &op, sizeof(op)), -XEN_EBUSY);
	assert_int_equal(sched_set_affinity(v, 1), -XEN_EBUSY);
	sim_run();
	on_cpu_of(v);
	assert_int_equal(v->processor, 1);
	op.pcpu = -5;
	assert_int_equal(sim_sched_op(SCHEDOP_pin_override, &op, sizeof(op)), 0);
	assert_int_equal(v->affinity, 6);
	assert_int_equal(sim_sched_op(SCHEDOP_pin_override, &op, sizeof(op)), -XEN_EINVAL);
	op.pcpu = 63;
	assert_int_equal(sim_sched_op(SCHEDOP_pin_override, &op, sizeof(op)), -XEN_EINVAL);
	op.pcpu = 64;
	assert_int_equal(sim_sched_op(SCHEDOP_pin_override, &op, sizeof(op)), -XEN_EINVAL);
	sched_vcpu_up(other);
	sim_run();
	on_cpu_of(other);
	assert_int_equal(sim_sched_op(SCHEDOP_pin_override, &op, sizeof(op)), -XEN_EPERM);
}

/* Until its registers are saved a VCPU is nobody's, however ready it is. */
static void test_handover(void **state)
{
	struct vcpu *a = spinner(1), *b = spinner(2), *c;
	unsigned int cpu;

	sim_run();
	c = spinner(3);
	cpu = a->processor;
	on_cpu_of(a);
	sim_delay_save = true;
	do_sched_op(SCHEDOP_yield, NULL);
	sim_run_cpu(cpu);
	assert_true(runs(c));
	assert_true(a->is_running && a->runstate.state == RUNSTATE_runnable);
	/* The other CPU has nothing else, and still must not take it. */
	block(b);
	sim_run_cpu(!cpu);
	sim_delay_save = false;
	assert_true(sim_current[!cpu]->is_idle);
	sim_save(!cpu);
	sim_run();
	assert_true(sim_current[!cpu]->is_idle);
	/* Now it may, and is told so. */
	sim_save(cpu);
	sim_run();
	assert_ptr_equal(sim_current[!cpu], a);
	sim_check_sched();
}

static void test_wake_during_handover(void **state)
{
	struct vcpu *a = spinner(1);
	unsigned int cpu;

	sim_run();
	cpu = a->processor;
	sim_delay_save = true;
	block(a);
	sim_run_cpu(cpu);
	sim_delay_save = false;
	sim_cpu = !cpu;
	sched_event(a);
	sim_run_cpu(!cpu);
	assert_true(sim_current[!cpu]->is_idle);
	sim_save(cpu);
	sim_run();
	assert_true(runs(a));
	sim_check_sched();
}

/* An event for a VCPU that runs elsewhere makes that CPU look. */
static void test_kick(void **state)
{
	struct vcpu *a = spinner(1), *b = spinner(2);
	long port;

	sim_run();
	on_cpu_of(a);
	port = ev_alloc_unbound(DOMID_SELF, 2);
	on_cpu_of(b);
	port = ev_bind_interdomain(1, port);
	assert_int_equal(sim_count.kicks, 0);
	ev_send(port);
	assert_int_equal(sim_count.kicks, 1);
	assert_int_equal(sim_kicked, cpumask_of(a->processor));
	ev_send(port);
	assert_int_equal(sim_count.kicks, 1);
}

static void test_random(void **state)
{
	struct domain *d[4];

	srandom(6);
	for (int i = 0; i < 4; i++)
		d[i] = sim_domain(i, 1 + i, true);
	sim_run();
	for (int step = 0; step < 20000; step++) {
		struct domain *x = d[random() % 4];
		struct vcpu *v = x->vcpu[random() % x->max_vcpus];

		switch (random() % 10) {
		case 0:
			domain_pause(x);
			break;
		case 1:
			if (x->pause_count)
				domain_unpause(x);
			break;
		case 2:
			sched_set_affinity(v, 1 + random() % 15);
			break;
		case 3:
		case 4:
			if (runs(v))
				block(v);
			break;
		case 5:
			sched_vcpu_down(v);
			break;
		case 6:
			sched_vcpu_up(v);
			break;
		case 7:
			if (runs(v)) {
				on_cpu_of(v);
				do_sched_op(SCHEDOP_yield, NULL);
			}
			break;
		default:
			sched_event(v);
			break;
		}
		if (random() % 4 == 0)
			continue; /* several before anybody looks */
		if (random() % 4 == 0)
			sim_advance(random() % (2 * SLICE));
		sim_run();
		sim_check_sched();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_all(2, test_fair_smp),	test_all(2, test_sleep_sync),
		test_all(4, test_spread),	test_all(4, test_stay),
		test_all(2, test_take_waiting), test_all(4, test_affinity),
		test_all(2, test_displaced),	test_all(4, test_pin_override),
		test_all(2, test_handover),	test_all(2, test_wake_during_handover),
		test_all(2, test_kick),		test_all(4, test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
