// SPDX-License-Identifier: GPL-2.0
/*
 * The list of frames: which machine frame is behind each of this domain's pseudo-physical
 * ones (<asm/xen/page.h> says what else an entry can say).
 *
 * It is one array, of all frames that Linux may ever have a struct page for, so that a
 * look-up is one load. The loader's list comes first; when there is an allocator, a larger
 * one takes over where the domain may grow. Entries without a frame are INVALID_P2M_ENTRY.
 * The hypervisor keeps the reverse, for the whole machine; all may read that.
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/mm.h>
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

/*
 * All memory is mapped, and memblock gives it out. The loader's list is used through the
 * mapping of all memory; it is copied only where it is too small.
 */
void __init xen_p2m_finish(void)
{
	unsigned long pages = max_t(unsigned long, xen_p2m_size, max_pfn), *list, pfn;
	size_t old = PAGE_ALIGN(xen_p2m_size * sizeof(*list));
	size_t size = PAGE_ALIGN(pages * sizeof(*list));
	phys_addr_t loaders = __pa(xen_start_info->mfn_list);

	if (size == old) {
		xen_p2m_addr = __va(loaders);
		pfn = xen_p2m_size;
		xen_p2m_size = size / sizeof(*list);
		for (; pfn < xen_p2m_size; pfn++)
			xen_p2m_addr[pfn] = INVALID_P2M_ENTRY;
	} else {
		list = memblock_alloc_raw(size, PAGE_SIZE);
		if (!list)
			panic("xen: no %zu KiB for the list of frames\n", size >> 10);
		memcpy(list, xen_p2m_addr, xen_p2m_size * sizeof(*list));
		for (pfn = xen_p2m_size; pfn < size / sizeof(*list); pfn++)
			list[pfn] = INVALID_P2M_ENTRY;
		xen_p2m_addr = list;
		xen_p2m_size = size / sizeof(*list);
		memblock_phys_free(loaders, old);
	}
	xen_max_p2m_pfn = xen_p2m_size;
	xen_start_info->mfn_list = (unsigned long)xen_p2m_addr;
}

unsigned long get_phys_to_machine(unsigned long pfn)
{
	if (pfn < xen_p2m_size)
		return xen_p2m_addr[pfn];
	return pfn < xen_max_p2m_pfn ? INVALID_P2M_ENTRY : IDENTITY_FRAME(pfn);
}
EXPORT_SYMBOL_GPL(get_phys_to_machine);

/* Make room for an entry. Returns 0, or -ENOMEM: the list does not reach as far. */
int xen_alloc_p2m_entry(unsigned long pfn)
{
	return pfn < xen_p2m_size ? 0 : -ENOMEM;
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
