/* SPDX-License-Identifier: GPL-2.0-only */
/* What every hostile half has: what it counts, and how it waits. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/printk.h>

extern u64 seed; /* of what is done at random */
extern unsigned int checks, failures, malformed;

#define failed(fmt, ...)                                             \
	do {                                                         \
		failures++;                                          \
		pr_err("hostile: FAILED: " fmt "\n", ##__VA_ARGS__); \
	} while (0)

/*
 * Whether @condition came true within @seconds. Looked at every so often, for what events
 * tell; it may sleep, and change after it was true: it is not asked again.
 */
#define await(condition, seconds)                                            \
	({                                                                   \
		unsigned long _end = jiffies + (seconds)*HZ;                 \
		bool _true;                                                  \
		while (!(_true = (condition)) && time_before(jiffies, _end)) \
			usleep_range(500, 1000);                             \
		_true;                                                       \
	})

#endif
