/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a domain dies. It is stopped first, and marked as dying, so that nobody
 * gives it anything more. Then each module gives up what it holds for the domain
 * or what the domain held through it, in an order in which none needs what has
 * gone before. Most of them can have much to do, and stop in between.
 *
 * What remains is a record with an id and those of its frames that other domains
 * have mapped. It goes with the last of these (domain_put()).
 */
#include <xen/errno.h>
#include <xen/xen.h>

#include "domain/create.h"
#include "domain/domain.h"
#include "domain/vcpu_op.h"
#include "event/event.h"
#include "grant/grant.h"
#include "irq/pirq.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/pagetable.h"
#include "mm/teardown.h"
#include "sched/sched.h"
#include "time/vtimer.h"

enum stage { STOP, EVENTS, GRANTS, VCPUS, MEMORY, DEAD };

static void stop(struct domain *d)
{
	/* Who adds a frame looks at this with the lock held. */
	spin_lock(&d->page_lock);
	d->is_dying = true;
	spin_unlock(&d->page_lock);
	domain_claim(d, 0);
	domain_pause_sync(d);
}

static void vcpus_end(struct domain *d)
{
	struct vcpu *v;

	sched_watchdogs_destroy(d);
	for_each_vcpu(d, v) {
		vcpu_info_release(v);
		vtimer_vcpu_destroy(v);
		sched_vcpu_destroy(v);
	}
}

int domain_kill(struct domain *d)
{
	switch (d->dying_stage) {
	case STOP:
		stop(d);
		d->dying_stage = EVENTS;
		__attribute__((fallthrough));
	case EVENTS:
		if (event_domain_kill(d))
			return -ERESTART;
		d->dying_stage = GRANTS;
		__attribute__((fallthrough));
	case GRANTS:
		if (grant_domain_kill(d))
			return -ERESTART;
		d->dying_stage = VCPUS;
		__attribute__((fallthrough));
	case VCPUS:
		vcpus_end(d);
		pirq_domain_destroy(d);
		d->dying_stage = MEMORY;
		__attribute__((fallthrough));
	case MEMORY:
		if (domain_memory_release(d))
			return -ERESTART;
		d->dying_stage = DEAD;
		event_send_global_virq(VIRQ_DOM_EXC);
		domain_put(d);
		__attribute__((fallthrough));
	default:
		return 0;
	}
}
