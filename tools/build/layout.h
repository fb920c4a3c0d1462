/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where everything goes in a new domain (xen/xen.h, struct start_info). The initial
 * region begins at the kernel's virtual base, is contiguous in pfn from 0 on, and
 * is mapped:
 *
 *	... | kernel | ram disk | p2m list | start_info | xenstore | console |
 *	page tables | stack | space
 *
 * A kernel can ask to have the p2m list at an address of its own, and the ram disk
 * not mapped at all; these then have the pfns behind the region ("apart"), first
 * the list with the tables that map it, then the ram disk.
 */
#ifndef TOOLS_LAYOUT_H
#define TOOLS_LAYOUT_H

#include "build/kernel.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE (1ul << PAGE_SHIFT)

struct layout {
	uint64_t nr_pages; /* of the domain */

	/* Virtual addresses. */
	uint64_t base, image, ramdisk, p2m, start_info, store, console, tables, stack, end;
	unsigned int nr_tables; /* of the initial region */

	bool p2m_apart, ramdisk_apart;
	uint64_t p2m_list_pages; /* pages of the list */
	uint64_t apart_pfn;	 /* where the pfns behind the region begin */
	uint64_t p2m_frames;	 /* there: the list and its tables */
	uint64_t ramdisk_pfn;	 /* there: the ram disk */
	uint64_t apart_end;	 /* the first pfn that is free */
};

/*
 * Plan a domain of so many pages. EINVAL: the kernel asks for what cannot be, or
 * the domain is too small for it; the message says which, without file names.
 */
int layout_plan(struct layout *l, const struct kernel *k, uint64_t ramdisk_bytes, uint64_t nr_pages,
		struct error *e);

/* The pfn of an address in the initial region. */
static inline uint64_t layout_pfn(const struct layout *l, uint64_t va)
{
	return (va - l->base) >> PAGE_SHIFT;
}

#endif
