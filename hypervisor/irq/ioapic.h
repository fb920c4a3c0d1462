/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The IO-APICs: route device interrupts, named by global system interrupt (GSI)
 * number, to vectors on CPUs. Any CPU; each function takes the IO-APIC's lock.
 */
#ifndef IRQ_IOAPIC_H
#define IRQ_IOAPIC_H

#include "lib/types.h"

/* Boot: silence the i8259s, find the IO-APICs and mask every pin. */
void ioapic_init(void);

/* GSIs that exist are below this; 0 with `noapic`. */
u32 ioapic_gsi_count(void);

/*
 * The machine goes to sleep: note what is in the IO-APICs; and when it woke: put it
 * there, and silence the i8259s.
 */
void ioapic_suspend(void);
void ioapic_resume(void);

/*
 * Route a pin and leave it masked. -EINVAL: no such GSI, or the CPU cannot be
 * addressed.
 */
int ioapic_route(u32 gsi, u8 vector, unsigned int cpu, bool level,
		 bool active_low);

void ioapic_mask(u32 gsi);
void ioapic_unmask(u32 gsi);

/* Send a pin's interrupt to another CPU from now on; no interrupt is lost. */
void ioapic_retarget(u32 gsi, unsigned int cpu);

/*
 * A guest that looks at an IO-APIC by its machine address: read a register, and
 * tell which GSI's entry a register is part of. -EINVAL: there is no IO-APIC
 * there (or, for ioapic_gsi_of(), the register is no entry's).
 */
int ioapic_read(paddr_t address, u32 reg, u32 *value);
int ioapic_gsi_of(paddr_t address, u32 reg, u32 *gsi);

/* What an entry's low word says of the line itself. */
#define IOAPIC_ENTRY_LOW_ACTIVE (1u << 13)
#define IOAPIC_ENTRY_LEVEL (1u << 15)

#endif
