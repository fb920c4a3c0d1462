/* SPDX-License-Identifier: GPL-2.0-only */
/* Exceptions: what entry.S calls, and how they reach the guest's kernel. */
#ifndef CPU_TRAPS_H
#define CPU_TRAPS_H

#include "cpu/regs.h"
#include "lib/types.h"

struct vcpu;

/*
 * entry.S: a guest was interrupted; its registers are in v->regs, but for those
 * that C functions preserve: not yet, when trap_quick() is asked. False when it
 * leaves the trap to trap_from_guest().
 */
bool trap_quick(struct vcpu *v);
void trap_from_guest(struct vcpu *v);
/* entry.S: we were. */
void trap_from_hypervisor(struct guest_regs *regs);

/*
 * Make v (current) run a handler of its kernel, with a frame on its kernel's
 * stack. A guest that cannot take it is crashed.
 */
void bounce_exception(struct vcpu *v, unsigned int vector);
void bounce_exception_error(struct vcpu *v, unsigned int vector, u32 error);
void bounce_page_fault(struct vcpu *v, u64 address, u32 error);
void bounce_upcall(struct vcpu *v);
void bounce_syscall(struct vcpu *v);
void bounce_syscall32(struct vcpu *v);
void bounce_sysenter(struct vcpu *v);
void bounce_nmi(struct vcpu *v);
void bounce_failsafe(struct vcpu *v);

/* A privileged instruction at the guest's rip; true when it was done. */
bool emulate_privileged(struct vcpu *v);
/* ud2 "xen" and then an instruction; true when it was done. */
bool emulate_forced(struct vcpu *v);

/* lretq or iretq in ring 3 (see cpu/far_return.c); true when it was done. */
bool emulate_far_return(struct vcpu *v);

/* A write to a page table through a read-only mapping; true when it was done. */
bool writable_pt_fault(struct vcpu *v, u64 address, u32 error);

/* Page fault error code (SDM vol. 3, 4.7). */
#define PF_PRESENT (1u << 0)
#define PF_WRITE (1u << 1)
#define PF_USER (1u << 2)
#define PF_RESERVED (1u << 3)
#define PF_FETCH (1u << 4)

/* For people: registers, code, stack, and the page-table walk of an address. */
void dump_guest(struct vcpu *v);
void dump_page_tables(u64 root_mfn, u64 va);
void dump_hypervisor(const struct guest_regs *regs);

#endif
