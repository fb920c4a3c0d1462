/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VCPUs come and go: where they are placed, what they prefer, the end of one in
 * each state, and that nothing of it depends on the scheduler.
 */
#include "test.h"

#include <stdlib.h>

#include <xen/domctl.h>
#include <xen/errno.h>
#include <xen/sysctl.h>
#include <xenolith/sched.h>

#include "sched_ops.h"

static void test_place(void **state)
{
	struct domain *d = sim_domain(1, 3, false);
	struct vcpu *v;

	/* All three were made for CPU 0. */
	assert_int_equal(sched_place(d, 0), 1);
	assert_int_equal(sched_place(d, 2), 2);
	assert_int_equal(sched_place(d, 3), 3);
	assert_int_equal(sched_place(d, 127), 1);
	/* They go where they can run, and count there. */
	for (int i = 0; i < 3; i++) {
		sched_vcpu_up(d->vcpu[i]);
		sched_set_affinity(d->vcpu[i], cpumask_of(i + 1));
	}
	sim_run();
	assert_int_equal(sched_place(d, 2), 0);
	v = spinner(2);
	sched_set_affinity(v, cpumask_of(0));
	sim_run();
	/* One each: the first from its number on. */
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(sched_place(d, i), i);
	sim_domain_destroy(d);
	assert_int_equal(sched_place(v->domain, 0), 1);
}

/* A domain's VCPUs, and those of several, are spread evenly. */
static void test_place_many(void **state)
{
	unsigned int count[4] = { 0 };
	struct domain *d[5];

	for (int i = 0; i < 5; i++) {
		d[i] = sim_domain(i, 3, false);
		for (int j = 0; j < 3; j++) {
			sched_vcpu_destroy(d[i]->vcpu[j]);
			assert_int_equal(sched_vcpu_init(d[i]->vcpu[j], sched_place(d[i], j)), 0);
			count[d[i]->vcpu[j]->processor]++;
		}
	}
	for (int cpu = 0; cpu < 4; cpu++)
		assert_in_range(count[cpu], 3, 4);
}

static void test_soft_affinity(void **state)
{
	struct vcpu *v = spinner(1), *other = spinner(2);

	sim_run();
	assert_int_equal(sched_get_soft_affinity(v), ~0ull);
	assert_int_equal(sched_set_soft_affinity(v, 0), -XEN_EINVAL);
	assert_int_equal(sched_set_soft_affinity(v, ~0xfull), -XEN_EINVAL);
	sched_set_affinity(other, cpumask_of(0));
	for (int i = 0; i < 8; i++) {
		unsigned int cpu = 1 + i % 3;

		assert_int_equal(sched_set_soft_affinity(v, cpumask_of(cpu)), 0);
		assert_int_equal(sched_get_soft_affinity(v), cpumask_of(cpu));
		block(v);
		sim_run();
		sched_event(v);
		sim_run();
		assert_int_equal(v->processor, cpu);
	}
	/* It waits for none: when another runs there it takes any that idles. */
	assert_int_equal(sched_set_soft_affinity(v, cpumask_of(0)), 0);
	block(v);
	sim_run();
	sched_event(v);
	sim_run();
	assert_true(runs(v) && v->processor != 0);
	/* What is not allowed is not preferred. */
	sched_set_affinity(other, cpumask_of(3));
	assert_int_equal(sched_set_affinity(v, 6), 0);
	assert_int_equal(sched_get_affinity(v), 6);
	block(v);
	sim_run();
	sched_event(v);
	sim_run();
	assert_true(runs(v) && (v->processor == 1 || v->processor == 2));
	sim_check_sched();
}

/* How long v has run since it was made, in ns. */
static u64 cpu_time(struct vcpu *v)
{
	struct vcpu_runstate_info r;

	sched_runstate(v, &r);
	return r.time[RUNSTATE_running];
}

static void test_cpu_time(void **state)
{
	struct vcpu *v = spinner(1);
	stime_t start = now();
	struct vcpu_runstate_info r;

	sim_run();
	for (int i = 0; i < 40; i++) {
		sim_advance(MILLISECONDS(3));
		assert_int_equal(cpu_time(v), MILLISECONDS(3) * (i + 1));
		assert_int_equal(sched_set_affinity(v, cpumask_of(i % 4)), 0);
		sim_run();
		assert_int_equal(v->processor, i % 4);
		block(v);
		sim_advance(MILLISECONDS(1));
		assert_int_equal(cpu_time(v), MILLISECONDS(3) * (i + 1));
		sched_event(v);
		sim_run();
	}
	sched_runstate(v, &r);
	assert_int_equal(r.time[RUNSTATE_blocked], MILLISECONDS(40));
	assert_int_equal(r.time[RUNSTATE_running] + r.time[RUNSTATE_blocked], now() - start);
}

/* Each of the ways to be destroyed in; sim_exit() finds what is left. */
static void test_destroy(void **state)
{
	struct sched_poll poll = { .nr_ports = 0 };
	struct vcpu *stays = spinner(1), *v;
	cpumask_t only = cpumask_of(stays->processor);

	sim_run();
	only = cpumask_of(stays->processor);
	for (int way = 0; way < 9; way++) {
		v = sim_domain(2, 1, way != 0)->vcpu[0];
		sim_run();
		if (way == 1) { /* runs */
			assert_true(runs(v));
		} else if (way == 2) { /* waits */
			sched_set_affinity(v, only);
			sim_run();
			if (runs(v)) {
				sched_set_affinity(stays, only);
				sim_run();
			}
		} else if (way == 3) { /* blocked */
			block(v);
			sim_run();
		} else if (way == 4) { /* polls */
			on_cpu_of(v);
			assert_int_equal(sim_sched_op(SCHEDOP_poll, &poll, sizeof(poll)), 0);
			sim_run();
			assert_int_equal(v->domain->pollers, 1);
		} else if (way == 5) { /* paused */
			domain_pause(v->domain);
			sim_run();
		} else if (way == 6) { /* has just been told to sleep, and to wake */
			block(v);
			sched_event(v);
		} else if (way == 7) { /* is moving */
			sched_set_affinity(v, ~cpumask_of(v->processor));
		} else if (way == 8) { /* an idle CPU was woken for it */
			block(v);
			sim_run();
			sched_event(v);
			assert_false(runs(v));
		}
		sim_cpu = __builtin_ctzll(only);
		if (current == v)
			sim_cpu = !sim_cpu;
		sched_vcpu_destroy(v);
		assert_false(v->is_running || v->sched_runnable);
		assert_int_equal(v->domain->pollers, 0);
		/* Too late for all of these. */
		sched_wake(v);
		sched_event(v);
		sched_sleep(v);
		sched_unblock(v);
		sim_run();
		assert_false(v->is_running);
		sim_check_sched();
		/* The domain's end wants one that is there. */
		assert_int_equal(sched_vcpu_init(v, 0), 0);
		sim_domain_destroy(v->domain);
		sched_set_affinity(stays, ~0ull);
		sim_advance(MILLISECONDS(20));
		assert_true(runs(stays));
	}
}

/* While its CPU has not saved it yet: waits until that is done. */
static bool save_now(void)
{
	if (sim_delay_save) {
		sim_delay_save = false;
		sim_save(1);
	}
	return false;
}

static void test_sleep_sync_unsaved(void **state)
{
	struct vcpu *a = spinner(1), *b = spinner(2);

	sched_set_affinity(a, cpumask_of(0));
	sched_set_affinity(b, cpumask_of(1));
	sim_run();
	sim_delay_save = true;
	__atomic_add_fetch(&b->pause_count, 1, __ATOMIC_SEQ_CST);
	on_cpu_of(a);
	sched_sleep(b);
	sim_run_cpu(1);
	assert_true(b->is_running);
	sim_preempt = save_now;
	sched_sleep_sync(b);
	assert_false(sim_delay_save);
	assert_false(b->is_running);
	sim_preempt = NULL;
}

static void test_dump(void **state)
{
	struct vcpu *v = spinner(1);

	spinner(2);
	spinner(3);
	sim_run();
	block(v);
	sched_dump();
	sim_run();
	sched_dump();
}

static void test_rrobin_control(void **state)
{
	struct vcpu *v = spinner(1);
	struct xen_domctl_scheduler_op op = {
		.sched_id = XENOLITH_SCHEDULER_RROBIN,
		.cmd = XEN_DOMCTL_SCHEDOP_getinfo,
	};
	struct xen_sysctl_scheduler_op sys = {
		.sched_id = XENOLITH_SCHEDULER_RROBIN,
		.cmd = XEN_SYSCTL_SCHEDOP_getinfo,
	};
	struct xenolith_sysctl_rrobin *p = (void *)&sys.u;

	assert_int_equal(sched_domctl(v->domain, &op), -XEN_EOPNOTSUPP);
	op.sched_id = XENOLITH_SCHEDULER_BVT;
	assert_int_equal(sched_domctl(v->domain, &op), -XEN_EINVAL);
	assert_int_equal(sched_sysctl(&sys), 0);
	assert_int_equal(p->slice_us, 10000);
	sys.cmd = XEN_SYSCTL_SCHEDOP_putinfo;
	p->slice_us = 1234;
	assert_int_equal(sched_sysctl(&sys), 0);
	p->slice_us = 0;
	assert_int_equal(sched_sysctl(&sys), -XEN_EINVAL);
	sys.cmd = XEN_SYSCTL_SCHEDOP_getinfo;
	assert_int_equal(sched_sysctl(&sys), 0);
	assert_int_equal(p->slice_us, 1234);
}

/* Parameters within and out of their ranges. */
static void random_parameters(struct domain *d)
{
	struct xenolith_domctl_bvt p = { .mcuadv = random() % 1100 };
	struct xenolith_sysctl_bvt s = { .ctx_allow_us = 1 + random() % 20000 };

	if (sched_current()->id == XENOLITH_SCHEDULER_BVT && random() % 4)
		sched_adjust(d, &p, true);
	else
		sched_control(&s, true);
}

static void random_step(struct domain *d, struct vcpu *v)
{
	switch (random() % 14) {
	case 0:
		domain_pause(d);
		break;
	case 1:
	case 2:
		if (d->pause_count)
			domain_unpause(d);
		break;
	case 3:
		sched_set_affinity(v, 1 + random() % 15);
		break;
	case 4:
		sched_set_soft_affinity(v, 1 + random() % 15);
		break;
	case 5:
	case 6:
		if (runs(v))
			block(v);
		break;
	case 7:
		sched_vcpu_down(v);
		break;
	case 8:
		sched_vcpu_up(v);
		break;
	case 9:
		if (runs(v)) {
			on_cpu_of(v);
			do_sched_op(SCHEDOP_yield, NULL);
		}
		break;
	case 10:
		random_parameters(d);
		break;
	default:
		sched_event(v);
		break;
	}
}

/* As domains come and go; saving the last VCPU may take its time. */
static void test_random(void **state)
{
	struct domain *d[5] = { NULL };
	stime_t born[5];

	srandom(14);
	for (int step = 0; step < 40000; step++) {
		int i = random() % 5;
		struct vcpu *v;

		if (!d[i]) {
			d[i] = sim_domain(i, 1 + random() % 3, random() % 2);
			born[i] = now();
		}
		v = d[i]->vcpu[random() % d[i]->max_vcpus];
		if (random() % 100 == 0) {
			sim_cpu = random() % 4;
			if (current->domain == d[i])
				continue;
			if (random() % 2)
				sched_vcpu_destroy(v), assert_int_equal(sched_vcpu_init(v, 3), 0);
			else
				sim_domain_destroy(d[i]), d[i] = NULL;
			continue;
		}
		random_step(d[i], v);
		if (random() % 3 == 0)
			continue; /* several before anybody looks */
		if (random() % 3 == 0)
			sim_advance(random() % (2 * SLICE));
		sim_run();
		sim_check_sched();
		for_each_vcpu(d[i], v)
			assert_true((stime_t)cpu_time(v) <= now() - born[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_all(4, test_place),	 test_all(4, test_place_many),
		test_all(4, test_soft_affinity), test_all(4, test_cpu_time),
		test_all(2, test_destroy),	 test_all(2, test_sleep_sync_unsaved),
		test_all(2, test_dump),		 test(1, rrobin, test_rrobin_control),
		test_all(4, test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
