/*
 * Hypercall wrappers, one a call, named as the ABI names them with the prefix
 * hv_. All return what the hypervisor left in %rax: usually 0 or -errno.
 *
 * Known calls go through the hypercall page. hypercall_raw() issues the bare
 * instruction and so can ask for numbers that the page has no stub for.
 */
#ifndef LIB_HYPERCALL_H
#define LIB_HYPERCALL_H

#include <stdint.h>
#include <xen/xen.h>

extern char hypercall_page[];

/* Argument registers are the hypervisor's to destroy. */
#define HYPERCALL_ASM(insn, ...)                                                                   \
	({                                                                                         \
		register unsigned long r10_ __asm__("r10") = a4;                                   \
		register unsigned long r8_ __asm__("r8") = a5;                                     \
		register unsigned long r9_ __asm__("r9") = a6;                                     \
		__asm__ volatile(insn                                                              \
				 : "=a"(ret), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10_), "+r"(r8_), \
				   "+r"(r9_)                                                       \
				 : __VA_ARGS__                                                     \
				 : "rcx", "r11", "memory", "cc");                                  \
	})

static inline long hypercall6(unsigned long nr, unsigned long a1, unsigned long a2,
			      unsigned long a3, unsigned long a4, unsigned long a5,
			      unsigned long a6)
{
	long ret;

	HYPERCALL_ASM("call *%[stub]", [stub] "r"(hypercall_page + nr * 32));
	return ret;
}

static inline long hypercall_raw(unsigned long nr, unsigned long a1, unsigned long a2,
				 unsigned long a3, unsigned long a4, unsigned long a5)
{
	unsigned long a6 = 0;
	long ret;

	HYPERCALL_ASM("syscall", "a"(nr));
	return ret;
}

/* hypercall(nr, up to five arguments of any integer or pointer type) */
#define HYPERCALL_ARG(x) ((unsigned long)(x))
#define HYPERCALL_5(nr, a, b, c, d, e, ...)                                                    \
	hypercall6(nr, HYPERCALL_ARG(a), HYPERCALL_ARG(b), HYPERCALL_ARG(c), HYPERCALL_ARG(d), \
		   HYPERCALL_ARG(e), 0)
#define hypercall(nr, ...) HYPERCALL_5(nr, ##__VA_ARGS__, 0, 0, 0, 0, 0)

#define hv_set_trap_table(table) hypercall(__HYPERVISOR_set_trap_table, table)
#define hv_mmu_update(req, count, done, domid) \
	hypercall(__HYPERVISOR_mmu_update, req, count, done, domid)
#define hv_set_gdt(frames, entries) hypercall(__HYPERVISOR_set_gdt, frames, entries)
#define hv_stack_switch(ss, sp) hypercall(__HYPERVISOR_stack_switch, ss, sp)
#define hv_set_callbacks(event, failsafe, syscall) \
	hypercall(__HYPERVISOR_set_callbacks, event, failsafe, syscall)
#define hv_fpu_taskswitch(set) hypercall(__HYPERVISOR_fpu_taskswitch, set)
#define hv_platform_op(op) hypercall(__HYPERVISOR_platform_op, op)
#define hv_set_debugreg(reg, value) hypercall(__HYPERVISOR_set_debugreg, reg, value)
#define hv_get_debugreg(reg) hypercall(__HYPERVISOR_get_debugreg, reg)
#define hv_update_descriptor(maddr, desc) hypercall(__HYPERVISOR_update_descriptor, maddr, desc)
#define hv_memory_op(cmd, arg) hypercall(__HYPERVISOR_memory_op, cmd, arg)
#define hv_multicall(calls, count) hypercall(__HYPERVISOR_multicall, calls, count)
#define hv_update_va_mapping(va, entry, flags) \
	hypercall(__HYPERVISOR_update_va_mapping, va, entry, flags)
#define hv_update_va_mapping_otherdomain(va, entry, flags, domid) \
	hypercall(__HYPERVISOR_update_va_mapping_otherdomain, va, entry, flags, domid)
#define hv_set_timer_op(ns) hypercall(__HYPERVISOR_set_timer_op, ns)
#define hv_xen_version(cmd, arg) hypercall(__HYPERVISOR_xen_version, cmd, arg)
#define hv_console_io(cmd, count, str) hypercall(__HYPERVISOR_console_io, cmd, count, str)
#define hv_grant_table_op(cmd, arg, count) hypercall(__HYPERVISOR_grant_table_op, cmd, arg, count)
#define hv_vm_assist(cmd, type) hypercall(__HYPERVISOR_vm_assist, cmd, type)
#define hv_vcpu_op(cmd, vcpu, arg) hypercall(__HYPERVISOR_vcpu_op, cmd, vcpu, arg)
#define hv_set_segment_base(which, base) hypercall(__HYPERVISOR_set_segment_base, which, base)
#define hv_mmuext_op(op, count, done, domid) \
	hypercall(__HYPERVISOR_mmuext_op, op, count, done, domid)
#define hv_nmi_op(cmd, arg) hypercall(__HYPERVISOR_nmi_op, cmd, arg)
#define hv_sched_op(cmd, arg) hypercall(__HYPERVISOR_sched_op, cmd, arg)
#define hv_callback_op(cmd, arg) hypercall(__HYPERVISOR_callback_op, cmd, arg)
#define hv_event_channel_op(cmd, arg) hypercall(__HYPERVISOR_event_channel_op, cmd, arg)
#define hv_physdev_op(cmd, arg) hypercall(__HYPERVISOR_physdev_op, cmd, arg)

#endif
