/* SPDX-License-Identifier: GPL-2.0-only */
/* The local APIC of each CPU: SDM vol. 3, chapter 10. */
#ifndef IRQ_LAPIC_H
#define IRQ_LAPIC_H

#include "lib/types.h"

/*
 * Boot: find it, on the first CPU; then on each CPU, that one included, switch
 * it on. lapic_init() needs ioremap() and acpi.
 */
void lapic_init(void);
void lapic_init_cpu(void);

/* False with `nolapic`: one CPU, and the PIT is the timer. */
bool lapic_usable(void);

/* The ID of the CPU that asks, as in struct cpu.apic_id. */
u32 lapic_id(void);

/* This CPU's interrupt has been handled. */
void lapic_eoi(void);

/* Interrupt another CPU. */
void ipi_send(unsigned int cpu, u8 vector);

/*
 * Make a CPU start at trampoline (page-aligned, below 1 MiB) in real mode: INIT,
 * and SIPI twice, takes 10 ms. Needs the clock. Whether it has started shows
 * elsewhere.
 */
void lapic_start_cpu(u32 apic_id, paddr_t trampoline);

/*
 * The timer, for time/oneshot.c. Interrupts with VECTOR_TIMER: after so many
 * ticks (0: never), or when the TSC reaches a value (0: never).
 */
void lapic_timer_setup(bool tsc_deadline);
void lapic_timer_set(u32 ticks);
u32 lapic_timer_left(void);
void lapic_timer_set_deadline(u64 tsc);

/* apic_verbosity=: 0 quiet, 1 verbose, 2 debug. */
extern unsigned int apic_verbosity;

#endif
