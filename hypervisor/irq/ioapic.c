/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * IO-APICs (Intel 82093AA data sheet): each has pins, numbered through all of
 * them as GSIs, and for each pin an entry that says which vector on which CPU it
 * becomes. Registers are reached through an index and a data window.
 */
#include <xen/errno.h>

#include "boot/acpi.h"
#include "boot/cmdline.h"
#include "irq/i8259.h"
#include "irq/ioapic.h"
#include "irq/lapic.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/paging.h"

#define INDEX 0x00
#define WINDOW 0x10

#define REG_VERSION 0x01
#define REG_ENTRY(pin) (0x10 + 2 * (pin)) /* low word; the next is the high */

#define ENTRY_LOW_ACTIVE IOAPIC_ENTRY_LOW_ACTIVE
#define ENTRY_LEVEL IOAPIC_ENTRY_LEVEL
#define ENTRY_MASKED (1u << 16)

static bool opt_noapic;
PARAM_BOOL("noapic", opt_noapic);

static struct ioapic {
	volatile u8 *registers;
	paddr_t address;
	u32 gsi_base, pins;
	u32 *saved; /* words of all entries, while the machine sleeps */
} ioapic[ACPI_MAX_IOAPICS];

static unsigned int ioapic_count;
static u32 gsi_count;

/* Index and window are used together. Also keeps an entry's halves together. */
static struct spinlock ioapic_lock = SPINLOCK_INIT;

static u32 reg_read(const struct ioapic *io, u32 reg)
{
	*(volatile u32 *)(io->registers + INDEX) = reg;
	return *(volatile u32 *)(io->registers + WINDOW);
}

static void reg_write(const struct ioapic *io, u32 reg, u32 value)
{
	*(volatile u32 *)(io->registers + INDEX) = reg;
	*(volatile u32 *)(io->registers + WINDOW) = value;
}

/* The IO-APIC and the pin of a GSI; NULL: no such GSI. */
static const struct ioapic *gsi_find(u32 gsi, u32 *pin)
{
	for (unsigned int i = 0; i < ioapic_count; i++) {
		if (gsi - ioapic[i].gsi_base < ioapic[i].pins) {
			*pin = gsi - ioapic[i].gsi_base;
			return &ioapic[i];
		}
	}
	return NULL;
}

static void ioapic_add(paddr_t address, u32 gsi_base)
{
	struct ioapic *io = &ioapic[ioapic_count];
	u32 version;

	io->registers = ioremap(address, WINDOW + sizeof(u32));
	if (!io->registers)
		return;
	version = reg_read(io, REG_VERSION);
	if (version == 0xffffffff) {
		log_warning("ioapic: there is none at %lx", address);
		return;
	}
	io->address = address;
	io->gsi_base = gsi_base;
	io->pins = (version >> 16 & 0xff) + 1;
	io->saved = heap_alloc(2 * io->pins * sizeof(u32));
	if (!io->saved)
		panic("out of memory for IO-APICs");
	for (u32 pin = 0; pin < io->pins; pin++) {
		reg_write(io, REG_ENTRY(pin), ENTRY_MASKED);
		reg_write(io, REG_ENTRY(pin) + 1, 0);
	}
	gsi_count = max(gsi_count, gsi_base + io->pins);
	ioapic_count++;
	if (apic_verbosity)
		log_info("ioapic: at %lx, version %x, GSIs %u to %u", address,
			 version & 0xff, gsi_base, gsi_base + io->pins - 1);
}

void ioapic_init(void)
{
	i8259_init();
	if (opt_noapic || !lapic_usable()) {
		log_info("ioapic: not used, devices have no interrupts");
		return;
	}
	for (unsigned int i = 0; i < acpi.ioapic_count; i++)
		ioapic_add(acpi.ioapic[i].address, acpi.ioapic[i].gsi_base);
}

void ioapic_suspend(void)
{
	for (unsigned int i = 0; i < ioapic_count; i++)
		for (u32 word = 0; word < 2 * ioapic[i].pins; word++)
			ioapic[i].saved[word] = reg_read(&ioapic[i], REG_ENTRY(0) + word);
}

void ioapic_resume(void)
{
	i8259_init();
	/* High words first: low ones unmask. */
	for (unsigned int i = 0; i < ioapic_count; i++)
		for (u32 word = 2 * ioapic[i].pins; word-- > 0;)
			reg_write(&ioapic[i], REG_ENTRY(0) + word, ioapic[i].saved[word]);
}

u32 ioapic_gsi_count(void)
{
	return gsi_count;
}

int ioapic_route(u32 gsi, u8 vector, unsigned int cpu, bool level,
		 bool active_low)
{
	u32 apic_id = cpus[cpu]->apic_id, pin;
	const struct ioapic *io = gsi_find(gsi, &pin);
	u32 low = ENTRY_MASKED | vector;

	/* Fixed delivery to a physical ID, which has eight bits. */
	if (!io || apic_id > 0xff)
		return -XEN_EINVAL;
	if (level)
		low |= ENTRY_LEVEL;
	if (active_low)
		low |= ENTRY_LOW_ACTIVE;
	spin_lock(&ioapic_lock);
	reg_write(io, REG_ENTRY(pin), low);
	reg_write(io, REG_ENTRY(pin) + 1, apic_id << 24);
	spin_unlock(&ioapic_lock);
	if (apic_verbosity)
		log_info("ioapic: GSI %u to vector %x on CPU %u, %s, active %s",
			 gsi, vector, cpu, level ? "level" : "edge",
			 active_low ? "low" : "high");
	return 0;
}

static void set_masked(u32 gsi, bool masked)
{
	u32 pin, low;
	const struct ioapic *io = gsi_find(gsi, &pin);

	if (!io)
		return;
	spin_lock(&ioapic_lock);
	low = reg_read(io, REG_ENTRY(pin)) & ~ENTRY_MASKED;
	reg_write(io, REG_ENTRY(pin), low | (masked ? ENTRY_MASKED : 0));
	spin_unlock(&ioapic_lock);
}

void ioapic_mask(u32 gsi)
{
	set_masked(gsi, true);
}

void ioapic_unmask(u32 gsi)
{
	set_masked(gsi, false);
}

void ioapic_retarget(u32 gsi, unsigned int cpu)
{
	u32 apic_id = cpus[cpu]->apic_id, pin;
	const struct ioapic *io = gsi_find(gsi, &pin);

	if (!io || apic_id > 0xff)
		return;
	spin_lock(&ioapic_lock);
	reg_write(io, REG_ENTRY(pin) + 1, apic_id << 24);
	spin_unlock(&ioapic_lock);
}

static const struct ioapic *address_find(paddr_t address)
{
	for (unsigned int i = 0; i < ioapic_count; i++)
		if (ioapic[i].address == address)
			return &ioapic[i];
	return NULL;
}

int ioapic_read(paddr_t address, u32 reg, u32 *value)
{
	const struct ioapic *io = address_find(address);

	if (!io || reg > 0xff)
		return -XEN_EINVAL;
	spin_lock(&ioapic_lock);
	*value = reg_read(io, reg);
	spin_unlock(&ioapic_lock);
	return 0;
}

int ioapic_gsi_of(paddr_t address, u32 reg, u32 *gsi)
{
	const struct ioapic *io = address_find(address);

	if (!io || reg < REG_ENTRY(0) || reg >= REG_ENTRY(io->pins))
		return -XEN_EINVAL;
	*gsi = io->gsi_base + (reg - REG_ENTRY(0)) / 2;
	return 0;
}
