/*
 * Device memory: what dom0 may map, what it gets read-only whatever it asks for,
 * and what it may not have. The runner adds an e1000e, which has MSI-X.
 */
#include "test.h"
#include <xen/physdev.h>
#include "mm.h"
#include "trap.h"

#define LOCAL_APIC 0xfee00UL
#define IO_APIC 0xfec00UL
#define HPET 0xfed00UL
#define VGA 0xb8UL
#define BIOS 0xf0UL
#define ACPI_TABLES ((256UL << 8) - 1) /* the end of QEMU's 256 MiB */
#define HYPERTRANSPORT 0xfd00000UL

static char *window;
static uint64_t entry_maddr;

static void outl(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

static uint32_t inl(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static long map(unsigned long mfn, uint64_t flags, unsigned int owner)
{
	struct mmu_update req = { .ptr = entry_maddr, .val = mfn_pte(mfn, flags) };

	return hv_mmu_update(&req, 1, 0, owner);
}

static bool writable(void)
{
	return *(volatile uint64_t *)pt_entry(window, 1) & PTE_W;
}

enum { DENIED, READ_ONLY, READ_WRITE };

static void is(int line, unsigned long mfn, int what)
{
	static const unsigned int owners[] = { DOMID_SELF, DOMID_IO };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(owners); i++) {
		long rc = what == DENIED ? -EPERM : 0;
		bool bad;

		map(virt_to_mfn(window), PTE_RW, DOMID_SELF);
		bad = map(mfn, PTE_RO | PTE_PCD, owners[i]) != rc;
		bad |= rc == 0 && writable();
		bad |= map(mfn, PTE_RW | PTE_PCD, owners[i]) != rc;
		bad |= rc == 0 && writable() != (what == READ_WRITE);
		bad |= rc == 0 && (mapped_mfn(window) != mfn);
		if (bad)
			test_fail(__FILE__, line, "frame %lx as %x's: entry %lx", mfn, owners[i],
				  *pt_entry(window, 1));
	}
}
#define IS(mfn, what) is(__LINE__, mfn, what)

static void places(void)
{
	IS(VGA, READ_WRITE);
	IS(0, READ_WRITE);
	IS(0x9f, READ_WRITE);
	IS(BIOS, READ_WRITE);
	IS(ACPI_TABLES, READ_WRITE);
	IS(IO_APIC, READ_ONLY);
	IS(IO_APIC + 1, READ_WRITE);
	IS(HPET, READ_ONLY);
	/* The window of messages, as it were the CPUs' local APICs'. */
	IS(LOCAL_APIC - 1, READ_WRITE);
	IS(LOCAL_APIC, DENIED);
	IS(LOCAL_APIC + 1, DENIED);
	IS(LOCAL_APIC + 0xff, DENIED);
	IS(LOCAL_APIC + 0x100, READ_WRITE);
	/* QEMU's CPU is an AMD with 40 bits of address. */
	IS(HYPERTRANSPORT - 1, READ_WRITE);
	IS(HYPERTRANSPORT, DENIED);
	IS(0xfffffff, DENIED);
	IS(0x10000000, DENIED);
}

/* In a table that becomes one, too. */
static void pinned(void)
{
	uint64_t *table = page_alloc();

	table[5] = mfn_pte(HPET, PTE_RW | PTE_PCD);
	table[6] = mfn_pte(VGA, PTE_RW);
	CHECK_EQ(map_readonly(table), 0);
	CHECK_EQ(mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(table)), 0);
	CHECK_EQ(table[5] & (PTE_W | PTE_P), PTE_P);
	CHECK_EQ(table[6] & (PTE_W | PTE_P), PTE_W | PTE_P);
	/* By the other ways to write an entry. */
	CHECK_EQ(pt_write(virt_to_maddr(table + 7), mfn_pte(HPET, PTE_RW)), 0);
	CHECK_EQ(table[7] & (PTE_W | PTE_P), PTE_P);
	CHECK_EQ(pt_write(virt_to_maddr(table + 7), mfn_pte(HPET, PTE_RW)), 0);
	CHECK_EQ(table[7] & (PTE_W | PTE_P), PTE_P);
	CHECK_NO_TRAP("movq %1, (%0)", : "r"(table + 8), "r"(mfn_pte(HPET, PTE_RW)) : "memory");
	CHECK_EQ(table[8] & (PTE_W | PTE_P), PTE_P);
	CHECK_EQ(mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(table)), 0);
}

/* Plain stores are taken and change nothing; others are page faults. */
static void stores(unsigned long mfn, unsigned int offset)
{
	volatile uint32_t *at = (void *)(window + offset);
	uint32_t before;

	CHECK_EQ(map(mfn, PTE_RW | PTE_PCD, DOMID_SELF), 0);
	before = *at;
	CHECK_NO_TRAP("movl %1, (%0)", : "r"(at), "r"(~before) : "memory");
	CHECK_NO_TRAP("movl $0x12345, (%0)", : "r"(at) : "memory");
	CHECK_NO_TRAP("movb $1, (%0)", : "r"(at) : "memory");
	CHECK_NO_TRAP("cld; rep stosb", : "D"(at), "a"(0x55), "c"(4L) : "memory");
	CHECK_TRAP(TRAP_PF, 3, "xchgl %1, (%0)", : "r"(at), "r"(7) : "memory");
	CHECK_EQ(trap_seen.cr2, (unsigned long)at);
	CHECK_EQ(*at, before);
	/* And so if it asked for no more. */
	CHECK_EQ(map(mfn, PTE_RO | PTE_PCD, DOMID_SELF), 0);
	CHECK_NO_TRAP("movl %1, (%0)", : "r"(at), "r"(~before) : "memory");
	CHECK_EQ(*at, before);
	CHECK_EQ(map(VGA, PTE_RO, DOMID_SELF), 0);
	CHECK_TRAP(TRAP_PF, 3, "movl $1, (%0)", : "r"(at) : "memory");
}

#define E1000E 0x10d38086
#define PCI_COMMAND 0x04
#define PCI_BAR(n) (0x10 + 4 * (n))
#define MSIX 0x11
#define ENTRY 2
#define UNUSED 3

static int devfn;

static uint32_t pci_read(int reg)
{
	outl(0xcf8, 0x80000000 | devfn << 8 | reg);
	return inl(0xcfc);
}

static void pci_write(int reg, uint32_t value)
{
	outl(0xcf8, 0x80000000 | devfn << 8 | reg);
	outl(0xcfc, value);
}

static uint64_t where(int cap, int reg)
{
	uint32_t v = pci_read(cap + reg);

	return (pci_read(PCI_BAR(v & 7)) & ~15U) + (v & ~7U);
}

static void msix(void)
{
	struct physdev_pci_device_add add = { .flags = 0 };
	struct physdev_pci_device device = { .seg = 0 };
	struct physdev_map_pirq op = { .domid = DOMID_SELF,
				       .type = MAP_PIRQ_TYPE_MSI_SEG,
				       .index = -1,
				       .pirq = -1,
				       .entry_nr = ENTRY };
	struct physdev_unmap_pirq unmap = { .domid = DOMID_SELF };
	volatile uint32_t *before = page_alloc();
	uint64_t table, pending;
	int cap;

	for (devfn = 0; devfn < 256 && pci_read(0) != E1000E; devfn += 8)
		;
	REQUIRE(devfn < 256);
	pci_write(PCI_COMMAND, (pci_read(PCI_COMMAND) & 0xffff) | 6);
	for (cap = pci_read(0x34) & 0xfc; cap && (pci_read(cap) & 0xff) != MSIX;)
		cap = pci_read(cap) >> 8 & 0xfc;
	REQUIRE(cap);
	table = where(cap, 4);
	pending = where(cap, 8);
	REQUIRE(table >> 12 != pending >> 12);
	op.devfn = device.devfn = add.devfn = devfn;
	op.table_base = table;
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_pci_device_add, &add), 0);
	IS(table >> 12, READ_WRITE);
	IS(pending >> 12, READ_WRITE);
	REQUIRE(map_mfn((void *)before, table >> 12, PTE_RW | PTE_PCD) == 0);
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_map_pirq, &op), 0);
	/* From now on; what it had before, it has. */
	IS(table >> 12, READ_ONLY);
	IS(pending >> 12, READ_ONLY);
	IS((table >> 12) + 1, READ_WRITE);
	CHECK(before[4 * ENTRY] >> 20 == 0xfee);
	stores(table >> 12, 16 * UNUSED);
	stores(table >> 12, 16 * ENTRY);
	before[4 * UNUSED + 2] = 0x1234;
	CHECK_EQ(before[4 * UNUSED + 2], 0x1234);
	/* Until it is not used any more. */
	unmap.pirq = op.pirq;
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_unmap_pirq, &unmap), 0);
	IS(table >> 12, READ_WRITE);
	IS(pending >> 12, READ_WRITE);
	/* Or is not there; its interrupt is, but does not hold the table. */
	op.index = op.pirq = -1;
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_map_pirq, &op), 0);
	IS(table >> 12, READ_ONLY);
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_pci_device_remove, &device), 0);
	IS(table >> 12, READ_WRITE);
	IS(pending >> 12, READ_WRITE);
	CHECK_EQ(map_mfn((void *)before, virt_to_mfn(before), PTE_RW), 0);
}

int test_main(struct start_info *si)
{
	struct physdev_set_iopl iopl = { .iopl = 1 };

	(void)si;
	REQUIRE(hv_physdev_op(PHYSDEVOP_set_iopl, &iopl) == 0);
	window = page_alloc();
	entry_maddr = pt_entry_maddr(window, 1);
	places();
	pinned();
	stores(IO_APIC, 0);
	stores(HPET, 0x10);
	msix();
	map(virt_to_mfn(window), PTE_RW, DOMID_SELF);
	return 0;
}
