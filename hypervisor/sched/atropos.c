/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Atropos, sched=atropos, after the scheduler of Nemesis (Leslie and others, IEEE JSAC 14(7),
 * 1996): time that is reserved. A VCPU is promised a slice of CPU time in every period,
 * whatever the others do. What nobody has reserved or uses goes to those that may have more.
 *
 * Each VCPU with a reservation has a home, the CPU on which it is kept. A CPU never has
 * more reserved than all of its time, and runs, of the VCPUs at home there that have some of
 * their slice left, the one whose period ends first. By these two every promise is kept
 * (Liu and Layland, JACM 20(1), 1973): each has its slice before its period is over. When the
 * slice is used up the VCPU waits for its next period, and among those that may have more.
 *
 * What is left over is shared in turns: all that wait for it stand in one queue for all CPUs.
 * A CPU takes from there when no promise is due. A VCPU that is promised time and has some
 * elsewhere meanwhile has used that of its slice: what counts is that it ran.
 *
 * A VCPU that slept beyond the end of its period starts another when it wakes. The first is
 * only as long as the latency that it asked for, and has as large a part of the slice: so it
 * runs within that time, and no more is promised than before.
 *
 * If affinities leave a CPU with more reserved than it has, those at home there share it by
 * the same rule, and their promises are void until that changes.
 */
#include <xen/errno.h>
#include <xen/domctl.h>
#include <xenolith/sched.h>

#include "lib/list.h"
#include "machine.h"
#include "mm/alloc.h"
#include "sched/sched.h"

#define TURN MILLISECONDS(5)	   /* of what is left over */
#define YIELD_TURN MILLISECONDS(1) /* of who is let in by a yield before its time */
#define MAX_TURN SECONDS(1)

#define ALL (1u << 20) /* of a CPU: the unit of shares */

/* Unless told otherwise: domain 0 drives the devices of all. Microseconds. */
static const struct atropos_params dom0_params = {
	.period_us = 10000,
	.slice_us = 2500,
	.latency_us = 1000,
	.xtratime = true,
};
static const struct atropos_params domu_params = { .period_us = 100000, .xtratime = true };

struct atropos_vcpu {
	struct vcpu *vcpu;
	struct list extra; /* waits, and may have what is left over */
	stime_t period, slice, latency;
	stime_t remain;	  /* of the slice; below 0: had too much, and has that less next time */
	stime_t deadline; /* the period's end */
	u32 home, new_home;
	u32 share;	   /* of its home */
	stime_t turn_left; /* a promise came in the midst of its turn */
	bool xtratime;
};

struct atropos_cpu {
	struct list ready;    /* at home here, wait, have time left: first deadline first */
	struct list spent;    /* at home here, wait for their next period: the same order */
	struct vcpu *running; /* NULL: idles */
	bool promised;	      /* running has its reserved time */
	stime_t charged;      /* running has paid up to here */
	stime_t turn_end;     /* of one that runs in what is left over */
	stime_t end;	      /* the next look */
	u32 reserved;	      /* shares of all who are at home here */
};

static struct atropos_cpu atropos_cpu[NR_CPUS];
static struct list extra = LIST_INIT(extra);

static struct atropos_vcpu *atropos(const struct vcpu *v)
{
	return v->sched_priv;
}

/* Periods. */

/* A period that is over is followed by the next; who is very late starts anew. */
static void renew(struct atropos_vcpu *a, stime_t t)
{
	if (!a->slice || t < a->deadline)
		return;
	a->deadline = t - a->deadline < a->period ? a->deadline + a->period : t + a->period;
	a->remain = a->slice + min(a->remain, 0);
}

/* It slept beyond its period. */
static void start_anew(struct atropos_vcpu *a, stime_t t)
{
	stime_t first = a->latency ? a->latency : a->period;

	a->deadline = t + first;
	a->remain = a->slice * first / a->period + min(a->remain, 0);
}

/* Who runs pays, on whatever CPU. */
static void charge(struct atropos_cpu *c, stime_t t)
{
	struct atropos_vcpu *a;

	if (!c->running)
		return;
	a = atropos(c->running);
	if (a->remain > 0)
		a->remain -= t - c->charged;
	c->charged = t;
	renew(a, t);
}

/* Homes. */

static bool fits(const u32 *reserved, unsigned int cpu, u32 share)
{
	return reserved[cpu] + share <= ALL;
}

/* The CPU of cpus with the least reserved, or NR_CPUS. */
static unsigned int least_reserved(const u32 *reserved, cpumask_t cpus)
{
	unsigned int best = NR_CPUS;

	for (cpumask_t m = cpus & sched_cpus(); m; m &= m - 1) {
		unsigned int cpu = __builtin_ctzll(m);

		if (best == NR_CPUS || reserved[cpu] < reserved[best])
			best = cpu;
	}
	return best;
}

static void all_reserved(u32 *reserved)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		reserved[cpu] = atropos_cpu[cpu].reserved;
}

/* Where v, which is in no queue, may not run any more it is not at home either. */
static void rehome(struct vcpu *v)
{
	struct atropos_vcpu *a = atropos(v);
	u32 reserved[NR_CPUS];
	unsigned int cpu;

	if (v->affinity & cpumask_of(a->home))
		return;
	all_reserved(reserved);
	cpu = least_reserved(reserved, v->affinity);
	if (cpu == NR_CPUS)
		return;
	atropos_cpu[a->home].reserved -= a->share;
	atropos_cpu[cpu].reserved += a->share;
	a->home = cpu;
}

/* Queues. */

static void enqueue_at_home(struct vcpu *v)
{
	struct atropos_vcpu *a = atropos(v);
	struct atropos_cpu *c = &atropos_cpu[a->home];
	struct list *queue = a->remain > 0 ? &c->ready : &c->spent, *after = queue->prev;

	while (after != queue &&
	       atropos(list_entry(after, struct vcpu, sched_link))->deadline > a->deadline)
		after = after->prev;
	list_add_before(after->next, &v->sched_link);
}

static void enqueue(struct vcpu *v)
{
	struct atropos_vcpu *a = atropos(v);

	if (a->slice)
		enqueue_at_home(v);
	if (a->xtratime)
		list_add_tail(&extra, &a->extra);
}

static void dequeue(struct vcpu *v)
{
	list_del(&v->sched_link);
	list_del(&atropos(v)->extra);
}

static bool queued(const struct vcpu *v)
{
	return !list_empty(&v->sched_link) || !list_empty(&atropos(v)->extra);
}

/*
 * prev, which could run on, makes way: for a promise in the midst of its turn, so it has the
 * rest of that later.
 */
static void put_back(struct atropos_cpu *c, struct vcpu *prev, stime_t t)
{
	struct atropos_vcpu *a = atropos(prev);

	rehome(prev);
	enqueue(prev);
	a->turn_left = 0;
	if (!c->promised && !prev->yielding && t < c->turn_end)
		a->turn_left = c->turn_end - t;
}

static void begin(struct atropos_cpu *c, struct vcpu *next, stime_t t)
{
	struct atropos_vcpu *a = atropos(next);

	dequeue(next);
	renew(a, t);
	c->turn_end = t + (a->turn_left ? a->turn_left : TURN);
	c->charged = t;
}

/* New periods begin, at home on c. */
static void renew_all(struct list *queue, stime_t t)
{
	struct vcpu *v, *next;

	list_for_each_safe(v, next, queue, sched_link) {
		if (atropos(v)->deadline > t)
			return;
		list_del(&v->sched_link);
		renew(atropos(v), t);
		enqueue_at_home(v);
	}
}

/* Decisions. */

static bool has_promise(const struct vcpu *v, unsigned int cpu)
{
	const struct atropos_vcpu *a = atropos(v);

	return a->slice && a->home == cpu && a->remain > 0;
}

static struct vcpu *first_ready(unsigned int cpu)
{
	struct vcpu *v;

	list_for_each(v, &atropos_cpu[cpu].ready, sched_link)
		if (sched_may_run(v, cpu))
			return v;
	return NULL;
}

/* The first that cpu may run; if it idled, the one that it was woken for. */
static struct vcpu *first_extra(unsigned int cpu, bool idled)
{
	struct atropos_vcpu *a;
	struct vcpu *first = NULL;

	list_for_each(a, &extra, extra) {
		if (!sched_may_run(a->vcpu, cpu))
			continue;
		if (!idled || a->vcpu->processor == cpu)
			return a->vcpu;
		if (!first)
			first = a->vcpu;
	}
	return first;
}

/* Who is next, of those that wait and prev, if that may go on. NULL: nobody. */
static struct vcpu *choose(unsigned int cpu, struct vcpu *prev, bool may_stay, stime_t t)
{
	struct atropos_cpu *c = &atropos_cpu[cpu];
	struct vcpu *ready = first_ready(cpu), *other;
	bool promise = may_stay && has_promise(prev, cpu);
	bool stays = promise || (may_stay && atropos(prev)->xtratime);

	if (promise && !prev->yielding)
		return ready && atropos(ready)->deadline < atropos(prev)->deadline ? ready : prev;
	if (ready)
		return ready;
	if (stays && !prev->yielding && t < c->turn_end)
		return prev;
	other = first_extra(cpu, prev->is_idle);
	return other ? other : stays ? prev : NULL;
}

/* When the answer may be another. */
static stime_t next_look(unsigned int cpu, bool yielded, stime_t t)
{
	struct atropos_cpu *c = &atropos_cpu[cpu];
	stime_t end = STIME_MAX;

	if (!list_empty(&c->spent))
		end = atropos(list_first(&c->spent, struct vcpu, sched_link))->deadline;
	if (c->running) {
		const struct atropos_vcpu *a = atropos(c->running);

		end = min(end, t + (yielded ? YIELD_TURN : MAX_TURN));
		if (a->slice)
			end = min(end, a->deadline);
		if (c->promised)
			end = min(end, t + a->remain);
		else if (!list_empty(&extra))
			end = min(end, c->turn_end);
	}
	return max(end, t);
}

/* A CPU that was woken for one took another: the one it left may have another idle CPU. */
static void pass_on(void)
{
	struct atropos_vcpu *a;

	list_for_each(a, &extra, extra) {
		int idle = sched_pick_idle(a->vcpu);

		if (idle >= 0) {
			cpu_raise_softirq(idle, SOFTIRQ_SCHEDULE);
			return;
		}
	}
}

static struct sched_choice atropos_do_schedule(unsigned int cpu, stime_t t)
{
	struct atropos_cpu *c = &atropos_cpu[cpu];
	struct vcpu *prev = current, *next;
	bool runnable = !prev->is_idle && prev->sched_runnable;
	bool may_stay = runnable && sched_may_run(prev, cpu);
	bool yielded = runnable && prev->yielding;

	charge(c, t);
	renew_all(&c->spent, t);
	renew_all(&c->ready, t);
	next = choose(cpu, prev, may_stay, t);
	if (next != prev || !next) {
		if (runnable)
			put_back(c, prev, t);
		if (next)
			begin(c, next, t);
		c->running = next;
	} else if (t >= c->turn_end) {
		c->turn_end = t + TURN;
	}
	if (prev->is_idle && next)
		pass_on();
	c->promised = next && has_promise(next, cpu);
	c->end = next_look(cpu, yielded && next != prev, t);
	return (struct sched_choice){
		.vcpu = next ? next : sched_idle_vcpu(cpu),
		.slice = c->end == STIME_MAX ? STIME_MAX : c->end - t,
	};
}

/* The CPU that runs in what is left over and whose turn is over first, if it would not look. */
static int next_turn(const struct vcpu *v)
{
	int best = -1;

	for (cpumask_t m = v->affinity & sched_cpus(); m; m &= m - 1) {
		unsigned int cpu = __builtin_ctzll(m);
		const struct atropos_cpu *c = &atropos_cpu[cpu];

		if (c->running && !c->promised &&
		    (best < 0 || c->turn_end < atropos_cpu[best].turn_end))
			best = cpu;
	}
	return best >= 0 && atropos_cpu[best].turn_end < atropos_cpu[best].end ? best : -1;
}

/*
 * v waits: an idle CPU takes it, which must be its home if it may have no more than it is
 * promised. Else its home, if it is promised time and comes before what runs there. Else one
 * that has to hear of it before it looks again.
 */
static int atropos_reschedule(struct vcpu *v)
{
	struct atropos_vcpu *a = atropos(v);
	struct atropos_cpu *home;
	int idle;

	if (!(v->affinity & cpumask_of(a->home))) {
		dequeue(v);
		rehome(v);
		enqueue(v);
	}
	home = &atropos_cpu[a->home];
	/* It has to look when v's next period begins, whoever else looks now. */
	if (a->slice && a->remain <= 0 && a->deadline < home->end)
		cpu_raise_softirq(a->home, SOFTIRQ_SCHEDULE);
	idle = a->xtratime ? sched_pick_idle(v) : -1;
	if (idle >= 0)
		return idle;
	if (has_promise(v, a->home) &&
	    (!home->promised || a->deadline < atropos(home->running)->deadline))
		return a->home;
	return a->xtratime ? next_turn(v) : -1;
}

/* VCPUs come, go, wake and sleep. */

static void take(struct atropos_vcpu *a, const struct atropos_params *p, stime_t t)
{
	a->period = MICROSECONDS(p->period_us);
	a->slice = MICROSECONDS(p->slice_us);
	a->latency = MICROSECONDS(p->latency_us);
	a->xtratime = p->xtratime;
	a->remain = a->slice;
	a->deadline = t + a->period;
}

/* Rounded down: halves and thirds make a whole. */
static u32 share_of(const struct atropos_params *p)
{
	return (u64)p->slice_us * ALL / p->period_us;
}

static const struct atropos_params *default_params(const struct domain *d)
{
	return d->id == 0 ? &dom0_params : &domu_params;
}

static int atropos_alloc(struct vcpu *v)
{
	const struct domain *d = v->domain;
	struct atropos_params p = d->atropos.period_us ? d->atropos : *default_params(d);
	struct atropos_vcpu *a = new (struct atropos_vcpu);
	u32 reserved[NR_CPUS], share = share_of(&p);
	unsigned int home = v->processor;

	if (!a)
		return -XEN_ENOMEM;
	all_reserved(reserved);
	if (!fits(reserved, home, share))
		home = least_reserved(reserved, ~0ull);
	/* As much as there is: nobody who asks for VCPUs could mend it. */
	if (home == NR_CPUS || !fits(reserved, home, share)) {
		home = v->processor;
		p.slice_us = share = 0;
		p.xtratime = true;
	}
	a->vcpu = v;
	a->home = home;
	a->share = share;
	atropos_cpu[home].reserved += share;
	list_init(&a->extra);
	take(a, &p, now());
	v->sched_priv = a;
	return 0;
}

static void atropos_add(struct vcpu *v)
{
	list_init(&v->sched_link);
}

static void atropos_remove(struct vcpu *v)
{
	struct atropos_vcpu *a = atropos(v);

	dequeue(v);
	atropos_cpu[a->home].reserved -= a->share;
	a->share = 0;
}

static void atropos_free(struct vcpu *v)
{
	heap_free(v->sched_priv);
	v->sched_priv = NULL;
}

static void atropos_block(struct vcpu *v)
{
	dequeue(v);
	atropos(v)->turn_left = 0;
}

static void atropos_wake(struct vcpu *v)
{
	struct atropos_vcpu *a = atropos(v);
	stime_t t = now();

	/* It slept and woke while it ran, and goes on. */
	if (atropos_cpu[v->processor].running == v || queued(v))
		return;
	if (a->slice && t >= a->deadline)
		start_anew(a, t);
	rehome(v);
	enqueue(v);
}

static int atropos_init(void)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		atropos_cpu[cpu] = (struct atropos_cpu){ .end = STIME_MAX };
		list_init(&atropos_cpu[cpu].ready);
		list_init(&atropos_cpu[cpu].spent);
	}
	list_init(&extra);
	return 0;
}

/* Parameters. */

static bool valid(const struct xenolith_domctl_atropos *p)
{
	return p->period_us >= XENOLITH_PERIOD_US_MIN && p->period_us <= XENOLITH_PERIOD_US_MAX &&
	       (p->slice_us == 0 || p->slice_us >= XENOLITH_SLICE_US_MIN) &&
	       p->slice_us <= p->period_us && p->latency_us <= p->period_us && p->xtratime <= 1 &&
	       (p->slice_us || p->xtratime);
}

/* A home for each of d's VCPUs with that share, or -ENOSPC and nothing is changed. */
static int find_homes(struct domain *d, u32 share)
{
	u32 reserved[NR_CPUS];
	struct vcpu *v;

	all_reserved(reserved);
	for_each_vcpu(d, v)
		if (atropos(v))
			reserved[atropos(v)->home] -= atropos(v)->share;
	for_each_vcpu(d, v) {
		struct atropos_vcpu *a = atropos(v);

		if (!a)
			continue;
		a->new_home = a->home;
		if (!(v->affinity & cpumask_of(a->home)) || !fits(reserved, a->home, share))
			a->new_home = least_reserved(reserved, v->affinity);
		if (a->new_home == NR_CPUS || !fits(reserved, a->new_home, share))
			return -XEN_ENOSPC;
		reserved[a->new_home] += share;
	}
	return 0;
}

static void move_in(struct vcpu *v, const struct atropos_params *p, u32 share)
{
	struct atropos_vcpu *a = atropos(v);
	bool waits = queued(v);

	dequeue(v);
	atropos_cpu[a->home].reserved -= a->share;
	atropos_cpu[a->new_home].reserved += share;
	a->home = a->new_home;
	a->share = share;
	take(a, p, now());
	if (waits)
		enqueue(v);
	cpu_raise_softirq(a->home, SOFTIRQ_SCHEDULE);
	cpu_raise_softirq(v->processor, SOFTIRQ_SCHEDULE);
}

static int atropos_adjust(struct domain *d, void *arg, bool set)
{
	struct xenolith_domctl_atropos *p = arg;
	struct atropos_params params;
	struct vcpu *v;
	int rc;

	if (set) {
		if (!valid(p))
			return -XEN_EINVAL;
		params = (struct atropos_params){ p->period_us, p->slice_us, p->latency_us,
						  p->xtratime };
		rc = find_homes(d, share_of(&params));
		if (rc)
			return rc;
		d->atropos = params;
		for_each_vcpu(d, v)
			if (atropos(v))
				move_in(v, &params, share_of(&params));
	}
	params = d->atropos.period_us ? d->atropos : *default_params(d);
	*p = (struct xenolith_domctl_atropos){
		.period_us = params.period_us,
		.slice_us = params.slice_us,
		.latency_us = params.latency_us,
		.xtratime = params.xtratime,
	};
	return 0;
}

static int atropos_control(void *arg, bool set)
{
	struct xenolith_sysctl_atropos *p = arg;

	if (set)
		return -XEN_EOPNOTSUPP;
	*p = (struct xenolith_sysctl_atropos){ 0 };
	for (cpumask_t m = sched_cpus(); m; m &= m - 1) {
		u32 reserved = atropos_cpu[__builtin_ctzll(m)].reserved;

		p->cpus++;
		p->reserved_ppm += (u64)reserved * 1000000 / ALL;
	}
	return 0;
}

static void dump_vcpu(const struct vcpu *v, const char *what, stime_t t)
{
	const struct atropos_vcpu *a = atropos(v);

	log_info("  %s: d%uv%u slice %lld of %lld us, %lld left, for %lld%s", what, v->domain->id,
		 v->id, (long long)(a->slice / 1000), (long long)(a->period / 1000),
		 (long long)(a->remain / 1000), (long long)((a->deadline - t) / 1000),
		 a->xtratime ? ", and extra time" : "");
}

static void atropos_dump(unsigned int cpu)
{
	struct atropos_cpu *c = &atropos_cpu[cpu];
	struct atropos_vcpu *a;
	stime_t t = now();
	struct vcpu *v;

	charge(c, t);
	log_info("  reserved %llu of 1000", (unsigned long long)c->reserved * 1000 / ALL);
	if (c->running)
		dump_vcpu(c->running, c->promised ? "running" : "running in extra time", t);
	list_for_each(v, &c->ready, sched_link)
		dump_vcpu(v, "ready", t);
	list_for_each(v, &c->spent, sched_link)
		dump_vcpu(v, "spent", t);
	list_for_each(a, &extra, extra)
		if (!a->slice && a->vcpu->processor == cpu)
			dump_vcpu(a->vcpu, "waiting", t);
}

const struct scheduler sched_atropos = {
	.name = "Atropos",
	.opt_name = "atropos",
	.xen_id = XEN_SCHEDULER_NULL,
	.id = XENOLITH_SCHEDULER_ATROPOS,
	.init = atropos_init,
	.alloc = atropos_alloc,
	.add = atropos_add,
	.remove = atropos_remove,
	.free = atropos_free,
	.wake = atropos_wake,
	.block = atropos_block,
	.do_schedule = atropos_do_schedule,
	.control = atropos_control,
	.adjust = atropos_adjust,
	.reschedule = atropos_reschedule,
	.dump = atropos_dump,
};
