/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptor tables: the CPUs' own and the guests'. */
#ifndef CPU_DESCRIPTORS_H
#define CPU_DESCRIPTORS_H

#include "cpu/layout.h"
#include "lib/types.h"

struct cpu;
struct vcpu;

/* Pages of GDT, then pages of LDT, in a VCPU's part of slot 260. */
#define GDT_PAGES 16
#define LDT_PAGES 16
#define VCPU_DESCRIPTORS_SHIFT 17
#define vcpu_gdt_virt(v) (DESCRIPTORS_VIRT + ((u64)(v)->id << VCPU_DESCRIPTORS_SHIFT))
#define vcpu_ldt_virt(v) (vcpu_gdt_virt(v) + GDT_PAGES * 4096)

/* SDM vol. 3, 3.4.5 and 3.5. */
#define DESC_PRESENT (1ull << 47)
#define DESC_DPL_SHIFT 45
#define DESC_DPL3 (3ull << DESC_DPL_SHIFT)
#define DESC_S (1ull << 44) /* code or data */
#define DESC_TYPE (15ull << 40)
#define DESC_TYPE_LDT (2ull << 40)
#define DESC_TYPE_TSS (9ull << 40)
#define DESC_TYPE_CALL_GATE (12ull << 40)

/* The bits of the entries that map a table's frames, but for the frame. */
#define GDT_PTE (PTE_PRESENT | PTE_RW | PTE_ACCESSED | PTE_DIRTY | PTE_NX)
#define ENTRIES_PER_FRAME 512

struct table_pointer {
	u16 limit;
	u64 base;
} __packed;

/* Fill the GDT page of a CPU's area. */
void descriptors_init_cpu(struct cpu *c);
/* Load them on the CPU itself, with the IDT and the task register. */
void descriptors_load_cpu(struct cpu *c);

/* Make this CPU use v's GDT and LDT; v == idle: the CPU's own. */
void descriptors_switch(struct cpu *c, struct vcpu *v);

/*
 * v's tables changed. When it is current: drop stale translations of their pages
 * and load the CPU's registers anew.
 */
void descriptors_reload(struct vcpu *v);

/* The frame with a page of null descriptors, where a VCPU has none. */
mfn_t descriptors_null_mfn(void);

/*
 * The CPU found no page of the LDT of v (current) at an address in slot 260: map
 * it, from where the guest has its LDT. False: there is no proper page, and
 * guest_address says where the guest should see a page fault (left alone when
 * the address is none of the LDT's).
 */
bool descriptors_fault(struct vcpu *v, u64 address, u64 *guest_address);

/*
 * Whether a guest may have this descriptor. The privilege level is raised to 3
 * where it is lower, as Xen does.
 */
bool descriptor_check(u64 *descriptor);

#endif
