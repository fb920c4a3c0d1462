/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * platform_op: what domain 0's kernel does for the machine and asks of it. It
 * drives the devices, so it keeps the clock and finds out about power and CPUs.
 */
#include <xen/errno.h>
#include <xen/platform.h>

#include "boot/efi.h"
#include "cpu/asm.h"
#include "cpu/cpu.h"
#include "cpu/cpuid.h"
#include "cpu/sleep.h"
#include "domain/domain.h"
#include "hypercall/control.h"
#include "hypercall/hypercall.h"
#include "lib/string.h"
#include "machine.h"
#include "sched/sched.h"
#include "time/vtime.h"
#include "time/wallclock.h"

#define MSR_TSC 0x10
#define MSR_MTRR_CAP 0xfe
#define MSR_MTRR_BASE0 0x200 /* its mask follows, then the next range */
#define MTRR_VALID (1u << 11)

#define MAX_APIC_ID 32768    /* Xen's limit */
#define RESOURCE_ENTRIES 3   /* in a resource_op; Xen's limit, too */

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
	u32 id = version->xen_cpuid, a, b, c, d;

	*version = (xenpf_pcpu_version_t){ .xen_cpuid = id,
					   .max_present = cpu_count - 1 };
	if (id >= cpu_count)
		return 0;
	memcpy(version->vendor_id, cpu_features.vendor,
	       sizeof(version->vendor_id));
	/* All CPUs of a machine are alike. */
	cpuid(1, 0, &a, &b, &c, &d);
	cpu_signature(a, &version->family, &version->model, &version->stepping);
	return 0;
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

/*
 * What UEFI told us. Its memory map and its runtime services are not kept: Linux goes by
 * the machine's memory map.
 */
static long efi_info(u32 index, union xenpf_efi_info *info)
{
	u32 bytes = min(info->vendor.bufsz, (u32)sizeof(efi.vendor));

	if (!efi.system_table)
		return -XEN_ENOSYS;
	switch (index) {
	case XEN_FW_EFI_VERSION:
		info->version = efi.revision;
		return 0;
	case XEN_FW_EFI_RT_VERSION:
		info->version = efi.runtime_revision;
		return 0;
	case XEN_FW_EFI_CONFIG_TABLE:
		info->cfg.addr = efi.tables;
		info->cfg.nent = efi.nr_tables;
		return 0;
	case XEN_FW_EFI_VENDOR:
		info->vendor.revision = efi.firmware_revision;
		return copy_to_guest(info->vendor.name.p, efi.vendor, bytes) ? -XEN_EFAULT : 0;
	case XEN_FW_EFI_MEM_INFO:
	case XEN_FW_EFI_PCI_ROM:
	case XEN_FW_EFI_APPLE_PROPERTIES:
		return -XEN_ENODEV;
	default:
		return -XEN_EINVAL;
	}
}

/* We were not started by the BIOS: nothing of its disks and screen is kept. */
static long firmware_info(xenpf_firmware_info_t *info)
{
	switch (info->type) {
	case XEN_FW_DISK_INFO:
	case XEN_FW_DISK_MBR_SIGNATURE:
		return -XEN_ESRCH;
	case XEN_FW_VBEDDC_INFO:
		return info->index ? -XEN_ESRCH : -XEN_ENODEV;
	case XEN_FW_EFI_INFO:
		return efi_info(info->index, &info->u.efi_info);
	case XEN_FW_KBD_SHIFT_FLAGS:
		info->u.kbd_shift_flags = 0;
		return info->index ? -XEN_ESRCH : 0;
	default:
		return -XEN_EINVAL;
	}
}

/* Frequencies and sleep states of CPUs are left as they are. */
static long processor_pminfo(const xenpf_set_processor_pminfo_t *info)
{
	u32 pdc[3]; /* revision, count, capabilities: nothing to add */

	switch (info->type) {
	case XEN_PM_CX:
	case XEN_PM_PX:
		return 0;
	case XEN_PM_TX:
		return -XEN_ENOSYS;
	case XEN_PM_PDC:
		return copy_from_guest(pdc, info->u.pdc.p, sizeof(pdc)) ? -XEN_EFAULT : 0;
	default:
		return -XEN_EINVAL;
	}
}

/* A variable range register (SDM vol. 3, 12.11.2.3) as frames. */
static long read_memtype(xenpf_read_memtype_t *range)
{
	u64 base, mask;

	if (range->reg >= (rdmsr(MSR_MTRR_CAP) & 0xff))
		return -XEN_EINVAL;
	base = rdmsr(MSR_MTRR_BASE0 + 2 * range->reg);
	mask = rdmsr(MSR_MTRR_BASE0 + 2 * range->reg + 1);
	range->mfn = base >> PAGE_SHIFT;
	range->type = base & 0xff;
	range->nr_mfns = 0;
	if ((mask & MTRR_VALID) && mask >> PAGE_SHIFT)
		range->nr_mfns = 1ul << __builtin_ctzll(mask >> PAGE_SHIFT);
	return 0;
}

/* CPUs neither come nor go once we run. */
static long cpu_online(u32 cpu, bool online)
{
	if (cpu >= cpu_count)
		return -XEN_EINVAL;
	return online ? 0 : -XEN_EOPNOTSUPP;
}

static long cpu_hotadd(const xenpf_cpu_hotadd_t *add)
{
	if (add->apic_id >= MAX_APIC_ID)
		return -XEN_EINVAL;
	for (u32 cpu = 0; cpu < cpu_count; cpu++)
		if (cpus[cpu]->apic_id == add->apic_id)
			return -XEN_EEXIST;
	return -XEN_ENOSPC;
}

/* No CPU is ever parked. */
static long core_parking(xenpf_core_parking_t *op)
{
	switch (op->type) {
	case XEN_CORE_PARKING_GET:
		op->idle_nums = 0;
		return 0;
	case XEN_CORE_PARKING_SET:
		return op->idle_nums ? -XEN_EOPNOTSUPP : 0;
	default:
		return -XEN_EINVAL;
	}
}

/*
 * MSR accesses. The one that there is reads the time. Returns how many entries
 * were done; the first that was not holds its error.
 */
static long resource_op(const xenpf_resource_op_t *op)
{
	if (op->nr_entries > RESOURCE_ENTRIES)
		return -XEN_EINVAL;
	for (u32 i = 0; i < op->nr_entries; i++) {
		xenpf_resource_entry_t e;

		if (copy_from_guest(&e, op->entries.p + i, sizeof(e)))
			return -XEN_EFAULT;
		if (e.rsvd) {
			e.u.ret = -XEN_EINVAL;
		} else if (e.u.cmd == XEN_RESOURCE_OP_MSR_READ && e.idx == MSR_TSC) {
			if (op->cpu >= cpu_count)
				return -XEN_ENODEV;
			e.u.ret = 0;
			e.val = now();
		} else {
			e.u.ret = e.u.cmd <= XEN_RESOURCE_OP_MSR_WRITE ? -XEN_EPERM :
									 -XEN_EOPNOTSUPP;
		}
		if (copy_to_guest(op->entries.p + i, &e, sizeof(e)))
			return -XEN_EFAULT;
		if (e.u.ret)
			return i;
	}
	return op->nr_entries;
}

/* The image carries no symbols: the table ends where it begins. */
static long get_symbol(xenpf_symdata_t *sym)
{
	if (sym->symnum != 0)
		return -XEN_ERANGE;
	sym->namelen = 0;
	sym->address = 0;
	sym->type = 0;
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
		return machine_sleep(&op->u.enter_acpi_sleep);
	case XENPF_firmware_info:
		*answer = true;
		return firmware_info(&op->u.firmware_info);
	case XENPF_set_processor_pminfo:
		return processor_pminfo(&op->u.set_pminfo);
	case XENPF_read_memtype:
		*answer = true;
		return read_memtype(&op->u.read_memtype);
	case XENPF_cpu_online:
		return cpu_online(op->u.cpu_ol.cpuid, true);
	case XENPF_cpu_offline:
		return cpu_online(op->u.cpu_ol.cpuid, false);
	case XENPF_cpu_hotadd:
		return cpu_hotadd(&op->u.cpu_add);
	case XENPF_core_parking:
		*answer = true;
		return core_parking(&op->u.core_parking);
	case XENPF_resource_op:
		return resource_op(&op->u.resource_op);
	case XENPF_get_symbol:
		*answer = true;
		return get_symbol(&op->u.symdata);
	case XENPF_platform_quirk:
		/* About chipsets of long ago. */
		return op->u.platform_quirk.quirk_id >= QUIRK_NOIRQBALANCING &&
				       op->u.platform_quirk.quirk_id <= QUIRK_IOAPIC_GOOD_REGSEL ?
			       0 :
			       -XEN_EINVAL;
	case XENPF_add_memtype:
	case XENPF_del_memtype:
	case XENPF_microcode_update:
	case XENPF_mem_hotadd:
		return -XEN_EOPNOTSUPP;
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
