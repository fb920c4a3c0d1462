/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of the machine: power off, reset, or stand still. None of it can be
 * relied on, so each function goes through what the machine may understand, from
 * the proper to the desperate, and ends in hlt.
 */
#include "boot/acpi.h"
#include "boot/cmdline.h"
#include "console/console.h"
#include "cpu/asm.h"
#include "cpu/shutdown.h"
#include "irq/irq.h"
#include "machine.h"
#include "mm/paging.h"
#include "time/clock.h"

static bool opt_noreboot;
PARAM_BOOL("noreboot", opt_noreboot);

static void __noreturn stand_still(void)
{
	irq_disable();
	for (;;)
		__asm__ volatile("hlt");
}

/* A moment for what was just tried to take effect. */
static void wait_a_moment(void)
{
	clock_delay(MILLISECONDS(50));
}

static void power_off_acpi(void)
{
	if (!acpi.sleep[ACPI_S5].known || !acpi.pm1a_control)
		return;
	acpi_enable();
	acpi_sleep(acpi.sleep[ACPI_S5].type_a, acpi.sleep[ACPI_S5].type_b);
	wait_a_moment();
}

/* ACPI spec, 4.8.3.6: may be in I/O, memory or PCI configuration space. */
static void reset_acpi(void)
{
	const struct acpi_register *r = &acpi.reset;
	volatile u8 *memory;

	if (!r->address)
		return;
	switch (r->space) {
	case ACPI_SPACE_IO:
		outb(r->address, acpi.reset_value);
		break;
	case ACPI_SPACE_MEMORY:
		memory = ioremap(r->address, 1);
		if (memory)
			*memory = acpi.reset_value;
		break;
	case ACPI_SPACE_PCI:
		/* Bus 0; device in bits 47:32, function 31:16, offset 15:0. */
		outl(0xcf8, 1u << 31 | (u32)(r->address >> 32 & 0x1f) << 11 |
				    (u32)(r->address >> 16 & 7) << 8 |
				    (u32)(r->address & 0xfc));
		outb(0xcfc + (r->address & 3), acpi.reset_value);
		break;
	}
	wait_a_moment();
}

/* The keyboard controller pulls the CPU's reset line. */
static void reset_keyboard(void)
{
	for (unsigned int i = 0; i < 1000 && (inb(0x64) & 2); i++)
		clock_delay(MICROSECONDS(10));
	outb(0x64, 0xfe);
	wait_a_moment();
}

/* The chipset's reset control register: choose a hard reset, then do it. */
static void reset_chipset(void)
{
	u8 v = inb(0xcf9) & ~6;

	outb(0xcf9, v | 2);
	clock_delay(MICROSECONDS(50));
	outb(0xcf9, v | 6);
	wait_a_moment();
}

/* An exception without a table of handlers shuts the CPU down. */
static void __noreturn reset_triple_fault(void)
{
	static const struct {
		u16 limit;
		u64 base;
	} __packed no_idt;

	__asm__ volatile("lidt %0; int3" : : "m"(no_idt));
	stand_still();
}

void machine_halt(void)
{
	irq_disable();
	ipi_stop_others();
	console_end(false);
	power_off_acpi();
	log_info("halted: it is safe to switch the machine off");
	stand_still();
}

void machine_restart(void)
{
	irq_disable();
	ipi_stop_others();
	console_end(false);
	reset_acpi();
	reset_keyboard();
	reset_chipset();
	reset_triple_fault();
}

void machine_crashed(void)
{
	irq_disable();
	ipi_stop_others();
	if (opt_noreboot) {
		log_error("halted: not rebooting, as `noreboot` asks");
		stand_still();
	}
	/* The screen will go blank: leave time to read it. */
	if (!console_has_serial()) {
		log_error("rebooting in five seconds");
		clock_delay(SECONDS(5));
	}
	machine_restart();
}
