/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers. A CPU has one timer interrupt and many timers; it keeps them in a
 * heap, programs the interrupt for the one on top, and calls what is due.
 *
 * The heap is made of the timers themselves, so that setting one needs no
 * memory and cannot fail. It is a leftist heap: a binary tree in which no timer
 * is later than its children, and in which the way down the right side is the
 * shortest way out. rank is the length of that way, and is at most the logarithm
 * of the number of timers. Every operation is a merge of two trees along their
 * right sides.
 *
 * The machine is programmed when the time on top changes to an earlier one or
 * when a timer has fired; a timer that is stopped leaves the interrupt as it is.
 * It then comes once for nothing, which costs less than programming it twice
 * for every timer that guests set and stop again.
 */
#include "debug/perfc.h"
#include "machine.h"
#include "time/timer.h"

struct timer_cpu {
	struct spinlock lock;
	struct timer *top;
	struct timer *running; /* its function is being called */
	stime_t programmed;    /* what the machine was told */
	stime_t not_before;    /* during timer_softirq(): what it will not call */
};

static struct timer_cpu timer_cpus[NR_CPUS];

static u32 rank(const struct timer *t)
{
	return t ? t->rank : 0;
}

/* The left side is the long one; the rank follows from the right one. */
static void balance(struct timer *t)
{
	if (rank(t->left) < rank(t->right)) {
		struct timer *right = t->right;

		t->right = t->left;
		t->left = right;
	}
	WRITE_ONCE(t->rank, rank(t->right) + 1);
}

/*
 * Make one tree of two. Down: take the earlier top, and merge its right side
 * with the other tree. Up again: put the long sides left.
 */
static struct timer *merge(struct timer *a, struct timer *b)
{
	struct timer *top = NULL, *last = NULL;

	while (a && b) {
		struct timer *rest;

		if (b->expires < a->expires) {
			rest = a;
			a = b;
		} else {
			rest = b;
		}
		a->parent = last;
		if (last)
			last->right = a;
		else
			top = a;
		last = a;
		b = rest;
		a = a->right;
	}
	a = a ? a : b;
	if (a)
		a->parent = last;
	if (!last)
		return a;
	last->right = a;
	for (; last; last = last->parent)
		balance(last);
	return top;
}

static void heap_insert(struct timer_cpu *tc, struct timer *t)
{
	t->left = t->right = t->parent = NULL;
	WRITE_ONCE(t->rank, 1);
	tc->top = merge(tc->top, t);
}

static void heap_remove(struct timer_cpu *tc, struct timer *t)
{
	struct timer *parent = t->parent;
	struct timer *rest = merge(t->left, t->right);

	if (rest)
		rest->parent = parent;
	if (!parent)
		tc->top = rest;
	else if (parent->left == t)
		parent->left = rest;
	else
		parent->right = rest;
	/* Ranks above can only have shrunk; stop where nothing changes. */
	for (; parent; parent = parent->parent) {
		u32 before = parent->rank;

		balance(parent);
		if (parent->rank == before)
			break;
	}
	t->left = t->right = t->parent = NULL;
	WRITE_ONCE(t->rank, 0);
}

/* Lock the CPU that a timer is on; which one may change until we have the lock. */
static struct timer_cpu *timer_lock(const struct timer *t)
{
	for (;;) {
		u32 cpu = READ_ONCE(t->cpu);

		spin_lock(&timer_cpus[cpu].lock);
		if (likely(READ_ONCE(t->cpu) == cpu))
			return &timer_cpus[cpu];
		spin_unlock(&timer_cpus[cpu].lock);
	}
}

/* The top may be earlier than what the machine of that CPU knows. Locked. */
static void reprogram(struct timer_cpu *tc, unsigned int cpu)
{
	stime_t first = tc->top ? tc->top->expires : STIME_MAX;

	if (first >= tc->programmed)
		return;
	if (cpu == this_cpu_id()) {
		tc->programmed = first;
		machine_set_timer(first);
	} else {
		cpu_raise_softirq(cpu, SOFTIRQ_TIMER);
	}
}

void timer_init(struct timer *t, void (*function)(void *), void *data, unsigned int cpu)
{
	*t = (struct timer){ .function = function, .data = data, .cpu = cpu };
}

void timer_set(struct timer *t, stime_t expires)
{
	struct timer_cpu *tc = timer_lock(t);

	if (t->rank)
		heap_remove(tc, t);
	t->expires = max(expires, tc->not_before);
	heap_insert(tc, t);
	reprogram(tc, t->cpu);
	spin_unlock(&tc->lock);
}

void timer_stop(struct timer *t)
{
	struct timer_cpu *tc;

	/* Who sets a timer and who stops it see to their order themselves. */
	if (!timer_is_set(t))
		return;
	tc = timer_lock(t);
	if (t->rank)
		heap_remove(tc, t);
	spin_unlock(&tc->lock);
}

void timer_kill(struct timer *t)
{
	struct timer_cpu *tc;
	bool running;

	do {
		tc = timer_lock(t);
		if (t->rank)
			heap_remove(tc, t);
		running = tc->running == t;
		spin_unlock(&tc->lock);
		/* A function that kills its own timer does not wait for itself. */
		if (tc == &timer_cpus[this_cpu_id()])
			break;
		if (running)
			preempt_check();
	} while (running);
}

void timer_migrate(struct timer *t, unsigned int cpu)
{
	struct timer_cpu *from, *to = &timer_cpus[cpu];
	u32 old;

	/* Both CPUs' locks, the lower number first. */
	for (;;) {
		old = READ_ONCE(t->cpu);
		if (old == cpu)
			return;
		from = &timer_cpus[old];
		spin_lock(&min(from, to)->lock);
		spin_lock(&max(from, to)->lock);
		if (likely(t->cpu == old))
			break;
		spin_unlock(&from->lock);
		spin_unlock(&to->lock);
	}
	if (t->rank) {
		heap_remove(from, t);
		WRITE_ONCE(t->cpu, cpu);
		t->expires = max(t->expires, to->not_before);
		heap_insert(to, t);
		reprogram(to, cpu);
	} else {
		WRITE_ONCE(t->cpu, cpu);
	}
	spin_unlock(&from->lock);
	spin_unlock(&to->lock);
}

int timer_init_cpu(unsigned int cpu)
{
	timer_cpus[cpu] = (struct timer_cpu){ .programmed = STIME_MAX, .not_before = INT64_MIN };
	return 0;
}

void timer_softirq(void)
{
	struct timer_cpu *tc = &timer_cpus[this_cpu_id()];
	stime_t t0 = now(), first;
	struct timer *t;

	perfc_incr(timer);
	spin_lock(&tc->lock);
	/* What a function sets for the past waits for the next interrupt, not
	 * for this loop, which so ends. Nor need anybody program the machine. */
	tc->not_before = t0 + 1;
	tc->programmed = INT64_MIN;
	while ((t = tc->top) != NULL && t->expires <= t0) {
		void (*function)(void *) = t->function;
		void *data = t->data;

		heap_remove(tc, t);
		tc->running = t;
		spin_unlock(&tc->lock);
		function(data);
		spin_lock(&tc->lock);
		tc->running = NULL;
	}
	tc->not_before = INT64_MIN;
	/* Even the same time: the interrupt may have come a moment early. */
	first = tc->top ? tc->top->expires : STIME_MAX;
	tc->programmed = first;
	if (first != STIME_MAX)
		machine_set_timer(first);
	spin_unlock(&tc->lock);
}
