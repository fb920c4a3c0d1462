// SPDX-License-Identifier: GPL-2.0
/*
 * Page-table entries.
 *
 * The domain's page tables are those that the CPU walks, so entries that are present
 * hold machine frames; everywhere else in Linux frames are pseudo-physical, and so are
 * they in entries that are not present. Tables that are pinned are only readable: their
 * entries are changed by the hypervisor, in lazy mode many at a time. Others are ordinary
 * memory.
 */
#include <linux/mm.h>
#include <linux/percpu.h>
#include <asm/fixmap.h>
#include <asm/init.h>
#include <asm/paravirt.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>
#include <asm/x86_init.h>
#include <xen/features.h>
#include <xen/xen-ops.h>

#include "mm.h"

DEFINE_PER_CPU(unsigned long, xen_cr3_loaded);
/* What was written last, be it loaded yet or not. */
static DEFINE_PER_CPU(unsigned long, cr3_written);

/* Where devices of PCs would be mapped that a domain has not. */
static u8 no_device[PAGE_SIZE] __page_aligned_bss;

__visible pteval_t xen_pte_to_machine(pteval_t val)
{
	unsigned long mfn;

	if (!(val & _PAGE_PRESENT))
		return val;
	mfn = __pfn_to_mfn((val & PTE_PFN_MASK) >> PAGE_SHIFT);
	if (unlikely(mfn == INVALID_P2M_ENTRY))
		return 0;	/* no memory there, no mapping */
	mfn &= ~(FOREIGN_FRAME_BIT | IDENTITY_FRAME_BIT);
	return (val & PTE_FLAGS_MASK) | PFN_PHYS(mfn);
}

/* Frames that are no memory of ours come out as not present, and as no frame. */
__visible pteval_t xen_pte_to_pseudo(pteval_t val)
{
	unsigned long pfn;

	if (!(val & _PAGE_PRESENT))
		return val;
	pfn = mfn_to_pfn((val & XEN_PTE_MFN_MASK) >> PAGE_SHIFT);
	if (unlikely(pfn == ~0UL))
		return val & PTE_FLAGS_MASK & ~_PAGE_PRESENT;
	return (val & PTE_FLAGS_MASK) | PFN_PHYS(pfn);
}

PV_CALLEE_SAVE_REGS_THUNK(xen_pte_to_machine);
PV_CALLEE_SAVE_REGS_THUNK(xen_pte_to_pseudo);

/* pte.S: the same, and faster */
asmlinkage pteval_t xen_make_val(pteval_t val);
asmlinkage pteval_t xen_get_val(pteval_t val);

static u64 machine_address(void *entry)
{
	return virt_to_machine(entry).maddr;
}

static void xen_set_pte(pte_t *ptep, pte_t pte)
{
	if (xen_table_pinned(ptep))
		xen_mc_update(machine_address(ptep) | MMU_NORMAL_PT_UPDATE, pte.pte,
			      PARAVIRT_LAZY_MMU);
	else
		native_set_pte(ptep, pte);
}

static void set_table_entry(void *entry, u64 val)
{
	if (xen_table_pinned(entry))
		xen_mc_update(machine_address(entry) | MMU_NORMAL_PT_UPDATE, val,
			      PARAVIRT_LAZY_MMU);
	else
		WRITE_ONCE(*(u64 *)entry, val);
}

static void xen_set_pmd(pmd_t *pmdp, pmd_t pmd)
{
	set_table_entry(pmdp, pmd.pmd);
}

static void xen_set_pud(pud_t *pudp, pud_t pud)
{
	set_table_entry(pudp, pud.pud);
}

/*
 * The top level. A process has two: this, and one for user space, which has the lower
 * half of this.
 */
static void xen_set_p4d(p4d_t *p4dp, p4d_t p4d)
{
	pgd_t *pgd = (pgd_t *)((unsigned long)p4dp & PAGE_MASK);
	unsigned int index = (pgd_t *)p4dp - pgd;
	pgd_t *user = xen_user_pgd(pgd);

	if (!xen_table_pinned(p4dp)) {
		WRITE_ONCE(*p4dp, p4d);
		if (user && index < KERNEL_PGD_BOUNDARY)
			WRITE_ONCE(user[index].pgd, p4d.pgd.pgd);
		return;
	}
	xen_mc_update(machine_address(p4dp), p4d.pgd.pgd, PARAVIRT_LAZY_MMU);
	if (user && index < KERNEL_PGD_BOUNDARY)
		xen_mc_update(machine_address(&user[index]), p4d.pgd.pgd,
			      PARAVIRT_LAZY_MMU);
}

/* Early on tables have no struct page. Those in use are mapped read-only. */
static void __init early_set_entry(void *entry, u64 val)
{
	unsigned int level;
	pte_t *ptep = lookup_address((unsigned long)entry, &level);

	if (ptep && !pte_write(*ptep))
		xen_mc_update(machine_address(entry), val, PARAVIRT_LAZY_MMU);
	else
		WRITE_ONCE(*(u64 *)entry, val);
}

static void __init early_set_pte(pte_t *ptep, pte_t pte)
{
	early_set_entry(ptep, pte.pte);
}

static void __init early_set_pmd(pmd_t *pmdp, pmd_t pmd)
{
	early_set_entry(pmdp, pmd.pmd);
}

static void __init early_set_pud(pud_t *pudp, pud_t pud)
{
	early_set_entry(pudp, pud.pud);
}

static void __init early_set_p4d(p4d_t *p4dp, p4d_t p4d)
{
	early_set_entry(p4dp, p4d.pgd.pgd);
}

/*
 * Change the protection of an entry that the CPU may be marking as accessed or dirty: the
 * hypervisor keeps these two as they are.
 */
static pte_t xen_modify_prot_start(struct vm_area_struct *vma, unsigned long addr,
				   pte_t *ptep)
{
	return *ptep;
}

static void xen_modify_prot_commit(struct vm_area_struct *vma, unsigned long addr,
				   pte_t *ptep, pte_t pte)
{
	if (xen_table_pinned(ptep))
		xen_mc_update(machine_address(ptep) | MMU_PT_UPDATE_PRESERVE_AD, pte.pte,
			      PARAVIRT_LAZY_MMU);
	else
		native_set_pte(ptep, pte);
}

static void leave_lazy_mmu(void)
{
	preempt_disable();
	xen_mc_flush();
	paravirt_leave_lazy_mmu();
	preempt_enable();
}

static noinstr void xen_write_cr2(unsigned long cr2)
{
	this_cpu_read(xen_vcpu)->arch.cr2 = cr2;
}

static unsigned long xen_read_cr3(void)
{
	return this_cpu_read(cr3_written);
}

static void cr3_is_loaded(void *cr3)
{
	this_cpu_write(xen_cr3_loaded, (unsigned long)cr3);
}

/* Both tables at a time; kernel threads have none for user space. */
static void xen_write_cr3(unsigned long cr3)
{
	pgd_t *user = xen_user_pgd(__va(cr3 & CR3_ADDR_MASK));
	struct mmuext_op *op;
	struct xen_mc_call mc;

	preempt_disable();
	this_cpu_write(cr3_written, cr3);
	mc = xen_mc_begin(2 * sizeof(*op));
	op = mc.args;
	op[0].cmd = MMUEXT_NEW_BASEPTR;
	op[0].arg1.mfn = pfn_to_mfn(PFN_DOWN(cr3 & CR3_ADDR_MASK));
	op[1].cmd = MMUEXT_NEW_USER_BASEPTR;
	op[1].arg1.mfn = user ? virt_to_mfn(user) : 0;
	MULTI_mmuext_op(mc.call, op, 2, NULL, DOMID_SELF);
	xen_mc_when_done(cr3_is_loaded, (void *)cr3);
	xen_mc_end(PARAVIRT_LAZY_CPU);
	preempt_enable();
}

/* Before there are struct pages there is only the kernel's table. */
static void __init early_write_cr3(unsigned long cr3)
{
	struct mmuext_op op = {
		.cmd = MMUEXT_NEW_BASEPTR,
		.arg1.mfn = pfn_to_mfn(PFN_DOWN(cr3 & CR3_ADDR_MASK)),
	};

	xen_kasan_table(cr3, true);
	if (HYPERVISOR_mmuext_op(&op, 1, NULL, DOMID_SELF))
		BUG();
	xen_kasan_table(this_cpu_read(cr3_written), false);
	this_cpu_write(cr3_written, cr3);
	this_cpu_write(xen_cr3_loaded, cr3);
}

static void xen_set_fixmap(unsigned int index, phys_addr_t phys, pgprot_t prot)
{
	unsigned long va = __fix_to_virt(index);
	pte_t pte;

	pgprot_val(prot) &= __default_kernel_pte_mask;
	switch (index) {
	case FIX_PARAVIRT_BOOTMAP:	/* a machine address */
		pte = mfn_pte(PFN_DOWN(phys), prot);
		break;
#ifdef CONFIG_X86_LOCAL_APIC
	case FIX_APIC_BASE:
#endif
#ifdef CONFIG_X86_IO_APIC
	case FIX_IO_APIC_BASE_0 ... FIX_IO_APIC_BASE_END:
#endif
		pte = pfn_pte(PFN_DOWN(__pa_symbol(no_device)), PAGE_KERNEL);
		break;
	default:
		pte = pfn_pte(PFN_DOWN(phys), prot);
	}
	if (HYPERVISOR_update_va_mapping(va, pte, UVMF_INVLPG | UVMF_ALL))
		BUG();
}

static void __init xen_pagetable_init(void)
{
	paging_init();
	xen_p2m_finish();
}

static void __init xen_after_bootmem(void)
{
	xen_pagetable_after_bootmem();
	pv_ops.mmu.set_pte = xen_set_pte;
	pv_ops.mmu.set_pmd = xen_set_pmd;
	pv_ops.mmu.set_pud = xen_set_pud;
	pv_ops.mmu.set_p4d = xen_set_p4d;
	pv_ops.mmu.write_cr3 = xen_write_cr3;
}

void __init xen_mm_init_ops(void)
{
	struct pv_mmu_ops *mmu = &pv_ops.mmu;
	struct paravirt_callee_save make = __PV_IS_CALLEE_SAVE(xen_make_val);
	struct paravirt_callee_save get = __PV_IS_CALLEE_SAVE(xen_get_val);

	mmu->make_pte = mmu->make_pmd = mmu->make_pud = mmu->make_pgd = make;
	mmu->pte_val = mmu->pmd_val = mmu->pud_val = mmu->pgd_val = get;
	mmu->set_pte = early_set_pte;
	mmu->set_pmd = early_set_pmd;
	mmu->set_pud = early_set_pud;
	mmu->set_p4d = early_set_p4d;
	mmu->ptep_modify_prot_start = xen_modify_prot_start;
	mmu->ptep_modify_prot_commit = xen_modify_prot_commit;
	mmu->lazy_mode.enter = paravirt_enter_lazy_mmu;
	mmu->lazy_mode.leave = leave_lazy_mmu;
	mmu->lazy_mode.flush = paravirt_flush_lazy_mmu;
	mmu->write_cr2 = xen_write_cr2;
	mmu->read_cr3 = xen_read_cr3;
	mmu->write_cr3 = early_write_cr3;
	mmu->set_fixmap = xen_set_fixmap;
	xen_pagetable_init_ops();
	xen_tlb_init_ops();
	x86_init.resources.memory_setup = xen_memory_setup;
	x86_init.paging.pagetable_init = xen_pagetable_init;
	x86_init.hyper.init_after_bootmem = xen_after_bootmem;
}

void make_lowmem_page_readonly(void *va)
{
	unsigned int level;
	pte_t *ptep = lookup_address((unsigned long)va, &level);

	if (ptep && HYPERVISOR_update_va_mapping((unsigned long)va, pte_wrprotect(*ptep), 0))
		BUG();
}

void make_lowmem_page_readwrite(void *va)
{
	unsigned int level;
	pte_t *ptep = lookup_address((unsigned long)va, &level);

	if (ptep && HYPERVISOR_update_va_mapping((unsigned long)va, pte_mkwrite(*ptep), 0))
		BUG();
}

/* Of any address that the kernel has mapped, be it vmalloc's. */
xmaddr_t arbitrary_virt_to_machine(void *va)
{
	unsigned long address = (unsigned long)va;
	unsigned int level;
	pte_t *ptep;

	if (virt_addr_valid(va))
		return virt_to_machine(va);
	ptep = lookup_address(address, &level);
	BUG_ON(!ptep);
	return XMADDR(PFN_PHYS(pte_mfn(*ptep)) | offset_in_page(va));
}
EXPORT_SYMBOL_GPL(arbitrary_virt_to_machine);

unsigned long arbitrary_virt_to_mfn(void *va)
{
	return PFN_DOWN(arbitrary_virt_to_machine(va).maddr);
}
