// SPDX-License-Identifier: GPL-2.0
/*
 * From the loader's page tables to Linux's.
 *
 * The loader maps the kernel, its list of frames, start_info and its page tables where
 * the kernel is linked to, frame 0 first. Linux's own top of the tree is laid out in
 * head_64.S (init_top_pgt and so on), for physical addresses. The loader's tables of the
 * lowest level stay; Linux's are filled in above them, so that the same memory is mapped
 * twice: where it was, and at the start of the mapping of all memory. Since both share
 * the lowest tables, what is read-only in one is so in the other.
 */
#include <linux/init.h>
#include <linux/mm.h>
#include <asm/init.h>
#include <asm/pgtable.h>
#include <asm/setup.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>
#include <asm/xen/page.h>
#include <xen/xen-ops.h>

#include "mm.h"


static u64 __init table_entry(void *table, pteval_t flags)
{
	return PFN_PHYS(pfn_to_mfn(PFN_DOWN(__pa_symbol(table)))) | flags;
}

/* A table of the loader's, by an entry that refers to it. */
static void *__init loaders_table(u64 entry)
{
	unsigned long pfn = mfn_to_pfn((entry & XEN_PTE_MFN_MASK) >> PAGE_SHIFT);

	return (void *)__START_KERNEL_map + PFN_PHYS(pfn);
}

static void __init make_readonly(void *va)
{
	pte_t pte = __pte_ma(table_entry(va, pgprot_val(PAGE_KERNEL_RO) &
						     __default_kernel_pte_mask));

	if (HYPERVISOR_update_va_mapping((unsigned long)va, pte, 0))
		BUG();
}

static void __init pin(unsigned int command, unsigned long mfn)
{
	struct mmuext_op op = { .cmd = command, .arg1.mfn = mfn };

	if (HYPERVISOR_mmuext_op(&op, 1, NULL, DOMID_SELF))
		BUG();
}

static void __init fill(const u64 *loaders_top, const u64 *loaders_l2)
{
	u64 *top = (u64 *)init_top_pgt;
	unsigned int i, first = PTRS_PER_PMD - 4 - FIXMAP_PMD_NUM;

	memset(top, 0, PAGE_SIZE);
	xen_kasan_copy(top, loaders_top);
	top[pgd_index(PAGE_OFFSET)] = table_entry(level3_ident_pgt, _KERNPG_TABLE_NOENC);
	top[pgd_index(__START_KERNEL_map)] =
		table_entry(level3_kernel_pgt, _PAGE_TABLE_NOENC);
	memset(level3_ident_pgt, 0, PAGE_SIZE);
	((u64 *)level3_ident_pgt)[0] = table_entry(level2_ident_pgt, _KERNPG_TABLE_NOENC);
	memset(level3_kernel_pgt, 0, PAGE_SIZE);
	((u64 *)level3_kernel_pgt)[pud_index(__START_KERNEL_map)] =
		table_entry(level2_kernel_pgt, _KERNPG_TABLE_NOENC);
	((u64 *)level3_kernel_pgt)[PTRS_PER_PUD - 1] =
		table_entry(level2_fixmap_pgt, _PAGE_TABLE_NOENC);
	memcpy(level2_ident_pgt, loaders_l2, PAGE_SIZE);
	memcpy(level2_kernel_pgt, loaders_l2, PAGE_SIZE);
	for (i = 0; i < FIXMAP_PMD_NUM; i++)
		((u64 *)level2_fixmap_pgt)[first + i] =
			table_entry((void *)level1_fixmap_pgt + i * PAGE_SIZE,
				    _PAGE_TABLE_NOENC);
}

void __init xen_mm_start(void)
{
	u64 *top = (u64 *)xen_start_info->pt_base, *l3, *l2;
	unsigned int i;

	xen_p2m_start();
	l3 = loaders_table(top[pgd_index(__START_KERNEL_map)]);
	l2 = loaders_table(l3[pud_index(__START_KERNEL_map)]);
	/* How much is mapped: whole tables of the lowest level. */
	for (i = 0; i < PTRS_PER_PMD && l2[i]; i++)
		;
	max_pfn_mapped = min_t(unsigned long, i * PTRS_PER_PTE, xen_start_info->nr_pages);

	fill(top, l2);
	make_readonly(init_top_pgt);
	make_readonly(level3_ident_pgt);
	make_readonly(level2_ident_pgt);
	make_readonly(level3_kernel_pgt);
	make_readonly(level2_kernel_pgt);
	make_readonly(level2_fixmap_pgt);
	for (i = 0; i < FIXMAP_PMD_NUM; i++)
		make_readonly((void *)level1_fixmap_pgt + i * PAGE_SIZE);

	pin(MMUEXT_PIN_L4_TABLE, pfn_to_mfn(PFN_DOWN(__pa_symbol(init_top_pgt))));
	write_cr3(__pa_symbol(init_top_pgt));
	pin(MMUEXT_UNPIN_TABLE, pfn_to_mfn(PFN_DOWN(__pa(top))));

	/* Linux soon takes away what is mapped behind the kernel, at the kernel. */
	xen_start_info = __va(__pa(xen_start_info));
	xen_p2m_addr = __va(__pa(xen_p2m_addr));
	xen_start_info->mfn_list = (unsigned long)xen_p2m_addr;
}
