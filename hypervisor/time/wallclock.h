/* SPDX-License-Identifier: GPL-2.0-only */
/* The time of day: what it was at system time zero. */
#ifndef TIME_WALLCLOCK_H
#define TIME_WALLCLOCK_H

#include "lib/types.h"

/* Boot, after clock_init(): read the real-time clock. */
void wallclock_init(void);

/*
 * The machine sleeps between these two: what system time misses is added to the
 * time of day. Each takes up to a second: it waits for the real-time clock's next.
 */
void wallclock_suspend(void);
void wallclock_resume(void);

/*
 * It is sec, nsec since 1970 (UTC) at that system time. The caller then tells
 * each domain with vtime_update_wallclock().
 */
void wallclock_set(u64 sec, u32 nsec, stime_t system_time);

/* Seconds since 1970 and nanoseconds (below 10^9) at system time zero. */
void wallclock_read(u64 *sec, u32 *nsec);

#endif
