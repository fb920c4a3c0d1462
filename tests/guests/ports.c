/*
 * I/O ports of dom0: those that the hypervisor keeps to itself, and channel 2 of
 * the PIT, which dom0 may use though not its other channels.
 */
#include "test.h"
#include <xen/physdev.h>
#include "mm.h"
#include "trap.h"

static uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static uint16_t inw(uint16_t port)
{
	uint16_t value;

	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static uint32_t inl(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void outw(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static void outl(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

/* Where ACPI's power management is: in the bridge to the ISA bus of a Q35. */
static uint16_t pm_base(void)
{
	outl(0xcf8, 0x80000000 | 31 << 11 | 0x40);
	return inl(0xcfc) & 0xff80;
}

/* All ones, however wide, and nothing that stands still or counts behind it. */
static void denied(uint16_t first, uint16_t last)
{
	unsigned int port;

	for (port = first; port <= last; port++) {
		if (!CHECK_EQ(inb(port), 0xff))
			print("port %x\n", port);
		if (port < last && !CHECK_EQ(inw(port), 0xffff))
			print("port %x\n", port);
		if (port + 3 <= last && !CHECK_EQ(inl(port), 0xffffffff))
			print("port %x\n", port);
	}
}

static void others(void)
{
	uint16_t pm = pm_base();

	denied(0x20, 0x21); /* i8259s */
	denied(0xa0, 0xa1);
	denied(0x40, 0x41);	 /* i8254: 0, the hypervisor's, and 1 */
	denied(0x3f8, 0x3ff);	 /* its console */
	denied(pm + 8, pm + 11); /* the PM timer */
	CHECK(pm != 0);
	CHECK(inw(pm + 4) != 0xffff); /* but not the rest of ACPI's */
	/* Ports that nobody answers at are no different; one that somebody does. */
	CHECK_EQ(inb(0x2f8), 0xff);
	CHECK(inb(0x64) != 0xff);
}

#define GATE 1
#define SPEAKER 2
#define OUTPUT 0x20
#define LONG 1000000 /* readings, each a microsecond or more */

/* The counter, stopped while it is read. */
static unsigned int latched(void)
{
	unsigned int low;

	outb(0x43, 0x80);
	low = inb(0x42);
	return low | inb(0x42) << 8;
}

static void gate(void)
{
	outb(0x61, GATE | SPEAKER);
	CHECK_EQ(inb(0x61) & 3, GATE | SPEAKER);
	outb(0x61, 0xfc | GATE);
	CHECK_EQ(inb(0x61) & 0xc3, GATE);
	outb(0x61, 0);
	CHECK_EQ(inb(0x61) & 3, 0);
}

/* What kernels need to measure how fast their TSC is. */
static void count(void)
{
	unsigned int before, i;

	outb(0x61, GATE);
	outb(0x43, 0xb0); /* channel 2, both bytes, output rises at the end */
	CHECK_EQ(inb(0x61) & OUTPUT, 0);
	outb(0x42, 0xff);
	outb(0x42, 0xff);
	before = latched();
	for (i = 0; i < LONG && latched() == before; i++)
		;
	CHECK(latched() != before);
	for (i = 0; i < LONG && !(inb(0x61) & OUTPUT); i++)
		;
	CHECK(inb(0x61) & OUTPUT);
	outb(0x61, 0);
}

static void commands(void)
{
	unsigned int value, most = 0, i;

	CHECK_EQ(inb(0x43), 0);
	outb(0x43, 0xb4); /* both bytes, over and over */
	outb(0x43, 0xe8); /* read back the status of channel 2 */
	CHECK_EQ(inb(0x42) & 0x3f, 0x34);
	/* What is for channels 0 and 1 goes nowhere: channel 0 keeps time for others. */
	outb(0x43, 0x30);
	outb(0x40, 1);
	outb(0x40, 1);
	outb(0x43, 0x00);
	CHECK_EQ(inb(0x40), 0xff);
	outb(0x43, 0xc2);
	CHECK_EQ(inb(0x40), 0xff);
	outb(0x43, 0xe8);
	CHECK_EQ(inb(0x42) & 0x3f, 0x34); /* of channel 2 */
	/* Of a wide access each byte goes where it belongs. */
	outb(0x43, 0xa4); /* the high byte alone, over and over */
	outw(0x41, 0x5612);
	for (i = 0; i < LONG && most < 0x55; i++) {
		value = inw(0x41);
		CHECK_EQ(value & 0xff, 0xff);
		most = value >> 8 > most ? value >> 8 : most;
		value = inl(0x40);
		CHECK_EQ(value & 0xff00ffff, 0xffff);
		most = value >> 16 > most ? value >> 16 : most;
		value = inw(0x42);
		CHECK_EQ(value >> 8, 0);
		most = value > most ? value : most;
	}
	CHECK(most == 0x55 || most == 0x56, "%x", most);
	CHECK_EQ(inb(0x61) & 3, 0);
	CHECK_EQ(inw(0x61) | 0x30, 0xff30); /* the output, the refresh */
	outb(0x43, 0xb0);
}

/* The address of configuration space is a register for whole words alone. */
static void configuration(void)
{
	uint32_t bridge;

	outl(0xcf8, 0x80000000);
	bridge = inl(0xcfc);
	CHECK(bridge != 0xffffffff);
	CHECK_EQ(inw(0xcfe), bridge >> 16);
	CHECK_EQ(inb(0xcfd), bridge >> 8 & 0xff);
	outb(0xcf8, 0x10);
	CHECK_EQ(inl(0xcf8), 0x80000000);
	/* Past the end there is nobody. */
	CHECK_EQ(inl(0xcfe), bridge >> 16 | 0xffff0000);
	outl(0xcf8, 0);
	CHECK_EQ(inl(0xcfc), 0xffffffff);
}

int test_main(struct start_info *si)
{
	struct physdev_set_iopl iopl = { .iopl = 1 };

	(void)si;
	REQUIRE(hv_physdev_op(PHYSDEVOP_set_iopl, &iopl) == 0);
	others();
	gate();
	count();
	commands();
	configuration();
	return 0;
}
