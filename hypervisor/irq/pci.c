/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI configuration space (PCI Local Bus Specification 3.0, 3.2.2.3 and 6). On
 * the first segment a port chooses the register and another is the window to it;
 * further segments are in memory where the MCFG table says.
 *
 * We write interrupt messages into devices while a guest, on another CPU, is
 * between the write that chooses a register and the access to it. So its choice
 * never stands in the hardware: guests' port accesses all come here, a choice is
 * kept for its domain, and is made under the lock together with each access.
 */
#include <xen/errno.h>
#include <xen/physdev.h>

#include "boot/acpi.h"
#include "domain/domain.h"
#include "irq/pci.h"
#include "machine.h"
#include "mm/paging.h"

#define PORT_ADDRESS 0xcf8 /* a 32-bit write chooses; 0xcf9 resets the machine */
#define PORT_DATA 0xcfc
#define ADDRESS_ENABLE (1u << 31)

#define REG_COMMAND 0x04
#define REG_STATUS 0x06
#define REG_BAR 0x10
#define REG_CAPABILITIES 0x34

#define COMMAND_MEMORY (1u << 1)
#define STATUS_CAPABILITIES (1u << 4)

#define BAR_IO (1u << 0)
#define BAR_64BIT (2u << 1)
#define BAR_TYPE (3u << 1)
#define BAR_FLAGS 0xfu

/* The two ports are used together. */
static struct spinlock port_lock = SPINLOCK_INIT;

static u32 chosen[MAX_DOMAINS];

static u32 data_in(u32 address, u16 port, unsigned int bytes)
{
	u32 value;

	spin_lock(&port_lock);
	outl(PORT_ADDRESS, address);
	value = port_in(port, bytes);
	spin_unlock(&port_lock);
	return value;
}

static void data_out(u32 address, u16 port, unsigned int bytes, u32 value)
{
	spin_lock(&port_lock);
	outl(PORT_ADDRESS, address);
	port_out(port, bytes, value);
	spin_unlock(&port_lock);
}

u32 pci_port_in(const struct domain *d, u16 port, unsigned int bytes)
{
	if (port >= PORT_DATA)
		return data_in(chosen[d->id], port, bytes);
	if (port == PORT_ADDRESS && bytes == 4)
		return chosen[d->id];
	return port_in(port, bytes);
}

void pci_port_out(const struct domain *d, u16 port, unsigned int bytes, u32 value)
{
	if (port >= PORT_DATA)
		data_out(chosen[d->id], port, bytes, value);
	else if (port == PORT_ADDRESS && bytes == 4)
		chosen[d->id] = value;
	else
		port_out(port, bytes, value);
}

static u32 address_of(const struct pci_address *a, u8 reg)
{
	return ADDRESS_ENABLE | a->bus << 16 | a->devfn << 8 | (reg & ~3u);
}

u32 pci_read(const struct pci_address *a, u8 reg, unsigned int bytes)
{
	if (!a->config)
		return data_in(address_of(a, reg), PORT_DATA + (reg & 3), bytes);
	switch (bytes) {
	case 1:
		return a->config[reg];
	case 2:
		return *(volatile u16 *)(a->config + reg);
	default:
		return *(volatile u32 *)(a->config + reg);
	}
}

void pci_write(const struct pci_address *a, u8 reg, unsigned int bytes, u32 value)
{
	if (!a->config) {
		data_out(address_of(a, reg), PORT_DATA + (reg & 3), bytes, value);
		return;
	}
	switch (bytes) {
	case 1:
		a->config[reg] = value;
		break;
	case 2:
		*(volatile u16 *)(a->config + reg) = value;
		break;
	default:
		*(volatile u32 *)(a->config + reg) = value;
		break;
	}
}

int pci_address_init(struct pci_address *a, u16 segment, u8 bus, u8 devfn)
{
	a->segment = segment;
	a->bus = bus;
	a->devfn = devfn;
	a->config = NULL;
	if (segment == 0)
		return 0;
	for (unsigned int i = 0; i < acpi.mcfg_count; i++) {
		if (acpi.mcfg[i].segment != segment || bus < acpi.mcfg[i].first_bus ||
		    bus > acpi.mcfg[i].last_bus)
			continue;
		/* 4 KiB a function, 256 functions a bus. */
		a->config = ioremap(acpi.mcfg[i].address +
					    ((u64)bus << 20 | (u64)devfn << PAGE_SHIFT),
				    PAGE_SIZE);
		return a->config ? 0 : -XEN_ENOMEM;
	}
	return -XEN_ENODEV;
}

u8 pci_find_capability(const struct pci_address *a, u8 id)
{
	u8 at;

	if (pci_read(a, 0, 2) == 0xffff || !(pci_read(a, REG_STATUS, 2) & STATUS_CAPABILITIES))
		return 0;
	at = pci_read(a, REG_CAPABILITIES, 1) & ~3;
	/* A list that has more elements than fit goes round. */
	for (unsigned int i = 0; at >= 0x40 && i < 48; i++) {
		u16 header = pci_read(a, at, 2);

		if ((header & 0xff) == id)
			return at;
		at = header >> 8 & ~3;
	}
	return 0;
}

bool pci_decodes_memory(const struct pci_address *a)
{
	u16 command = pci_read(a, REG_COMMAND, 2);

	/* All ones: there is nothing any more. */
	return command != 0xffff && (command & COMMAND_MEMORY);
}

paddr_t pci_bar(const struct pci_address *a, unsigned int bar)
{
	u32 low;

	if (bar > 5)
		return 0;
	low = pci_read(a, REG_BAR + 4 * bar, 4);
	if (low & BAR_IO)
		return 0;
	if ((low & BAR_TYPE) != BAR_64BIT || bar == 5)
		return low & ~BAR_FLAGS;
	return (u64)pci_read(a, REG_BAR + 4 * bar + 4, 4) << 32 | (low & ~BAR_FLAGS);
}

int pci_mmcfg_check(paddr_t address, u16 segment, u8 first_bus, u8 last_bus, u32 flags)
{
	if (flags & ~XEN_PCI_MMCFG_RESERVED)
		return -XEN_EINVAL;
	for (unsigned int i = 0; i < acpi.mcfg_count; i++) {
		if (acpi.mcfg[i].segment != segment || acpi.mcfg[i].first_bus != first_bus ||
		    acpi.mcfg[i].last_bus != last_bus)
			continue;
		return acpi.mcfg[i].address == address ? 0 : -XEN_EIO;
	}
	return -XEN_ENODEV;
}
