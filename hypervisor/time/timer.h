/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers of the hypervisor: a function called on one CPU at a system time, from
 * SOFTIRQ_TIMER, interrupts off, no lock held.
 */
#ifndef TIME_TIMER_H
#define TIME_TIMER_H

#include "lib/types.h"

struct timer {
	stime_t expires;
	void (*function)(void *data);
	void *data;
	u32 cpu;
	/* Place in the CPU's heap (timer.c). rank 0: not set. */
	u32 rank;
	struct timer *left, *right, *parent;
};

/* Before its first use; the function runs on that CPU. */
void timer_init(struct timer *t, void (*function)(void *), void *data, unsigned int cpu);

/* (Re)arm for a system time; one that has passed fires as soon as possible. */
void timer_set(struct timer *t, stime_t expires);

/*
 * Disarm. The function may be running on its CPU still: timer_kill() waits for
 * its end. It lets interrupts in meanwhile, so the caller holds no lock.
 */
void timer_stop(struct timer *t);
void timer_kill(struct timer *t);

static inline bool timer_is_set(const struct timer *t)
{
	return READ_ONCE(t->rank) != 0;
}

/* Move to another CPU, armed or not. */
void timer_migrate(struct timer *t, unsigned int cpu);

/* Boot, once a CPU. 0 or -ENOMEM. */
int timer_init_cpu(unsigned int cpu);

/* SOFTIRQ_TIMER: run what is due, program the machine for the rest. */
void timer_softirq(void);

#endif
