/* SPDX-License-Identifier: GPL-2.0-only */
/* Planning a domain's memory: layout.h. Arithmetic, and no more. */
#include <errno.h>
#include <string.h>

#include <xen/xen.h>

#include "build/layout.h"

#define INITIAL_ALIGN (4ul << 20)
#define INITIAL_SLACK (512ul << 10)
#define STACK_BYTES PAGE_SIZE

/* An initial region larger than this is nonsense, of a kernel or a ram disk. */
#define MAX_REGION (16ull << 30)

/* Page tables take one part in 512; more than they, the stack and the space take. */
#define TABLES_ROOM (16ull << 20)

#define L1_SHIFT 21 /* what a table of level 1, 2, 3 maps */
#define L3_SHIFT 39

static uint64_t round_up(uint64_t v, uint64_t align)
{
	return (v + align - 1) & -align;
}

static uint64_t pages(uint64_t bytes)
{
	return round_up(bytes, PAGE_SIZE) >> PAGE_SHIFT;
}

/* Tables of levels 1 to 3 for a range. */
static unsigned int tables_for(uint64_t start, uint64_t end)
{
	unsigned int n = 0;

	for (unsigned int shift = L1_SHIFT; shift <= L3_SHIFT; shift += 9)
		n += ((end - 1) >> shift) - (start >> shift) + 1;
	return n;
}

/* Addresses that a guest can map: canonical, and not the hypervisor's. */
static bool is_guest_range(uint64_t start, uint64_t bytes)
{
	uint64_t last = start + bytes - 1;

	if (bytes == 0 || last < start)
		return false;
	if (last < 1ull << 47)
		return true;
	if (start < __HYPERVISOR_VIRT_START)
		return false;
	return start >= __HYPERVISOR_VIRT_END;
}

static int check_kernel(const struct layout *l, const struct kernel *k, struct error *e)
{
	uint64_t span = k->end - k->start;

	if (l->base & (PAGE_SIZE - 1))
		return error_set(e, EINVAL, "its virtual base %016lx is not that of a page",
				 l->base);
	if (l->image - l->base > MAX_REGION)
		return error_set(e, EINVAL, "its image at %016lx is not behind its base %016lx",
				 l->image, l->base);
	if (!is_guest_range(l->base, l->image - l->base + span))
		return error_set(e, EINVAL, "its addresses from %016lx on are not a guest's",
				 l->base);
	if (k->entry - l->image >= span)
		return error_set(e, EINVAL, "its entry point %016lx is not in its image", k->entry);
	if (k->hypercall_page != UINT64_MAX &&
	    (k->hypercall_page & (PAGE_SIZE - 1) || span < PAGE_SIZE ||
	     k->hypercall_page - l->image > span - PAGE_SIZE))
		return error_set(e, EINVAL, "its hypercall page %016lx is not in its image",
				 k->hypercall_page);
	return 0;
}

/* The tables map themselves: grow until it fits. */
static void plan_tables(struct layout *l)
{
	unsigned int need;

	for (l->nr_tables = 0;; l->nr_tables = need) {
		l->stack = l->tables + l->nr_tables * PAGE_SIZE;
		l->end = round_up(l->stack + STACK_BYTES + INITIAL_SLACK, INITIAL_ALIGN);
		need = 1 + tables_for(l->base, l->end);
		if (need <= l->nr_tables)
			break;
	}
}

static int plan_p2m(struct layout *l, struct error *e)
{
	uint64_t bytes = l->p2m_list_pages << PAGE_SHIFT;

	if (l->p2m & (PAGE_SIZE - 1) || !is_guest_range(l->p2m, bytes) ||
	    (l->p2m < l->end && l->base < l->p2m + bytes))
		return error_set(e, EINVAL, "it wants its p2m list at %016lx, where it cannot be",
				 l->p2m);
	l->p2m_frames = l->p2m_list_pages + tables_for(l->p2m, l->p2m + bytes);
	return 0;
}

static int too_small(uint64_t have, uint64_t need, struct error *e)
{
	if (have >= need)
		return error_set(e, EINVAL, "its ram disk is too large: %lu MiB in all", need >> 8);
	return error_set(e, EINVAL, "memory = %lu MiB is too little: it needs %lu to start",
			 have >> 8, (need + 255) >> 8);
}

int layout_plan(struct layout *l, const struct kernel *k, uint64_t ramdisk_bytes, uint64_t nr_pages,
		struct error *e)
{
	uint64_t at;

	memset(l, 0, sizeof(*l));
	l->nr_pages = nr_pages;
	l->p2m_list_pages = pages(nr_pages * sizeof(uint64_t));
	l->base = k->virt_base;
	l->image = k->start - k->paddr_offset + k->virt_base;
	if (check_kernel(l, k, e))
		return -1;

	/* Offsets from the base at first: addresses could wrap. */
	at = round_up(l->image - l->base + (k->end - k->start), PAGE_SIZE);
	l->ramdisk = l->base + at;
	l->ramdisk_apart = ramdisk_bytes && k->mod_start_pfn;
	if (!l->ramdisk_apart)
		at += pages(ramdisk_bytes) << PAGE_SHIFT;
	l->p2m_apart = k->init_p2m != UINT64_MAX;
	l->p2m = l->p2m_apart ? k->init_p2m : l->base + at;
	if (!l->p2m_apart)
		at += l->p2m_list_pages << PAGE_SHIFT;
	if (at > MAX_REGION)
		return too_small(nr_pages, at >> PAGE_SHIFT, e);
	if (!is_guest_range(l->base, at + at / 256 + TABLES_ROOM))
		return error_set(e, EINVAL, "no room for its %lu MiB at %016lx", at >> 20, l->base);
	l->start_info = l->base + at;
	l->store = l->start_info + PAGE_SIZE;
	l->console = l->store + PAGE_SIZE;
	l->tables = l->console + PAGE_SIZE;
	plan_tables(l);
	if (l->p2m_apart && plan_p2m(l, e))
		return -1;

	l->apart_pfn = layout_pfn(l, l->end);
	l->ramdisk_pfn = l->apart_pfn + l->p2m_frames;
	l->apart_end = l->ramdisk_pfn + (l->ramdisk_apart ? pages(ramdisk_bytes) : 0);
	if (l->apart_end > nr_pages)
		return too_small(nr_pages, l->apart_end, e);
	return 0;
}
