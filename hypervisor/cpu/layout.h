/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's part of every address space: slots 256 to 271 of the L4
 * table (0xffff800000000000 up to 0xffff880000000000), fixed by the ABI. Within
 * it only the first slot is ABI: guests read the machine-to-physical table there.
 * Usable from assembly.
 */
#ifndef CPU_LAYOUT_H
#define CPU_LAYOUT_H

#define L4_SLOT_FIRST 256
#define L4_SLOT_LAST 271
#define HYPERVISOR_START 0xffff800000000000
#define HYPERVISOR_END 0xffff880000000000

/* slot 256: machine-to-physical table, read-only, for guests */
#define M2P_RO_VIRT 0xffff800000000000
/* slot 257: frame table */
#define FRAME_TABLE_VIRT 0xffff808000000000
/* slot 258: machine-to-physical table, for us */
#define M2P_VIRT 0xffff810000000000
/* slot 259: our image, per-CPU areas, device memory */
#define IMAGE_VIRT 0xffff818000000000
#define CPU_AREA_VIRT 0xffff818040000000
#define IOREMAP_VIRT 0xffff818080000000
#define IOREMAP_END 0xffff8180c0000000
/* slot 260: the running domain's descriptor tables (cpu/descriptors.c) */
#define DESCRIPTORS_VIRT 0xffff820000000000
/* slots 262 to 271: all RAM */
#define DIRECTMAP_VIRT 0xffff830000000000
#define DIRECTMAP_END 0xffff880000000000

/* Where the image is loaded; the linker script starts there. */
#define IMAGE_PHYS 0x200000

/*
 * A CPU's area: stub code, struct cpu, its GDT, exception stacks and the main
 * stack, each stack with a guard page below it. The area's base is the stack
 * pointer with the low bits cleared, on every one of its stacks.
 */
#define CPU_AREA_SHIFT 16
#define CPU_AREA_SIZE (1 << CPU_AREA_SHIFT)
#define CPU_AREA_STUB 0x0000 /* read and execute */
#define CPU_AREA_CPU 0x1000  /* struct cpu */
#define CPU_AREA_GDT 0x2000
#define CPU_AREA_NMI_STACK 0x5000 /* ends; 4 KiB, guard at 0x3000 */
#define CPU_AREA_DB_STACK 0x7000
#define CPU_AREA_MCE_STACK 0x9000
#define CPU_AREA_DF_STACK 0xb000
#define CPU_AREA_STACK 0x10000 /* end; 16 KiB, guard at 0xb000 */

#endif
