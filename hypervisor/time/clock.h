/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System time, now() of machine.h: nanoseconds since clock_init(), counted by
 * the TSC and kept in step with the best other clock of the machine.
 */
#ifndef TIME_CLOCK_H
#define TIME_CLOCK_H

#include "lib/types.h"

/* Boot: once, then on each CPU, the first included. */
void clock_init(void);
void clock_init_cpu(void);

/* Boot, when timers run: from here on the rate is corrected once a second. */
void clock_init_late(void);

/*
 * The machine sleeps between these two, and system time stands still; first CPU, no
 * other one runs.
 */
void clock_suspend(void);
void clock_resume(void);

/*
 * The first CPU calls this in the loop in which it waits for another one to
 * come up: the other compares its TSC with ours in its clock_init_cpu().
 */
void clock_sync_serve(void);

/* Wait, busily. Boot only (a CPU's start, firmware that needs a moment). */
void clock_delay(stime_t ns);

/*
 * How to get system time from this CPU's TSC, in the form of the ABI's
 * vcpu_time_info:
 * system_time + (((tsc - tsc_timestamp) << tsc_shift) * mul >> 32).
 */
struct clock_scale {
	u64 tsc_timestamp;
	u64 system_time;
	u32 mul;
	s8 shift; /* negative: to the right */
};

void clock_read_scale(struct clock_scale *scale);

/* TSC ticks a second. */
u64 clock_tsc_hz(void);

#endif
