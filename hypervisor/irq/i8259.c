/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PC's two i8259 interrupt controllers (Intel 8259A data sheet). They stay
 * masked; their vectors are moved out of the way of exceptions, for a masked one
 * still can send a spurious interrupt. Only with `nolapic` is one line used, the
 * timer's.
 */
#include "cpu/asm.h"
#include "irq/i8259.h"
#include "irq/irq.h"

#define MASTER 0x20 /* command; data (mask) is the next port */
#define SLAVE 0xa0
#define ICW1_INIT 0x11 /* edge triggered, cascaded, ICW4 follows */
#define ICW4_8086 0x01
#define OCW2_EOI 0x60  /* of the line in the low bits */
#define CASCADE 2      /* the slave is on line 2 of the master */

static u16 mask = 0xffff;

static void mask_write(void)
{
	outb(MASTER + 1, mask);
	outb(SLAVE + 1, mask >> 8);
}

void i8259_init(void)
{
	outb(MASTER, ICW1_INIT);
	outb(SLAVE, ICW1_INIT);
	outb(MASTER + 1, VECTOR_LEGACY);
	outb(SLAVE + 1, VECTOR_LEGACY + 8);
	outb(MASTER + 1, 1 << CASCADE);
	outb(SLAVE + 1, CASCADE);
	outb(MASTER + 1, ICW4_8086);
	outb(SLAVE + 1, ICW4_8086);
	mask_write();
}

void i8259_unmask(u8 irq)
{
	mask &= ~(1u << irq);
	if (irq >= 8)
		mask &= ~(1u << CASCADE);
	mask_write();
}

void i8259_eoi(u8 irq)
{
	/* A masked line was spurious, and is not in service. */
	if (mask & (1u << irq))
		return;
	if (irq >= 8) {
		outb(SLAVE, OCW2_EOI | (irq - 8));
		outb(MASTER, OCW2_EOI | CASCADE);
	} else {
		outb(MASTER, OCW2_EOI | irq);
	}
}
