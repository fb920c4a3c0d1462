/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * platform_op: what domain 0's kernel does for the machine and asks of it. It
 * drives the devices, so it keeps the clock and finds out about power and CPUs.
 */
#include <xen/errno.h>
#include <xen/platform.h>

#include "cpu/asm.h"
#include "cpu/cpu.h"
#include "cpu/shutdown.h"
#include "domain/domain.h"
#include "hypercall/control.h"
#include "hypercall/hypercall.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/audit.h"
#include "sched/sched.h"
#include "time/vtime.h"
#include "time/wallclock.h"

#define S5 5

static long settime(u64 secs, u32 nsecs, u64 system_time)
{
	struct domain *d;

	if (nsecs >= SECONDS(1))
		return -XEN_EINVAL;
	wallclock_set(secs, nsecs, system_time);
	for_each_domain(d)
		vtime_update_wallclock(d);
	return 0;
}

static long get_cpuinfo(xenpf_pcpuinfo_t *info)
{
	const struct cpu *c;

	info->max_present = cpu_count - 1;
	if (info->xen_cpuid >= cpu_count) {
		info->flags = XEN_PCPU_FLAGS_INVALID;
		return 0;
	}
	c = cpus[index_nospec(info->xen_cpuid, NR_CPUS)];
	info->flags = c->online ? XEN_PCPU_FLAGS_ONLINE : 0;
	info->apic_id = c->apic_id;
	info->acpi_id = c->acpi_id;
	return 0;
}

static long get_cpu_version(xenpf_pcpu_version_t *version)
{
	u32 id = version->xen_cpuid, a, b, c, d, family;

	*version = (xenpf_pcpu_version_t){ .xen_cpuid = id,
					   .max_present = cpu_count - 1 };
	if (id >= cpu_count)
		return 0;
	memcpy(version->vendor_id, cpu_features.vendor,
	       sizeof(version->vendor_id));
	/* SDM vol. 2, CPUID leaf 1; all CPUs of a machine are alike. */
	cpuid(1, 0, &a, &b, &c, &d);
	family = a >> 8 & 15;
	version->stepping = a & 15;
	version->model = a >> 4 & 15;
	version->family = family;
	if (family == 15)
		version->family += a >> 20 & 0xff;
	if (family == 6 || family == 15)
		version->model |= (a >> 16 & 15) << 4;
	return 0;
}

/* S5 is the way most kernels switch the machine off. */
static long enter_sleep(const xenpf_enter_acpi_sleep_t *sleep)
{
	if (sleep->sleep_state < 1 || sleep->sleep_state > S5 ||
	    (sleep->flags & ~XENPF_ACPI_SLEEP_EXTENDED))
		return -XEN_EINVAL;
	if (sleep->sleep_state != S5)
		return -XEN_EOPNOTSUPP;
	log_info("Domain 0 enters S5: powering off");
	audit_report();
	machine_halt();
}

/* How long each CPU of the caller's bitmap has idled. */
static long idle_time(xenpf_getidletime_t *op)
{
	for (u32 cpu = 0; cpu < min(op->cpumap_nr_cpus, (u32)NR_CPUS);
	     cpu++) {
		struct vcpu_runstate_info state;
		u8 byte, bit = 1u << (cpu % 8);
		u8 *at = (u8 *)op->cpumap_bitmap.p + cpu / 8;

		if (copy_from_guest(&byte, at, 1))
			return -XEN_EFAULT;
		if (!(byte & bit))
			continue;
		if (cpu >= cpu_count) {
			byte &= ~bit;
			if (copy_to_guest(at, &byte, 1))
				return -XEN_EFAULT;
			continue;
		}
		sched_runstate(cpus[cpu]->idle, &state);
		if (copy_to_guest(op->idletime.p + cpu,
				  &state.time[RUNSTATE_running], sizeof(u64)))
			return -XEN_EFAULT;
	}
	op->now = now();
	return 0;
}

static long dispatch(xen_platform_op_t *op, bool *answer)
{
	switch (op->cmd) {
	case XENPF_settime32:
		return settime(op->u.settime32.secs, op->u.settime32.nsecs,
			       op->u.settime32.system_time);
	case XENPF_settime64:
		if (op->u.settime64.mbz)
			return -XEN_EINVAL;
		return settime(op->u.settime64.secs, op->u.settime64.nsecs,
			       op->u.settime64.system_time);
	case XENPF_get_cpuinfo:
		*answer = true;
		return get_cpuinfo(&op->u.pcpu_info);
	case XENPF_get_cpu_version:
		*answer = true;
		return get_cpu_version(&op->u.pcpu_version);
	case XENPF_getidletime:
		*answer = true;
		return idle_time(&op->u.getidletime);
	case XENPF_enter_acpi_sleep:
		return enter_sleep(&op->u.enter_acpi_sleep);
	case XENPF_firmware_info:
		/* We were not started by the BIOS: nothing of it is kept. */
		return op->u.firmware_info.type == XEN_FW_DISK_INFO ||
				       op->u.firmware_info.type ==
					       XEN_FW_DISK_MBR_SIGNATURE ?
			       -XEN_ESRCH :
			       -XEN_ENODEV;
	case XENPF_set_processor_pminfo:
		/* Frequencies and sleep states of CPUs are left as they are. */
		return 0;
	default:
		return -XEN_ENOSYS;
	}
}

long do_platform_op(void *arg)
{
	struct control_header h;
	xen_platform_op_t op;
	bool answer = false;
	long rc = control_enter(arg, XENPF_INTERFACE_VERSION, &h);

	if (rc)
		return rc;
	if (copy_from_guest(&op, arg, sizeof(op)))
		return -XEN_EFAULT;
	op.cmd = h.cmd;
	rc = dispatch(&op, &answer);
	if (rc == 0 && answer && copy_to_guest(arg, &op, sizeof(op)))
		return -XEN_EFAULT;
	return rc;
}
