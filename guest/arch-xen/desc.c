// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptor tables.
 *
 * The hypervisor reads a guest's GDT and LDT where they are, so their pages must not be
 * mapped writable anywhere, and entries change by hypercall. It raises the privilege
 * level of each to 3, and takes no system segments: there is no TSS, and the LDT is set
 * by address. Its own flat segments, which the kernel runs on, are always there, beyond
 * ours; until there are per-CPU areas no other are needed.
 */
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/smp.h>
#include <linux/vmalloc.h>
#include <asm/desc.h>
#include <asm/paravirt.h>
#include <asm/pgtable.h>
#include <asm/xen/page.h>

#include "cpu.h"
#include "mm.h"

#define TLS_ENTRIES	GDT_ENTRY_TLS_ENTRIES

/* What the hypervisor has of this CPU: the frame of the GDT, and the entries for TLS. */
static DEFINE_PER_CPU(unsigned long, gdt_frame);
static DEFINE_PER_CPU(struct desc_struct, tls[TLS_ENTRIES]);

/*
 * Linux loads each CPU's table twice, where it is and where it is mapped read-only for
 * programs to see. That is the same frame.
 */
static void xen_load_gdt(const struct desc_ptr *desc)
{
	unsigned int entries = (desc->size + 1) / sizeof(struct desc_struct);
	unsigned long frame = arbitrary_virt_to_mfn((void *)desc->address);

	BUILD_BUG_ON(GDT_SIZE > PAGE_SIZE);
	if (frame == this_cpu_read(gdt_frame))
		return;
	make_lowmem_page_readonly(__va(PFN_PHYS(mfn_to_pfn(frame))));
	if (HYPERVISOR_set_gdt(&frame, entries))
		BUG();
	this_cpu_write(gdt_frame, frame);
}

void xen_desc_context(int cpu, struct vcpu_guest_context *context)
{
	struct desc_struct *gdt = get_cpu_gdt_rw(cpu);
	unsigned long frame = arbitrary_virt_to_mfn(gdt);

	make_lowmem_page_readonly(gdt);
	context->gdt_frames[0] = frame;
	context->gdt_ents = GDT_ENTRIES;
	per_cpu(gdt_frame, cpu) = frame;
	xen_desc_forget_tls(cpu);
}

void xen_desc_forget_tls(int cpu)
{
	memcpy(per_cpu(tls, cpu), &get_cpu_gdt_rw(cpu)[GDT_ENTRY_TLS_MIN],
	       sizeof(per_cpu(tls, cpu)));
}

static void update_descriptor(void *entry, const void *desc)
{
	xmaddr_t where = arbitrary_virt_to_machine(entry);

	if (HYPERVISOR_update_descriptor(where.maddr, *(const u64 *)desc))
		BUG();
}

static void xen_write_gdt_entry(struct desc_struct *gdt, int entry, const void *desc,
				int type)
{
	if (type == DESC_TSS || type == DESC_LDT)
		return;
	update_descriptor(&gdt[entry], desc);
}

static void xen_write_ldt_entry(struct desc_struct *ldt, int entry, const void *desc)
{
	update_descriptor(&ldt[entry], desc);
}

/*
 * Three entries that tasks have of their own, nearly always empty: nothing is said of
 * those that stay the same.
 */
static void xen_load_tls(struct thread_struct *t, unsigned int cpu)
{
	struct desc_struct *now = per_cpu(tls, cpu), *next = t->tls_array;
	u64 base = PFN_PHYS(per_cpu(gdt_frame, cpu));
	struct xen_mc_call mc;
	unsigned int i;

	for (i = 0; i < TLS_ENTRIES; i++) {
		if (!memcmp(&now[i], &next[i], sizeof(now[i])))
			continue;
		now[i] = next[i];
		mc = xen_mc_begin(0);
		MULTI_update_descriptor(mc.call,
					base + (GDT_ENTRY_TLS_MIN + i) * sizeof(now[i]),
					now[i]);
		xen_mc_end(PARAVIRT_LAZY_CPU);
	}
}

static void xen_load_gs_index(unsigned int selector)
{
	if (HYPERVISOR_set_segment_base(SEGBASE_GS_USER_SEL, selector))
		BUG();
}

/* A page of an LDT: its own mapping, if it is vmalloc's, and that of all memory. */
static void ldt_page(void *va, bool writable)
{
	unsigned int level;
	pte_t *ptep = lookup_address((unsigned long)va, &level), pte;
	void *direct;

	if (WARN_ON_ONCE(!ptep))
		return;
	direct = __va(PFN_PHYS(pte_pfn(*ptep)));
	if (va != direct) {
		pte = writable ? pte_mkwrite(*ptep) : pte_wrprotect(*ptep);
		if (HYPERVISOR_update_va_mapping((unsigned long)va, pte, 0))
			BUG();
	}
	if (writable)
		make_lowmem_page_readwrite(direct);
	else
		make_lowmem_page_readonly(direct);
}

static void ldt_pages(struct desc_struct *ldt, unsigned int entries, bool writable)
{
	unsigned int per_page = PAGE_SIZE / LDT_ENTRY_SIZE, i;

	for (i = 0; i < entries; i += per_page)
		ldt_page(&ldt[i], writable);
}

static void xen_alloc_ldt(struct desc_struct *ldt, unsigned int entries)
{
	ldt_pages(ldt, entries, false);
}

static void xen_free_ldt(struct desc_struct *ldt, unsigned int entries)
{
	ldt_pages(ldt, entries, true);
}

static void xen_set_ldt(const void *ldt, unsigned int entries)
{
	struct xen_mc_call mc = xen_mc_begin(sizeof(struct mmuext_op));
	struct mmuext_op *op = mc.args;

	op->cmd = MMUEXT_SET_LDT;
	op->arg1.linear_addr = (unsigned long)ldt;
	op->arg2.nr_ents = entries;
	MULTI_mmuext_op(mc.call, op, 1, NULL, DOMID_SELF);
	xen_mc_end(PARAVIRT_LAZY_CPU);
}

void __init xen_desc_init_ops(void)
{
	pv_ops.cpu.load_gdt = xen_load_gdt;
	pv_ops.cpu.write_gdt_entry = xen_write_gdt_entry;
	pv_ops.cpu.write_ldt_entry = xen_write_ldt_entry;
	pv_ops.cpu.load_tls = xen_load_tls;
	pv_ops.cpu.load_gs_index = xen_load_gs_index;
	pv_ops.cpu.alloc_ldt = xen_alloc_ldt;
	pv_ops.cpu.free_ldt = xen_free_ldt;
	pv_ops.cpu.set_ldt = xen_set_ldt;
}
