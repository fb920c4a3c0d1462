/* SPDX-License-Identifier: GPL-2.0-only */
/* Bringing up the other CPUs. */
#ifndef BOOT_SMP_H
#define BOOT_SMP_H

#include "lib/types.h"

struct cpu;

/* Boot, first CPU: number the CPUs that ACPI found, start them one by one. */
void smp_boot(void);

/*
 * The machine goes to sleep and wakes, first CPU. Where a CPU starts in real mode,
 * a page below 1 MiB, 0: nowhere; the others stop; the first has lost its registers
 * (all CPUs call this after a start); the others start again.
 */
paddr_t smp_trampoline(void);
void smp_stop(void);
void smp_come_up(struct cpu *c);
void smp_start_again(void);

/* boot/trampoline.S */
bool cpu_suspend(void (*sleep)(void));

/* Boot: an area and an idle VCPU for the first CPU are there; note what ACPI says
 * of it. */
void smp_init_first(void);

#endif
