/* SPDX-License-Identifier: GPL-2.0-only */
/* The scheduler on one CPU: who runs, for how long; waking, sleeping, run states. */
#include "test.h"

#include <stdlib.h>

#include <xen/errno.h>
#include <xenolith/sched.h>

#include "sched_ops.h"

static void test_select(void **state)
{
	assert_string_equal(sched_current()->opt_name, "rrobin");
	assert_false(sched_init("no such thing"));
	assert_string_equal(sched_current()->opt_name, "bvt");
	assert_true(sched_init("rrobin"));
	assert_string_equal(sched_current()->opt_name, "rrobin");
	assert_true(sched_init(NULL));
	assert_string_equal(sched_current()->opt_name, "bvt");
	sched_init_cpu(0, sim_current[0]);
}

static void test_alone(void **state)
{
	struct vcpu *v = spinner(1);
	unsigned int timers;

	sim_run();
	assert_ptr_equal(current, v);
	sim_advance(SECONDS(1));
	assert_int_equal(sim_count.switches, 1);
	assert_int_equal(ran(v), SECONDS(1));
	/* To yield to nobody costs the machine nothing. */
	timers = sim_count.set_timer;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(do_sched_op(SCHEDOP_yield, NULL), 0);
		sim_run();
	}
	assert_int_equal(sim_count.set_timer, timers);
	assert_int_equal(sim_count.switches, 1);
	assert_ptr_equal(current, v);
}

static void test_fair(void **state)
{
	struct vcpu *v[3] = { spinner(1), spinner(2), spinner(3) };

	sim_advance(SECONDS(3));
	for (int i = 0; i < 3; i++)
		assert_in_range(ran(v[i]), SECONDS(1) - SLICE, SECONDS(1) + SLICE);
	assert_in_range(sim_count.switches, 299, 301);
	assert_in_range(sim_count.set_timer, 299, 302);
}

static void test_slice_control(void **state)
{
	struct vcpu *a = spinner(1), *b = spinner(2);
	struct xenolith_sysctl_rrobin p;

	assert_int_equal(sched_control(&p, false), 0);
	assert_int_equal(MICROSECONDS(p.slice_us), SLICE);
	p.slice_us = XENOLITH_SLICE_US_MIN - 1;
	assert_int_equal(sched_control(&p, true), -XEN_EINVAL);
	p.slice_us = XENOLITH_SLICE_US_MAX + 1;
	assert_int_equal(sched_control(&p, true), -XEN_EINVAL);
	p.slice_us = 50000;
	assert_int_equal(sched_control(&p, true), 0);
	sim_advance(MILLISECONDS(49));
	assert_true(runs(a) && !ran(b));
	sim_advance(MILLISECONDS(2));
	assert_true(runs(b));
}

static void test_yield(void **state)
{
	struct vcpu *a = spinner(1), *b = spinner(2);

	sim_run();
	assert_ptr_equal(current, a);
	do_sched_op(SCHEDOP_yield, NULL);
	sim_run();
	assert_ptr_equal(current, b);
	do_sched_op_compat(SCHEDOP_yield, 0);
	sim_run();
	assert_ptr_equal(current, a);
	/* What else makes the scheduler look does not end the turn. */
	cpu_raise_softirq(0, SOFTIRQ_SCHEDULE);
	sim_run();
	assert_ptr_equal(current, a);
	sim_advance(SLICE - 1);
	assert_ptr_equal(current, a);
	sim_advance(1);
	assert_ptr_equal(current, b);
	assert_int_equal(do_sched_op(99, NULL), -XEN_ENOSYS);
	assert_int_equal(do_sched_op_compat(SCHEDOP_poll, 0), -XEN_ENOSYS);
}

static void test_block(void **state)
{
	struct vcpu *v = spinner(1);
	struct vcpu_runstate_info r;
	long port;

	sim_run();
	v->info->evtchn_upcall_mask = 1;
	assert_int_equal(do_sched_op(SCHEDOP_block, NULL), 0);
	assert_int_equal(v->info->evtchn_upcall_mask, 0);
	assert_ptr_equal(current, v); /* until the softirq */
	sim_run();
	assert_true(current->is_idle);
	assert_int_equal(v->runstate.state, RUNSTATE_blocked);
	sim_advance(SECONDS(1));
	sched_runstate(v, &r);
	assert_int_equal(r.time[RUNSTATE_blocked], SECONDS(1));
	assert_int_equal(r.state_entry_time, now() - SECONDS(1));
	/* An event without a port, too, ends it; another wake-up does not. */
	sched_wake(v);
	sim_run();
	assert_true(current->is_idle);
	assert_int_equal(v->runstate.state_entry_time, now() - SECONDS(1));
	sched_event(v);
	sim_run();
	assert_ptr_equal(current, v);

	/* Events before the block: it does not. Masked by their port: it does. */
	port = ev_bind_ipi(0);
	v->info->evtchn_upcall_mask = 1;
	ev_send(port);
	do_sched_op(SCHEDOP_block, NULL);
	sim_run();
	assert_ptr_equal(current, v);
	assert_int_equal(upcall(v), 1);
	mask(v->domain, port);
	ev_send(port);
	do_sched_op(SCHEDOP_block, NULL);
	sim_run();
	assert_true(current->is_idle);
	/* Woken in the moment between block and softirq. */
	sched_event(v);
	sim_run();
	do_sched_op(SCHEDOP_block, NULL);
	sched_event(v);
	sim_run();
	assert_ptr_equal(current, v);
	sim_check_sched();
}

/* While others run a block gives the CPU away, and a wake-up goes to the end. */
static void test_block_among_others(void **state)
{
	struct vcpu *a = spinner(1), *b = spinner(2), *c = spinner(3);

	sim_run();
	block(a);
	sim_run();
	assert_ptr_equal(current, b);
	sched_event(a);
	sim_run();
	assert_ptr_equal(current, b);
	assert_int_equal(a->runstate.state, RUNSTATE_runnable);
	sim_advance(SLICE);
	assert_ptr_equal(current, c);
	sim_advance(SLICE);
	assert_ptr_equal(current, a);
}

/* The slice timer is not touched for every VCPU that comes and goes. */
static void test_lazy_timer(void **state)
{
	struct vcpu *a = spinner(1), *b = spinner(2);
	unsigned int before;

	sim_run();
	before = sim_count.set_timer;
	for (int i = 0; i < 50; i++) {
		sim_advance(MICROSECONDS(100));
		block(runs(a) ? a : b);
		sim_run();
		sched_event(runs(a) ? b : a);
		sim_run();
	}
	assert_int_equal(sim_count.set_timer, before);
	/* And yet the last one's slice is as long as any. */
	b = current;
	sim_advance(SLICE - 1);
	assert_ptr_equal(current, b);
	sim_advance(1);
	assert_ptr_not_equal(current, b);
	/* Nor does it disturb a CPU that idles, but for once. */
	domain_pause(domain_by_id(1));
	domain_pause(domain_by_id(2));
	sim_advance(SECONDS(1));
	before = sim_count.set_timer;
	sim_advance(SECONDS(10));
	assert_int_equal(sim_count.set_timer, before);
	assert_true(current->is_idle);
}

static void test_pause(void **state)
{
	struct vcpu *v = spinner(1);
	struct vcpu_runstate_info r;

	sim_run();
	domain_pause(v->domain);
	domain_pause(v->domain);
	sim_run();
	assert_true(current->is_idle);
	assert_int_equal(v->runstate.state, RUNSTATE_offline);
	sim_advance(1000);
	domain_unpause(v->domain);
	sim_run();
	assert_true(current->is_idle);
	__atomic_fetch_add(&v->pause_count, 1, __ATOMIC_SEQ_CST);
	domain_unpause(v->domain);
	sim_run();
	assert_true(current->is_idle);
	v->pause_count = 0;
	sched_wake(v);
	sim_run();
	assert_ptr_equal(current, v);
	sched_runstate(v, &r);
	assert_int_equal(r.time[RUNSTATE_offline], 1000);

	/* Blocked, then paused: an event must not make it run. */
	block(v);
	sim_run();
	domain_pause(v->domain);
	sched_event(v);
	sim_run();
	assert_true(current->is_idle);
	domain_unpause(v->domain);
	sim_run();
	assert_ptr_equal(current, v);
	/* Paused and unpaused before the CPU looked. */
	domain_pause(v->domain);
	domain_unpause(v->domain);
	sim_run();
	assert_ptr_equal(current, v);
	sim_check_sched();
}

static void test_down_up(void **state)
{
	struct vcpu *v = sim_domain(1, 1, false)->vcpu[0];

	sim_run();
	assert_true(current->is_idle);
	sched_event(v);
	sched_wake(v);
	sim_run();
	assert_true(current->is_idle);
	sched_vcpu_up(v);
	sched_vcpu_up(v);
	sim_run();
	assert_ptr_equal(current, v);
	sched_vcpu_down(v);
	sim_run();
	assert_true(current->is_idle);
}

static void test_runstate(void **state)
{
	struct vcpu *a = spinner(1), *b = spinner(2);
	stime_t start = now();
	struct vcpu_runstate_info r;

	srandom(5);
	for (int i = 0; i < 200; i++) {
		sim_advance(random() % MILLISECONDS(3));
		if (runs(a) && random() % 2)
			block(a);
		else
			sched_event(a);
		if (random() % 5 == 0)
			domain_pause(b->domain);
		else if (b->domain->pause_count)
			domain_unpause(b->domain);
		sim_run();
		for (int n = 0; n < 2; n++) {
			sched_runstate(n ? a : b, &r);
			assert_int_equal(r.time[0] + r.time[1] + r.time[2] + r.time[3],
					 now() - start);
			assert_true((stime_t)r.state_entry_time <= now());
		}
	}
}

static void test_runstate_copy(void **state)
{
	struct vcpu *v = spinner(1);
	struct vcpu_runstate_info *copy = sim_guest_page(v->domain);

	sim_run();
	v->runstate_guest = copy;
	sim_advance(1000);
	sched_runstate_to_guest(v);
	assert_int_equal(copy->state, RUNSTATE_running);
	assert_int_equal(copy->state_entry_time, v->runstate.state_entry_time);
	/* In user mode its kernel is not mapped: later. */
	copy->state = 77;
	v->kernel_mode = 0;
	sched_runstate_to_guest(v);
	assert_int_equal(copy->state, 77);
	assert_true(v->runstate_stale);
	v->kernel_mode = 1;
	v->domain->vm_assist = 1 << VMASST_TYPE_runstate_update_flag;
	sched_runstate_to_guest(v);
	assert_int_equal(copy->state, RUNSTATE_running);
	assert_int_equal(copy->state_entry_time & XEN_RUNSTATE_UPDATE, 0);
	assert_false(v->runstate_stale);
	/* Anywhere: odd, and where nothing is. */
	v->runstate_guest = (char *)copy + 3;
	sched_runstate_to_guest(v);
	v->runstate_guest = (void *)0x1000;
	sched_runstate_to_guest(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(1, rrobin, test_select),
		test_all(1, test_alone),
		test(1, rrobin, test_fair),
		test(1, rrobin, test_slice_control),
		test(1, rrobin, test_yield),
		test_all(1, test_block),
		test(1, rrobin, test_block_among_others),
		test(1, rrobin, test_lazy_timer),
		test_all(1, test_pause),
		test_all(1, test_down_up),
		test_all(2, test_runstate),
		test_all(1, test_runstate_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
