/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's registers as the entry code saves them, straight into the VCPU:
 * the CPU pushes the last five words (SDM vol. 3, 6.14.2), cpu/entry.S the rest.
 * Offsets are repeated in cpu/offsets.h and checked there.
 */
#ifndef CPU_REGS_H
#define CPU_REGS_H

#include "lib/types.h"

struct guest_regs {
	u64 r15, r14, r13, r12, rbp, rbx;
	u64 r11, r10, r9, r8;
	u64 rax, rcx, rdx, rsi, rdi;
	u32 error_code;
	u32 vector; /* exception, interrupt, or VECTOR_SYSCALL */
	u64 rip;
	u64 cs;
	u64 rflags;
	u64 rsp;
	u64 ss;
};

/* In regs.vector: entered by SYSCALL, so that SYSRET may be used to return. */
#define VECTOR_SYSCALL 0xffffffffu

#define RFLAGS_CF (1ul << 0)
#define RFLAGS_TF (1ul << 8)
#define RFLAGS_IF (1ul << 9)
#define RFLAGS_DF (1ul << 10)
#define RFLAGS_IOPL (3ul << 12)
#define RFLAGS_NT (1ul << 14)
#define RFLAGS_RF (1ul << 16)
#define RFLAGS_VM (1ul << 17)
#define RFLAGS_AC (1ul << 18)
#define RFLAGS_VIF (1ul << 19)
#define RFLAGS_VIP (1ul << 20)
#define RFLAGS_ID (1ul << 21)
#define RFLAGS_MBS (1ul << 1) /* reads as one */

#endif
