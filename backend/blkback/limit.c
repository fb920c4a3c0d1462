// SPDX-License-Identifier: GPL-2.0
/*
 * How fast a disk may be used. A rate is kept by noting when all that was let through so far
 * is paid for, had it gone at that rate: as long as that is not further ahead than BURST, the
 * next request may go. So a request is never cut, an idle disk saves up nothing but BURST, and
 * there is no timer that refills anything.
 */
#include <linux/ktime.h>
#include <linux/math64.h>
#include "blkback.h"

#define BURST (100 * NSEC_PER_MSEC)

void limits_init(struct limits *limits)
{
	memset(limits, 0, sizeof(*limits));
	spin_lock_init(&limits->lock);
}

/* Set one of the two; rate is a second's, 0 means no limit. */
void limits_set(struct limits *limits, struct limit *limit, u64 rate)
{
	spin_lock(&limits->lock);
	WRITE_ONCE(limit->rate, rate);
	limit->due = 0;
	spin_unlock(&limits->lock);
}

static u64 wait(const struct limit *limit, u64 now)
{
	return limit->rate && limit->due > now + BURST ? limit->due - now - BURST : 0;
}

/* How many ns the next request has to wait; 0: it may go. */
u64 limits_wait(struct limits *limits)
{
	u64 now = ktime_get_ns(), ns;

	spin_lock(&limits->lock);
	ns = max(wait(&limits->bytes, now), wait(&limits->ops, now));
	spin_unlock(&limits->lock);
	return ns;
}

static void charge(struct limit *limit, u64 amount, u64 now)
{
	if (limit->rate)
		limit->due = max(limit->due, now) +
			     mul_u64_u64_div_u64(amount, NSEC_PER_SEC, limit->rate);
}

/* A request of so many bytes has gone. */
void limits_charge(struct limits *limits, u64 bytes)
{
	u64 now = ktime_get_ns();

	spin_lock(&limits->lock);
	charge(&limits->bytes, bytes, now);
	charge(&limits->ops, 1, now);
	spin_unlock(&limits->lock);
}
