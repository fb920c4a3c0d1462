// SPDX-License-Identifier: GPL-2.0
/*
 * The list of frames: which machine frame is behind each of this domain's pseudo-physical
 * ones (<asm/xen/page.h> says what else an entry can say).
 *
 * It is one array, of all frames that Linux has a struct page for, so that a look-up is one
 * load. The loader's list comes first. When there is an allocator the list moves to where
 * nothing of Linux ever is, the hole behind the mapping of all memory (ffffc88000000000,
 * Documentation/x86/x86_64/mm.rst): there is room for 512 GiB of list, and pages are mapped
 * as memory is added. Entries without a frame are INVALID_P2M_ENTRY. The hypervisor keeps
 * the reverse, for the whole machine; all may read that.
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <asm/pgtable.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>
#include <asm/xen/page.h>
#include <xen/balloon.h>
#include <xen/grant_table.h>
#include <xen/interface/memory.h>
#include <xen/page.h>
#include <xen/xen-ops.h>

#include "mm.h"

unsigned long *machine_to_phys_mapping = (void *)MACH2PHYS_VIRT_START;
EXPORT_SYMBOL(machine_to_phys_mapping);
unsigned long machine_to_phys_nr;
EXPORT_SYMBOL(machine_to_phys_nr);

unsigned long *xen_p2m_addr __read_mostly;
EXPORT_SYMBOL_GPL(xen_p2m_addr);
unsigned long xen_p2m_size __read_mostly;	/* entries in the array */
EXPORT_SYMBOL_GPL(xen_p2m_size);
unsigned long xen_max_p2m_pfn __read_mostly;	/* what is not below is nobody's memory */
EXPORT_SYMBOL_GPL(xen_max_p2m_pfn);

static void __init find_reverse_list(void)
{
	struct xen_machphys_mapping mapping;

	machine_to_phys_nr = MACH2PHYS_NR_ENTRIES;
	if (!HYPERVISOR_memory_op(XENMEM_machphys_mapping, &mapping)) {
		machine_to_phys_mapping = (unsigned long *)mapping.v_start;
		machine_to_phys_nr = mapping.max_mfn + 1;
	}
}

void __init xen_p2m_start(void)
{
	find_reverse_list();
	xen_p2m_addr = (unsigned long *)xen_start_info->mfn_list;
	xen_p2m_size = xen_start_info->nr_pages;
	xen_max_p2m_pfn = xen_start_info->nr_pages;
}

/* Where the list is, and how many entries it can have. */
#define LIST		((unsigned long *)(PAGE_OFFSET + MAXMEM))
#define LIST_MAX	(PGDIR_SIZE / sizeof(unsigned long))

/* Have pages for the entries from @from, the first of a page, up to @to. */
static int __ref map_list(unsigned long from, unsigned long to)
{
	return vmemmap_populate_basepages((unsigned long)&LIST[from],
					  PAGE_ALIGN((unsigned long)&LIST[to]),
					  first_online_node, NULL);
}

/* What frames are that the loader's list does not reach. */
static unsigned long __ref beyond_list(unsigned long pfn)
{
	return xen_is_extra(pfn) ? INVALID_P2M_ENTRY : IDENTITY_FRAME(pfn);
}

/* All memory is mapped, and memblock gives it out. */
void __init xen_p2m_finish(void)
{
	unsigned long size = xen_p2m_size, pages, pfn;

	pages = round_up(max(size, max_pfn), P2M_PER_PAGE);
	if (pages > LIST_MAX || map_list(0, pages))
		panic("xen: no memory for the list of %lu frames\n", pages);
	memcpy(LIST, xen_p2m_addr, size * sizeof(*LIST));
	for (pfn = size; pfn < pages; pfn++)
		LIST[pfn] = beyond_list(pfn);
	memblock_phys_free(__pa(xen_p2m_addr), PAGE_ALIGN(size * sizeof(*LIST)));
	xen_p2m_addr = LIST;
	xen_p2m_size = xen_max_p2m_pfn = pages;
	xen_start_info->mfn_list = (unsigned long)LIST;
}

unsigned long get_phys_to_machine(unsigned long pfn)
{
	if (pfn < xen_p2m_size)
		return xen_p2m_addr[pfn];
	/* Only for a while at boot can both be true: the list has all that is ours. */
	return pfn < xen_max_p2m_pfn ? beyond_list(pfn) : IDENTITY_FRAME(pfn);
}
EXPORT_SYMBOL_GPL(get_phys_to_machine);

/*
 * Make room for an entry, and all before it: what those are was not said and stays so.
 * Returns 0 or -ENOMEM. May sleep.
 */
int xen_alloc_p2m_entry(unsigned long pfn)
{
	static DEFINE_MUTEX(growing);
	unsigned long pages = round_up(pfn + 1, P2M_PER_PAGE);
	int ret = 0;

	mutex_lock(&growing);
	if (pages > LIST_MAX) {
		ret = -ENOMEM;
	} else if (pages > xen_p2m_size) {
		ret = map_list(xen_p2m_size, pages);
		for (pfn = xen_p2m_size; !ret && pfn < pages; pfn++)
			LIST[pfn] = IDENTITY_FRAME(pfn);
		/* Who sees the size sees the entries. */
		if (!ret)
			smp_store_release(&xen_p2m_size, pages);
		xen_max_p2m_pfn = max(xen_max_p2m_pfn, xen_p2m_size);
	}
	mutex_unlock(&growing);
	return ret;
}
EXPORT_SYMBOL(xen_alloc_p2m_entry);

bool __set_phys_to_machine(unsigned long pfn, unsigned long mfn)
{
	if (unlikely(pfn >= xen_p2m_size))
		return mfn == INVALID_P2M_ENTRY || mfn == IDENTITY_FRAME(pfn);
	xen_p2m_addr[pfn] = mfn;
	return true;
}

bool set_phys_to_machine(unsigned long pfn, unsigned long mfn)
{
	return __set_phys_to_machine(pfn, mfn);
}

unsigned long __init set_phys_range_identity(unsigned long start, unsigned long end)
{
	unsigned long pfn;

	for (pfn = start; pfn < end && pfn < xen_p2m_size; pfn++)
		xen_p2m_addr[pfn] = IDENTITY_FRAME(pfn);
	return pfn - start;
}

/*
 * Pages that others' frames were mapped at, by grants: their entries are the others'
 * frames, marked as foreign, for as long as that lasts. Returns the first error of those
 * that the maps came to, which the caller looks at one by one, or 0.
 */
int set_foreign_p2m_mapping(struct gnttab_map_grant_ref *map_ops,
			    struct gnttab_map_grant_ref *kmap_ops, struct page **pages,
			    unsigned int count)
{
	unsigned long pfn, mfn;
	int ret = 0;
	unsigned int i;

	if (kmap_ops) {
		ret = HYPERVISOR_grant_table_op(GNTTABOP_map_grant_ref, kmap_ops, count);
		if (ret)
			return ret;
	}
	for (i = 0; i < count; i++) {
		if (map_ops[i].status != GNTST_okay ||
		    (kmap_ops && kmap_ops[i].status != GNTST_okay))
			continue;
		mfn = PFN_DOWN(map_ops[i].dev_bus_addr);
		pfn = page_to_pfn(pages[i]);
		WARN(pfn_to_mfn(pfn) != INVALID_P2M_ENTRY, "page must be ballooned");
		if (!set_phys_to_machine(pfn, FOREIGN_FRAME(mfn)))
			ret = -ENOMEM;
	}
	return ret;
}

int clear_foreign_p2m_mapping(struct gnttab_unmap_grant_ref *unmap_ops,
			      struct gnttab_unmap_grant_ref *kunmap_ops,
			      struct page **pages, unsigned int count)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < count; i++) {
		unsigned long pfn = page_to_pfn(pages[i]);

		if (get_phys_to_machine(pfn) & FOREIGN_FRAME_BIT &&
		    get_phys_to_machine(pfn) != INVALID_P2M_ENTRY)
			set_phys_to_machine(pfn, INVALID_P2M_ENTRY);
		else
			ret = -EINVAL;
	}
	if (kunmap_ops)
		ret = HYPERVISOR_grant_table_op(GNTTABOP_unmap_grant_ref, kunmap_ops,
						count) ?: ret;
	return ret;
}
