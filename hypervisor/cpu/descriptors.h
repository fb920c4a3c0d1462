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
