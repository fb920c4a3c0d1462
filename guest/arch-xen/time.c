// SPDX-License-Identifier: GPL-2.0
/*
 * Time: the hypervisor keeps it, and says in each VCPU's vcpu_info what the counter
 * of the CPU below showed at some moment and how fast it goes (struct
 * pvclock_vcpu_time_info). From that follow the system time in nanoseconds since the
 * hypervisor started, which is the clock source "xen" and sched_clock(), and with
 * the shared page's wall clock the time of day.
 *
 * Each VCPU has one timer that fires once, VIRQ_TIMER, at a system time: its clock
 * event device. The periodic one that a VCPU starts with is switched off.
 *
 * A copy of VCPU 0's parameters on a page of its own lets the vDSO read the time
 * without a system call, if the hypervisor says that they hold on all CPUs.
 */
#include <linux/clockchips.h>
#include <linux/clocksource.h>
#include <linux/gfp.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/pvclock_gtod.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/static_call.h>
#include <linux/timekeeper_internal.h>
#include <asm/paravirt.h>
#include <asm/pvclock.h>
#include <asm/tsc.h>
#include <asm/x86_init.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>
#include <xen/events.h>
#include <xen/features.h>
#include <xen/interface/vcpu.h>
#include <xen/interface/xen.h>
#include <xen/xen-ops.h>
#include <xen/xen.h>

#include "time.h"

/* A timer set less than this ahead (ns) costs more than it is worth. */
#define TIMER_SLOP_DEFAULT 100000
/* Nothing waits longer than this (ns); the core sets the timer again then. */
#define TIMER_MAX (3600ull * NSEC_PER_SEC)

struct xen_timer {
	struct clock_event_device device;
	char name[16];
	int irq;    /* negative: not bound */
	bool armed; /* the hypervisor has a time; this CPU only, interrupts off */
};

static DEFINE_PER_CPU(struct xen_timer, xen_timer) = { .irq = -1 };
static u32 timer_slop = TIMER_SLOP_DEFAULT;

/* What sched_clock() takes off system time, so that it starts with 0. */
static u64 sched_clock_base;
/* What sched_clock() shows while the domain is suspended. */
static u64 sched_clock_frozen;

static struct pvclock_vsyscall_time_info *vdso_time;

static int __init parse_timer_slop(char *arg)
{
	return kstrtou32(arg, 0, &timer_slop);
}
early_param("xen_timer_slop", parse_timer_slop);

/* System time in ns: never less than any CPU has seen. Any context. */
static u64 system_time(void)
{
	u64 now;

	preempt_disable_notrace();
	now = pvclock_clocksource_read(&__this_cpu_read(xen_vcpu)->time);
	preempt_enable_notrace();
	return now;
}

/*
 * System time as this CPU sees it, which may be some ns behind what another CPU saw.
 * The scheduler copes with that, and it asks too often for a counter that all CPUs
 * write.
 */
static u64 local_time(void)
{
	struct pvclock_vcpu_time_info *info;
	unsigned int version;
	u64 now;

	preempt_disable_notrace();
	info = &__this_cpu_read(xen_vcpu)->time;
	do {
		version = pvclock_read_begin(info);
		now = __pvclock_read_cycles(info, rdtsc_ordered());
	} while (pvclock_read_retry(info, version));
	preempt_enable_notrace();
	return now;
}

static u64 xen_sched_clock(void)
{
	return local_time() - sched_clock_base;
}

static u64 clocksource_read(struct clocksource *cs)
{
	return system_time();
}

static int clocksource_enable(struct clocksource *cs)
{
	vclocks_set_used(VDSO_CLOCKMODE_PVCLOCK);
	return 0;
}

static struct clocksource xen_clocksource = {
	.name = "xen",
	.rating = 400,
	.read = clocksource_read,
	.mask = CLOCKSOURCE_MASK(64),
	.flags = CLOCK_SOURCE_IS_CONTINUOUS,
	.enable = clocksource_enable,
};

/* The time of day. */

static void get_wallclock(struct timespec64 *now)
{
	preempt_disable();
	pvclock_read_wallclock(&HYPERVISOR_shared_info->wc, &__this_cpu_read(xen_vcpu)->time, now);
	preempt_enable();
}

/* The hypervisor's clock is not an ordinary domain's to set. */
static int set_wallclock_nobody(const struct timespec64 *now)
{
	return -ENODEV;
}

static int set_wallclock(const struct timespec64 *now)
{
	struct xen_platform_op op = {
		.cmd = XENPF_settime64,
		.u.settime64 = {
			.secs = now->tv_sec,
			.nsecs = now->tv_nsec,
		},
	};

	op.u.settime64.system_time = system_time();
	return HYPERVISOR_platform_op(&op);
}

/*
 * Domain 0 sets the hypervisor's clock, from which all domains start: at once when
 * its own is set, and every 11 minutes while it is kept by NTP or the like.
 */
static int wallclock_changed(struct notifier_block *nb, unsigned long was_set, void *data)
{
	static unsigned long next; /* jiffies; the timekeeper's lock */
	struct timekeeper *tk = data;
	struct timespec64 now;

	if (!was_set && time_before(jiffies, next))
		return NOTIFY_OK;
	next = jiffies + 11 * 60 * HZ;
	now.tv_sec = tk->xtime_sec;
	now.tv_nsec = tk->tkr_mono.xtime_nsec >> tk->tkr_mono.shift;
	set_wallclock(&now);
	return NOTIFY_OK;
}

static struct notifier_block wallclock_notifier = {
	.notifier_call = wallclock_changed,
};

/* Clock events. */

static int timer_set(unsigned long delta, struct clock_event_device *device)
{
	struct xen_timer *timer = container_of(device, struct xen_timer, device);

	/* A time that has passed fires at once. */
	HYPERVISOR_set_timer_op(local_time() + delta);
	timer->armed = true;
	return 0;
}

static int timer_stop(struct clock_event_device *device)
{
	struct xen_timer *timer = container_of(device, struct xen_timer, device);

	if (timer->armed)
		HYPERVISOR_set_timer_op(0);
	timer->armed = false;
	return 0;
}

static irqreturn_t timer_interrupt(int irq, void *data)
{
	struct xen_timer *timer = this_cpu_ptr(&xen_timer);

	timer->armed = false;
	if (!timer->device.event_handler)
		return IRQ_NONE;
	timer->device.event_handler(&timer->device);
	return IRQ_HANDLED;
}

int xen_timer_prepare(int cpu)
{
	struct xen_timer *timer = &per_cpu(xen_timer, cpu);
	int irq;

	if (timer->irq >= 0)
		return 0;
	snprintf(timer->name, sizeof(timer->name), "timer%d", cpu);
	irq = bind_virq_to_irqhandler(VIRQ_TIMER, cpu, timer_interrupt,
				      IRQF_PERCPU | IRQF_NOBALANCING | IRQF_TIMER |
					      IRQF_FORCE_RESUME | IRQF_EARLY_RESUME,
				      timer->name, NULL);
	if (irq < 0) {
		pr_err("CPU %d: no timer interrupt: error %d\n", cpu, irq);
		return irq;
	}
	xen_set_irq_priority(irq, XEN_IRQ_PRIORITY_MAX);
	timer->irq = irq;
	timer->armed = false;
	timer->device = (struct clock_event_device){
		.name = "xen",
		.features = CLOCK_EVT_FEAT_ONESHOT,
		.rating = 500,
		.mult = 1, /* a tick is a nanosecond */
		.shift = 0,
		.min_delta_ns = timer_slop,
		.min_delta_ticks = timer_slop,
		.max_delta_ns = TIMER_MAX,
		.max_delta_ticks = TIMER_MAX,
		.cpumask = cpumask_of(cpu),
		.irq = irq,
		.set_next_event = timer_set,
		.set_state_shutdown = timer_stop,
		.set_state_oneshot_stopped = timer_stop,
	};
	xen_setup_runstate_info(cpu);
	return 0;
}

void xen_timer_teardown(int cpu)
{
	struct xen_timer *timer = &per_cpu(xen_timer, cpu);

	if (timer->irq < 0)
		return;
	unbind_from_irqhandler(timer->irq, NULL);
	timer->irq = -1;
}

/* Switch off the timer that goes off 100 times a second by itself. */
static void stop_periodic_timer(int cpu)
{
	if (HYPERVISOR_vcpu_op(VCPUOP_stop_periodic_timer, xen_vcpu_nr(cpu), NULL))
		BUG();
}

void xen_timer_start(void)
{
	struct xen_timer *timer = this_cpu_ptr(&xen_timer);

	stop_periodic_timer(smp_processor_id());
	/* A CPU that was off before still has the state it went with. */
	timer->armed = false;
	clockevents_register_device(&timer->device);
}

/* The vDSO's page. */

/* Have the hypervisor keep a copy of VCPU 0's time parameters at @page, or none. */
static int register_vdso_time(struct pvclock_vsyscall_time_info *page)
{
	struct vcpu_register_time_memory_area area = {
		.addr.v = page ? &page->pvti : NULL,
	};

	return HYPERVISOR_vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &area);
}

/*
 * The vDSO reads VCPU 0's parameters on all CPUs, so they must hold there: only with
 * PVCLOCK_TSC_STABLE_BIT. A hypervisor that does not have this call does without.
 */
static void __init setup_vdso(void)
{
	struct pvclock_vsyscall_time_info *page = (void *)get_zeroed_page(GFP_KERNEL);

	if (!page)
		return;
	if (register_vdso_time(page))
		goto free;
	if (!(READ_ONCE(page->pvti.flags) & PVCLOCK_TSC_STABLE_BIT)) {
		register_vdso_time(NULL);
		goto free;
	}
	vdso_time = page;
	pvclock_set_pvti_cpu0_va(page);
	xen_clocksource.vdso_clock_mode = VDSO_CLOCKMODE_PVCLOCK;
	return;
free:
	free_page((unsigned long)page);
}

/* Start. */

static unsigned long tsc_khz_by_hypervisor(void)
{
	setup_force_cpu_cap(X86_FEATURE_TSC_KNOWN_FREQ);
	return pvclock_tsc_khz(&this_cpu_read(xen_vcpu)->time);
}

static void __init timer_init(void)
{
	if (this_cpu_read(xen_vcpu)->time.flags & PVCLOCK_TSC_STABLE_BIT)
		pvclock_set_flags(PVCLOCK_TSC_STABLE_BIT);
	setup_vdso();
	clocksource_register_hz(&xen_clocksource, NSEC_PER_SEC);
	if (xen_timer_prepare(0))
		panic("xen: VCPU 0 has no timer");
	xen_timer_start();
	xen_time_setup_guest();
	if (xen_initial_domain())
		pvclock_gtod_register_notifier(&wallclock_notifier);
}

void __init xen_time_init(void)
{
	sched_clock_base = local_time();
	paravirt_set_sched_clock(xen_sched_clock);
	static_call_update(pv_steal_clock, xen_steal_clock);

	x86_init.timers.timer_init = timer_init;
	x86_init.timers.setup_percpu_clockev = x86_init_noop;
	x86_init.timers.wallclock_init = x86_init_noop;
	x86_cpuinit.setup_percpu_clockev = xen_timer_start;
	x86_platform.calibrate_tsc = tsc_khz_by_hypervisor;
	x86_platform.calibrate_cpu = tsc_khz_by_hypervisor;
	x86_platform.get_wallclock = get_wallclock;
	x86_platform.set_wallclock = xen_initial_domain() ? set_wallclock : set_wallclock_nobody;
}

/* Suspension. */

void xen_time_suspend(void)
{
	sched_clock_frozen = xen_sched_clock();
	if (vdso_time)
		register_vdso_time(NULL);
}

void xen_timer_resume(void)
{
	int cpu;

	/* System time may have started again; nothing goes back all the same. */
	pvclock_resume();
	sched_clock_base = local_time() - sched_clock_frozen;
	for_each_online_cpu(cpu)
		stop_periodic_timer(cpu);
	/*
	 * Programs have the page mapped and the clock's mode; if the new host's counters
	 * do not agree with one another, the mode must go.
	 */
	if (vdso_time && (register_vdso_time(vdso_time) ||
			  !(READ_ONCE(vdso_time->pvti.flags) & PVCLOCK_TSC_STABLE_BIT))) {
		pr_notice(
			"xen: clocks differ between CPUs here: time by system call from now on\n");
		xen_clocksource.vdso_clock_mode = VDSO_CLOCKMODE_NONE;
		pvclock_set_flags(0);
	}
}
