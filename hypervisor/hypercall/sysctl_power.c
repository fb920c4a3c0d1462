/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Power management of CPUs. We have none: frequencies stay as firmware set them,
 * idle CPUs halt (state C1), CPUs do not leave. The answers are Xen's when it has
 * no driver, and a refusal where it would have.
 */
#include <xen/errno.h>

#include "cpu/cpu.h"
#include "hypercall/sysctl.h"

#define DEEPEST_IDLE 1 /* C1 */

static bool is_online(u32 cpu)
{
	return cpu < cpu_count && cpus[index_nospec(cpu, NR_CPUS)]->online;
}

long sysctl_get_pmstat(struct xen_sysctl_get_pmstat *op)
{
	if (!is_online(op->cpuid))
		return -XEN_EINVAL;
	return -XEN_ENODEV;
}

long sysctl_pm_op(struct xen_sysctl_pm_op *op)
{
	if (!is_online(op->cpuid))
		return -XEN_EINVAL;
	if ((op->cmd & PM_PARA_CATEGORY_MASK) == CPUFREQ_PARA)
		return -XEN_EINVAL;
	switch (op->cmd) {
	case XEN_SYSCTL_pm_op_get_max_cstate:
		op->u.get_max_cstate = op->cpuid ? XEN_SYSCTL_CX_UNLIMITED : DEEPEST_IDLE;
		return 0;
	case XEN_SYSCTL_pm_op_set_max_cstate:
	case XEN_SYSCTL_pm_op_set_sched_opt_smt:
		return -XEN_EOPNOTSUPP;
	case XEN_SYSCTL_pm_op_enable_turbo:
	case XEN_SYSCTL_pm_op_disable_turbo:
		return -XEN_EACCES;
	default:
		return -XEN_ENOSYS;
	}
}

long sysctl_cpu_hotplug(const struct xen_sysctl_cpu_hotplug *op)
{
	switch (op->op) {
	case XEN_SYSCTL_CPU_HOTPLUG_ONLINE:
		return op->cpu < cpu_count ? -XEN_EEXIST : -XEN_EINVAL;
	case XEN_SYSCTL_CPU_HOTPLUG_OFFLINE:
		/* Not -EBUSY: tools would try again for ever. */
		return op->cpu == 0 || op->cpu >= cpu_count ? -XEN_EINVAL : -XEN_EOPNOTSUPP;
	default:
		return -XEN_EOPNOTSUPP;
	}
}
