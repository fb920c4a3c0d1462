// SPDX-License-Identifier: GPL-2.0
/*
 * What memory there is. A domain starts with nr_pages frames, from 0 on; up to where it may
 * grow there are struct pages, and no memory behind them: they are the balloon's.
 *
 * Domain 0 has memory only where the machine has: everywhere else devices are, or tables
 * of the firmware, which Linux maps at their machine addresses. What it starts with there
 * goes back to the hypervisor, and comes again, by the balloon, where there is room.
 */
#include <linux/init.h>
#include <linux/memblock.h>
#include <asm/e820/api.h>
#include <asm/early_ioremap.h>
#include <asm/sections.h>
#include <asm/setup.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>
#include <asm/xen/page.h>
#include <xen/interface/memory.h>
#include <xen/page.h>
#include <xen/xen.h>

#include "mm.h"

/* A struct page is 1/64 of its page: this many times the memory is as far as it goes. */
#define GROW_LIMIT	10

struct xen_memory_region xen_extra_mem[XEN_EXTRA_MEM_MAX_REGIONS] __initdata;
unsigned long xen_released_pages;

static struct e820_entry map[E820_MAX_ENTRIES_ZEROPAGE] __initdata;

/* The hypervisor's map, of the domain or of the machine. Returns how many entries it has. */
static unsigned int __init read_map(unsigned int command)
{
	struct xen_memory_map op = { .nr_entries = ARRAY_SIZE(map) };

	set_xen_guest_handle(op.buffer, map);
	return HYPERVISOR_memory_op(command, &op) ? 0 : op.nr_entries;
}

/* What the loader put behind the kernel: list of frames, start_info, rings, page tables. */
static void __init loaders_part(phys_addr_t *start, phys_addr_t *end)
{
	const struct start_info *si = xen_start_info;

	*start = min_t(phys_addr_t, __pa(si->mfn_list), __pa(si));
	*end = __pa(si->pt_base) + PFN_PHYS(si->nr_pt_frames);
}

static void __init reserve_loaders(void)
{
	const struct start_info *si = xen_start_info;
	phys_addr_t start, end;

	loaders_part(&start, &end);
	memblock_reserve(start, end - start);
	if (!(si->flags & SIF_INITDOMAIN)) {
		memblock_reserve(PFN_PHYS(mfn_to_pfn(si->store_mfn)), PAGE_SIZE);
		memblock_reserve(PFN_PHYS(mfn_to_pfn(si->console.domU.mfn)), PAGE_SIZE);
	}
}

/* Frames from @start on, @count of them, are memory that the balloon fills. */
static void __init add_extra(unsigned long start, unsigned long count)
{
	static unsigned int used __initdata;

	if (!count)
		return;
	if (used == XEN_EXTRA_MEM_MAX_REGIONS) {
		/* There is that much less. */
		e820__range_update(PFN_PHYS(start), PFN_PHYS(count), E820_TYPE_RAM,
				   E820_TYPE_UNUSABLE);
		return;
	}
	xen_extra_mem[used].start_pfn = start;
	xen_extra_mem[used++].n_pfns = count;
	memblock_reserve(PFN_PHYS(start), PFN_PHYS(count));
}

bool __init xen_is_extra(unsigned long pfn)
{
	unsigned int i;

	for (i = 0; i < XEN_EXTRA_MEM_MAX_REGIONS && xen_extra_mem[i].n_pfns; i++)
		if (pfn - xen_extra_mem[i].start_pfn < xen_extra_mem[i].n_pfns)
			return true;
	return false;
}

static void __init guest_memory(unsigned long pages)
{
	unsigned int nr = read_map(XENMEM_memory_map), i;
	unsigned long end = 0;

	for (i = 0; i < nr; i++)
		if (map[i].type == E820_TYPE_RAM)
			end = max_t(unsigned long, end, PFN_DOWN(map[i].addr + map[i].size));
	end = clamp(end, pages, pages * GROW_LIMIT);
	/* What the domain may grow by must not be taken for machine frames. */
	xen_max_p2m_pfn = end;
	e820__range_add(0, PFN_PHYS(end), E820_TYPE_RAM);
	add_extra(pages, end - pages);
}

static bool __init overlap(phys_addr_t a, phys_addr_t a_end, phys_addr_t b, phys_addr_t b_end)
{
	return a < b_end && b < a_end;
}

/* Frames on their way back to the hypervisor, which takes many at once. */
static xen_pfn_t returned[512] __initdata;

static void __init give_back(unsigned int nr)
{
	struct xen_memory_reservation op = { .nr_extents = nr, .domid = DOMID_SELF };

	set_xen_guest_handle(op.extent_start, returned);
	if (HYPERVISOR_memory_op(XENMEM_decrease_reservation, &op) != nr)
		BUG();
	xen_released_pages += nr;
}

/*
 * Frames from @start to @end are no memory in the machine: give back what we have there,
 * but for the initial image, which may have been put anywhere.
 */
static void __init release(unsigned long start, unsigned long end)
{
	unsigned int nr = 0;
	unsigned long pfn;
	phys_addr_t from, to;

	loaders_part(&from, &to);
	if (overlap(PFN_PHYS(start), PFN_PHYS(end), from, to) ||
	    overlap(PFN_PHYS(start), PFN_PHYS(end), __pa_symbol(_text), __pa_symbol(_end)))
		panic("xen: the kernel lies at %#lx to %#lx, where the machine has no memory\n",
		      start << PAGE_SHIFT, end << PAGE_SHIFT);
	for (pfn = start; pfn < end; pfn++) {
		returned[nr++] = pfn_to_mfn(pfn);
		__set_phys_to_machine(pfn, IDENTITY_FRAME(pfn));
		/* What the loader mapped stays mapped, as Linux wants it of the BIOS's. */
		if (pfn < max_pfn_mapped &&
		    HYPERVISOR_update_va_mapping((unsigned long)__va(PFN_PHYS(pfn)),
						 mfn_pte(pfn, PAGE_KERNEL), UVMF_INVLPG) &&
		    HYPERVISOR_update_va_mapping((unsigned long)__va(PFN_PHYS(pfn)),
						 __pte_ma(0), UVMF_INVLPG))
			BUG();
		if (nr == ARRAY_SIZE(returned) || pfn == end - 1) {
			give_back(nr);
			nr = 0;
		}
	}
}

/* How many frames domain 0 may have. */
static unsigned long __init allowed(unsigned long pages)
{
	domid_t self = DOMID_SELF;
	long most = HYPERVISOR_memory_op(XENMEM_maximum_reservation, &self);

	return clamp_t(unsigned long, most > 0 ? most : pages, pages, pages * GROW_LIMIT);
}

/*
 * The initial image, where it lies in part where the machine has no memory: to where it
 * has, as high as possible below @pages.
 */
static void __init move_initrd(unsigned long pages)
{
	struct start_info *si = xen_start_info;
	phys_addr_t at, from, to, new = 0;
	unsigned long off;
	unsigned int i;

	if (!si->mod_len)
		return;
	at = si->flags & SIF_MOD_START_PFN ? PFN_PHYS(si->mod_start) : __pa(si->mod_start);
	if (e820__mapped_all(at, at + si->mod_len, E820_TYPE_RAM))
		return;
	loaders_part(&from, &to);
	for (i = 0; i < e820_table->nr_entries; i++) {
		const struct e820_entry *e = &e820_table->entries[i];
		phys_addr_t low = max_t(phys_addr_t, e->addr, max(to, __pa_symbol(_end)));
		phys_addr_t high = min_t(phys_addr_t, e->addr + e->size, PFN_PHYS(pages));

		if (e->type == E820_TYPE_RAM && high > low &&
		    high - low > si->mod_len + PAGE_SIZE)
			new = round_down(high - si->mod_len, PAGE_SIZE);
	}
	if (!new || overlap(new, new + si->mod_len, at, at + si->mod_len))
		panic("xen: no place for the initial image at %#llx\n", (u64)at);
	for (off = 0; off < si->mod_len; off += PAGE_SIZE) {
		void *source = early_memremap(at + off, PAGE_SIZE);
		void *dest = early_memremap(new + off, PAGE_SIZE);

		memcpy(dest, source, PAGE_SIZE);
		early_memunmap(dest, PAGE_SIZE);
		early_memunmap(source, PAGE_SIZE);
	}
	si->flags |= SIF_MOD_START_PFN;
	si->mod_start = PFN_DOWN(new);
	boot_params.hdr.ramdisk_image = lower_32_bits(new);
	boot_params.ext_ramdisk_image = upper_32_bits(new);
}

static void __init machine_memory(unsigned long pages)
{
	unsigned int nr = read_map(XENMEM_machine_memory_map), i;
	unsigned long most = allowed(pages), have = 0, at = 0, start, end, last = 0;

	if (!nr)
		panic("xen: the hypervisor has no map of the machine's memory\n");
	for (i = 0; i < nr; i++)
		e820__range_add(map[i].addr, map[i].size, map[i].type);
	e820__update_table(e820_table);
	move_initrd(pages);

	/* Through the machine's memory, which is sorted, up to as much as is ours. */
	for (i = 0; i < e820_table->nr_entries; i++) {
		const struct e820_entry *e = &e820_table->entries[i];

		if (e->type != E820_TYPE_RAM)
			continue;
		start = PFN_UP(e->addr);
		end = PFN_DOWN(e->addr + e->size);
		if (end <= start)
			continue;
		if (have == most)
			end = start;
		else
			end = min(end, start + most - have);
		have += end - start;
		if (end > start)
			last = end;
		/* Nothing is between the last memory and this. */
		if (at < min(start, pages))
			release(at, min(start, pages));
		at = PFN_DOWN(e->addr + e->size);
		if (end > pages)
			add_extra(max(start, pages), end - max(start, pages));
	}
	if (at < pages)
		release(at, pages);
	e820__range_remove(PFN_PHYS(last), -PFN_PHYS(last), E820_TYPE_RAM, 1);
	xen_max_p2m_pfn = max(last, pages);
}

char *__init xen_memory_setup(void)
{
	unsigned long pages = xen_start_info->nr_pages;

	if (xen_initial_domain())
		machine_memory(pages);
	else
		guest_memory(pages);
	/* Linux would take it for the BIOS's anyway. */
	e820__range_update(ISA_START_ADDRESS, ISA_END_ADDRESS - ISA_START_ADDRESS,
			   E820_TYPE_RAM, E820_TYPE_RESERVED);
	e820__update_table(e820_table);
	reserve_loaders();
	return "Xen";
}
