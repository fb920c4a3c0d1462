/* SPDX-License-Identifier: GPL-2.0-only */
/* time/timer.c: order, moving, what a function may do to timers, the machine. */
#include "test.h"

#include <stdlib.h>

#include "machine.h"
#include "sim/sim.h"
#include "time/timer.h"

static int setup(void **state)
{
	sim_init_cpus(16 << 20, 4, NULL);
	return 0;
}

static int teardown(void **state)
{
	sim_exit();
	return 0;
}

struct probe {
	struct timer timer;
	unsigned int fired, cpu;
	stime_t at;
	struct probe *other; /* stopped by this one */
	stime_t again;	     /* set again for now + this; 0: not */
};

static unsigned int fired_in_all;
static stime_t last_expires;

static void fire(void *data)
{
	struct probe *p = data;

	p->fired++;
	p->at = now();
	p->cpu = this_cpu_id();
	assert_false(timer_is_set(&p->timer));
	assert_true(p->timer.expires <= now());
	fired_in_all++;
	last_expires = p->timer.expires;
	if (p->other)
		timer_stop(&p->other->timer);
	if (p->again)
		timer_set(&p->timer, now() + p->again);
}

static void probe_init(struct probe *p, unsigned int cpu)
{
	*p = (struct probe){ .cpu = 99 };
	timer_init(&p->timer, fire, p, cpu);
}

static void test_once(void **state)
{
	struct probe p;
	stime_t start = now();

	probe_init(&p, 0);
	assert_false(timer_is_set(&p.timer));
	timer_set(&p.timer, start + 100);
	assert_true(timer_is_set(&p.timer));
	sim_advance(99);
	assert_int_equal(p.fired, 0);
	sim_advance(1);
	assert_int_equal(p.fired, 1);
	assert_int_equal(p.at, start + 100);
	assert_int_equal(p.cpu, 0);
	sim_advance(SECONDS(10));
	assert_int_equal(p.fired, 1);
	/* No timer is set, and the machine knows. */
	assert_int_equal(sim_timer[0], STIME_MAX);
}

static void test_past(void **state)
{
	struct probe p;

	probe_init(&p, 0);
	timer_set(&p.timer, now() - 5);
	assert_int_equal(p.fired, 0); /* not from within timer_set() */
	sim_run();
	assert_int_equal(p.fired, 1);
	timer_set(&p.timer, INT64_MIN);
	sim_run();
	assert_int_equal(p.fired, 2);
	timer_set(&p.timer, STIME_MAX);
	sim_advance(SECONDS(1000));
	assert_int_equal(p.fired, 2);
	timer_stop(&p.timer);
}

static void test_rearm(void **state)
{
	struct probe p;
	stime_t start = now();

	probe_init(&p, 0);
	timer_set(&p.timer, start + 100);
	timer_set(&p.timer, start + 300);
	sim_advance(299);
	assert_int_equal(p.fired, 0);
	sim_advance(1);
	assert_int_equal(p.fired, 1);
	timer_set(&p.timer, start + 900);
	timer_set(&p.timer, start + 400);
	sim_advance(100);
	assert_int_equal(p.fired, 2);
	timer_set(&p.timer, now() + 10);
	timer_stop(&p.timer);
	timer_stop(&p.timer);
	assert_false(timer_is_set(&p.timer));
	sim_advance(1000);
	assert_int_equal(p.fired, 2);
}

/* Any order in, the right order out, with a third of them stopped or moved. */
static void test_order(void **state)
{
	enum { N = 500 };
	static struct probe p[N];
	unsigned int expected = 0;
	stime_t start = now();

	srandom(1);
	for (int round = 0; round < 20; round++) {
		start = now();
		fired_in_all = expected = 0;
		for (int i = 0; i < N; i++) {
			probe_init(&p[i], 0);
			timer_set(&p[i].timer, start + 1 + random() % 1000);
		}
		for (int i = 0; i < N; i++) {
			switch (random() % 6) {
			case 0:
				timer_stop(&p[i].timer);
				break;
			case 1:
				timer_set(&p[i].timer, start + 1 + random() % 1000);
				/* fall through */
			default:
				expected++;
			}
		}
		/* One softirq for all: they come in order. */
		sim_time = start + 2000;
		last_expires = 0;
		while (fired_in_all < expected) {
			stime_t before = last_expires;

			sim_softirqs_pending[0] |= 1u << SOFTIRQ_TIMER;
			sim_run();
			assert_true(last_expires >= before);
		}
		assert_int_equal(fired_in_all, expected);
		sim_advance(0);
		for (int i = 0; i < N; i++)
			assert_false(timer_is_set(&p[i].timer));
	}
}

static stime_t ordered_last;

static void ordered(void *data)
{
	struct timer *t = data;

	assert_true(t->expires >= ordered_last);
	ordered_last = t->expires;
	fired_in_all++;
}

static void test_order_in_one_softirq(void **state)
{
	enum { N = 1000 };
	static struct timer t[N];
	stime_t start = now();

	srandom(2);
	fired_in_all = 0;
	ordered_last = 0;
	for (int i = 0; i < N; i++) {
		timer_init(&t[i], ordered, &t[i], 0);
		timer_set(&t[i], start + random() % 100000);
	}
	for (int i = 0; i < N; i += 3)
		timer_stop(&t[i]);
	/* What makes every operation cheap: the way down the right is short. */
	for (struct timer *top = &t[1]; top; top = top->parent) {
		unsigned int steps = 0;

		for (struct timer *p = top; p; p = p->right)
			steps++;
		assert_int_equal(steps, top->rank);
		assert_true(steps <= 10);
	}
	sim_time += 200000;
	sim_softirqs_pending[0] |= 1u << SOFTIRQ_TIMER;
	sim_run();
	assert_int_equal(fired_in_all, N - (N + 2) / 3);
}

/* A function may set its own timer again, also for times that have passed. */
static void test_again(void **state)
{
	struct probe p;

	probe_init(&p, 0);
	p.again = 50;
	timer_set(&p.timer, now() + 50);
	sim_advance(500);
	assert_int_equal(p.fired, 10);
	p.again = 0;
	sim_advance(50);
	assert_int_equal(p.fired, 11);

	/* For the past: it comes again, but the loop has ended in between. */
	p.again = -1000;
	p.fired = 0;
	timer_set(&p.timer, now());
	sim_softirqs_pending[0] = 0;
	sim_timer[0] = STIME_MAX;
	timer_softirq();
	assert_int_equal(p.fired, 1);
	assert_true(timer_is_set(&p.timer));
	assert_true(sim_timer[0] <= now() + 1);
	p.again = 0;
	sim_advance(1);
	assert_int_equal(p.fired, 2);
	assert_false(timer_is_set(&p.timer));
}

/* A function may stop a timer that is due in the same run. */
static void test_cancel_in_callback(void **state)
{
	struct probe a, b, c;

	probe_init(&a, 0);
	probe_init(&b, 0);
	probe_init(&c, 0);
	a.other = &b;
	timer_set(&a.timer, now() + 10);
	timer_set(&b.timer, now() + 11);
	timer_set(&c.timer, now() + 12);
	sim_time += 100;
	sim_softirqs_pending[0] |= 1u << SOFTIRQ_TIMER;
	sim_run();
	assert_int_equal(a.fired, 1);
	assert_int_equal(b.fired, 0);
	assert_int_equal(c.fired, 1);
}

/* An interrupt that comes a little early must not lose the timer. */
static void test_early_interrupt(void **state)
{
	struct probe p;

	probe_init(&p, 0);
	timer_set(&p.timer, now() + 100);
	sim_time += 99;
	sim_timer[0] = STIME_MAX; /* it has fired */
	sim_softirqs_pending[0] |= 1u << SOFTIRQ_TIMER;
	sim_run();
	assert_int_equal(p.fired, 0);
	sim_advance(1);
	assert_int_equal(p.fired, 1);
}

static void test_other_cpu(void **state)
{
	struct probe p, q;
	stime_t start = now();

	probe_init(&p, 2);
	probe_init(&q, 0);
	timer_set(&q.timer, start + 100);
	timer_set(&p.timer, start + 100);
	/* That CPU programs its own machine. */
	assert_int_equal(sim_timer[2], STIME_MAX);
	assert_true(sim_softirqs_pending[2]);
	sim_advance(100);
	assert_int_equal(p.fired, 1);
	assert_int_equal(p.cpu, 2);
	assert_int_equal(p.at, start + 100);
	assert_int_equal(q.cpu, 0);

	/* Migrate: armed, and not armed. */
	timer_set(&p.timer, now() + 100);
	timer_migrate(&p.timer, 1);
	assert_true(timer_is_set(&p.timer));
	sim_advance(100);
	assert_int_equal(p.fired, 2);
	assert_int_equal(p.cpu, 1);
	timer_migrate(&p.timer, 3);
	assert_false(timer_is_set(&p.timer));
	timer_set(&p.timer, now() + 5);
	timer_migrate(&p.timer, 3);
	sim_advance(5);
	assert_int_equal(p.cpu, 3);
	timer_set(&p.timer, now() + 5);
	timer_kill(&p.timer);
	sim_advance(5);
	assert_int_equal(p.fired, 3);
}

/* The machine is programmed only when the first timer becomes an earlier one. */
static void test_machine(void **state)
{
	struct probe p, q;
	stime_t start = now();

	probe_init(&p, 0);
	probe_init(&q, 0);
	sim_count.set_timer = 0;
	timer_set(&p.timer, start + 100);
	assert_int_equal(sim_count.set_timer, 1);
	assert_int_equal(sim_timer[0], start + 100);
	timer_set(&q.timer, start + 200);
	timer_set(&q.timer, start + 150);
	timer_set(&p.timer, start + 120);
	timer_stop(&q.timer);
	assert_int_equal(sim_count.set_timer, 1);
	timer_set(&q.timer, start + 50);
	assert_int_equal(sim_count.set_timer, 2);
	assert_int_equal(sim_timer[0], start + 50);
	timer_stop(&q.timer);
	timer_set(&q.timer, start + 60);
	assert_int_equal(sim_count.set_timer, 2);
	sim_advance(59);
	assert_int_equal(q.fired, 0);
	assert_int_equal(sim_timer[0], start + 60); /* came for nothing, set anew */
	sim_advance(61);
	assert_int_equal(q.fired, 1);
	assert_int_equal(p.fired, 1);
	assert_int_equal(p.at, start + 120);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_once),
		test(test_past),
		test(test_rearm),
		test(test_order),
		test(test_order_in_one_softirq),
		test(test_again),
		test(test_cancel_in_callback),
		test(test_early_interrupt),
		test(test_other_cpu),
		test(test_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
