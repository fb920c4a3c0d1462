/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypercall table. entry.S indexes it with a number below NR_HYPERCALLS; the
 * argument registers are already those of a C function. Each entry here gives
 * the words the types that the handler wants.
 */
#include <xen/errno.h>
#include <xen/xen.h>
#include <xen/arch-x86/xen-mca.h>

#include "domain/domain.h"
#include "event/event.h"
#include "grant/grant.h"
#include "hypercall/hypercall.h"
#include "sched/sched.h"

#define WRAP(name, call)                                                  \
	static long hc_##name(u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6) \
	{                                                                 \
		return call;                                              \
	}

static long hc_ni(u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6)
{
	return -XEN_ENOSYS;
}

WRAP(set_trap_table, do_set_trap_table((void *)a1))
WRAP(mmu_update, do_mmu_update((void *)a1, a2, (void *)a3, a4))
WRAP(set_gdt, do_set_gdt((void *)a1, a2))
WRAP(stack_switch, do_stack_switch(a1, a2))
WRAP(set_callbacks, do_set_callbacks(a1, a2, a3))
WRAP(fpu_taskswitch, do_fpu_taskswitch(a1))
WRAP(sched_op_compat, do_sched_op_compat(a1, a2))
WRAP(set_debugreg, do_set_debugreg(a1, a2))
WRAP(get_debugreg, do_get_debugreg(a1))
WRAP(update_descriptor, do_update_descriptor(a1, a2))
WRAP(memory_op, do_memory_op(a1, (void *)a2))
WRAP(multicall, do_multicall((void *)a1, a2))
WRAP(update_va_mapping, do_update_va_mapping(a1, a2, a3))
WRAP(set_timer_op, do_set_timer_op(a1))
WRAP(event_channel_op_compat, do_event_channel_op_compat((void *)a1))
WRAP(xen_version, do_xen_version(a1, (void *)a2))
WRAP(console_io, do_console_io(a1, a2, (void *)a3))
WRAP(update_va_mapping_otherdomain,
     do_update_va_mapping_otherdomain(a1, a2, a3, a4))
WRAP(grant_table_op, do_grant_table_op(a1, (void *)a2, a3))
WRAP(vm_assist, do_vm_assist(a1, a2))
WRAP(iret, do_iret())
WRAP(vcpu_op, do_vcpu_op(a1, a2, (void *)a3))
WRAP(set_segment_base, do_set_segment_base(a1, a2))
WRAP(mmuext_op, do_mmuext_op((void *)a1, a2, (void *)a3, a4))
WRAP(nmi_op, do_nmi_op(a1, (void *)a2))
WRAP(sched_op, do_sched_op(a1, (void *)a2))
WRAP(callback_op, do_callback_op(a1, (void *)a2))
WRAP(event_channel_op, do_event_channel_op(a1, (void *)a2))
WRAP(domctl, do_domctl((void *)a1))
WRAP(sysctl, do_sysctl((void *)a1))
WRAP(platform_op, do_platform_op((void *)a1))
WRAP(mca, do_mca((void *)a1))
WRAP(physdev_op, do_physdev_op(a1, (void *)a2))

#define ENTRY(name) [__HYPERVISOR_##name] = hc_##name

hypercall_fn *const hypercall_table[NR_HYPERCALLS] = {
	[0 ... NR_HYPERCALLS - 1] = hc_ni,
	ENTRY(set_trap_table),
	ENTRY(mmu_update),
	ENTRY(set_gdt),
	ENTRY(stack_switch),
	ENTRY(set_callbacks),
	ENTRY(fpu_taskswitch),
	ENTRY(sched_op_compat),
	ENTRY(set_debugreg),
	ENTRY(get_debugreg),
	ENTRY(update_descriptor),
	ENTRY(memory_op),
	ENTRY(multicall),
	ENTRY(update_va_mapping),
	ENTRY(set_timer_op),
	ENTRY(event_channel_op_compat),
	ENTRY(xen_version),
	ENTRY(console_io),
	ENTRY(update_va_mapping_otherdomain),
	ENTRY(grant_table_op),
	ENTRY(vm_assist),
	ENTRY(iret),
	ENTRY(vcpu_op),
	ENTRY(set_segment_base),
	ENTRY(mmuext_op),
	ENTRY(nmi_op),
	ENTRY(sched_op),
	ENTRY(callback_op),
	ENTRY(event_channel_op),
	ENTRY(physdev_op),
	ENTRY(domctl),
	ENTRY(sysctl),
	ENTRY(platform_op),
	ENTRY(mca),
};
