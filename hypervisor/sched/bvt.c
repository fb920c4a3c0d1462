/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Borrowed virtual time, sched=bvt, after Duda and Cheriton (SOSP 1999):
 * proportional shares that a sleeper cannot save up, a quick answer for who wakes
 * seldom, and a quicker one for who may borrow.
 *
 * Each VCPU has a virtual time, which advances while it runs: by mcuadv in each
 * minimum charging unit, so slower for who shall have more. Of those that wait the
 * one with the lowest is next. To switch at every small lead would cost too much;
 * the context-switch allowance says how far, in time that it really runs, a VCPU
 * may get ahead of the first that waits. So busy VCPUs have turns of that at least,
 * and one that seldom runs is let in when it wakes.
 *
 * A CPU has a virtual time too, about the lowest of its VCPUs', which never goes
 * back. A VCPU that slept starts from there, or from its own if that is later: it
 * cannot claim what it did not use. For this a VCPU that runs counts as one
 * allowance behind what it is, so that one that wakes may take its place at once
 * when it has had a full turn.
 *
 * Several CPUs: each has a queue, in the order of virtual time, and virtual times
 * of a queue mean something in that queue. To compare two CPUs each has an
 * origin: virtual time less origin is on one scale for all. Whoever has to wait,
 * because it woke or because its turn is over, goes to a CPU that would let it in
 * at once, if there is one; and a CPU where nobody waits lets in the lowest of the
 * others' queues. So the machine behaves nearly as if it had one queue, and three
 * busy VCPUs get two thirds each of two CPUs. But two CPUs can drift apart without
 * end: pinned VCPUs crowd on one, or a weight would be worth more than a whole
 * CPU. Then nothing is owed, and the origin of the CPU that is behind follows:
 * VCPUs there keep their order among themselves, but have no claim on the others
 * that would make somebody wait for as long as it grew.
 *
 * The borrowing: a VCPU that may warp, and wakes, is treated as if its virtual time
 * were earlier by its warp, until it sleeps or has run warped for as long as it may; then
 * not again for a while. It pays for that time as for any other, so what it has in the
 * long run is what it had without.
 *
 * Virtual times are nanoseconds times mcuadv, counted in its parts (the rate), and
 * wrap after days. Only their differences are looked at, and those are kept small.
 */
#include <xen/errno.h>
#include <xen/domctl.h>
#include <xenolith/sched.h>

#include "lib/list.h"
#include "machine.h"
#include "mm/alloc.h"
#include "sched/sched.h"

#define DEFAULT_CTX_ALLOW MILLISECONDS(5)

#define DEFAULT_RATE (XENOLITH_MCUADV_DEFAULT * XENOLITH_MCUADV_PARTS)

/* Who is alone is looked at this often, so that it never has to pay for years. */
#define MAX_TURN SECONDS(1)

/* A unit of warpvalue: what mcuadv 1 goes forward by in a minimum charging unit. */
#define WARP_UNIT (MICROSECONDS(100) * XENOLITH_MCUADV_PARTS)

/* How many allowances apart a VCPU and its CPU, or two CPUs, may get. */
#define MAX_DRIFT 4

/* Virtual times wrap first after seconds, to show what is wrong with that early. */
#define FIRST_VTIME (INT64_MAX - SECONDS(3) * DEFAULT_RATE)

struct bvt_vcpu {
	s64 vtime;
	s64 rate; /* mcuadv in its parts */
	u32 cpu;  /* whose queue it is in when it waits, whose scale vtime is on */

	/* Warping: by how much, for how long, how long not again (0: no limit). */
	s64 warp;
	stime_t warp_limit, unwarp_time;
	bool warped;
	stime_t warp_left;  /* of the limit */
	stime_t warp_ended; /* the last time */
};

struct bvt_cpu {
	struct list queue;     /* runnable and not running; lowest vtime first */
	struct vcpu *running;  /* NULL: idles */
	struct vcpu *expected; /* waits here; the idle CPU was woken for it */
	s64 vtime;	       /* where one that wakes here starts */
	s64 origin;
	stime_t charged; /* the running VCPU has paid up to here */
	stime_t end;	 /* and will be looked at here; the past: idles */
};

static struct bvt_cpu bvt_cpu[NR_CPUS];
static cpumask_t waiting; /* CPUs that have somebody in their queue */
static stime_t ctx_allow = DEFAULT_CTX_ALLOW;
static bool any_warps; /* a domain may warp, or might once */

static struct bvt_vcpu *bvt(const struct vcpu *v)
{
	return v->sched_priv;
}

/* What decides who is first. */
static s64 effective(const struct vcpu *v)
{
	const struct bvt_vcpu *b = bvt(v);

	return b->warped ? b->vtime - b->warp : b->vtime;
}

/* On the scale of all CPUs. */
static s64 vcpu_position(const struct vcpu *v)
{
	return effective(v) - bvt_cpu[bvt(v)->cpu].origin;
}

static s64 cpu_position(const struct bvt_cpu *c)
{
	return c->vtime - c->origin;
}

/* Virtual times wrap: the later of two, and whether a is later than b. */
static bool is_later(s64 a, s64 b)
{
	return a - b > 0;
}

/* The CPU's time follows the lowest of its VCPUs'; that which runs is at vtime. */
static void advance(struct bvt_cpu *c, s64 vtime)
{
	const struct vcpu *v;

	list_for_each(v, &c->queue, sched_link) {
		if (is_later(vtime, bvt(v)->vtime))
			vtime = bvt(v)->vtime;
		/* The first has the lowest, unless somebody is warped. */
		if (!any_warps)
			break;
	}
	if (is_later(vtime, c->vtime))
		c->vtime = vtime;
}

static void unwarp(struct bvt_vcpu *b, stime_t t)
{
	if (b->warped)
		b->warp_ended = t;
	b->warped = false;
}

/* Who runs pays. */
static void charge(struct bvt_cpu *c, stime_t t)
{
	struct bvt_vcpu *b;

	if (!c->running)
		return;
	b = bvt(c->running);
	b->vtime += (t - c->charged) * b->rate;
	b->warp_left -= t - c->charged;
	if (b->warped && b->warp_limit && b->warp_left <= 0)
		unwarp(b, t);
	c->charged = t;
	advance(c, b->vtime - ctx_allow * b->rate);
}

/* Queues. */

static void enqueue(struct vcpu *v)
{
	struct bvt_cpu *c = &bvt_cpu[bvt(v)->cpu];
	struct list *after = c->queue.prev;

	while (after != &c->queue &&
	       is_later(effective(list_entry(after, struct vcpu, sched_link)), effective(v)))
		after = after->prev;
	list_add_before(after->next, &v->sched_link);
	waiting |= cpumask_of(bvt(v)->cpu);
}

static void dequeue(struct vcpu *v)
{
	struct bvt_cpu *c = &bvt_cpu[bvt(v)->cpu];

	if (list_empty(&v->sched_link))
		return;
	list_del(&v->sched_link);
	if (list_empty(&c->queue))
		waiting &= ~cpumask_of(bvt(v)->cpu);
	if (c->expected == v)
		c->expected = NULL;
}

/*
 * Of two CPUs the one that is behind by more than moving v could account for is
 * owed nothing for that. Not the one ahead is brought back: that may be in step
 * with others.
 */
static void align(struct bvt_cpu *a, struct bvt_cpu *b, const struct vcpu *v)
{
	s64 rate = bvt(v)->rate + (a->running ? bvt(a->running)->rate : 0);
	s64 limit = MAX_DRIFT * ctx_allow * rate;
	s64 ahead = cpu_position(a) - cpu_position(b);

	if (ahead > limit)
		b->origin -= ahead - limit;
	else if (-ahead > limit)
		a->origin -= -ahead - limit;
}

/* v, which is in no queue, belongs to cpu from now on. */
static void set_cpu(struct vcpu *v, unsigned int cpu)
{
	struct bvt_vcpu *b = bvt(v);
	struct bvt_cpu *from = &bvt_cpu[b->cpu], *to = &bvt_cpu[cpu];

	if (from == to)
		return;
	/* Where nobody is there is nothing to compare with, and no claim. */
	if (!to->running && list_empty(&to->queue))
		to->origin = to->vtime - cpu_position(from);
	else
		align(to, from, v);
	b->vtime += to->origin - from->origin;
	b->cpu = cpu;
}

static void move(struct vcpu *v, unsigned int cpu)
{
	if (bvt(v)->cpu == cpu)
		return;
	dequeue(v);
	set_cpu(v, cpu);
	enqueue(v);
}

/* Where v waits: where it did, unless it must not run there. */
static unsigned int home(const struct vcpu *v)
{
	if (v->affinity & cpumask_of(bvt(v)->cpu))
		return bvt(v)->cpu;
	return sched_least_used(v->affinity, 0);
}

/* Decisions. */

static struct vcpu *first_in(const struct bvt_cpu *c, unsigned int cpu)
{
	struct vcpu *v;

	list_for_each(v, &c->queue, sched_link)
		if (sched_may_run(v, cpu))
			return v;
	return NULL;
}

/* The next for cpu: of its own queue, or if none may run there the lowest of all. */
static struct vcpu *first_for(unsigned int cpu, stime_t t)
{
	struct bvt_cpu *c = &bvt_cpu[cpu];
	struct vcpu *best = first_in(c, cpu);

	if (best)
		return best;
	for (cpumask_t m = waiting & ~cpumask_of(cpu); m; m &= m - 1) {
		struct bvt_cpu *other = &bvt_cpu[__builtin_ctzll(m)];
		struct vcpu *v = first_in(other, cpu);

		if (!v)
			continue;
		charge(other, t);
		if (c->running)
			align(c, other, v);
		if (!best || is_later(vcpu_position(best), vcpu_position(v)))
			best = v;
	}
	return best;
}

/* When v, which runs, has used its allowance against w, at the rate it pays now. */
static stime_t gives_way(const struct vcpu *v, const struct vcpu *w, stime_t t)
{
	s64 rate = bvt(v)->rate, left = vcpu_position(w) - vcpu_position(v);

	return t + DIV_ROUND_UP(left + ctx_allow * rate, rate);
}

/* The same when w has to be fetched from another queue first: not for little. */
static stime_t turn_ends(const struct vcpu *v, const struct vcpu *w, stime_t t)
{
	return gives_way(v, w, t) + (bvt(v)->cpu == bvt(w)->cpu ? 0 : ctx_allow);
}

static void begin(struct bvt_cpu *c, unsigned int cpu, struct vcpu *next, stime_t t)
{
	set_cpu(next, cpu);
	c->running = next;
	c->charged = t;
	charge(c, t);
}

/* Who yields waives what next has not: else it would be its turn again at once. */
static void yield_to(struct vcpu *v, const struct vcpu *next)
{
	s64 behind = vcpu_position(next) - vcpu_position(v);

	if (behind > 0)
		bvt(v)->vtime += behind;
}

static struct sched_choice bvt_do_schedule(unsigned int cpu, stime_t t)
{
	struct vcpu *prev = current, *next, *first = NULL;
	struct bvt_cpu *c = &bvt_cpu[cpu];
	bool runnable = !prev->is_idle && prev->sched_runnable;
	bool may_stay = runnable && sched_may_run(prev, cpu);

	/* To be looked at for nothing has to be cheap: a yield to nobody. */
	if (may_stay && !waiting && t < c->end)
		return (struct sched_choice){ prev, c->end - t };
	charge(c, t);
	if (waiting)
		first = c->expected ? c->expected : first_for(cpu, t);
	next = first;
	if (may_stay && (!first || (!prev->yielding && turn_ends(prev, first, t) > t))) {
		next = prev;
	} else {
		c->running = NULL;
		if (next)
			dequeue(next);
		if (runnable) {
			if (prev->yielding) {
				unwarp(bvt(prev), t);
				if (next)
					yield_to(prev, next);
			}
			set_cpu(prev, home(prev));
			enqueue(prev);
		}
		if (!next) {
			c->end = INT64_MIN;
			return (struct sched_choice){ sched_idle_vcpu(cpu), STIME_MAX };
		}
		begin(c, cpu, next, t);
		first = waiting ? first_for(cpu, t) : NULL;
	}
	c->end = t + MAX_TURN;
	if (bvt(next)->warped && bvt(next)->warp_limit)
		c->end = min(c->end, t + bvt(next)->warp_left);
	if (first)
		c->end = max(t, min(c->end, turn_ends(next, first, t)));
	return (struct sched_choice){ next, c->end - t };
}

/* When cpu would let v in. Never: it was woken for somebody else. */
static stime_t lets_in(unsigned int cpu, const struct vcpu *v, stime_t t)
{
	struct bvt_cpu *c = &bvt_cpu[cpu];

	if (!c->running)
		return STIME_MAX;
	charge(c, t);
	return gives_way(c->running, v, t);
}

/*
 * v waits: an idle CPU takes it. Else one that lets it in now, the one where it
 * waits before others. Else it stays there, and that CPU has to look before the
 * time that it meant to.
 */
static int bvt_reschedule(struct vcpu *v)
{
	unsigned int cpu = home(v);
	int idle = sched_pick_idle(v);
	stime_t t, when;

	if (idle >= 0) {
		move(v, idle);
		bvt_cpu[idle].expected = v;
		return idle;
	}
	t = now();
	when = lets_in(cpu, v, t);
	for (cpumask_t m = v->affinity & sched_cpus(); m && when > t; m &= m - 1)
		if (lets_in(__builtin_ctzll(m), v, t) <= t) {
			cpu = __builtin_ctzll(m);
			when = t;
		}
	move(v, cpu);
	return when < bvt_cpu[cpu].end ? (int)cpu : -1;
}

/* VCPUs come, go, wake and sleep. */

static u32 rate_of(const struct domain *d)
{
	return d->bvt_rate ? d->bvt_rate : DEFAULT_RATE;
}

static void set_warp(struct bvt_vcpu *b, const struct bvt_warp *w)
{
	b->warp = w->on ? w->value * WARP_UNIT : 0;
	b->warp_limit = MICROSECONDS(w->limit_us);
	b->unwarp_time = MICROSECONDS(w->unwarp_us);
	b->warped = false;
	b->warp_ended = now() - b->unwarp_time;
}

static int bvt_alloc(struct vcpu *v)
{
	struct bvt_vcpu *b = new (struct bvt_vcpu);

	if (!b)
		return -XEN_ENOMEM;
	b->cpu = v->processor;
	b->vtime = bvt_cpu[b->cpu].vtime;
	b->rate = rate_of(v->domain);
	set_warp(b, &v->domain->bvt_warp);
	v->sched_priv = b;
	return 0;
}

static void bvt_free(struct vcpu *v)
{
	heap_free(v->sched_priv);
	v->sched_priv = NULL;
}

static void bvt_add(struct vcpu *v)
{
	list_init(&v->sched_link);
}

static void bvt_wake(struct vcpu *v)
{
	struct bvt_vcpu *b = bvt(v);
	struct bvt_cpu *c = &bvt_cpu[b->cpu];
	s64 ahead;

	/* It slept and woke while it ran, and goes on. */
	if (c->running == v || !list_empty(&v->sched_link))
		return;
	if (c->running)
		charge(c, now());
	ahead = b->vtime - c->vtime;
	/* What it borrowed is not forgotten. */
	b->vtime = c->vtime + min(max(ahead, 0), MAX_DRIFT * ctx_allow * b->rate + b->warp);
	if (b->warp && now() - b->warp_ended >= b->unwarp_time) {
		b->warped = true;
		b->warp_left = b->warp_limit;
	}
	set_cpu(v, home(v));
	enqueue(v);
}

static void bvt_block(struct vcpu *v)
{
	dequeue(v);
	unwarp(bvt(v), now());
}

static int bvt_init(void)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		bvt_cpu[cpu] = (struct bvt_cpu){ .vtime = FIRST_VTIME, .end = INT64_MIN };
		list_init(&bvt_cpu[cpu].queue);
	}
	waiting = 0;
	ctx_allow = DEFAULT_CTX_ALLOW;
	any_warps = false;
	return 0;
}

/* Parameters. */

static int bvt_control(void *arg, bool set)
{
	struct xenolith_sysctl_bvt *p = arg;

	if (set) {
		if (p->ctx_allow_us < XENOLITH_SLICE_US_MIN ||
		    p->ctx_allow_us > XENOLITH_SLICE_US_MAX)
			return -XEN_EINVAL;
		ctx_allow = MICROSECONDS(p->ctx_allow_us);
	}
	p->ctx_allow_us = ctx_allow / MICROSECONDS(1);
	return 0;
}

/* What v is ahead by has to take as long at its new rate. */
static void set_parameters(struct vcpu *v, s64 rate)
{
	struct bvt_vcpu *b = bvt(v);
	struct bvt_cpu *c;
	bool queued;

	if (!b)
		return;
	c = &bvt_cpu[b->cpu];
	queued = !list_empty(&v->sched_link);
	charge(c, now());
	dequeue(v);
	if (is_later(b->vtime, c->vtime))
		b->vtime = c->vtime + (b->vtime - c->vtime) / b->rate * rate;
	b->rate = rate;
	set_warp(b, &v->domain->bvt_warp);
	if (queued)
		enqueue(v);
}

static int bvt_adjust(struct domain *d, void *arg, bool set)
{
	struct xenolith_domctl_bvt *p = arg;
	u32 rate;
	struct vcpu *v;

	if (set) {
		rate = p->mcuadv * XENOLITH_MCUADV_PARTS + p->part;
		if (rate == 0 || p->mcuadv > XENOLITH_MCUADV_MAX ||
		    p->part >= XENOLITH_MCUADV_PARTS)
			return -XEN_EINVAL;
		if (p->warpback > 1 || p->warpvalue > XENOLITH_WARP_MAX ||
		    p->warpl > XENOLITH_WARP_US_MAX || p->warpu > XENOLITH_WARP_US_MAX)
			return -XEN_EINVAL;
		d->bvt_rate = rate;
		d->bvt_warp = (struct bvt_warp){ p->warpvalue, p->warpl, p->warpu, p->warpback };
		any_warps |= p->warpback;
		for_each_vcpu(d, v)
			set_parameters(v, rate);
	}
	rate = rate_of(d);
	*p = (struct xenolith_domctl_bvt){
		.mcuadv = rate / XENOLITH_MCUADV_PARTS,
		.part = rate % XENOLITH_MCUADV_PARTS,
		.warpback = d->bvt_warp.on,
		.warpvalue = d->bvt_warp.value,
		.warpl = d->bvt_warp.limit_us,
		.warpu = d->bvt_warp.unwarp_us,
	};
	return 0;
}

/* Times as microseconds that the VCPU would run to get from the CPU's time there. */
static void dump_vcpu(const struct bvt_cpu *c, const struct vcpu *v, const char *what)
{
	log_info("  %s%s: d%uv%u rate %lld, ahead %lld us", what, bvt(v)->warped ? ", warped" : "",
		 v->domain->id, v->id, (long long)bvt(v)->rate,
		 (long long)((bvt(v)->vtime - c->vtime) / bvt(v)->rate / MICROSECONDS(1)));
}

static void bvt_dump(unsigned int cpu)
{
	struct bvt_cpu *c = &bvt_cpu[cpu];
	struct vcpu *v;

	charge(c, now());
	log_info("  virtual time %lld, origin %lld, allowance %lld us", (long long)c->vtime,
		 (long long)c->origin, (long long)(ctx_allow / MICROSECONDS(1)));
	if (c->running)
		dump_vcpu(c, c->running, "running");
	list_for_each(v, &c->queue, sched_link)
		dump_vcpu(c, v, "waiting");
}

const struct scheduler sched_bvt = {
	.name = "Borrowed virtual time",
	.opt_name = "bvt",
	.xen_id = XEN_SCHEDULER_CREDIT,
	.id = XENOLITH_SCHEDULER_BVT,
	.init = bvt_init,
	.alloc = bvt_alloc,
	.add = bvt_add,
	.remove = dequeue,
	.free = bvt_free,
	.wake = bvt_wake,
	.block = bvt_block,
	.do_schedule = bvt_do_schedule,
	.control = bvt_control,
	.adjust = bvt_adjust,
	.reschedule = bvt_reschedule,
	.dump = bvt_dump,
};
