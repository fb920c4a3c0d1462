/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI configuration space, for the hypervisor's own use and for guests by ports.
 */
#ifndef IRQ_PCI_H
#define IRQ_PCI_H

#include "lib/types.h"

struct domain;

/* Where a function is. config: its space in memory; NULL: by ports. */
struct pci_address {
	u16 segment;
	u8 bus, devfn;
	volatile u8 *config;
};

/*
 * Make a the function's address. 0; -ENODEV: segments other than 0 are reached
 * through memory alone, and firmware does not tell where; -ENOMEM.
 */
int pci_address_init(struct pci_address *a, u16 segment, u8 bus, u8 devfn);

/* A register below 256, of 1, 2 or 4 bytes, aligned. Any CPU. */
u32 pci_read(const struct pci_address *a, u8 reg, unsigned int bytes);
void pci_write(const struct pci_address *a, u8 reg, unsigned int bytes, u32 value);

/* Where the capability with an ID starts; 0: the function has none. */
#define PCI_CAP_MSI 0x05
#define PCI_CAP_MSIX 0x11
u8 pci_find_capability(const struct pci_address *a, u8 id);

/* Whether the function answers to memory accesses now. */
bool pci_decodes_memory(const struct pci_address *a);

/* The machine address in base address register 0 to 5; 0: none, or not memory. */
paddr_t pci_bar(const struct pci_address *a, unsigned int bar);

/*
 * The ports of configuration space, 0xcf8 to 0xcff, for domain 0. Which register
 * it has chosen is kept for each domain.
 */
static inline bool pci_owns_port(u16 port)
{
	return (port & ~7) == 0xcf8;
}
u32 pci_port_in(const struct domain *d, u16 port, unsigned int bytes);
void pci_port_out(const struct domain *d, u16 port, unsigned int bytes, u32 value);

/*
 * What domain 0 found out of a memory area of configuration space. -EINVAL: bad
 * flags; -ENODEV: firmware told us of none for these buses; -EIO: of another
 * address.
 */
int pci_mmcfg_check(paddr_t address, u16 segment, u8 first_bus, u8 last_bus, u32 flags);

#endif
