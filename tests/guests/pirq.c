/*
 * Real interrupts, taken through pirqs: edges of the PC's clock, a level, a
 * message and a message of a table of PCI devices (edu and e1000e, which the
 * runner adds). Each is let come, masked, ended, closed while pending.
 */
#include "test.h"
#include <xen/physdev.h>
#include <xen/sched.h>
#include "clock.h"
#include "event.h"
#include "mm.h"
#include "smp.h"
#include "trap.h"

static inline void outb(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void outl(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

static inline uint32_t inl(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

/* PCI configuration space. */
#define PCI_COMMAND 0x04
#define PCI_BAR(n) (0x10 + 4 * (n))
#define PCI_MEMORY_AND_MASTER 0x6
#define EDU 0x11e81234
#define E1000E 0x10d38086

static uint32_t pci_read(int devfn, int reg)
{
	outl(0xcf8, 0x80000000 | devfn << 8 | reg);
	return inl(0xcfc);
}

static void pci_write(int devfn, int reg, uint32_t value)
{
	outl(0xcf8, 0x80000000 | devfn << 8 | reg);
	outl(0xcfc, value);
}

/* Xen drops writes to MSI-X's control word that are wider than it is. */
static void pci_write16(int devfn, int reg, uint16_t value)
{
	outl(0xcf8, 0x80000000 | devfn << 8 | (reg & ~3));
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"((uint16_t)(0xcfc + (reg & 3))));
}

/* The function on bus 0 with that device and vendor, switched on. */
static int pci_find(uint32_t id)
{
	int devfn;

	for (devfn = 0; devfn < 256; devfn += 8) {
		if (pci_read(devfn, 0) != id)
			continue;
		pci_write(devfn, PCI_COMMAND,
			  (pci_read(devfn, PCI_COMMAND) & 0xffff) | PCI_MEMORY_AND_MASTER);
		return devfn;
	}
	return -1;
}

/* The first page of a function's memory. */
static volatile uint32_t *pci_map(int devfn, int bar)
{
	void *va = page_alloc();

	REQUIRE(map_mfn(va, pci_read(devfn, PCI_BAR(bar)) >> 12, PTE_RW | PTE_PCD) == 0);
	return va;
}

static int pci_capability(int devfn, unsigned int id)
{
	int at = pci_read(devfn, 0x34) & 0xfc;

	while (at && (pci_read(devfn, at) & 0xff) != id)
		at = pci_read(devfn, at) >> 8 & 0xfc;
	REQUIRE(at);
	return at;
}

/* Each returns what it gave, or -errno. */
static long map_gsi(int gsi, int pirq)
{
	struct physdev_map_pirq op = { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI,
				       .index = gsi, .pirq = pirq };
	long rc = hv_physdev_op(PHYSDEVOP_map_pirq, &op);

	return rc ? rc : op.pirq;
}

static long map_msi(int type, int devfn, int entry, uint64_t table)
{
	struct physdev_map_pirq op = { .domid = DOMID_SELF, .type = type, .index = -1, .pirq = -1,
				       .devfn = devfn, .entry_nr = entry, .table_base = table };
	long rc = hv_physdev_op(PHYSDEVOP_map_pirq, &op);

	return rc ? rc : op.pirq;
}

static long unmap(int pirq)
{
	struct physdev_unmap_pirq op = { .domid = DOMID_SELF, .pirq = pirq };

	return hv_physdev_op(PHYSDEVOP_unmap_pirq, &op);
}

static long setup_gsi(int gsi, int level, int low)
{
	struct physdev_setup_gsi op = { .gsi = gsi, .triggering = level, .polarity = low };

	return hv_physdev_op(PHYSDEVOP_setup_gsi, &op);
}

static long bind(int pirq, int flags)
{
	struct evtchn_bind_pirq op = { .pirq = pirq, .flags = flags };
	long rc = hv_event_channel_op(EVTCHNOP_bind_pirq, &op);

	return rc ? rc : op.port;
}

static long eoi(int pirq)
{
	struct physdev_eoi op = { .irq = pirq };

	return hv_physdev_op(PHYSDEVOP_eoi, &op);
}

static long device(int op, int devfn)
{
	struct physdev_pci_device dev = { .devfn = devfn };

	return hv_physdev_op(op, &dev);
}

static long device_add(int devfn)
{
	struct physdev_pci_device_add add = { .devfn = devfn };

	return hv_physdev_op(PHYSDEVOP_pci_device_add, &add);
}

/* The hypervisor's bits, one for each pirq that has to be ended. */
static volatile uint64_t *eoi_page;

static bool needs_eoi(int pirq)
{
	return eoi_page[pirq / 64] >> (pirq % 64) & 1;
}

static uint32_t status(int pirq)
{
	struct physdev_irq_status_query query = { .irq = pirq };

	CHECK_EQ(hv_physdev_op(PHYSDEVOP_irq_status_query, &query), 0);
	return query.flags;
}

/* Let so much time go by, with events taken. */
static void pause(uint64_t ns)
{
	uint64_t end = clock_now() + ns;

	while (clock_now() < end)
		hv_sched_op(SCHEDOP_yield, 0);
}

static bool pending_soon(int port)
{
	uint64_t end = clock_now() + SECOND;

	while (!event_pending(port))
		if (clock_now() > end)
			return false;
	return true;
}

/* The clock: it interrupts 64 times a second, but only once register C is read. */
static uint8_t rtc_read(uint8_t reg)
{
	outb(0x70, reg);
	return inb(0x71);
}

static void rtc_write(uint8_t reg, uint8_t value)
{
	outb(0x70, reg);
	outb(0x71, value);
}

static void rtc_start(void)
{
	rtc_write(0xa, (rtc_read(0xa) & 0xf0) | 10);
	rtc_write(0xb, rtc_read(0xb) | 0x40);
	rtc_read(0xc);
}

static void rtc_stop(void)
{
	rtc_write(0xb, rtc_read(0xb) & ~0x40);
	rtc_read(0xc);
}

static void edges(void)
{
	unsigned long seen;
	long port;
	int i;

	CHECK_EQ(map_gsi(8, 8), 8);
	CHECK_EQ(setup_gsi(8, 0, 0), 0);
	CHECK_EQ(setup_gsi(8, 1, 1), -EEXIST);
	port = bind(8, 0);
	REQUIRE(port > 0);
	CHECK(!needs_eoi(8));
	seen = event_count[port];
	rtc_start();
	for (i = 0; i < 10; i++) {
		REQUIRE(event_wait(port, seen));
		CHECK_EQ(event_count[port], ++seen);
		CHECK_EQ(eoi(8), 0);
		CHECK(rtc_read(0xc) & 0x40);
	}
	/* Masked it becomes pending, and comes when it is unmasked. */
	event_mask(port);
	pause(10 * MILLISECOND);
	seen = event_count[port];
	rtc_read(0xc);
	CHECK(pending_soon(port));
	pause(10 * MILLISECOND);
	CHECK_EQ(event_count[port], seen);
	CHECK_EQ(event_unmask(port), 0);
	CHECK_EQ(event_count[port], seen + 1);
	eoi(8);
	/* Closed while pending. The next owner of the port begins anew. */
	event_mask(port);
	rtc_read(0xc);
	CHECK(pending_soon(port));
	CHECK_EQ(event_close(port), 0);
	CHECK(!event_pending(port));
	rtc_stop();
	CHECK_EQ(bind(8, 0), port);
	event_unmask(port);
	seen = event_count[port];
	pause(50 * MILLISECOND);
	CHECK_EQ(event_count[port], seen);
	rtc_start();
	CHECK(event_wait(port, seen));
	/* Without a number there is nothing more. The port remains. */
	rtc_read(0xc);
	CHECK_EQ(unmap(8), 0);
	pause(20 * MILLISECOND);
	seen = event_count[port];
	rtc_read(0xc);
	pause(50 * MILLISECOND);
	CHECK_EQ(event_count[port], seen);
	rtc_stop();
	CHECK_EQ(event_close(port), 0);
}

static void numbers(void)
{
	CHECK_EQ(eoi(5), -EINVAL); /* not mapped */
	CHECK_EQ(map_gsi(5, -1), 16); /* the first that is not an ISA interrupt's */
	CHECK_EQ(map_gsi(5, -1), 16);
	CHECK_EQ(map_gsi(5, 5), -EEXIST);
	CHECK_EQ(unmap(16), 0);
	CHECK_EQ(map_gsi(7, 5), 5);
	CHECK_EQ(map_gsi(7, 5), 5);
	CHECK_EQ(map_gsi(7, 6), -EEXIST);
	CHECK_EQ(map_gsi(6, 100), 100);
	CHECK_EQ(map_gsi(3, 100000), -EINVAL);
	CHECK_EQ(map_gsi(-1, -1), -EINVAL);
	CHECK_EQ(eoi(5), 0); /* not bound */
	CHECK_EQ(unmap(-1), -EINVAL);
	CHECK_EQ(unmap(100), 0);
	CHECK_EQ(unmap(100), -EINVAL);
	CHECK_EQ(unmap(5), 0);
}

/* edu: an interrupt is asked for by one register, and taken back by another. */
#define EDU_STATUS (0x24 / 4)
#define EDU_RAISE (0x60 / 4)
#define EDU_LOWER (0x64 / 4)

static void edu_lower(volatile uint32_t *edu)
{
	edu[EDU_LOWER] = edu[EDU_STATUS];
	(void)edu[EDU_STATUS];
}

static void level(volatile uint32_t *edu)
{
	/* Which it is depends on the machine: all that PCI has. */
	static const int gsis[] = { 10, 11, 16, 17, 18, 19, 20, 21, 22, 23 };
	long ports[ARRAY_SIZE(gsis)], port = 0;
	unsigned long seen[ARRAY_SIZE(gsis)], n;
	unsigned int i;
	int pirq = 0;

	for (i = 0; i < ARRAY_SIZE(gsis); i++) {
		CHECK_EQ(map_gsi(gsis[i], gsis[i]), gsis[i]);
		CHECK_EQ(setup_gsi(gsis[i], 1, 1), 0);
		ports[i] = bind(gsis[i], BIND_PIRQ__WILL_SHARE);
		REQUIRE(ports[i] > 0);
		seen[i] = event_count[ports[i]];
	}
	edu[EDU_RAISE] = 1;
	pause(50 * MILLISECOND);
	for (i = 0; i < ARRAY_SIZE(gsis); i++) {
		if (event_count[ports[i]] == seen[i])
			continue;
		print("GSI %d, %lu events\n", gsis[i], event_count[ports[i]] - seen[i]);
		pirq = gsis[i];
		port = ports[i];
	}
	REQUIRE(port);
	/* A PC may send it to an ISA interrupt, too. Then that is the other one. */
	for (i = 0; i < ARRAY_SIZE(gsis); i++) {
		if (ports[i] == port)
			continue;
		CHECK_EQ(event_close(ports[i]), 0);
		CHECK_EQ(unmap(gsis[i]), 0);
	}
	CHECK(needs_eoi(pirq));
	/* Nobody else has it, though others might. */
	CHECK_EQ(status(pirq), XENIRQSTAT_needs_eoi);
	/* Ended, but the device was not asked what it wanted: again. */
	n = event_count[port];
	CHECK_EQ(eoi(pirq), 0);
	CHECK(event_wait(port, n));
	edu_lower(edu);
	CHECK_EQ(eoi(pirq), 0);
	pause(10 * MILLISECOND);
	eoi(pirq);
	n = event_count[port];
	pause(50 * MILLISECOND);
	CHECK_EQ(event_count[port], n);
	/* As a driver does. */
	for (i = 0; i < 10; i++) {
		n = event_count[port];
		edu[EDU_RAISE] = 1;
		CHECK(event_wait(port, n));
		edu_lower(edu);
		CHECK_EQ(eoi(pirq), 0);
	}
	/* Closed before its end; whoever comes next finds the level still there. */
	n = event_count[port];
	edu[EDU_RAISE] = 1;
	CHECK(event_wait(port, n));
	CHECK_EQ(event_close(port), 0);
	port = bind(pirq, BIND_PIRQ__WILL_SHARE);
	REQUIRE(port > 0);
	n = event_count[port];
	event_unmask(port);
	eoi(pirq);
	CHECK(event_wait(port, n));
	edu_lower(edu);
	eoi(pirq);
	pause(10 * MILLISECOND);
	CHECK_EQ(event_close(port), 0);
	CHECK_EQ(unmap(pirq), 0);
}

static void message(int devfn, volatile uint32_t *edu)
{
	int cap = pci_capability(devfn, 5);
	unsigned long n;
	long pirq, port;
	uint32_t address;
	int i;

	CHECK_EQ(map_msi(MAP_PIRQ_TYPE_MSI_SEG, devfn, 0, 0), -ENODEV); /* not added yet */
	CHECK_EQ(device(PHYSDEVOP_restore_msi_ext, devfn), -ENODEV);
	CHECK_EQ(device_add(devfn), 0);
	CHECK_EQ(map_msi(MAP_PIRQ_TYPE_MULTI_MSI, devfn, 0, 0), -33); /* EDOM */
	CHECK_EQ(map_msi(MAP_PIRQ_TYPE_MULTI_MSI, devfn, 33, 0), -33); /* EDOM */
	CHECK_EQ(map_msi(MAP_PIRQ_TYPE_MULTI_MSI, devfn, 2, 0), -EOPNOTSUPP);
	/* What it chose to read is still chosen after the call, which read, too. */
	outl(0xcf8, 0x80000000 | devfn << 8);
	pirq = map_msi(MAP_PIRQ_TYPE_MSI_SEG, devfn, 0, 0);
	REQUIRE(pirq >= 24);
	CHECK_EQ(inl(0xcfc), EDU);
	CHECK_EQ(inl(0xcf8), 0x80000000 | devfn << 8);
	CHECK_EQ(map_msi(MAP_PIRQ_TYPE_MSI_SEG, devfn, 0, 0xfe000000), -ENODEV); /* no MSI-X */
	port = bind(pirq, 0);
	REQUIRE(port > 0);
	pci_write(devfn, cap, pci_read(devfn, cap) | 1 << 16);
	for (i = 0; i < 10; i++) {
		n = event_count[port];
		edu[EDU_RAISE] = 1;
		CHECK(event_wait(port, n));
		CHECK_EQ(event_count[port], n + 1);
		edu_lower(edu);
		if (i < 5)
			CHECK_EQ(eoi(pirq), 0);
	}
	/* The device forgets where to write to, and is told again. */
	address = pci_read(devfn, cap + 4);
	CHECK_EQ(address >> 20, 0xfee);
	pci_write(devfn, cap + 4, 0);
	CHECK_EQ(device(PHYSDEVOP_restore_msi_ext, devfn), 0);
	CHECK_EQ(pci_read(devfn, cap + 4), address);
	n = event_count[port];
	pci_write(devfn, cap, pci_read(devfn, cap) | 1 << 16);
	edu[EDU_RAISE] = 1;
	CHECK(event_wait(port, n));
	edu_lower(edu);
	CHECK_EQ(event_close(port), 0);
	CHECK_EQ(unmap(pirq), 0);
	CHECK_EQ(unmap(pirq), -EINVAL);
	/* It is off now, so that this goes nowhere. */
	CHECK(!(pci_read(devfn, cap) & 1 << 16));
	CHECK_EQ(device(PHYSDEVOP_pci_device_remove, devfn), 0);
	CHECK_EQ(device(PHYSDEVOP_restore_msi_ext, devfn), -ENODEV);
}

/*
 * e1000e: software may set causes of interrupts, and takes each back by writing
 * it to where they are read. Others than frames are to be entry 2.
 */
#define MSIX_ENABLE 0x8000
#define MSIX_MASK_ALL 0x4000
#define NIC_ICR (0xc0 / 4)
#define NIC_ICS (0xc8 / 4)
#define NIC_IMS (0xd0 / 4)
#define NIC_IVAR (0xe4 / 4)
#define NIC_OTHER (1u << 24 | 1u << 2) /* the link's state is one of them */

static void table_message(int devfn)
{
	volatile uint32_t *nic = pci_map(devfn, 0);
	int cap = pci_capability(devfn, 0x11);
	uint64_t table = pci_read(devfn, PCI_BAR(pci_read(devfn, cap + 4) & 7)) & ~15U;
	unsigned long n;
	long pirq, port;
	int i;

	CHECK_EQ(device_add(devfn), 0);
	CHECK_EQ(device(PHYSDEVOP_prepare_msix, devfn), 0);
	CHECK_EQ(device(PHYSDEVOP_prepare_msix, devfn), -EBUSY);
	CHECK_EQ(device(PHYSDEVOP_release_msix, devfn), 0);
	CHECK_EQ(device(PHYSDEVOP_release_msix, devfn), -EBUSY);
	CHECK_EQ(map_msi(MAP_PIRQ_TYPE_MSI_SEG, devfn, 5, table), -EINVAL); /* has five */
	CHECK_EQ(map_msi(MAP_PIRQ_TYPE_MSI_SEG, devfn, -1, table), -EINVAL);
	/* Enabled with all masked first, as Linux does. */
	pci_write16(devfn, cap + 2, MSIX_ENABLE | MSIX_MASK_ALL);
	pirq = map_msi(MAP_PIRQ_TYPE_MSI_SEG, devfn, 2, table);
	REQUIRE(pirq >= 24);
	CHECK_EQ(device(PHYSDEVOP_prepare_msix, devfn), -EBUSY);
	port = bind(pirq, 0);
	REQUIRE(port > 0);
	pci_write16(devfn, cap + 2, MSIX_ENABLE);
	nic[NIC_IVAR] = (8 | 2) << 16;
	nic[NIC_IMS] = NIC_OTHER;
	for (i = 0; i < 10; i++) {
		n = event_count[port];
		nic[NIC_ICS] = NIC_OTHER;
		CHECK(event_wait(port, n));
		nic[NIC_ICR] = NIC_OTHER;
		if (i < 5)
			CHECK_EQ(eoi(pirq), 0);
	}
	/* Not bound: the entry is masked, and what comes meanwhile comes then. */
	CHECK_EQ(event_close(port), 0);
	n = event_count[port];
	nic[NIC_ICS] = NIC_OTHER;
	pause(20 * MILLISECOND);
	CHECK_EQ(event_count[port], n);
	nic[NIC_ICR] = NIC_OTHER;
	CHECK_EQ(bind(pirq, 0), port);
	n = event_count[port];
	nic[NIC_ICS] = NIC_OTHER;
	CHECK(event_wait(port, n));
	nic[NIC_ICR] = NIC_OTHER;
	/* QEMU's device has a timer after each, and dies if MSI-X is off by then. */
	pause(10 * MILLISECOND);
	CHECK_EQ(unmap(pirq), 0);
	CHECK_EQ(event_close(port), 0);
	CHECK_EQ(device(PHYSDEVOP_pci_device_remove, devfn), 0);
}

int test_main(struct start_info *si)
{
	struct physdev_set_iopl iopl = { .iopl = 1 };
	struct physdev_pirq_eoi_gmfn op;
	volatile uint32_t *edu;
	int devfn, nic;

	(void)si;
	REQUIRE(hv_physdev_op(PHYSDEVOP_set_iopl, &iopl) == 0);
	trap_init();
	events_enable();
	devfn = pci_find(EDU);
	nic = pci_find(E1000E);
	REQUIRE(devfn >= 0 && nic >= 0);
	edu = pci_map(devfn, 0);
	eoi_page = page_alloc();
	op.gmfn = virt_to_mfn(eoi_page);
	REQUIRE(hv_physdev_op(PHYSDEVOP_pirq_eoi_gmfn_v2, &op) == 0);
	numbers();
	edges();
	level(edu);
	message(devfn, edu);
	table_message(nic);
	return 0;
}
