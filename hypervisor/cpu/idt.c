/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One gate a vector, all leading to cpu/entry.S. Guests may execute int3, into
 * and int 0x80 straight; any other int n faults, and is decoded and bounced
 * where the guest has a handler that allows it. The exceptions that can strike
 * anywhere, between a SYSCALL and its first stack included, have stacks of
 * their own.
 */
#include "cpu/descriptors.h"
#include "cpu/idt.h"
#include "cpu/selectors.h"
#include "lib/types.h"

struct gate {
	u16 offset_low, selector;
	u8 ist, type;
	u16 offset_mid;
	u32 offset_high, reserved;
};

#define INTERRUPT_GATE 0x8e
#define DPL3 0x60

static struct gate idt[256] __aligned(16);

/* 16 bytes of code a vector (cpu/entry.S). */
extern char entry_stubs[];

void idt_init(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(idt); i++) {
		u64 offset = (u64)entry_stubs + i * 16;

		idt[i] = (struct gate){
			.offset_low = offset,
			.offset_mid = offset >> 16,
			.offset_high = offset >> 32,
			.selector = XL_CS,
			.type = INTERRUPT_GATE,
		};
	}
	idt[VECTOR_NMI].ist = IST_NMI;
	idt[VECTOR_DB].ist = IST_DB;
	idt[VECTOR_MC].ist = IST_MCE;
	idt[VECTOR_DF].ist = IST_DF;
	idt[VECTOR_BP].type |= DPL3;
	idt[VECTOR_OF].type |= DPL3;
	idt[0x80].type |= DPL3;
}

void idt_load(void)
{
	struct table_pointer p = { sizeof(idt) - 1, (u64)idt };

	__asm__ volatile("lidt %0" : : "m"(p));
}
