// SPDX-License-Identifier: GPL-2.0
/*
 * KASAN: code that the compiler instruments looks at the shadow of memory before every
 * access, so there must be one before any such code runs. This runs first of all, on the
 * loader's page tables, and is not instrumented itself (see the Makefile). Until
 * kasan_init() every address of the shadow is the same page, by tables that all have
 * the same entry.
 */
#include <linux/init.h>
#include <linux/kasan.h>
#include <linux/mm.h>
#include <asm/kasan.h>
#include <asm/pgtable.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/page.h>

#include "mm.h"

#define FLAGS	(_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY)
#define FIRST	pgd_index(KASAN_SHADOW_START)
#define LAST	pgd_index(KASAN_SHADOW_END - 1)

/* The machine address of what is in the kernel's image or behind it. */
static u64 __init machine(const unsigned long *list, void *va)
{
	return PFN_PHYS(list[PFN_DOWN((unsigned long)va - __START_KERNEL_map)]);
}

/* @table, all whose entries are for what is at machine address @below. */
static void __init fill(const unsigned long *list, void *table, u64 below)
{
	pte_t readonly = __pte_ma(machine(list, table) | (FLAGS & ~_PAGE_RW));
	unsigned int i;

	for (i = 0; i < PTRS_PER_PTE; i++)
		WRITE_ONCE(((u64 *)table)[i], below | FLAGS);
	if (HYPERVISOR_update_va_mapping((unsigned long)table, readonly, 0))
		BUG();
}

void __init xen_kasan_start(struct start_info *si)
{
	const unsigned long *list = (unsigned long *)si->mfn_list;
	struct mmu_update update;
	unsigned int i;

	fill(list, kasan_early_shadow_pte, machine(list, kasan_early_shadow_page));
	fill(list, kasan_early_shadow_pmd, machine(list, kasan_early_shadow_pte));
	fill(list, kasan_early_shadow_pud, machine(list, kasan_early_shadow_pmd));
	for (i = FIRST; i <= LAST; i++) {
		update.ptr = (machine(list, (void *)si->pt_base) + i * sizeof(pgd_t)) |
			     MMU_NORMAL_PT_UPDATE;
		update.val = machine(list, kasan_early_shadow_pud) | FLAGS;
		if (HYPERVISOR_mmu_update(&update, 1, NULL, DOMID_SELF))
			BUG();
	}
}

void __init xen_kasan_copy(u64 *to, const u64 *from)
{
	unsigned int i;

	for (i = FIRST; i <= LAST; i++)
		to[i] = from[i];
}

/*
 * kasan_init() has the CPU on another table, early_top_pgt, while it changes Linux's own:
 * @cr3, physical, is what it is about to load, or what it has just left.
 */
void __init xen_kasan_table(unsigned long cr3, bool load)
{
	if (cr3 != __pa_symbol(early_top_pgt))
		return;
	if (load)
		make_lowmem_page_readonly(early_top_pgt);
	else
		make_lowmem_page_readwrite(early_top_pgt);
}
