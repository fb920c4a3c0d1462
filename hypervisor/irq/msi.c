/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MSI and MSI-X (PCI Local Bus Specification 3.0, 6.8). A function that wants to
 * interrupt writes a word to an address: on x86 the address says which CPU and
 * the word which vector (SDM vol. 3, 10.11). MSI has one address and word in a
 * capability; MSI-X has a table of them in the function's memory.
 *
 * The two words and the mask bits are ours to write. Whether the function sends
 * messages at all is the guest's: it sets the enable bit, as it drives the rest
 * of the function. The table, and the bits that tell what is pending, it may only
 * read while we use them. Nothing keeps it from writing our part of a capability.
 * Without an IOMMU that gains it nothing: a function that it drives can be told to
 * write to any address.
 *
 * A function stays on our list when it is removed: its numbers may come again,
 * with the same table at the same place, and what ioremap() gave is for good.
 */
#include <xen/errno.h>

#include "boot/acpi.h"
#include "domain/domain.h"
#include "irq/msi.h"
#include "irq/pci.h"
#include "lib/list.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/iomem.h"
#include "mm/paging.h"

/* The message: fixed delivery, edge, to a physical APIC ID of eight bits. */
#define MESSAGE_ADDRESS 0xfee00000u
#define MESSAGE_DEST_SHIFT 12

/* Both capabilities: the second word. */
#define CAP_CONTROL 2

/* MSI. The data word and the mask bits come later if the address is 64-bit. */
#define MSI_ENABLE (1u << 0)
#define MSI_VECTORS_IN_USE (7u << 4) /* log2 */
#define MSI_64BIT (1u << 7)
#define MSI_MASKABLE (1u << 8)
#define MSI_ADDRESS 4
#define MSI_ADDRESS_HIGH 8
#define MSI_DATA_32 8
#define MSI_DATA_64 12
#define MSI_MASK_32 12
#define MSI_MASK_64 16

/* MSI-X. */
#define MSIX_SIZE 0x7ff /* entries - 1 */
#define MSIX_TABLE 4	/* offset in a BAR, whose number is in the low bits */
#define MSIX_TABLE_BAR 7u
#define MSIX_PENDING 8 /* the same for the bits, one an entry, in words of 64 */

struct msix_entry {
	u32 address, address_high, data, control;
};
#define MSIX_ENTRY_MASKED (1u << 0)

struct device {
	struct list link;
	struct pci_address at;
	bool present;  /* added, and not removed since */
	bool prepared; /* given away: no MSI-X */
	u8 msi_cap, msix_cap;
	u16 table_entries;
	paddr_t table_pa; /* of what is mapped at table; 0: nothing */
	volatile struct msix_entry *table;
	paddr_t pending_pa; /* of the pending bits; 0: not known */
	bool protected;	    /* guests cannot write to either */
	struct list interrupts;
};

struct msi {
	struct list link;
	struct device *device;		   /* NULL: was removed */
	volatile struct msix_entry *entry; /* NULL: MSI */
	u8 vector;
	u8 apic_id;
	bool masked;
};

static struct list devices = LIST_INIT(devices);

/* The list, and all that is written to the functions' capabilities and tables. */
static struct spinlock msi_lock = SPINLOCK_INIT;

static struct device *device_find(u16 segment, u8 bus, u8 devfn)
{
	struct device *dev;

	list_for_each(dev, &devices, link)
		if (dev->at.segment == segment && dev->at.bus == bus && dev->at.devfn == devfn)
			return dev;
	return NULL;
}

static struct device *device_find_present(u16 segment, u8 bus, u8 devfn)
{
	struct device *dev = device_find(segment, bus, devfn);

	return dev && dev->present ? dev : NULL;
}

/* What is there may be another kind of device than last time. */
static void device_look(struct device *dev)
{
	dev->msi_cap = pci_find_capability(&dev->at, PCI_CAP_MSI);
	dev->msix_cap = pci_find_capability(&dev->at, PCI_CAP_MSIX);
	dev->present = true;
	dev->prepared = false;
}

static int device_add(u16 segment, u8 bus, u8 devfn)
{
	struct device *dev = device_find(segment, bus, devfn);
	int rc;

	if (dev) {
		if (!dev->present)
			device_look(dev);
		return 0;
	}
	dev = new(struct device);
	if (!dev)
		return -XEN_ENOMEM;
	rc = pci_address_init(&dev->at, segment, bus, devfn);
	if (rc) {
		heap_free(dev);
		return rc;
	}
	list_init(&dev->interrupts);
	device_look(dev);
	list_add_tail(&devices, &dev->link);
	return 0;
}

int msi_device_add(u16 segment, u8 bus, u8 devfn)
{
	int rc;

	spin_lock(&msi_lock);
	rc = device_add(segment, bus, devfn);
	spin_unlock(&msi_lock);
	return rc;
}

/* Where they are, given where the table's BAR is. */
static paddr_t pending_bits(const struct device *dev, u32 table, paddr_t base)
{
	u32 pending = pci_read(&dev->at, dev->msix_cap + MSIX_PENDING, 4);

	if ((pending ^ table) & MSIX_TABLE_BAR)
		base = pci_bar(&dev->at, pending & MSIX_TABLE_BAR);
	return base ? base + (pending & ~MSIX_TABLE_BAR) : 0;
}

/* What protect() and unprotect() are about. */
static mfn_t table_first(const struct device *dev)
{
	return dev->table_pa >> PAGE_SHIFT;
}

static mfn_t table_last(const struct device *dev)
{
	return (dev->table_pa + dev->table_entries * sizeof(struct msix_entry) - 1) >> PAGE_SHIFT;
}

static mfn_t pending_first(const struct device *dev)
{
	return dev->pending_pa >> PAGE_SHIFT;
}

static mfn_t pending_last(const struct device *dev)
{
	return (dev->pending_pa + DIV_ROUND_UP(dev->table_entries, 64u) * 8 - 1) >> PAGE_SHIFT;
}

static void unprotect(struct device *dev)
{
	if (!dev->protected)
		return;
	iomem_unprotect(table_first(dev), table_last(dev));
	if (dev->pending_pa)
		iomem_unprotect(pending_first(dev), pending_last(dev));
	dev->protected = false;
}

/* Under msi_lock, as all who change what is read-only once we run. */
static int protect(struct device *dev)
{
	int rc;

	if (dev->protected)
		return 0;
	rc = iomem_protect(table_first(dev), table_last(dev));
	if (rc)
		return rc;
	if (dev->pending_pa) {
		rc = iomem_protect(pending_first(dev), pending_last(dev));
		if (rc) {
			iomem_unprotect(table_first(dev), table_last(dev));
			return rc;
		}
	}
	dev->protected = true;
	return 0;
}

/* What guests may read, but nobody's table is. */
static bool is_own_device(mfn_t mfn)
{
	for (unsigned int i = 0; i < acpi.ioapic_count; i++)
		if (acpi.ioapic[i].address >> PAGE_SHIFT == mfn)
			return true;
	return acpi.hpet && acpi.hpet >> PAGE_SHIFT == mfn;
}

/*
 * Map the MSI-X table: of the function's own BAR, or where the caller says it is
 * (virtual functions have no BARs of their own). It must be device memory, or we
 * would write messages into somebody's RAM.
 */
static int table_map(struct device *dev, paddr_t base)
{
	u32 table = pci_read(&dev->at, dev->msix_cap + MSIX_TABLE, 4);
	u32 entries = (pci_read(&dev->at, dev->msix_cap + CAP_CONTROL, 2) & MSIX_SIZE) + 1;
	size_t bytes = entries * sizeof(struct msix_entry);
	paddr_t bar = pci_bar(&dev->at, table & MSIX_TABLE_BAR);
	paddr_t pa = (bar ? bar : base) + (table & ~MSIX_TABLE_BAR);

	if (dev->table_pa == pa && dev->table_entries == entries)
		return 0;
	/* Interrupts made earlier still point into the old one. */
	if (!list_empty(&dev->interrupts))
		return -XEN_EBUSY;
	for (mfn_t mfn = pa >> PAGE_SHIFT; mfn <= (pa + bytes - 1) >> PAGE_SHIFT; mfn++)
		if (mfn_is_ram(mfn) || !iomem_permitted(domain0, mfn, mfn) || is_own_device(mfn))
			return -XEN_EINVAL;
	dev->table_pa = 0;
	dev->pending_pa = pending_bits(dev, table, bar ? bar : base);
	dev->table = ioremap(pa, bytes);
	if (!dev->table)
		return -XEN_ENOMEM;
	dev->table_pa = pa;
	dev->table_entries = entries;
	return 0;
}

static u16 msi_control(const struct device *dev)
{
	return pci_read(&dev->at, dev->msi_cap + CAP_CONTROL, 2);
}

static u32 message_address(const struct msi *m)
{
	return MESSAGE_ADDRESS | (u32)m->apic_id << MESSAGE_DEST_SHIFT;
}

/* Whether the function's registers are there to be written. */
static bool reachable(const struct msi *m)
{
	return m->device && (!m->entry || pci_decodes_memory(&m->device->at));
}

static void write_mask(const struct msi *m, bool masked)
{
	const struct device *dev = m->device;
	u16 control;
	u8 reg;
	u32 bits;

	if (m->entry) {
		u32 old = m->entry->control & ~MSIX_ENTRY_MASKED;

		m->entry->control = old | (masked ? MSIX_ENTRY_MASKED : 0);
		/* Read back: the write may be on its way for long. */
		(void)m->entry->control;
		return;
	}
	control = msi_control(dev);
	if (!(control & MSI_MASKABLE))
		return;
	reg = dev->msi_cap + (control & MSI_64BIT ? MSI_MASK_64 : MSI_MASK_32);
	bits = pci_read(&dev->at, reg, 4) & ~1u;
	pci_write(&dev->at, reg, 4, bits | masked);
}

static void set_masked(struct msi *m, bool masked)
{
	m->masked = masked;
	if (reachable(m))
		write_mask(m, masked);
}

/* Everything, as it shall be. The spec wants entries masked while they change. */
static void write_message(const struct msi *m)
{
	const struct device *dev = m->device;
	u16 control;

	if (!reachable(m))
		return;
	if (m->entry) {
		write_mask(m, true);
		m->entry->address = message_address(m);
		m->entry->address_high = 0;
		m->entry->data = m->vector;
		write_mask(m, m->masked);
		return;
	}
	control = msi_control(dev);
	/* One vector: the function puts nothing of its own into the data. */
	pci_write(&dev->at, dev->msi_cap + CAP_CONTROL, 2,
		  control & ~(MSI_VECTORS_IN_USE | MSI_ENABLE));
	pci_write(&dev->at, dev->msi_cap + MSI_ADDRESS, 4, message_address(m));
	if (control & MSI_64BIT)
		pci_write(&dev->at, dev->msi_cap + MSI_ADDRESS_HIGH, 4, 0);
	pci_write(&dev->at, dev->msi_cap + (control & MSI_64BIT ? MSI_DATA_64 : MSI_DATA_32), 2,
		  m->vector);
	write_mask(m, m->masked);
	pci_write(&dev->at, dev->msi_cap + CAP_CONTROL, 2, control & ~MSI_VECTORS_IN_USE);
}

/* Whether the function may have the interrupt: else the error. */
static int source_check(struct device *dev, const struct msi_source *source)
{
	bool msix = source->table_base != 0;
	const struct msi *m;
	int rc;

	if (!(msix ? dev->msix_cap : dev->msi_cap))
		return -XEN_ENODEV;
	/* A function uses the one or the other. */
	list_for_each(m, &dev->interrupts, link)
		if ((m->entry != NULL) != msix)
			return -XEN_EBUSY;
	if (!msix)
		return list_empty(&dev->interrupts) ? 0 : -XEN_EEXIST;
	if (dev->prepared)
		return -XEN_EBUSY;
	if (!pci_decodes_memory(&dev->at))
		return -XEN_ENXIO;
	rc = table_map(dev, source->table_base);
	if (rc)
		return rc;
	if (source->entry >= dev->table_entries)
		return -XEN_EINVAL;
	list_for_each(m, &dev->interrupts, link)
		if (m->entry == &dev->table[source->entry])
			return -XEN_EEXIST;
	return 0;
}

int msi_create(const struct msi_source *source, u8 vector, unsigned int cpu, struct msi **out)
{
	struct msi *m = new(struct msi);
	struct device *dev;
	int rc = -XEN_ENODEV;

	if (!m)
		return -XEN_ENOMEM;
	list_init(&m->link);
	m->vector = vector;
	m->masked = true;
	m->apic_id = cpus[cpu]->apic_id;
	spin_lock(&msi_lock);
	dev = device_find_present(source->segment, source->bus, source->devfn);
	if (dev)
		rc = source_check(dev, source);
	if (rc == 0 && source->table_base)
		rc = protect(dev);
	if (rc == 0) {
		m->device = dev;
		if (source->table_base)
			m->entry = &dev->table[index_nospec(source->entry, dev->table_entries)];
		list_add_tail(&dev->interrupts, &m->link);
		write_message(m);
	}
	spin_unlock(&msi_lock);
	if (rc)
		heap_free(m);
	else
		*out = m;
	return rc;
}

void msi_destroy(struct msi *m)
{
	spin_lock(&msi_lock);
	set_masked(m, true);
	/* What cannot be masked is switched off: its vector will be another's. */
	if (!m->entry && reachable(m))
		pci_write(&m->device->at, m->device->msi_cap + CAP_CONTROL, 2,
			  msi_control(m->device) & ~MSI_ENABLE);
	list_del(&m->link);
	if (m->device && list_empty(&m->device->interrupts))
		unprotect(m->device);
	spin_unlock(&msi_lock);
	heap_free(m);
}

void msi_mask(struct msi *m)
{
	spin_lock(&msi_lock);
	set_masked(m, true);
	spin_unlock(&msi_lock);
}

void msi_unmask(struct msi *m)
{
	spin_lock(&msi_lock);
	set_masked(m, false);
	spin_unlock(&msi_lock);
}

void msi_retarget(struct msi *m, unsigned int cpu)
{
	spin_lock(&msi_lock);
	m->apic_id = cpus[cpu]->apic_id;
	if (reachable(m)) {
		/* The rest stays, so there is no moment with half a message. */
		write_mask(m, true);
		if (m->entry)
			m->entry->address = message_address(m);
		else
			pci_write(&m->device->at, m->device->msi_cap + MSI_ADDRESS, 4,
				  message_address(m));
		write_mask(m, m->masked);
	}
	spin_unlock(&msi_lock);
}

int msi_device_remove(u16 segment, u8 bus, u8 devfn)
{
	struct device *dev;

	spin_lock(&msi_lock);
	dev = device_find_present(segment, bus, devfn);
	if (dev) {
		while (!list_empty(&dev->interrupts)) {
			struct msi *m = list_first(&dev->interrupts, struct msi, link);

			set_masked(m, true);
			list_del(&m->link);
			m->device = NULL;
		}
		unprotect(dev);
		dev->present = false;
	}
	spin_unlock(&msi_lock);
	return dev ? 0 : -XEN_ENODEV;
}

int msi_device_restore(u16 segment, u8 bus, u8 devfn)
{
	struct device *dev;
	struct msi *m;

	spin_lock(&msi_lock);
	dev = device_find_present(segment, bus, devfn);
	if (dev)
		list_for_each(m, &dev->interrupts, link)
			write_message(m);
	spin_unlock(&msi_lock);
	return dev ? 0 : -XEN_ENODEV;
}

static int device_give(u16 segment, u8 bus, u8 devfn, bool away)
{
	struct device *dev;
	int rc = 0;

	spin_lock(&msi_lock);
	dev = device_find_present(segment, bus, devfn);
	if (!dev || !dev->msix_cap)
		rc = -XEN_ENODEV;
	else if (dev->prepared == away || (away && !list_empty(&dev->interrupts)))
		rc = -XEN_EBUSY;
	else
		dev->prepared = away;
	spin_unlock(&msi_lock);
	return rc;
}

int msi_device_prepare(u16 segment, u8 bus, u8 devfn)
{
	return device_give(segment, bus, devfn, true);
}

int msi_device_release(u16 segment, u8 bus, u8 devfn)
{
	return device_give(segment, bus, devfn, false);
}
