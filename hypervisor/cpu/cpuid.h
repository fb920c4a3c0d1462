/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUID as guests see it. */
#ifndef CPU_CPUID_H
#define CPU_CPUID_H

struct vcpu;
struct guest_regs;

/* CPUID with the leaf in rax and the subleaf in rcx; answers in the registers. */
void cpuid_guest(struct vcpu *v, struct guest_regs *regs);

#endif
