/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sysctl: what tools in domain 0 ask and tell about the host. Here the operands
 * are fetched and the operation is found; sysctl_*.c do the work, a subject each.
 * docs/interface.md has the table of what is there and what differs from Xen.
 */
#include <xen/errno.h>
#include <xen/sysctl.h>

#include "debug/perfc.h"
#include "debug/trace.h"
#include "domain/domain.h"
#include "hypercall/control.h"
#include "hypercall/hypercall.h"
#include "hypercall/sysctl.h"
#include "machine.h"
#include "sched/sched.h"

static long dispatch(struct xen_sysctl *op)
{
	switch (op->cmd) {
	case XEN_SYSCTL_readconsole:
		return sysctl_readconsole(&op->u.readconsole);
	case XEN_SYSCTL_debug_keys:
		return sysctl_debug_keys(&op->u.debug_keys);
	case XEN_SYSCTL_physinfo:
		return sysctl_physinfo(&op->u.physinfo);
	case XEN_SYSCTL_cputopoinfo:
		return sysctl_cputopoinfo(&op->u.cputopoinfo);
	case XEN_SYSCTL_numainfo:
		return sysctl_numainfo(&op->u.numainfo);
	case XEN_SYSCTL_pcitopoinfo:
		return sysctl_pcitopoinfo(&op->u.pcitopoinfo);
	case XEN_SYSCTL_availheap:
		return sysctl_availheap(&op->u.availheap);
	case XEN_SYSCTL_getcpuinfo:
		return sysctl_getcpuinfo(&op->u.getcpuinfo);
	case XEN_SYSCTL_getdomaininfolist:
		return sysctl_getdomaininfolist(&op->u.getdomaininfolist);
	case XEN_SYSCTL_sched_id:
		op->u.sched_id.sched_id = sched_current()->xen_id;
		return 0;
	case XEN_SYSCTL_perfc_op:
		return perfc_control(&op->u.perfc_op);
	case XEN_SYSCTL_tbuf_op:
		return trace_control(&op->u.tbuf_op);
	case XEN_SYSCTL_cpupool_op:
		return sysctl_cpupool_op(&op->u.cpupool_op);
	case XEN_SYSCTL_scheduler_op:
		return sched_sysctl(&op->u.scheduler_op);
	case XEN_SYSCTL_get_cpu_levelling_caps:
		/* Guests' own CPUID instructions are not changed. */
		op->u.cpu_levelling_caps.caps = 0;
		return 0;
	case XEN_SYSCTL_get_cpu_featureset:
		return sysctl_get_cpu_featureset(&op->u.cpu_featureset);
	case XEN_SYSCTL_get_cpu_policy:
		return sysctl_get_cpu_policy(&op->u.cpu_policy);
	case XEN_SYSCTL_get_pmstat:
		return sysctl_get_pmstat(&op->u.get_pmstat);
	case XEN_SYSCTL_pm_op:
		return sysctl_pm_op(&op->u.pm_op);
	case XEN_SYSCTL_cpu_hotplug:
		return sysctl_cpu_hotplug(&op->u.cpu_hotplug);
	case XEN_SYSCTL_page_offline_op:
	case XEN_SYSCTL_coverage_op:
		return -XEN_EOPNOTSUPP;
	case XEN_SYSCTL_psr_cmt_op:
	case XEN_SYSCTL_psr_alloc:
		return -XEN_ENODEV;
	default:
		return -XEN_ENOSYS;
	}
}

long do_sysctl(void *arg)
{
	struct control_header h;
	struct xen_sysctl op;
	long rc = control_enter(arg, XEN_SYSCTL_INTERFACE_VERSION, &h);

	if (rc)
		return rc;
	if (copy_from_guest(&op, arg, sizeof(op)))
		return -XEN_EFAULT;
	op.cmd = h.cmd;
	rc = dispatch(&op);
	if (rc == 0 && copy_to_guest(arg, &op, sizeof(op)))
		return -XEN_EFAULT;
	return rc;
}
