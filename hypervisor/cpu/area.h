/* SPDX-License-Identifier: GPL-2.0-only */
/* A CPU's area: see cpu/layout.h. */
#ifndef CPU_AREA_H
#define CPU_AREA_H

#include "lib/types.h"

struct cpu;
struct vcpu;

/* Memory, stub, GDT, stacks for a CPU; NULL when out of memory. Boot only. */
struct cpu *cpu_area_create(unsigned int id);

/* On that CPU: descriptor tables, task register, SYSCALL registers. */
void cpu_area_load(struct cpu *c);

/* Where its main stack starts. */
u64 cpu_stack_top(const struct cpu *c);

/* entry.S */
void __noreturn run_on_stack(void *top, void (*fn)(void));
void __noreturn enter_vcpu(struct vcpu *v);

#endif
