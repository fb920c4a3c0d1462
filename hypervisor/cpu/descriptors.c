/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptor tables.
 *
 * A guest gives up to 14 frames of descriptors for its GDT. They are mapped, for
 * us only, in slot 260 of its address spaces, and behind them comes a page of
 * ours with the segments that the hypervisor and every guest use. The CPU's GDT
 * register points there while the VCPU runs. A frame used so has type
 * FRAME_SEGDESC: no guest can write it, and each descriptor in it was checked.
 */
#include <xen/errno.h>
#include <xen/xen.h>

#include "cpu/cpu.h"
#include "cpu/descriptors.h"
#include "cpu/guest_mode.h"
#include "cpu/idt.h"
#include "cpu/layout.h"
#include "cpu/selectors.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/frame.h"
#include "mm/pagetable.h"
#include "mm/paging.h"

/* SDM vol. 3, 3.4.5 and 3.5. */
#define DESC_PRESENT (1ull << 47)
#define DESC_DPL_SHIFT 45
#define DESC_DPL (3ull << DESC_DPL_SHIFT)
#define DESC_S (1ull << 44) /* code or data */
#define DESC_TYPE (15ull << 40)
#define DESC_TYPE_LDT (2ull << 40)
#define DESC_TYPE_TSS (9ull << 40)

#define DESC_TYPE_CALL_GATE (12ull << 40)
#define GATE_SELECTOR_RPL3 (3ull << 16)

#define FLAT_CODE64 0x00af9b000000ffffull
#define FLAT_DATA 0x00cf93000000ffffull
#define FLAT_CODE32 0x00cf9b000000ffffull
#define DPL3 (3ull << DESC_DPL_SHIFT)

#define GDT_PTE (PTE_PRESENT | PTE_RW | PTE_ACCESSED | PTE_DIRTY | PTE_NX)
#define ENTRIES_PER_FRAME 512

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
	*gdt_entry(c, GUEST_CS32) = FLAT_CODE32 | DPL3;
	*gdt_entry(c, GUEST_DS) = FLAT_DATA | DPL3;
	*gdt_entry(c, GUEST_CS64) = FLAT_CODE64 | DPL3;
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

/* In the guest's part of the GDT, or in its LDT. */
static bool own_selector(u16 selector)
{
	return (selector & 4) || selector < RESERVED_GDT_BYTE;
}

bool descriptor_check(u64 *descriptor)
{
	u64 d = *descriptor;

	if (!(d & DESC_PRESENT))
		return true;
	if (d & DESC_S) {
		*descriptor = d | DPL3;
		return true;
	}
	/* Type 0 is harmless: it is the upper half of a call gate, too. */
	if ((d & DESC_TYPE) == 0)
		return true;
	/* A call gate may lead to the guest's own code, which is ring 3. Other
	 * gates and system segments are ours to have. */
	if ((d & DESC_TYPE) != DESC_TYPE_CALL_GATE || !own_selector(d >> 16))
		return false;
	*descriptor = d | GATE_SELECTOR_RPL3;
	return true;
}

/* A use of a frame for descriptors. The domain's mmu lock is held. */
static int segdesc_get(struct domain *d, mfn_t mfn)
{
	struct frame *f;
	u64 *desc;
	int rc;

	if (!mfn_valid(mfn) || !frame_get(mfn_to_frame(mfn), d->id))
		return -XEN_EINVAL;
	f = mfn_to_frame(mfn);
	rc = frame_get_type(f, FRAME_SEGDESC);
	if (rc == 0)
		return 0;
	if (frame_change_type(f, FRAME_SEGDESC)) {
		frame_put(f);
		return -XEN_EINVAL;
	}
	desc = frame_to_virt(f);
	for (unsigned int i = 0; i < ENTRIES_PER_FRAME; i++) {
		if (descriptor_check(&desc[i]))
			continue;
		frame_put_type(f);
		frame_put(f);
		return -XEN_EINVAL;
	}
	__atomic_or_fetch(&f->type, FRAME_VALIDATED, __ATOMIC_RELEASE);
	return 0;
}

static void segdesc_put(mfn_t mfn)
{
	frame_put_type(mfn_to_frame(mfn));
	frame_put(mfn_to_frame(mfn));
}

static u64 null_pte(void)
{
	return pte_make(((u64)null_page - IMAGE_VIRT + IMAGE_PHYS) >> PAGE_SHIFT,
			PTE_PRESENT | PTE_ACCESSED | PTE_NX);
}

static void gdt_drop(struct vcpu *v)
{
	for (unsigned int i = 0; i < GDT_FRAMES; i++) {
		v->descriptor_ptes[i] = null_pte();
		if (v->gdt_frame[i])
			segdesc_put(v->gdt_frame[i]);
		v->gdt_frame[i] = 0;
	}
	v->gdt_entries = 0;
}

static void ldt_drop(struct vcpu *v)
{
	for (unsigned int i = GDT_PAGES; i < GDT_PAGES + LDT_PAGES; i++) {
		u64 e = v->descriptor_ptes[i];

		v->descriptor_ptes[i] = 0;
		if (e & PTE_PRESENT)
			segdesc_put(pte_mfn(e));
	}
	v->ldt_entries = 0;
}

void descriptors_drop(struct vcpu *v)
{
	gdt_drop(v);
	ldt_drop(v);
}

/* Stale translations of the tables' pages must not be used. */
static void reload(struct vcpu *v)
{
	if (v != current)
		return;
	flush_tlb_local();
	descriptors_switch(this_cpu(), v);
}

int vcpu_set_gdt(struct vcpu *v, const u64 *frames, unsigned int entries)
{
	unsigned int n = DIV_ROUND_UP(entries, ENTRIES_PER_FRAME);
	unsigned int i;

	if (entries > FIRST_RESERVED_GDT_ENTRY)
		return -XEN_EINVAL;
	for (i = 0; i < n; i++)
		if (segdesc_get(v->domain, frames[i]))
			goto undo;
	gdt_drop(v);
	for (i = 0; i < n; i++) {
		v->gdt_frame[i] = frames[i];
		v->descriptor_ptes[i] = pte_make(frames[i], GDT_PTE);
	}
	v->gdt_entries = entries;
	reload(v);
	return 0;
undo:
	while (i-- > 0)
		segdesc_put(frames[i]);
	return -XEN_EINVAL;
}

int vcpu_set_ldt(struct vcpu *v, u64 base, unsigned int entries)
{
	if (entries > LDT_PAGES * ENTRIES_PER_FRAME || (base & ~PAGE_MASK) ||
	    (base >= HYPERVISOR_START && base < HYPERVISOR_END))
		return -XEN_EINVAL;
	if (v->ldt_entries == entries && v->ldt_base == base && entries == 0)
		return 0;
	ldt_drop(v);
	v->ldt_base = base;
	v->ldt_entries = entries;
	reload(v);
	return 0;
}

bool descriptors_fault(struct vcpu *v, u64 address, u64 *guest_address)
{
	unsigned int page = (address - vcpu_ldt_virt(v)) >> PAGE_SHIFT;
	struct domain *d = v->domain;
	bool mapped = false;
	pte_t *p;

	if (address < vcpu_ldt_virt(v) || page >= LDT_PAGES)
		return false;
	*guest_address = v->ldt_base + (address - vcpu_ldt_virt(v));
	spin_lock(&d->mmu_lock);
	p = l1_lookup(v->kernel_l4, *guest_address);
	if (p && (*p & PTE_PRESENT) && segdesc_get(d, pte_mfn(*p)) == 0) {
		v->descriptor_ptes[GDT_PAGES + page] =
			pte_make(pte_mfn(*p), GDT_PTE);
		mapped = true;
	}
	spin_unlock(&d->mmu_lock);
	return mapped;
}

long do_set_gdt(void *frames, unsigned int entries)
{
	unsigned int n = DIV_ROUND_UP(entries, ENTRIES_PER_FRAME);
	struct vcpu *v = current;
	u64 mfns[GDT_FRAMES];
	int rc;

	if (entries > FIRST_RESERVED_GDT_ENTRY)
		return -XEN_EINVAL;
	if (copy_from_guest(mfns, frames, n * sizeof(u64)))
		return -XEN_EFAULT;
	spin_lock(&v->domain->mmu_lock);
	rc = vcpu_set_gdt(v, mfns, entries);
	spin_unlock(&v->domain->mmu_lock);
	return rc;
}

long do_update_descriptor(u64 pa, u64 desc)
{
	struct domain *d = current->domain;
	mfn_t mfn = pa >> PAGE_SHIFT;
	long rc = -XEN_EINVAL;
	struct frame *f;
	u64 *p;

	if ((pa & 7) || !mfn_valid(mfn) || !descriptor_check(&desc))
		return -XEN_EINVAL;
	f = mfn_to_frame(mfn);
	spin_lock(&d->mmu_lock);
	if (frame_get(f, d->id)) {
		p = (u64 *)(frame_to_virt(f) + (pa & ~PAGE_MASK));
		if (frame_get_type(f, FRAME_SEGDESC) == 0 ||
		    frame_get_type(f, FRAME_WRITABLE) == 0) {
			WRITE_ONCE(*p, desc);
			frame_put_type(f);
			rc = 0;
		}
		frame_put(f);
	}
	spin_unlock(&d->mmu_lock);
	return rc;
}

int descriptors_init(struct domain *d)
{
	u64 *l3 = page_alloc(), *l2 = page_alloc();

	if (!l3 || !l2) {
		page_free(l3);
		page_free(l2);
		return -XEN_ENOMEM;
	}
	l3[0] = pte_make(virt_to_mfn(l2), PTE_PRESENT | PTE_RW | PTE_ACCESSED);
	d->descriptor_l3 = virt_to_mfn(l3);
	return 0;
}

int descriptors_init_vcpu(struct vcpu *v)
{
	u64 *l3 = map_frame(v->domain->descriptor_l3);
	u64 *l2 = map_frame(pte_mfn(l3[0]));
	u64 *e = &l2[pt_index(vcpu_gdt_virt(v), 2)];
	u64 *l1;

	if (!(*e & PTE_PRESENT)) {
		l1 = page_alloc();
		if (!l1)
			return -XEN_ENOMEM;
		*e = pte_make(virt_to_mfn(l1),
			      PTE_PRESENT | PTE_RW | PTE_ACCESSED);
	}
	l1 = map_frame(pte_mfn(*e));
	v->descriptor_ptes = &l1[pt_index(vcpu_gdt_virt(v), 1)];
	for (unsigned int i = 0; i < GDT_PAGES; i++)
		v->descriptor_ptes[i] = null_pte();
	return 0;
}

void descriptors_destroy(struct domain *d)
{
	u64 *l3, *l2;

	if (!d->descriptor_l3)
		return;
	l3 = map_frame(d->descriptor_l3);
	l2 = map_frame(pte_mfn(l3[0]));
	for (unsigned int i = 0; i < PTES; i++)
		if (l2[i] & PTE_PRESENT)
			page_free(map_frame(pte_mfn(l2[i])));
	page_free(l2);
	page_free(l3);
	d->descriptor_l3 = 0;
}
