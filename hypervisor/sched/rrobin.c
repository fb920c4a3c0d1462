/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Round robin, sched=rrobin: runnable VCPUs stand in one queue for all CPUs. A
 * CPU takes the first that it may run, lets it run for a slice, and puts it
 * back at the end. Nobody overtakes: a VCPU that wakes goes to the end too,
 * unless a CPU idles.
 *
 * It is the simplest scheduler that is fair, and here as the model of one. Who
 * blocks early gives the rest of the slice away.
 */
#include <xen/errno.h>
#include <xen/domctl.h>
#include <xenolith/sched.h>

#include "lib/list.h"
#include "machine.h"
#include "sched/sched.h"

#define DEFAULT_SLICE MILLISECONDS(10)

static struct list queue = LIST_INIT(queue);
static stime_t slice = DEFAULT_SLICE;
static stime_t turn_end[NR_CPUS]; /* of the VCPU that a CPU runs */

static int rrobin_init(void)
{
	list_init(&queue);
	slice = DEFAULT_SLICE;
	return 0;
}

static void rrobin_add(struct vcpu *v)
{
	list_init(&v->sched_link);
}

static void rrobin_wake(struct vcpu *v)
{
	if (list_empty(&v->sched_link))
		list_add_tail(&queue, &v->sched_link);
}

static void rrobin_block(struct vcpu *v)
{
	list_del(&v->sched_link);
}

/* The first that cpu may run; if it idled, the one that it was woken for. */
static struct vcpu *first_for(unsigned int cpu, bool idled)
{
	struct vcpu *v, *first = NULL;

	list_for_each(v, &queue, sched_link) {
		if (!sched_may_run(v, cpu))
			continue;
		if (!idled || v->processor == cpu)
			return v;
		if (!first)
			first = v;
	}
	return first;
}

static struct sched_choice rrobin_do_schedule(unsigned int cpu, stime_t t)
{
	struct vcpu *prev = current, *next;

	if (!prev->is_idle && prev->sched_runnable) {
		/* It is queued only if it slept and woke while it ran. */
		list_del(&prev->sched_link);
		if (t < turn_end[cpu] && !prev->yielding && sched_may_run(prev, cpu))
			return (struct sched_choice){ prev, turn_end[cpu] - t };
		list_add_tail(&queue, &prev->sched_link);
	}
	next = first_for(cpu, prev->is_idle);
	if (!next)
		return (struct sched_choice){ sched_idle_vcpu(cpu), STIME_MAX };
	list_del(&next->sched_link);
	turn_end[cpu] = t + slice;
	return (struct sched_choice){ next, slice };
}

/* An idle CPU. Else its turn comes: slices end. */
static int rrobin_reschedule(struct vcpu *v)
{
	return sched_pick_idle(v);
}

/* A longer or shorter slice counts from the next turn on. */
static int rrobin_control(void *arg, bool set)
{
	struct xenolith_sysctl_rrobin *p = arg;

	if (set) {
		if (p->slice_us < XENOLITH_SLICE_US_MIN || p->slice_us > XENOLITH_SLICE_US_MAX)
			return -XEN_EINVAL;
		slice = MICROSECONDS(p->slice_us);
	}
	p->slice_us = slice / MICROSECONDS(1);
	return 0;
}

static void rrobin_dump(unsigned int cpu)
{
	struct vcpu *v;

	list_for_each(v, &queue, sched_link)
		if (v->processor == cpu)
			log_info("  waiting: d%uv%u", v->domain->id, v->id);
}

const struct scheduler sched_rrobin = {
	.name = "Round robin",
	.opt_name = "rrobin",
	.xen_id = XEN_SCHEDULER_NULL,
	.id = XENOLITH_SCHEDULER_RROBIN,
	.init = rrobin_init,
	.add = rrobin_add,
	.remove = rrobin_block,
	.wake = rrobin_wake,
	.block = rrobin_block,
	.do_schedule = rrobin_do_schedule,
	.control = rrobin_control,
	.reschedule = rrobin_reschedule,
	.dump = rrobin_dump,
};
