/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Segment selectors. The guest owns the first 14 pages of its GDT; ours start
 * at 0xe000 (FIRST_RESERVED_GDT_ENTRY of the ABI). 0xe023, 0xe02b and 0xe033 are
 * ABI too: the flat ring 3 segments that guests may use without asking.
 * Usable from assembly.
 */
#ifndef CPU_SELECTORS_H
#define CPU_SELECTORS_H

#define BOOT_CS32 0x08
#define BOOT_DS 0x10
#define BOOT_CS64 0x18

#define RESERVED_GDT_BYTE 0xe000
#define XL_CS 0xe008	 /* the hypervisor's code ... */
#define XL_DS 0xe010	 /* ... and stack */
#define GUEST_CS32 0xe023
#define GUEST_DS 0xe02b
#define GUEST_CS64 0xe033
#define TSS_SELECTOR 0xe040
#define LDT_SELECTOR 0xe050

#endif
