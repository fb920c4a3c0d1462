/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VCPU's timers: the single-shot and the periodic one that raise VIRQ_TIMER,
 * and the one that ends a sched_op poll.
 */
#ifndef TIME_VTIMER_H
#define TIME_VTIMER_H

#include "domain/domain.h"
#include "time/timer.h"

struct vtimer {
	struct timer singleshot;
	struct timer periodic; /* set only while the VCPU runs */
	struct timer poll;
	stime_t period; /* 0: no periodic timer */
	stime_t last;	/* system time of the last period's end */
};

/* A VCPU's part, before sched_vcpu_init(). 0 or -ENOMEM. */
int vtimer_vcpu_init(struct vcpu *v);
void vtimer_vcpu_destroy(struct vcpu *v);

/*
 * Set or stop (0) the timers. The single-shot one belongs to the current VCPU;
 * its time is system time. The period is in nanoseconds.
 */
void vtimer_set_singleshot(struct vcpu *v, stime_t deadline);
void vtimer_stop_singleshot(struct vcpu *v);
void vtimer_set_periodic(struct vcpu *v, stime_t period);

/* sched_op poll's timeout, system time; 0: none. */
void vtimer_set_poll(struct vcpu *v, stime_t deadline);

/* The scheduler takes v off this CPU, or puts it there: its timers follow. */
void vtimer_switch_out(struct vcpu *v);
void vtimer_switch_in(struct vcpu *v);

#endif
