/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypercalls. Each takes up to six words and returns what the guest finds in
 * rax: 0 or more, or a negative XEN_E* of <xen/errno.h>. A handler runs as the
 * current VCPU with interrupts off.
 */
#ifndef HYPERCALL_HYPERCALL_H
#define HYPERCALL_HYPERCALL_H

#include <xen/xen.h>

#include "lib/types.h"

#define NR_HYPERCALLS 64

typedef long hypercall_fn(u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6);

extern hypercall_fn *const hypercall_table[NR_HYPERCALLS];

/*
 * Stop here and have the guest call again with these arguments, after whatever
 * made preempt_check() true has been done: rewinds the guest to its SYSCALL, or
 * inside a multicall replaces the arguments of the entry. The handler returns
 * what this returns.
 */
long hypercall_restart(unsigned int op, unsigned int nr_args, ...);

/* The handlers that live in modules of their own. */
long do_set_trap_table(void *traps);
long do_mmu_update(void *ureqs, unsigned int count, void *pdone,
		   unsigned int foreigndom);
long do_set_gdt(void *frames, unsigned int entries);
long do_stack_switch(u64 ss, u64 sp);
long do_set_callbacks(u64 event, u64 failsafe, u64 syscall);
long do_fpu_taskswitch(int set);
long do_set_debugreg(int reg, u64 value);
long do_get_debugreg(int reg);
long do_update_descriptor(u64 pa, u64 desc);
long do_memory_op(u64 cmd, void *arg);
long do_multicall(void *list, unsigned int count);
long do_update_va_mapping(u64 va, u64 val, u64 flags);
long do_set_timer_op(s64 timeout);
long do_xen_version(int cmd, void *arg);
long do_console_io(unsigned int cmd, unsigned int count, void *buffer);
long do_vm_assist(unsigned int cmd, unsigned int type);
long do_update_va_mapping_otherdomain(u64 va, u64 val, u64 flags, u16 domid);
long do_iret(void);
long do_vcpu_op(int cmd, unsigned int vcpuid, void *arg);
long do_set_segment_base(unsigned int which, u64 base);
long do_mmuext_op(void *ops, unsigned int count, void *pdone,
		  unsigned int foreigndom);
long do_nmi_op(unsigned int cmd, void *arg);
long do_callback_op(int cmd, void *arg);
long do_physdev_op(int cmd, void *arg);
long do_domctl(void *arg);
long do_sysctl(void *arg);
long do_platform_op(void *arg);
long do_mca(void *arg);

#endif
