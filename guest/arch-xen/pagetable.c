// SPDX-License-Identifier: GPL-2.0
/*
 * Life of page tables.
 *
 * A process's tables are filled as ordinary memory, and pinned, the whole tree at once,
 * when they are about to be used: all mappings of them get read-only, and the hypervisor
 * checks them. From then on tables join and leave the tree one by one, read-only and
 * writable again. When the last user is gone the tree is unpinned, so that it is taken
 * apart as ordinary memory. Flag PG_pinned of a table's page says which it is.
 *
 * Somebody who finds a process's pages by other ways than its tables (swapping, migration)
 * changes entries with the table's own lock held, before, while and after the tree is
 * pinned. With several VCPUs, therefore, a table of the lowest level changes sides with
 * its lock held, and is pinned by itself: the hypervisor then takes it for a table though
 * nothing refers to it yet. With one VCPU nobody comes in between.
 */
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched/mm.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <asm/mmu_context.h>
#include <asm/paravirt.h>
#include <asm/pgalloc.h>
#include <asm/pgtable.h>
#include <xen/xen-ops.h>

#include "mm.h"

/* Above user space are the hypervisor's slots, which it fills in as it pins the top. */
#define USER_SLOTS	pgd_index(__HYPERVISOR_VIRT_START)

/* Do tables of the lowest level have locks, and does anybody contend for them? */
static bool pin_leaves __ro_after_init;

static void mmuext(unsigned int command, struct page *page)
{
	struct mmuext_op *op;
	struct xen_mc_call mc = xen_mc_begin(sizeof(*op));

	op = mc.args;
	op->cmd = command;
	op->arg1.mfn = pfn_to_mfn(page_to_pfn(page));
	MULTI_mmuext_op(mc.call, op, 1, NULL, DOMID_SELF);
	xen_mc_end(PARAVIRT_LAZY_MMU);
}

/* Change how the mapping of all memory has a table. The hypervisor flushes what it must. */
static void protect(struct page *page, pgprot_t prot)
{
	struct xen_mc_call mc;

	mc = xen_mc_begin(0);
	MULTI_update_va_mapping(mc.call, (unsigned long)page_address(page),
				pfn_pte(page_to_pfn(page), prot), 0);
	xen_mc_end(PARAVIRT_LAZY_MMU);
}

/* Updates that wait are for tables as they are now: begin and end of a batch. */
static bool batch_begin(void)
{
	preempt_disable();
	if (paravirt_get_lazy_mode() != PARAVIRT_LAZY_NONE) {
		xen_mc_flush();
		return false;
	}
	paravirt_enter_lazy_mmu();
	return true;
}

static void batch_end(bool begun)
{
	xen_mc_flush();
	if (begun)
		paravirt_leave_lazy_mmu();
	preempt_enable();
}

/* The batch that lets a table of the lowest level change sides was issued. */
static void leaf_changed(void *page)
{
#if USE_SPLIT_PTE_PTLOCKS
	spin_unlock(ptlock_ptr(page));
#endif
}

static void leaf_unpinned(void *page)
{
	ClearPagePinned(page);
	leaf_changed(page);
}

/* Many of these are held at a time, in no order: whoever does so has @mm's. */
static void lock_leaf(struct mm_struct *mm, struct page *page)
{
#if USE_SPLIT_PTE_PTLOCKS
	spin_lock_nest_lock(ptlock_ptr(page), &mm->page_table_lock);
#endif
}

static void pin_table(struct mm_struct *mm, struct page *page, bool leaf)
{
	leaf = leaf && pin_leaves;
	/*
	 * Who has the lock and sees the flag already asks the hypervisor, which
	 * changes any memory of the domain's; who has not seen it is waited for.
	 */
	if (TestSetPagePinned(page))
		return;
	if (leaf)
		lock_leaf(mm, page);
	protect(page, PAGE_KERNEL_RO);
	if (leaf) {
		mmuext(MMUEXT_PIN_L1_TABLE, page);
		xen_mc_when_done(leaf_changed, page);
	}
}

static void unpin_table(struct mm_struct *mm, struct page *page, bool leaf)
{
	leaf = leaf && pin_leaves;
	if (!PagePinned(page))
		return;
	if (leaf) {
		lock_leaf(mm, page);
		mmuext(MMUEXT_UNPIN_TABLE, page);
	}
	protect(page, PAGE_KERNEL);
	if (leaf)
		xen_mc_when_done(leaf_unpinned, page);
	else
		ClearPagePinned(page);	/* nobody looks before the batch was issued */
}

/* Every table below the top of user space's part; parents after children. */
static void each_table(struct mm_struct *mm,
		       void (*change)(struct mm_struct *mm, struct page *page, bool leaf))
{
	pgd_t *pgd = mm->pgd;
	unsigned int i, j, k;

	for (i = 0; i < USER_SLOTS; i++) {
		p4d_t *p4d = p4d_offset(&pgd[i], 0);
		pud_t *pud;

		if (p4d_none(*p4d))
			continue;
		pud = pud_offset(p4d, 0);
		for (j = 0; j < PTRS_PER_PUD; j++) {
			pmd_t *pmd;

			if (pud_none(pud[j]))
				continue;
			pmd = pmd_offset(&pud[j], 0);
			for (k = 0; k < PTRS_PER_PMD; k++)
				if (!pmd_none(pmd[k]))
					change(mm, pmd_page(pmd[k]), true);
			change(mm, virt_to_page(pmd), false);
		}
		change(mm, virt_to_page(pud), false);
	}
}

/* @mm's tables, of which only the caller changes those above the lowest. */
static void pin_mm(struct mm_struct *mm)
{
	struct page *page = virt_to_page(mm->pgd), *user = virt_to_page(xen_user_pgd(mm->pgd));
	bool begun;

	if (PagePinned(page))
		return;
	spin_lock(&mm->page_table_lock);
	begun = batch_begin();
	each_table(mm, pin_table);
	pin_table(mm, page, false);
	pin_table(mm, user, false);
	mmuext(MMUEXT_PIN_L4_TABLE, page);
	mmuext(MMUEXT_PIN_L4_TABLE, user);
	batch_end(begun);
	spin_unlock(&mm->page_table_lock);
}

static void unpin_mm(struct mm_struct *mm)
{
	struct page *page = virt_to_page(mm->pgd), *user = virt_to_page(xen_user_pgd(mm->pgd));
	bool begun;

	if (!PagePinned(page))
		return;
	spin_lock(&mm->page_table_lock);
	begun = batch_begin();
	mmuext(MMUEXT_UNPIN_TABLE, page);
	mmuext(MMUEXT_UNPIN_TABLE, user);
	unpin_table(mm, user, false);
	unpin_table(mm, page, false);
	each_table(mm, unpin_table);
	batch_end(begun);
	spin_unlock(&mm->page_table_lock);
}

static void xen_activate_mm(struct mm_struct *prev, struct mm_struct *next)
{
	pin_mm(next);
}

static void xen_dup_mmap(struct mm_struct *old, struct mm_struct *mm)
{
	pin_mm(mm);
}

static void drop_mm(void *info)
{
	struct mm_struct *mm = info;

	if (this_cpu_read(cpu_tlbstate.loaded_mm) == mm)
		leave_mm(smp_processor_id());
	/* Kernel threads keep what they found loaded; by now it is not even waiting. */
	if (this_cpu_read(xen_cr3_loaded) == __pa(mm->pgd))
		xen_mc_flush();
}

static bool still_loaded(int cpu, void *info)
{
	struct mm_struct *mm = info;

	return per_cpu(xen_cr3_loaded, cpu) == __pa(mm->pgd);
}

/*
 * Nobody uses @mm any more, but CPUs that run kernel threads may have its tables loaded:
 * those could not get writable.
 */
static void xen_exit_mmap(struct mm_struct *mm)
{
	preempt_disable();
	drop_mm(mm);
	on_each_cpu_cond_mask(still_loaded, drop_mm, mm, true, cpu_online_mask);
	preempt_enable();
	unpin_mm(mm);
}

/* A table joins @mm's tree. It is of no use to anybody yet. */
static void join(struct mm_struct *mm, unsigned long pfn, bool leaf)
{
	struct page *page = pfn_to_page(pfn);
	bool begun;

	if (!xen_table_pinned(mm->pgd) || TestSetPagePinned(page))
		return;
	begun = batch_begin();
	protect(page, PAGE_KERNEL_RO);
	if (leaf && pin_leaves)
		mmuext(MMUEXT_PIN_L1_TABLE, page);
	batch_end(begun);
}

/* It has left. */
static void leave(unsigned long pfn, bool leaf)
{
	struct page *page = pfn_to_page(pfn);
	bool begun;

	if (!PagePinned(page))
		return;
	begun = batch_begin();
	if (leaf && pin_leaves)
		mmuext(MMUEXT_UNPIN_TABLE, page);
	protect(page, PAGE_KERNEL);
	batch_end(begun);
	ClearPagePinned(page);
}

static void xen_alloc_pte(struct mm_struct *mm, unsigned long pfn)
{
	join(mm, pfn, true);
}

static void xen_alloc_table(struct mm_struct *mm, unsigned long pfn)
{
	join(mm, pfn, false);
}

static void xen_release_pte(unsigned long pfn)
{
	leave(pfn, true);
}

static void xen_release_table(unsigned long pfn)
{
	leave(pfn, false);
}

/* Before there are struct pages: all tables are the kernel's, and in use. */
static void __init early_alloc(struct mm_struct *mm, unsigned long pfn)
{
	make_lowmem_page_readonly(__va(PFN_PHYS(pfn)));
}

static void __init early_release(unsigned long pfn)
{
	make_lowmem_page_readwrite(__va(PFN_PHYS(pfn)));
}

static int xen_pgd_alloc(struct mm_struct *mm)
{
	struct page *page = virt_to_page(mm->pgd);
	pgd_t *user = (pgd_t *)__get_free_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);

	if (!user)
		return -ENOMEM;
	BUG_ON(PagePinned(page));
	page->private = (unsigned long)user;
	return 0;
}

static void xen_pgd_free(struct mm_struct *mm, pgd_t *pgd)
{
	struct page *page = virt_to_page(pgd);

	free_page(page->private);
	page->private = 0;
}

/* The kernel's own tables were in use before pages had flags. */
static void __init mark(u64 *table, int level)
{
	unsigned int i, from = level == 4 ? KERNEL_PGD_BOUNDARY : 0;

	if (PagePinned(virt_to_page(table)))
		return;		/* KASAN's are there many times */
	for (i = from; level > 1 && i < PTRS_PER_PTE; i++) {
		unsigned long pfn;

		if (!(table[i] & _PAGE_PRESENT))
			continue;
		/* The hypervisor's own are not ours. */
		if (level == 4 && i >= pgd_index(HYPERVISOR_VIRT_START) &&
		    i < pgd_index(PAGE_OFFSET))
			continue;
		pfn = mfn_to_pfn((table[i] & XEN_PTE_MFN_MASK) >> PAGE_SHIFT);
		mark(__va(PFN_PHYS(pfn)), level - 1);
	}
	SetPagePinned(virt_to_page(table));
}

void __init xen_pagetable_after_bootmem(void)
{
	mark((u64 *)init_mm.pgd, 4);
	pin_leaves = USE_SPLIT_PTE_PTLOCKS && num_possible_cpus() > 1;
	pv_ops.mmu.alloc_pte = xen_alloc_pte;
	pv_ops.mmu.alloc_pmd = xen_alloc_table;
	pv_ops.mmu.alloc_pud = xen_alloc_table;
	pv_ops.mmu.release_pte = xen_release_pte;
	pv_ops.mmu.release_pmd = xen_release_table;
	pv_ops.mmu.release_pud = xen_release_table;
}

void __init xen_pagetable_init_ops(void)
{
	struct pv_mmu_ops *mmu = &pv_ops.mmu;

	mmu->activate_mm = xen_activate_mm;
	mmu->dup_mmap = xen_dup_mmap;
	mmu->exit_mmap = xen_exit_mmap;
	mmu->pgd_alloc = xen_pgd_alloc;
	mmu->pgd_free = xen_pgd_free;
	mmu->alloc_pte = mmu->alloc_pmd = mmu->alloc_pud = early_alloc;
	mmu->release_pte = mmu->release_pmd = mmu->release_pud = early_release;
}
