/* SPDX-License-Identifier: GPL-2.0-only */
/* Offsets that assembly needs; cpu/area.c asserts each. */
#ifndef CPU_OFFSETS_H
#define CPU_OFFSETS_H

#define VCPU_STACK 0
#define VCPU_REGS 8
#define VCPU_RAX (VCPU_REGS + 10 * 8)
#define VCPU_VECTOR (VCPU_REGS + 15 * 8 + 4)
#define VCPU_RIP (VCPU_REGS + 16 * 8)
#define VCPU_CS (VCPU_REGS + 17 * 8)
#define VCPU_RFLAGS (VCPU_REGS + 18 * 8)
#define VCPU_RSP (VCPU_REGS + 19 * 8)
#define VCPU_REGS_END (VCPU_REGS + 21 * 8)
#define VCPU_INFO (VCPU_REGS_END + 0)
#define VCPU_KERNEL_MODE (VCPU_REGS_END + 8)

#define CPU_SCRATCH 0
#define CPU_REGS_END 8
#define CPU_CURRENT 16
#define CPU_SOFTIRQ_PENDING 36

/* Of struct vcpu_info. */
#define INFO_UPCALL_PENDING 0

#endif
