/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Message signalled interrupts: MSI and MSI-X of PCI functions that domain 0 has
 * told us of. Functions take the lock of msi.c, which is inside that of a line.
 */
#ifndef IRQ_MSI_H
#define IRQ_MSI_H

#include "lib/types.h"

struct domain;
struct msi;

/* Which interrupt of which function; as struct physdev_map_pirq has it. */
struct msi_source {
	u16 segment;
	u8 bus, devfn;
	u32 entry;	    /* of the MSI-X table */
	paddr_t table_base; /* where the table's BAR is; 0: MSI */
};

/*
 * Make the function send vector to a CPU; masked if it can be. The guest enables
 * MSI in the function itself. -ENODEV: no such function, or it has no such
 * capability; -EINVAL: it has no such entry, or its table cannot be used;
 * -EBUSY: it is in use in the other way; -EEXIST: the entry is in use; -ENXIO:
 * the function does not answer; -ENOMEM; -ENOSPC: too many tables.
 */
int msi_create(const struct msi_source *source, u8 vector, unsigned int cpu, struct msi **m);
void msi_destroy(struct msi *m);

void msi_mask(struct msi *m);
void msi_unmask(struct msi *m);
void msi_retarget(struct msi *m, unsigned int cpu);

/*
 * Domain 0 says what functions there are. Adding one twice is fine. Removing:
 * -ENODEV, there is none. Interrupts of it that a domain still has are silent.
 */
int msi_device_add(u16 segment, u8 bus, u8 devfn);
int msi_device_remove(u16 segment, u8 bus, u8 devfn);

/* It lost its registers (sleep, reset): write them again. -ENODEV. */
int msi_device_restore(u16 segment, u8 bus, u8 devfn);

/*
 * Domain 0 gives the function away, and nobody may use its MSI-X until it is
 * released; or it comes back. -ENODEV: no such function, or without MSI-X;
 * -EBUSY: it is in use, or is prepared (released) already.
 */
int msi_device_prepare(u16 segment, u8 bus, u8 devfn);
int msi_device_release(u16 segment, u8 bus, u8 devfn);

#endif
