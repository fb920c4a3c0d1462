/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptor tables, as the CPU has them: a GDT of each CPU's own, and the switch
 * to those of the VCPU that runs, which cpu/guest_descriptors.c looks after.
 */
#include <xen/xen.h>

#include "cpu/cpu.h"
#include "cpu/descriptors.h"
#include "cpu/idt.h"
#include "cpu/layout.h"
#include "cpu/selectors.h"
#include "domain/domain.h"
#include "machine.h"
#include "mm/paging.h"

#define FLAT_CODE64 0x00af9b000000ffffull
#define FLAT_DATA 0x00cf93000000ffffull
#define FLAT_CODE32 0x00cf9b000000ffffull

/* What a VCPU has where it has no frame: null descriptors. */
static const u64 null_page[ENTRIES_PER_FRAME] __aligned(PAGE_SIZE);

static u64 *gdt_entry(struct cpu *c, u16 selector)
{
	u64 gdt = (u64)c - CPU_AREA_CPU + CPU_AREA_GDT;

	return (u64 *)(gdt + (selector & ~7) - RESERVED_GDT_BYTE);
}

/* A system segment takes two slots (SDM vol. 3, figure 8-4). */
static void set_system(u64 *e, u64 base, u32 limit, u64 type)
{
	e[0] = DESC_PRESENT | type | (base & 0xffffff) << 16 |
	       (base >> 24 & 0xff) << 56 | (limit & 0xffff) |
	       (u64)(limit >> 16 & 0xf) << 48;
	e[1] = base >> 32;
}

void descriptors_init_cpu(struct cpu *c)
{
	*gdt_entry(c, XL_CS) = FLAT_CODE64;
	*gdt_entry(c, XL_DS) = FLAT_DATA;
	*gdt_entry(c, GUEST_CS32) = FLAT_CODE32 | DESC_DPL3;
	*gdt_entry(c, GUEST_DS) = FLAT_DATA | DESC_DPL3;
	*gdt_entry(c, GUEST_CS64) = FLAT_CODE64 | DESC_DPL3;
	set_system(gdt_entry(c, TSS_SELECTOR), (u64)&c->tss,
		   sizeof(c->tss) - 1, DESC_TYPE_TSS);
	c->tss.iomap_base = sizeof(c->tss);
}

static void load_gdt(u64 base)
{
	struct table_pointer p = { GDT_PAGES * PAGE_SIZE - 1, base };

	__asm__ volatile("lgdt %0" : : "m"(p));
}

static void load_ldt(u16 selector)
{
	__asm__ volatile("lldt %0" : : "r"(selector));
}

/* The CPU's own table, placed so that our selectors mean the same in it. */
static u64 cpu_gdt_virt(const struct cpu *c)
{
	return (u64)c - CPU_AREA_CPU + CPU_AREA_GDT - RESERVED_GDT_BYTE;
}

void descriptors_load_cpu(struct cpu *c)
{
	load_gdt(cpu_gdt_virt(c));
	__asm__ volatile("pushq %0\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "lretq\n"
			 "1:\tmov %1, %%ss\n\t"
			 "mov %2, %%ds\n\t"
			 "mov %2, %%es\n\t"
			 "mov %2, %%fs\n\t"
			 "mov %2, %%gs\n\t"
			 :
			 : "i"(XL_CS), "r"((u32)XL_DS), "r"(0)
			 : "rax", "memory");
	idt_load();
	load_ldt(0);
	/* A task must be available to be loaded; ltr marks it busy. */
	*gdt_entry(c, TSS_SELECTOR) &= ~(2ull << 40);
	__asm__ volatile("ltr %0" : : "r"((u16)TSS_SELECTOR));
}

void descriptors_switch(struct cpu *c, struct vcpu *v)
{
	if (v->is_idle) {
		load_gdt(cpu_gdt_virt(c));
		load_ldt(0);
		return;
	}
	v->descriptor_ptes[RESERVED_GDT_BYTE >> PAGE_SHIFT] =
		pte_make(c->gdt_mfn, GDT_PTE);
	load_gdt(vcpu_gdt_virt(v));
	if (v->ldt_entries) {
		set_system(gdt_entry(c, LDT_SELECTOR), vcpu_ldt_virt(v),
			   v->ldt_entries * 8 - 1, DESC_TYPE_LDT);
		load_ldt(LDT_SELECTOR);
	} else {
		load_ldt(0);
	}
}

mfn_t descriptors_null_mfn(void)
{
	return ((u64)null_page - IMAGE_VIRT + IMAGE_PHYS) >> PAGE_SHIFT;
}

void descriptors_reload(struct vcpu *v)
{
	if (v != current)
		return;
	flush_tlb_local();
	descriptors_switch(this_cpu(), v);
}
