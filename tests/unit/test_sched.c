/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler: who runs, where, for how long; waking, sleeping, moving, and
 * the hand-over of a VCPU from one CPU to another.
 */
#include "test.h"

#include <stdlib.h>

#include <xen/errno.h>

#include "event_ops.h"
#include "sched/sched.h"
#include "sim/check.h"

#define SLICE MILLISECONDS(10)

static int teardown(void **state)
{
	sim_delay_save = false;
	sim_exit();
	return 0;
}

static int setup_1(void **state)
{
	sim_init_cpus(64 << 20, 1, "rrobin");
	return 0;
}

static int setup_2(void **state)
{
	sim_init_cpus(64 << 20, 2, NULL);
	return 0;
}

static int setup_4(void **state)
{
	sim_init_cpus(64 << 20, 4, NULL);
	return 0;
}

/* A domain of one VCPU that runs for ever. */
static struct vcpu *spinner(u16 domid)
{
	return sim_domain(domid, 1, true)->vcpu[0];
}

static stime_t ran(struct vcpu *v)
{
	struct vcpu_runstate_info r;

	sched_runstate(v, &r);
	return r.time[RUNSTATE_running];
}

static bool runs(struct vcpu *v)
{
	return v->runstate.state == RUNSTATE_running;
}

/* As v, in a hypercall on the CPU that runs it. */
static void on_cpu_of(struct vcpu *v)
{
	assert_true(runs(v));
	sim_cpu = v->processor;
	assert_ptr_equal(current, v);
}

static void block(struct vcpu *v)
{
	on_cpu_of(v);
	assert_int_equal(do_sched_op(SCHEDOP_block, NULL), 0);
}

static void test_select(void **state)
{
	stime_t slice;

	assert_string_equal(sched_current()->opt_name, "rrobin");
	assert_false(sched_init("no such thing"));
	assert_string_equal(sched_current()->opt_name, "rrobin");
	assert_true(sched_init(NULL));
	assert_int_equal(sched_current()->control(&slice, false), 0);
	assert_int_equal(slice, SLICE);
	slice = 1;
	assert_int_equal(sched_current()->control(&slice, true), -XEN_EINVAL);
	slice = SECONDS(2);
	assert_int_equal(sched_current()->control(&slice, true), -XEN_EINVAL);
	for (unsigned int cpu = 0; cpu < 1; cpu++)
		sched_init_cpu(cpu, sim_current[cpu]);
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

static void test_slice_control(void **state)
{
	struct vcpu *a = spinner(1), *b = spinner(2);
	stime_t slice = MILLISECONDS(50);

	assert_int_equal(sched_current()->control(&slice, true), 0);
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
	/* An event without a port, too, ends it; another wake-up does not. */
	sched_wake(v);
	sim_run();
	assert_true(current->is_idle);
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
			assert_int_equal(r.time[0] + r.time[1] + r.time[2] + r.time[3], now() - start);
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

#define test(n, f) cmocka_unit_test_setup_teardown(f, setup_##n, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(1, test_select),	   test(1, test_alone),
		test(1, test_fair),	   test(2, test_fair_smp),
		test(1, test_slice_control), test(1, test_yield),
		test(1, test_block),	   test(1, test_block_among_others),
		test(1, test_lazy_timer),  test(1, test_pause),
		test(1, test_down_up),	   test(2, test_sleep_sync),
		test(4, test_spread),	   test(2, test_take_waiting),
		test(4, test_affinity),	   test(2, test_displaced),
		test(4, test_pin_override), test(2, test_handover),
		test(2, test_wake_during_handover), test(2, test_kick),
		test(2, test_runstate),	   test(1, test_runstate_copy),
		test(4, test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
