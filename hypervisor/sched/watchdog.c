/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sched_op watchdog: timers of a domain, each of which shuts it down when it
 * has not been set again in time. Few domains have one, so the timers are made
 * at the first use and stay until the domain dies.
 */
#include <xen/errno.h>

#include "machine.h"
#include "mm/alloc.h"
#include "sched/sched.h"
#include "time/timer.h"

#define NR_WATCHDOGS 2

struct watchdogs {
	struct spinlock lock;
	struct timer timer[NR_WATCHDOGS];
	bool in_use[NR_WATCHDOGS];
};

static void watchdog_fired(void *data)
{
	domain_shutdown(data, SHUTDOWN_watchdog);
}

static struct watchdogs *watchdogs_get(struct domain *d)
{
	struct watchdogs *w = __atomic_load_n(&d->watchdogs, __ATOMIC_ACQUIRE), *other = NULL;

	if (w)
		return w;
	w = new (struct watchdogs);
	if (!w)
		return NULL;
	for (unsigned int i = 0; i < NR_WATCHDOGS; i++)
		timer_init(&w->timer[i], watchdog_fired, d, this_cpu_id());
	if (__atomic_compare_exchange_n(&d->watchdogs, &other, w, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return w;
	heap_free(w);
	return other;
}

long sched_watchdog(struct domain *d, u32 id, u32 timeout)
{
	struct watchdogs *w;
	long rc = -XEN_ENOSPC;
	u32 i = id - 1;

	if (id > NR_WATCHDOGS)
		return -XEN_EINVAL;
	w = watchdogs_get(d);
	if (!w)
		return -XEN_ENOMEM;
	spin_lock(&w->lock);
	if (id == 0) {
		for (i = 0; i < NR_WATCHDOGS && rc < 0; i++) {
			if (w->in_use[i])
				continue;
			w->in_use[i] = true;
			timer_set(&w->timer[i], now() + SECONDS(timeout));
			rc = i + 1;
		}
	} else {
		i = index_nospec(i, NR_WATCHDOGS);
		rc = w->in_use[i] ? 0 : -XEN_EINVAL;
		if (rc == 0 && timeout) {
			timer_set(&w->timer[i], now() + SECONDS(timeout));
		} else if (rc == 0) {
			timer_stop(&w->timer[i]);
			w->in_use[i] = false;
		}
	}
	spin_unlock(&w->lock);
	return rc;
}

void sched_watchdogs_destroy(struct domain *d)
{
	struct watchdogs *w = d->watchdogs;

	if (!w)
		return;
	for (unsigned int i = 0; i < NR_WATCHDOGS; i++)
		timer_kill(&w->timer[i]);
	d->watchdogs = NULL;
	heap_free(w);
}
