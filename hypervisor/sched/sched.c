/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The generic layer of scheduling: what every scheduler needs and none should
 * have to think about. A scheduler answers one question, who is next; here is
 * when the question is asked, and what follows from the answer.
 *
 * A VCPU may run while it has no pause flag and no pause count. Whoever changes
 * those calls sched_wake() or sched_sleep() afterwards, or, for the VCPU that it
 * runs on itself, raises SOFTIRQ_SCHEDULE. All three end in note_runnable(),
 * which tells the scheduler of each change exactly once.
 *
 * The switch. sched_softirq() takes the scheduler lock, asks, marks the next
 * VCPU as running, releases the lock and then lets context_switch() do the work,
 * which on the real machine does not return. Between the release and the moment
 * when the last register of the previous VCPU is in memory, that VCPU may be
 * woken, moved and chosen, but must not be run: is_running stays set and
 * schedulers pass over it (sched_may_run()) until sched_context_saved(), which
 * then looks for a CPU that would take it.
 *
 * The slice timer is lazy. It is set when a VCPU begins to run and is not set
 * early enough already; when it comes before the end of the slice it was meant
 * for an earlier VCPU, and is set again. So a CPU's timer is touched once in a
 * slice however often VCPUs come and go.
 */
#include <xen/errno.h>

#include "debug/perfc.h"
#include "debug/trace.h"
#include "lib/string.h"
#include "machine.h"
#include "sched/sched.h"
#include "time/timer.h"
#include "time/vtimer.h"

struct sched_cpu {
	struct vcpu *idle;
	struct timer slice;
	stime_t slice_end; /* STIME_MAX: none */
	u32 vcpus;	   /* whose processor it is */
};

static const struct scheduler *const schedulers[] = {
	&sched_bvt, /* the default */
	&sched_atropos,
	&sched_rrobin,
};

static const struct scheduler *scheduler;
static struct spinlock sched_lock = SPINLOCK_INIT;
static struct sched_cpu sched_cpu[NR_CPUS];
static cpumask_t cpus_here; /* have an idle VCPU */
static cpumask_t cpus_idle; /* run it, and were not prodded since */

bool sched_init(const char *opt_name)
{
	bool known = !opt_name;

	scheduler = schedulers[0];
	for (unsigned int i = 0; opt_name && i < ARRAY_SIZE(schedulers); i++)
		if (strcmp(opt_name, schedulers[i]->opt_name) == 0) {
			scheduler = schedulers[i];
			known = true;
		}
	cpus_here = cpus_idle = 0;
	if (scheduler->init && scheduler->init() != 0)
		panic("scheduler %s cannot start", scheduler->name);
	log_info("Scheduler: %s (%s)", scheduler->name, scheduler->opt_name);
	return known;
}

const struct scheduler *sched_current(void)
{
	return scheduler;
}

cpumask_t sched_cpus(void)
{
	return READ_ONCE(cpus_here);
}

cpumask_t sched_idle_cpus(void)
{
	return cpus_idle;
}

/* Run states. */

static void runstate_enter(struct vcpu *v, int state, stime_t t)
{
	struct vcpu_runstate_info *r = &v->runstate;

	if (r->state == state)
		return;
	TRACE(TRC_SCHED_RUNSTATE_CHANGE | r->state << 8 | state << 4,
	      v->id | v->domain->id << 16);
	r->time[r->state] += t - (stime_t)r->state_entry_time;
	r->state_entry_time = t;
	r->state = state;
}

/* The run state of a VCPU that no CPU runs. */
static int state_off_cpu(const struct vcpu *v)
{
	if (vcpu_runnable(v))
		return RUNSTATE_runnable;
	return (READ_ONCE(v->pause_flags) & VCPU_BLOCKED) ? RUNSTATE_blocked : RUNSTATE_offline;
}

void sched_runstate(struct vcpu *v, struct vcpu_runstate_info *out)
{
	spin_lock(&sched_lock);
	*out = v->runstate;
	out->time[out->state] += now() - (stime_t)out->state_entry_time;
	spin_unlock(&sched_lock);
}

/* Bytes [from, to) of *r to v's copy. Not mapped now: by the ABI that is lost. */
static void runstate_write(struct vcpu *v, const struct vcpu_runstate_info *r, size_t from,
			   size_t to)
{
	u64 copy = (u64)v->runstate_guest;

	if (copy_to_guest((void *)(copy + from), (const char *)r + from, to - from))
		return;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void sched_runstate_to_guest(struct vcpu *v)
{
	const size_t entry = offsetof(struct vcpu_runstate_info, state_entry_time);
	bool mark = v->domain->vm_assist & (1ull << VMASST_TYPE_runstate_update_flag);
	struct vcpu_runstate_info r;

	if (!v->runstate_guest)
		return;
	v->runstate_stale = !v->kernel_mode;
	if (v->runstate_stale)
		return;
	spin_lock(&sched_lock);
	r = v->runstate;
	spin_unlock(&sched_lock);
	if (mark) {
		/* The mark first, then all the rest, then the mark goes. */
		r.state_entry_time |= XEN_RUNSTATE_UPDATE;
		runstate_write(v, &r, entry, entry + sizeof(u64));
	}
	runstate_write(v, &r, 0, sizeof(r));
	if (mark) {
		r.state_entry_time &= ~XEN_RUNSTATE_UPDATE;
		runstate_write(v, &r, entry, entry + sizeof(u64));
	}
}

/* Which CPU. */

static void set_processor(struct vcpu *v, unsigned int cpu)
{
	if (v->processor == cpu)
		return;
	sched_cpu[v->processor].vcpus--;
	sched_cpu[cpu].vcpus++;
	v->processor = cpu;
}

int sched_pick_idle(const struct vcpu *v)
{
	cpumask_t idle = cpus_idle & v->affinity;

	if (!idle)
		return -1;
	if (idle & v->affinity_soft)
		idle &= v->affinity_soft;
	if (idle & cpumask_of(v->processor))
		return v->processor;
	return __builtin_ctzll(idle);
}

unsigned int sched_least_used(cpumask_t cpus, unsigned int from)
{
	unsigned int best = NR_CPUS;

	for (unsigned int i = 0; i < NR_CPUS; i++) {
		unsigned int cpu = (from + i) % NR_CPUS;

		if ((cpus & cpus_here & cpumask_of(cpu)) &&
		    (best == NR_CPUS || sched_cpu[cpu].vcpus < sched_cpu[best].vcpus))
			best = cpu;
	}
	BUG_ON(best == NR_CPUS);
	return best;
}

unsigned int sched_place(struct domain *d, unsigned int vcpu_id)
{
	unsigned int cpu;

	spin_lock(&sched_lock);
	cpu = sched_least_used(cpus_here, vcpu_id);
	spin_unlock(&sched_lock);
	return cpu;
}

/* Waking and sleeping. */

/* Tell the scheduler if v began or ceased to be runnable. True if it did. */
static bool note_runnable(struct vcpu *v)
{
	bool runnable = vcpu_runnable(v);

	if (runnable == v->sched_runnable)
		return false;
	v->sched_runnable = runnable;
	if (runnable)
		scheduler->wake(v);
	else
		scheduler->block(v);
	return true;
}

/*
 * v waits for a CPU: ask one to look. An idle one is asked only once, and v is
 * its from then on: if it took another VCPU that stands before v, other idle
 * CPUs would not hear of v.
 */
static void prod(struct vcpu *v)
{
	int cpu = scheduler->reschedule ? scheduler->reschedule(v) : (int)v->processor;

	if (cpu < 0)
		return;
	if (cpus_idle & cpumask_of(cpu)) {
		cpus_idle &= ~cpumask_of(cpu);
		set_processor(v, cpu);
	}
	cpu_raise_softirq(cpu, SOFTIRQ_SCHEDULE);
}

void sched_wake(struct vcpu *v)
{
	bool changed;

	spin_lock(&sched_lock);
	changed = note_runnable(v);
	if (v->runstate.state != RUNSTATE_running) {
		runstate_enter(v, state_off_cpu(v), now());
		/* While it is being saved, sched_context_saved() will do this. */
		if (changed && v->sched_runnable && !READ_ONCE(v->is_running))
			prod(v);
	}
	spin_unlock(&sched_lock);
}

void sched_sleep(struct vcpu *v)
{
	spin_lock(&sched_lock);
	note_runnable(v);
	if (v->runstate.state != RUNSTATE_running)
		runstate_enter(v, state_off_cpu(v), now());
	else if (!v->sched_runnable)
		cpu_raise_softirq(v->processor, SOFTIRQ_SCHEDULE);
	spin_unlock(&sched_lock);
}

/* The caller holds no lock, and v is not current. */
void sched_sleep_sync(struct vcpu *v)
{
	ASSERT(v != current);
	sched_sleep(v);
	/* It may be waiting for us in its turn, for a TLB flush: let that in. */
	while (__atomic_load_n(&v->is_running, __ATOMIC_ACQUIRE) && !vcpu_runnable(v))
		preempt_check();
}

void sched_unblock(struct vcpu *v)
{
	u32 flags = __atomic_fetch_and(&v->pause_flags, ~VCPU_BLOCKED, __ATOMIC_SEQ_CST);

	if (flags & VCPU_BLOCKED)
		sched_wake(v);
}

void sched_event_other(struct vcpu *v)
{
	if (READ_ONCE(v->pause_flags) & VCPU_BLOCKED)
		sched_unblock(v);
	else if (READ_ONCE(v->is_running) && v->processor != this_cpu_id())
		cpu_kick(v->processor);
}

void sched_vcpu_up(struct vcpu *v)
{
	if (__atomic_fetch_and(&v->pause_flags, ~VCPU_DOWN, __ATOMIC_SEQ_CST) & VCPU_DOWN)
		sched_wake(v);
}

void sched_vcpu_down(struct vcpu *v)
{
	if (!(__atomic_fetch_or(&v->pause_flags, VCPU_DOWN, __ATOMIC_SEQ_CST) & VCPU_DOWN))
		sched_sleep(v);
}

/* Where a VCPU may run. */

static int affinity_set(struct vcpu *v, cpumask_t cpus)
{
	if (!(cpus & cpus_here))
		return -XEN_EINVAL;
	v->affinity = cpus;
	if (v->runstate.state == RUNSTATE_running) {
		if (!(cpus & cpumask_of(v->processor)))
			cpu_raise_softirq(v->processor, SOFTIRQ_SCHEDULE);
	} else if (v->sched_runnable && !READ_ONCE(v->is_running)) {
		prod(v);
	}
	return 0;
}

int sched_set_affinity(struct vcpu *v, cpumask_t cpus)
{
	int rc = -XEN_EBUSY;

	spin_lock(&sched_lock);
	if (!v->affinity_saved)
		rc = affinity_set(v, cpus);
	spin_unlock(&sched_lock);
	return rc;
}

cpumask_t sched_get_affinity(const struct vcpu *v)
{
	return READ_ONCE(v->affinity);
}

int sched_set_soft_affinity(struct vcpu *v, cpumask_t cpus)
{
	if (!(cpus & sched_cpus()))
		return -XEN_EINVAL;
	/* It counts when v is next woken. */
	spin_lock(&sched_lock);
	v->affinity_soft = cpus;
	spin_unlock(&sched_lock);
	return 0;
}

cpumask_t sched_get_soft_affinity(const struct vcpu *v)
{
	return READ_ONCE(v->affinity_soft);
}

int sched_pin_override(struct vcpu *v, int cpu)
{
	cpumask_t saved;
	int rc = -XEN_EINVAL;

	spin_lock(&sched_lock);
	saved = v->affinity_saved;
	if (cpu < 0 && saved) {
		v->affinity_saved = 0;
		rc = affinity_set(v, saved);
	} else if (cpu >= 0 && saved) {
		rc = -XEN_EBUSY;
	} else if (cpu >= 0 && cpu < NR_CPUS) {
		saved = v->affinity;
		rc = affinity_set(v, cpumask_of(cpu));
		if (rc == 0)
			v->affinity_saved = saved;
	}
	spin_unlock(&sched_lock);
	return rc;
}

/* The switch. */

/* On its own CPU: the slice is over, or the time is that of an older slice. */
static void slice_fired(void *data)
{
	struct sched_cpu *sc = data;

	if (now() >= sc->slice_end)
		cpu_raise_softirq(this_cpu_id(), SOFTIRQ_SCHEDULE);
	else if (sc->slice_end != STIME_MAX)
		timer_set(&sc->slice, sc->slice_end);
}

static void slice_begin(struct sched_cpu *sc, stime_t end)
{
	sc->slice_end = end;
	if (end != STIME_MAX && (!timer_is_set(&sc->slice) || sc->slice.expires > end))
		timer_set(&sc->slice, end);
}

void sched_softirq(void)
{
	unsigned int cpu = this_cpu_id();
	struct sched_cpu *sc = &sched_cpu[cpu];
	struct vcpu *prev = current, *next;
	struct sched_choice choice;
	stime_t t;

	perfc_incr(schedule);
	spin_lock(&sched_lock);
	t = now();
	if (!prev->is_idle)
		note_runnable(prev);
	choice = scheduler->do_schedule(cpu, t);
	next = choice.vcpu;
	prev->yielding = false;
	if (next->is_idle)
		cpus_idle |= cpumask_of(cpu);
	else
		cpus_idle &= ~cpumask_of(cpu);
	if (next != prev) {
		runstate_enter(prev, prev->is_idle ? RUNSTATE_runnable : state_off_cpu(prev), t);
		runstate_enter(next, RUNSTATE_running, t);
		set_processor(next, cpu);
		/* Before we look at its pending events: see sched_event(). */
		__atomic_store_n(&next->is_running, true, __ATOMIC_SEQ_CST);
	}
	spin_unlock(&sched_lock);

	sched_poll_end(next);
	slice_begin(sc, choice.slice == STIME_MAX ? STIME_MAX : t + choice.slice);
	if (next == prev)
		return;
	perfc_incr(context_switch);
	TRACE(TRC_SCHED_SWITCH, prev->domain->id, prev->id, next->domain->id, next->id);
	if (!prev->is_idle)
		vtimer_switch_out(prev);
	if (!next->is_idle)
		vtimer_switch_in(next);
	context_switch(prev, next);
}

void sched_context_saved(struct vcpu *prev)
{
	if (prev->is_idle || !(cpus_here & ~cpumask_of(this_cpu_id()))) {
		__atomic_store_n(&prev->is_running, false, __ATOMIC_SEQ_CST);
		return;
	}
	/*
	 * Somebody may have passed over it meanwhile. And somebody may wait to
	 * destroy it: sched_vcpu_destroy() takes the lock, and so finds us done.
	 */
	spin_lock(&sched_lock);
	__atomic_store_n(&prev->is_running, false, __ATOMIC_SEQ_CST);
	if (prev->sched_runnable)
		prod(prev);
	spin_unlock(&sched_lock);
}

/* CPUs and VCPUs come and go. */

void sched_init_cpu(unsigned int cpu, struct vcpu *idle)
{
	struct sched_cpu *sc = &sched_cpu[cpu];

	sc->idle = idle;
	sc->slice_end = STIME_MAX;
	timer_init(&sc->slice, slice_fired, sc, cpu);
	idle->processor = cpu;
	idle->affinity = cpumask_of(cpu);
	idle->is_running = true;
	idle->runstate.state = RUNSTATE_running;
	idle->runstate.state_entry_time = now();
	spin_lock(&sched_lock);
	cpus_here |= cpumask_of(cpu);
	cpus_idle |= cpumask_of(cpu);
	spin_unlock(&sched_lock);
}

struct vcpu *sched_idle_vcpu(unsigned int cpu)
{
	return sched_cpu[cpu].idle;
}

int sched_vcpu_init(struct vcpu *v, unsigned int cpu)
{
	int rc = 0;

	v->processor = cpu;
	v->affinity = v->affinity_soft = ~0ull;
	v->pause_flags |= VCPU_DOWN;
	v->runstate.state = RUNSTATE_offline;
	v->runstate.state_entry_time = now();
	list_init(&v->sched_link);
	spin_lock(&sched_lock);
	if (scheduler->alloc)
		rc = scheduler->alloc(v);
	if (rc == 0) {
		scheduler->add(v);
		sched_cpu[cpu].vcpus++;
	}
	spin_unlock(&sched_lock);
	return rc;
}

void sched_vcpu_destroy(struct vcpu *v)
{
	__atomic_fetch_or(&v->pause_flags, VCPU_DOWN, __ATOMIC_SEQ_CST);
	sched_sleep_sync(v);
	sched_poll_end(v);
	spin_lock(&sched_lock);
	scheduler->remove(v);
	if (scheduler->free)
		scheduler->free(v);
	sched_cpu[v->processor].vcpus--;
	spin_unlock(&sched_lock);
}

int sched_adjust(struct domain *d, void *arg, bool set)
{
	int rc = -XEN_EOPNOTSUPP;

	spin_lock(&sched_lock);
	if (scheduler->adjust)
		rc = scheduler->adjust(d, arg, set);
	spin_unlock(&sched_lock);
	return rc;
}

int sched_control(void *arg, bool set)
{
	int rc;

	spin_lock(&sched_lock);
	rc = scheduler->control(arg, set);
	spin_unlock(&sched_lock);
	return rc;
}

void sched_dump(void)
{
	spin_lock(&sched_lock);
	log_info("Scheduler: %s, time %lld ns", scheduler->name, (long long)now());
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		if (!(cpus_here & cpumask_of(cpu)))
			continue;
		log_info("CPU %u%s: slice ends %lld", cpu,
			 (cpus_idle & cpumask_of(cpu)) ? " (idle)" : "",
			 (long long)sched_cpu[cpu].slice_end);
		if (scheduler->dump)
			scheduler->dump(cpu);
	}
	spin_unlock(&sched_lock);
}
