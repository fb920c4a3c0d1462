/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scheduling. The generic layer (sched.c) owns the lock, the timer, run states
 * and the switch; a scheduler (struct scheduler) only decides who runs next and
 * for how long. `sched=` chooses one at boot.
 */
#ifndef SCHED_SCHED_H
#define SCHED_SCHED_H

#include <xen/sched.h>

#include "domain/domain.h"
#include "lib/types.h"

/* What do_schedule answers: who, and for how long at most. */
struct sched_choice {
	struct vcpu *vcpu; /* the CPU's idle VCPU when nothing is runnable */
	stime_t slice;	   /* nanoseconds; STIME_MAX: until something happens */
};

/* All are called with the scheduler lock held. */
struct scheduler {
	const char *name;     /* for people: "Round robin" */
	const char *opt_name; /* for sched=: "rrobin" */
	unsigned int xen_id;  /* as what tools made for Xen see it: XEN_SCHEDULER_* */
	unsigned int id;      /* XEN_SCHEDULER_* or our own from 100 up */

	int (*init)(void);		/* boot, once; optional */
	int (*alloc)(struct vcpu *v);	/* v->sched_priv; 0 or -ENOMEM */
	void (*add)(struct vcpu *v);	/* may be scheduled from now on */
	void (*remove)(struct vcpu *v); /* must not be any more */
	void (*free)(struct vcpu *v);	/* v->sched_priv goes */
	void (*wake)(struct vcpu *v);	/* became runnable */
	void (*block)(struct vcpu *v);	/* stopped being runnable */
	struct sched_choice (*do_schedule)(unsigned int cpu, stime_t now);
	/* The scheduler's parameters, a domain's: arg is of xenolith/sched.h. */
	int (*control)(void *arg, bool set);
	int (*adjust)(struct domain *d, void *arg, bool set); /* optional */
	int (*reschedule)(struct vcpu *v); /* CPU to prod after a wake, or -1 */
	void (*dump)(unsigned int cpu);	   /* console key r */
};

extern const struct scheduler sched_bvt, sched_atropos, sched_rrobin;

/* Boot: pick by opt_name (NULL: default). False: no such scheduler, default used. */
bool sched_init(const char *opt_name);
const struct scheduler *sched_current(void);

/* A CPU comes up with its idle VCPU. */
void sched_init_cpu(unsigned int cpu, struct vcpu *idle);
cpumask_t sched_cpus(void);

/* cpu: where it runs first if it can, best by sched_place(). 0 or -ENOMEM. */
int sched_vcpu_init(struct vcpu *v, unsigned int cpu);

/*
 * v will never run again: stop it, whatever it is doing, and forget it. v is not
 * current; no lock is held. What wakes it later has no effect.
 */
void sched_vcpu_destroy(struct vcpu *v);

/*
 * The CPU for a new VCPU: of those with the fewest VCPUs the first from number
 * vcpu_id on, counted around. Only a hint; they move.
 */
unsigned int sched_place(struct domain *d, unsigned int vcpu_id);

/* Bring v up, which must have a context; take it down. Any context. */
void sched_vcpu_up(struct vcpu *v);
void sched_vcpu_down(struct vcpu *v);

/* v's pause flags or counts changed so that it may run (again). Any context. */
void sched_wake(struct vcpu *v);

/* They changed so that it must not run: it will stop soon; _sync: has stopped. */
void sched_sleep(struct vcpu *v);
void sched_sleep_sync(struct vcpu *v);

/* v was sent an event (event/ calls this): wake it if blocked, kick if running. */
void sched_event_other(struct vcpu *v);

static inline void sched_event(struct vcpu *v)
{
	/* It runs here, and looks at its events on its way out. */
	if (v == current && !(READ_ONCE(v->pause_flags) & VCPU_BLOCKED))
		return;
	sched_event_other(v);
}

/* v waits no more, if it was waiting in sched_op block or poll. Any context. */
void sched_unblock(struct vcpu *v);

/* A port of d has become pending: sched_op poll may be waiting for it. */
void sched_poll_wake(struct domain *d, u32 port);

static inline void sched_poll_event(struct domain *d, u32 port)
{
	if (unlikely(READ_ONCE(d->pollers)))
		sched_poll_wake(d, port);
}

/*
 * v polls no more, whatever it was that woke it: it is about to run. Only its
 * own CPU takes the announcement back. If those who wake it did, one of them
 * could be late and take back that of its next poll.
 */
static inline void sched_poll_end(struct vcpu *v)
{
	if (unlikely(v->poll_port)) {
		WRITE_ONCE(v->poll_port, 0);
		__atomic_fetch_sub(&v->domain->pollers, 1, __ATOMIC_SEQ_CST);
	}
}

/* SOFTIRQ_SCHEDULE. On the real machine does not return when it switches. */
void sched_softirq(void);

/*
 * context_switch() calls this once all of prev's state is out of the CPU and in
 * *prev: from then on another CPU may run it. No lock held.
 */
void sched_context_saved(struct vcpu *prev);

/* CPUs that idle and have not been asked to take a VCPU yet. Scheduler lock. */
cpumask_t sched_idle_cpus(void);
struct vcpu *sched_idle_vcpu(unsigned int cpu);

/* Whether cpu may take v now, that v is runnable given. Scheduler lock. */
static inline bool sched_may_run(const struct vcpu *v, unsigned int cpu)
{
	return (v->affinity & cpumask_of(cpu)) &&
	       (!__atomic_load_n(&v->is_running, __ATOMIC_ACQUIRE) || v->processor == cpu);
}

/* An idle CPU for v, by affinity, best the one it ran on; or -1. Scheduler lock. */
int sched_pick_idle(const struct vcpu *v);

/*
 * Of cpus, of which one at least is there, the one with the fewest VCPUs, looking
 * from number from on. Scheduler lock.
 */
unsigned int sched_least_used(cpumask_t cpus, unsigned int from);

/*
 * The CPUs that v may run on. -EINVAL: none of them is there; -EBUSY: a pin
 * override is in effect. The override pins v to cpu (-EBUSY: is pinned already),
 * or with cpu < 0 undoes that (-EINVAL: was not). Any context.
 */
int sched_set_affinity(struct vcpu *v, cpumask_t cpus);
cpumask_t sched_get_affinity(const struct vcpu *v);
int sched_pin_override(struct vcpu *v, int cpu);

/*
 * The CPUs that v had rather run on: one of these that idles is taken before any
 * other that does. Of no effect where the affinity above excludes them. -EINVAL:
 * none of them is there.
 */
int sched_set_soft_affinity(struct vcpu *v, cpumask_t cpus);
cpumask_t sched_get_soft_affinity(const struct vcpu *v);

/*
 * XEN_DOMCTL_scheduler_op for d (which may be any domain, with a reference) and
 * XEN_SYSCTL_scheduler_op: op is a copy of ours, and the answer is in it. Errors
 * are those of xenolith/sched.h. The caller has checked the privilege; no lock.
 */
struct xen_domctl_scheduler_op;
struct xen_sysctl_scheduler_op;
long sched_domctl(struct domain *d, struct xen_domctl_scheduler_op *op);
long sched_sysctl(struct xen_sysctl_scheduler_op *op);

/* The scheduler's adjust and control, with the lock taken. */
int sched_adjust(struct domain *d, void *arg, bool set);
int sched_control(void *arg, bool set);

/* The hypercall sched_op (new form) and the old two-argument one. */
long do_sched_op(int cmd, void *arg);
long do_sched_op_compat(int cmd, u64 arg);

/* Bring v's run state up to date and copy it out: times in ns. */
void sched_runstate(struct vcpu *v, struct vcpu_runstate_info *out);

/*
 * Write the copy that the guest asked for by register_runstate_memory_area. Call
 * with v's page tables loaded: for prev before a switch, for next after it, and
 * on a switch from user to kernel mode when v->runstate_stale is set. Does
 * nothing but set that while v is in user mode, where its kernel is not mapped.
 */
void sched_runstate_to_guest(struct vcpu *v);

/* A domain's watchdog timers, when it dies. */
void sched_watchdogs_destroy(struct domain *d);

/* sched_op watchdog, and poll: operands checked but for their values. */
long sched_watchdog(struct domain *d, u32 id, u32 timeout);
long sched_poll(const struct sched_poll *poll);

/* Console key r. */
void sched_dump(void);

#endif
