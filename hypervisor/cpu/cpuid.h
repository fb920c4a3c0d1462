/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUID as guests see it, and what its first leaf says of a CPU. */
#ifndef CPU_CPUID_H
#define CPU_CPUID_H

#include "lib/types.h"

struct vcpu;
struct guest_regs;

/* CPUID with the leaf in rax and the subleaf in rcx; answers in the registers. */
void cpuid_guest(struct vcpu *v, struct guest_regs *regs);

/* EAX of leaf 1 taken apart (SDM vol. 2, CPUID). */
static inline void cpu_signature(u32 eax, u32 *family, u32 *model, u32 *stepping)
{
	*stepping = eax & 15;
	*model = eax >> 4 & 15;
	*family = eax >> 8 & 15;
	if (*family == 6 || *family == 15)
		*model |= (eax >> 16 & 15) << 4;
	if (*family == 15)
		*family += eax >> 20 & 0xff;
}

#endif
