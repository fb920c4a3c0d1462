// SPDX-License-Identifier: GPL-2.0
/*
 * How a VCPU spent its time: the hypervisor writes into an area of each CPU what the
 * VCPU does and how long it has been running, waiting for a CPU (stolen time),
 * blocked and offline.
 */
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/static_call.h>
#include <linux/static_key.h>
#include <asm/paravirt.h>
#include <asm/xen/hypercall.h>
#include <xen/interface/vcpu.h>
#include <xen/interface/xen.h>
#include <xen/xen-ops.h>

#define STATES ARRAY_SIZE(((struct vcpu_runstate_info *)0)->time)

/* Written by the hypervisor whenever the VCPU is scheduled. */
static DEFINE_PER_CPU(struct vcpu_runstate_info, runstate);

/* The states' times from before the last resume, which starts them from 0 again. */
static DEFINE_PER_CPU(u64[4], time_before);

/* How long it was offline before it came up last: that was nobody's CPU to steal. */
static DEFINE_PER_CPU(u64, offline_before);

/*
 * Read @cpu's run state without tearing. The hypervisor marks an update with
 * XEN_RUNSTATE_UPDATE in state_entry_time where it can (VMASST_TYPE_runstate_update_flag);
 * without that, a time that did not change was not being written.
 */
static void runstate_read(int cpu, struct vcpu_runstate_info *res)
{
	struct vcpu_runstate_info *area = &per_cpu(runstate, cpu);
	u64 entered;

	do {
		entered = READ_ONCE(area->state_entry_time);
		rmb(); /* the hypervisor, on any CPU, writes the time first */
		*res = *(volatile struct vcpu_runstate_info *)area;
		rmb(); /* ... and again last */
	} while ((entered & XEN_RUNSTATE_UPDATE) || entered != READ_ONCE(area->state_entry_time));
}

/* The current CPU's times since the domain was made. Preemption is off. */
void xen_get_runstate_snapshot(struct vcpu_runstate_info *res)
{
	int cpu = smp_processor_id(), i;

	runstate_read(cpu, res);
	for (i = 0; i < STATES; i++)
		res->time[i] += per_cpu(time_before, cpu)[i];
}

/* Is @cpu's VCPU ready to run, but the CPU below busy with another? Any context. */
bool xen_vcpu_stolen(int cpu)
{
	return READ_ONCE(per_cpu(runstate, cpu).state) == RUNSTATE_runnable;
}

/*
 * How long (ns) @cpu could have run and did not: another one had the CPU below, or the
 * domain was paused. With its run queue's lock.
 */
u64 xen_steal_clock(int cpu)
{
	struct vcpu_runstate_info state;

	runstate_read(cpu, &state);
	return state.time[RUNSTATE_runnable] + per_cpu(time_before, cpu)[RUNSTATE_runnable] +
	       state.time[RUNSTATE_offline] + per_cpu(time_before, cpu)[RUNSTATE_offline] -
	       per_cpu(offline_before, cpu);
}

/* Have the hypervisor write @cpu's run state, before it comes up or on itself. */
void xen_setup_runstate_info(int cpu)
{
	struct vcpu_register_runstate_memory_area area = {
		.addr.v = &per_cpu(runstate, cpu),
	};
	struct vcpu_runstate_info now;

	if (!HYPERVISOR_vcpu_op(VCPUOP_get_runstate_info, xen_vcpu_nr(cpu), &now) &&
	    now.state == RUNSTATE_offline)
		per_cpu(offline_before, cpu) =
			now.time[RUNSTATE_offline] + per_cpu(time_before, cpu)[RUNSTATE_offline];

	if (HYPERVISOR_vcpu_op(VCPUOP_register_runstate_memory_area, xen_vcpu_nr(cpu), &area))
		BUG();
}

/* Once, when CPU 0 has its area: scheduler and /proc/stat learn of stolen time. */
void __init xen_time_setup_guest(void)
{
	bool marked;

	marked = !HYPERVISOR_vm_assist(VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag);
	static_call_update(pv_steal_clock, xen_steal_clock);
	static_key_slow_inc(&paravirt_steal_enabled);
	if (marked)
		static_key_slow_inc(&paravirt_steal_rq_enabled);
}

/*
 * Around suspension, with one CPU running and interrupts off.
 * @action: -1: it comes, remember all times; 0: resumed, they are counted from 0
 * again; otherwise: it was cancelled, they go on. The remembered times of -1 are kept
 * in memory of their own until then.
 */
void xen_manage_runstate_time(int action)
{
	static u64(*saved)[STATES];
	struct vcpu_runstate_info state;
	int cpu, i;

	switch (action) {
	case -1:
		WARN_ON_ONCE(saved);
		saved = kcalloc(nr_cpu_ids, sizeof(*saved), GFP_ATOMIC);
		if (!saved) {
			pr_warn("xen: no memory to remember stolen time over suspension\n");
			return;
		}
		for_each_possible_cpu(cpu) {
			runstate_read(cpu, &state);
			for (i = 0; i < STATES; i++)
				saved[cpu][i] = state.time[i];
		}
		return;
	case 0:
		for_each_possible_cpu(cpu)
			for (i = 0; saved && i < STATES; i++)
				per_cpu(time_before, cpu)[i] += saved[cpu][i];
		fallthrough;
	default:
		kfree(saved);
		saved = NULL;
	}
}
