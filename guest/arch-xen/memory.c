// SPDX-License-Identifier: GPL-2.0
/*
 * What memory there is. The domain starts with nr_pages frames, from 0 on; the
 * hypervisor's map tells up to where it may grow. Frames from nr_pages on are the
 * balloon's: they have struct pages and no memory behind them.
 */
#include <linux/init.h>
#include <linux/memblock.h>
#include <asm/e820/api.h>
#include <asm/setup.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>
#include <xen/interface/memory.h>
#include <xen/page.h>

#include "mm.h"

/* A struct page is 1/64 of its page: this many times the memory is as far as it goes. */
#define GROW_LIMIT	10

struct xen_memory_region xen_extra_mem[XEN_EXTRA_MEM_MAX_REGIONS] __initdata;
unsigned long xen_released_pages;

static struct e820_entry map[E820_MAX_ENTRIES_ZEROPAGE] __initdata;

/* Up to where the hypervisor's map has memory, in frames; 0 if it has no map for us. */
static unsigned long __init map_end(void)
{
	struct xen_memory_map op = { .nr_entries = ARRAY_SIZE(map) };
	unsigned long end = 0;
	unsigned int i;

	set_xen_guest_handle(op.buffer, map);
	if (HYPERVISOR_memory_op(XENMEM_memory_map, &op))
		return 0;
	for (i = 0; i < op.nr_entries; i++)
		if (map[i].type == E820_TYPE_RAM)
			end = max(end, PFN_DOWN(map[i].addr + map[i].size));
	return end;
}

/* What the loader put behind the kernel: list of frames, start_info, rings, page tables. */
static void __init reserve_loaders(void)
{
	const struct start_info *si = xen_start_info;
	phys_addr_t start = __pa(si->mfn_list);
	phys_addr_t end = __pa(si->pt_base) + PFN_PHYS(si->nr_pt_frames);

	start = min_t(phys_addr_t, start, __pa(si));
	memblock_reserve(start, end - start);
	if (!(si->flags & SIF_INITDOMAIN)) {
		memblock_reserve(PFN_PHYS(mfn_to_pfn(si->store_mfn)), PAGE_SIZE);
		memblock_reserve(PFN_PHYS(mfn_to_pfn(si->console.domU.mfn)), PAGE_SIZE);
	}
}

char *__init xen_memory_setup(void)
{
	unsigned long pages = xen_start_info->nr_pages, end;

	end = clamp(map_end(), pages, pages * GROW_LIMIT);
	/* What the domain may grow by must not be taken for machine frames. */
	xen_max_p2m_pfn = end;
	e820__range_add(0, PFN_PHYS(end), E820_TYPE_RAM);
	/* Linux would take it for the BIOS's anyway. */
	e820__range_update(ISA_START_ADDRESS, ISA_END_ADDRESS - ISA_START_ADDRESS,
			   E820_TYPE_RAM, E820_TYPE_RESERVED);
	e820__update_table(e820_table);
	if (end > pages) {
		xen_extra_mem[0].start_pfn = pages;
		xen_extra_mem[0].n_pfns = end - pages;
		memblock_reserve(PFN_PHYS(pages), PFN_PHYS(end - pages));
	}
	reserve_loaders();
	return "Xen";
}
