/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the rest of the port asks of time.c and spinlock.c.
 */
#ifndef XEN_ARCH_TIME_H
#define XEN_ARCH_TIME_H

#include <linux/init.h>

/*
 * Put the clocks of this port into x86_init, x86_cpuinit, x86_platform and the
 * static calls of sched_clock. Once, from the kernel's first C function, after the
 * features are known and this_cpu(xen_vcpu) points at VCPU 0's information, before
 * start_kernel(). From here on sched_clock() works; everything else follows by the
 * hooks: x86_init.timers.timer_init starts clock, timer and steal time of CPU 0.
 */
void xen_time_init(void);

/*
 * Before @cpu is brought up (not CPU 0, which x86_init does): its timer's interrupt
 * and its run state area. May sleep; the hotplug lock is held. 0, or a negative
 * error and nothing is left behind. Needs xen_vcpu_id of @cpu, its per-CPU area and
 * xen_init_IRQ().
 */
int xen_timer_prepare(int cpu);

/*
 * After @cpu has gone, or when it could not be brought up: undo xen_timer_prepare().
 * May sleep. Harmless when there was none.
 */
void xen_timer_teardown(int cpu);

/*
 * On the CPU that comes up itself, interrupts off: start its clock event device.
 * xen_time_init() has put it into x86_cpuinit.setup_percpu_clockev; call that (or
 * this), after xen_vcpu of the CPU is set.
 */
void xen_timer_start(void);

/*
 * Before suspension, on the last CPU that runs, interrupts off: sched_clock() stands
 * still until xen_timer_resume() (<xen/xen-ops.h>), which comes after xen_vcpu and
 * the event channels work again, interrupts off, also when suspension was cancelled.
 */
void xen_time_suspend(void);

/*
 * Spinlocks that wait in the hypervisor. xen_spinlock_init(): once, from
 * smp_prepare_boot_cpu, before alternatives are applied and before any CPU waits; it
 * leaves Linux's own locks in place with one possible CPU and after "nopvspin".
 */
void __init xen_spinlock_init(void);

/*
 * Before @cpu comes up: what it is woken by. For CPU 0 from smp_prepare_cpus or
 * later (interrupts can be bound), for others beside xen_timer_prepare(). 0 or a
 * negative error; a CPU without it spins. The same lock and context.
 */
int xen_spinlock_prepare(int cpu);
void xen_spinlock_teardown(int cpu);

#endif
