/* SPDX-License-Identifier: GPL-2.0-only */
/* sched_op: poll, watchdog, and the ways to shut a domain down. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "event/internal.h"
#include "event_ops.h"
#include "sched/sched.h"
#include "sim/check.h"
#include "sim/heap.h"

static struct domain *d0, *d1;
static struct vcpu *v, *w;   /* of d1 */
static evtchn_port_t *ports; /* in d1's memory */

static int setup(void **state)
{
	sim_init_cpus(64 << 20, 2, NULL);
	d1 = sim_domain(1, 2, true);
	d0 = sim_domain(0, 1, false);
	v = d1->vcpu[0];
	w = d1->vcpu[1];
	sim_run();
	sim_cpu = v->processor;
	ports = sim_guest_page(d1);
	return 0;
}

static int teardown(void **state)
{
	sim_exit();
	return 0;
}

static long poll(const void *list, unsigned int n, u64 timeout)
{
	struct sched_poll op = { .nr_ports = n, .timeout = timeout };

	op.ports.p = (void *)list;
	sim_cpu = v->processor;
	assert_ptr_equal(current, v);
	return sim_sched_op(SCHEDOP_poll, &op, sizeof(op));
}

static bool sleeps(struct vcpu *x)
{
	sim_run();
	sim_check_sched();
	return x->runstate.state == RUNSTATE_blocked;
}

static void test_poll_errors(void **state)
{
	ports[0] = ev_bind_ipi(0);
	assert_int_equal(do_sched_op(SCHEDOP_poll, NULL), -XEN_EFAULT);
	assert_int_equal(poll(ports, 129, 1), -XEN_EINVAL);
	assert_int_equal(poll(ports, 128, 1), -XEN_EINVAL); /* of port 0 */
	assert_int_equal(poll(NULL, 1, 1), -XEN_EFAULT);
	assert_int_equal(poll(NULL, 2, 1), -XEN_EFAULT);
	assert_int_equal(poll(d0->shared, 1, 1), -XEN_EFAULT);
	assert_int_equal(poll((void *)-1ul, 2, 1), -XEN_EFAULT);
	assert_int_equal(poll((char *)ports + PAGE_SIZE - 4, 2, 1), -XEN_EINVAL);
	ports[0] = 40; /* closed */
	assert_int_equal(poll(ports, 1, 1), -XEN_EINVAL);
	ports[0] = 1u << 31;
	assert_int_equal(poll(ports, 1, 1), -XEN_EINVAL);
	ports[0] = -1;
	assert_int_equal(poll(ports, 1, 1), -XEN_EINVAL);
	ports[0] = 1;
	ports[1] = 100000;
	assert_int_equal(poll(ports, 2, 1), -XEN_EINVAL);
	/* None of them left anything behind. */
	assert_false(sleeps(v));
	assert_int_equal(d1->pollers, 0);
	assert_int_equal(v->poll_port, 0);
	assert_int_equal(v->pause_flags, 0);
}

static void test_poll_pending(void **state)
{
	ports[0] = ev_bind_ipi(0);
	ports[1] = ev_bind_ipi(0);
	mask(d1, ports[0]);
	mask(d1, ports[1]);
	ev_send(ports[1]);
	assert_int_equal(poll(ports, 2, 0), 0);
	assert_false(sleeps(v));
	assert_int_equal(poll(ports + 1, 1, 0), 0);
	assert_false(sleeps(v));
	assert_int_equal(poll(ports + 1, 1, -1ul), 0);
	assert_false(sleeps(v));
	/* Another port, masked, that is not polled for: sleep. */
	assert_int_equal(poll(ports, 1, 0), 0);
	assert_true(sleeps(v));
	assert_int_equal(d1->pollers, 1);
	event_send_virq(v, VIRQ_TIMER); /* not bound */
	assert_true(sleeps(v));
	sim_cpu = w->processor;
	ev_send(ports[1]); /* still pending: no event */
	assert_true(sleeps(v));
	ev_send(ports[0]);
	assert_false(sleeps(v));
	assert_int_equal(d1->pollers, 0);
	/* The mask stays what it was, and an upcall that is due ends it at once. */
	v->info->evtchn_upcall_mask = 1;
	v->info->evtchn_upcall_pending = 1;
	clear_pending(d1, ports[0]);
	poll(ports, 1, 0);
	assert_int_equal(v->info->evtchn_upcall_mask, 1);
	assert_true(sleeps(v));
	sim_cpu = w->processor;
	ev_send(ports[0]);
	assert_false(sleeps(v));
	v->info->evtchn_upcall_mask = 0;
	clear_pending(d1, ports[0]);
	poll(ports, 1, 0);
	assert_false(sleeps(v));
}

/* Several ports; each of them, and a timeout, ends it. */
static void test_poll_many(void **state)
{
	for (int i = 0; i < 128; i++) {
		ports[i] = ev_bind_ipi(1);
		mask(d1, ports[i]);
	}
	for (int i = 0; i < 128; i += 31) {
		assert_int_equal(poll(ports, 128, 0), 0);
		assert_true(sleeps(v));
		sim_cpu = w->processor;
		ev_send(ports[i]);
		assert_false(sleeps(v));
		clear_pending(d1, ports[i]);
	}
	assert_int_equal(poll(ports, 128, now() + 1000), 0);
	assert_true(sleeps(v));
	sim_advance(999);
	assert_true(sleeps(v));
	sim_advance(1);
	assert_false(sleeps(v));
	assert_int_equal(d1->pollers, 0);
	/* No ports: just a timer. A time that has passed: at once. */
	assert_int_equal(poll(NULL, 0, now() + 1000), 0);
	assert_true(sleeps(v));
	sim_advance(1000);
	assert_false(sleeps(v));
	assert_int_equal(poll(NULL, 0, 1), 0);
	assert_false(sleeps(v));
	/* The timeout of a poll that ended early does not end the next. */
	assert_int_equal(poll(ports, 1, now() + 1000), 0);
	assert_true(sleeps(v));
	sim_cpu = w->processor;
	ev_send(ports[0]);
	assert_false(sleeps(v));
	clear_pending(d1, ports[0]);
	assert_int_equal(poll(ports, 1, 0), 0);
	assert_true(sleeps(v));
	sim_advance(SECONDS(5));
	assert_true(sleeps(v));
	/* Nor does it wake one that blocks. */
	sim_cpu = w->processor;
	ev_send(ports[0]);
	assert_false(sleeps(v));
	assert_int_equal(poll(ports + 1, 1, now() + 1000), 0);
	assert_true(sleeps(v));
	sim_cpu = w->processor;
	ev_send(ports[1]);
	assert_false(sleeps(v));
	sim_cpu = v->processor;
	do_sched_op(SCHEDOP_block, NULL);
	assert_true(sleeps(v));
	sim_advance(SECONDS(1));
	assert_true(sleeps(v));
}

/* In a multicall, where nobody schedules in between. */
static void test_poll_twice(void **state)
{
	ports[0] = ev_bind_ipi(0);
	assert_int_equal(poll(ports, 1, 0), 0);
	assert_int_equal(poll(ports, 1, now() + 100), 0);
	assert_int_equal(d1->pollers, 1);
	assert_true(sleeps(v));
	sim_advance(100);
	assert_false(sleeps(v));
	assert_int_equal(d1->pollers, 0);
}

/* Both VCPUs poll for the same port, and for different ones. */
static void test_poll_two(void **state)
{
	struct sched_poll op = { .nr_ports = 1 };

	ports[0] = ev_bind_ipi(0);
	ports[1] = ev_bind_ipi(0);
	mask(d1, ports[0]);
	mask(d1, ports[1]);
	for (int both = 0; both < 2; both++) {
		poll(ports, 1, 0);
		op.ports.p = both ? ports : ports + 1;
		sim_cpu = w->processor;
		assert_int_equal(sim_sched_op(SCHEDOP_poll, &op, sizeof(op)), 0);
		assert_true(sleeps(v) && sleeps(w));
		assert_int_equal(d1->pollers, 2);
		/* Nobody of the domain is left to send: as a peer would. */
		event_send(d1, ports[0]);
		assert_false(sleeps(v));
		assert_int_equal(sleeps(w), !both);
		clear_pending(d1, ports[0]);
		sched_unblock(w);
		sim_run();
		assert_int_equal(d1->pollers, 0);
	}
}

static void test_watchdog(void **state)
{
	struct sched_watchdog op = { .id = 3, .timeout = 1 };

#define WATCHDOG(i, t) \
	(op.id = (i), op.timeout = (t), sim_sched_op(SCHEDOP_watchdog, &op, sizeof(op)))
	assert_int_equal(WATCHDOG(3, 1), -XEN_EINVAL);
	assert_int_equal(WATCHDOG(-1, 1), -XEN_EINVAL);
	sim_heap_fail_after = 1;
	assert_int_equal(WATCHDOG(1, 1), -XEN_ENOMEM);
	assert_int_equal(WATCHDOG(1, 1), -XEN_EINVAL); /* not in use */
	assert_int_equal(WATCHDOG(2, 0), -XEN_EINVAL);
	assert_int_equal(WATCHDOG(0, 10), 1);
	assert_int_equal(WATCHDOG(0, 20), 2);
	assert_int_equal(WATCHDOG(0, 1), -XEN_ENOSPC);
	assert_int_equal(WATCHDOG(1, 0), 0);
	assert_int_equal(WATCHDOG(1, 0), -XEN_EINVAL);
	assert_int_equal(WATCHDOG(0, 100), 1);
	for (int i = 0; i < 5; i++) {
		sim_advance(SECONDS(19));
		sim_cpu = v->runstate.state == RUNSTATE_running ? v->processor : w->processor;
		assert_int_equal(WATCHDOG(2, 20), 0);
	}
	assert_false(d1->is_shut_down);
	/* One that was stopped never comes. */
	assert_int_equal(WATCHDOG(2, 1), 0);
	assert_int_equal(WATCHDOG(2, 0), 0);
	sim_advance(SECONDS(4));
	assert_false(d1->is_shut_down);
	sim_advance(SECONDS(2));
	assert_true(d1->is_shut_down); /* 1 has come, at 100 s */
	assert_int_equal(d1->shutdown_reason, SHUTDOWN_watchdog);
	assert_int_equal(v->runstate.state, RUNSTATE_offline);
}

static void test_watchdog_at_once(void **state)
{
	struct sched_watchdog op;

	assert_int_equal(WATCHDOG(0, 0), 1);
	sim_run();
	assert_true(d1->is_shut_down);
}

static void test_shutdown(void **state)
{
	struct sched_shutdown op = { .reason = SHUTDOWN_crash };

	assert_int_equal(do_sched_op(SCHEDOP_shutdown, NULL), -XEN_EFAULT);
	assert_int_equal(do_sched_op(SCHEDOP_shutdown_code, NULL), -XEN_EFAULT);
	assert_int_equal(sim_sched_op(SCHEDOP_shutdown_code, &op, sizeof(op)), 0);
	assert_false(d1->is_shut_down);
	op.reason = SHUTDOWN_reboot;
	assert_int_equal(sim_sched_op(SCHEDOP_shutdown, &op, sizeof(op)), 0);
	sim_run();
	assert_true(d1->is_shut_down);
	assert_int_equal(d1->shutdown_reason, SHUTDOWN_crash); /* as latched */
	assert_true(sim_current[0]->is_idle && sim_current[1]->is_idle);
}

static void test_remote_shutdown(void **state)
{
	struct sched_remote_shutdown op = { .domain_id = 1, .reason = SHUTDOWN_suspend };
	u32 references = d1->references;

	assert_int_equal(sim_sched_op(SCHEDOP_remote_shutdown, &op, sizeof(op)), -XEN_EPERM);
	op.domain_id = DOMID_SELF;
	assert_int_equal(sim_sched_op(SCHEDOP_remote_shutdown, &op, sizeof(op)), -XEN_ESRCH);
	op.domain_id = 0;
	assert_int_equal(sim_sched_op(SCHEDOP_remote_shutdown, &op, sizeof(op)), -XEN_EPERM);
	assert_false(d0->is_shut_down || d1->is_shut_down);
	sched_vcpu_down(w);
	sched_vcpu_up(d0->vcpu[0]);
	sim_run();
	sim_cpu = d0->vcpu[0]->processor;
	op.domain_id = 77;
	assert_int_equal(sim_sched_op(SCHEDOP_remote_shutdown, &op, sizeof(op)), -XEN_ESRCH);
	op.domain_id = 1;
	assert_int_equal(sim_sched_op(SCHEDOP_remote_shutdown, &op, sizeof(op)), 0);
	assert_true(d1->is_shut_down);
	assert_int_equal(d1->shutdown_reason, SHUTDOWN_suspend);
	assert_int_equal(d1->references, references);
	op.domain_id = 0;
	assert_int_equal(sim_sched_op(SCHEDOP_remote_shutdown, &op, sizeof(op)), 0);
	assert_true(d0->is_shut_down);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_poll_errors),	     test(test_poll_pending), test(test_poll_many),
		test(test_poll_twice),	     test(test_poll_two),     test(test_watchdog),
		test(test_watchdog_at_once), test(test_shutdown),     test(test_remote_shutdown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
