/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOSTILE_AWAIT_H
#define HOSTILE_AWAIT_H

#include <linux/delay.h>
#include <linux/jiffies.h>

/*
 * Whether @condition came true within @seconds. Looked at every so often, for what events
 * tell; it may sleep, and change after it was true: it is not asked again.
 */
#define await(condition, seconds)                                            \
	({                                                                   \
		unsigned long _end = jiffies + (seconds) * HZ;               \
		bool _true;                                                  \
		while (!(_true = (condition)) && time_before(jiffies, _end)) \
			usleep_range(500, 1000);                             \
		_true;                                                       \
	})

#endif
