/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables for the initial region and for a p2m list that is apart. They are
 * written into the domain's frames as data; the hypervisor checks them when the
 * first one is pinned. By then nobody may have page tables mapped writable, so
 * they map themselves read-only.
 */
#include <string.h>

#include "build/tables.h"

#define ENTRIES 512
#define PTE_PRESENT 0x01
#define PTE_RW 0x02
#define PTE_USER 0x04
#define PTE_ACCESSED 0x20
#define PTE_DIRTY 0x40
#define PTE_FLAGS (PTE_PRESENT | PTE_RW | PTE_USER | PTE_ACCESSED | PTE_DIRTY)

struct tables {
	const struct memory *m;
	uint64_t l4_pfn;
	uint64_t next; /* the pfn of the next table */
};

static unsigned int index_at(uint64_t va, unsigned int level)
{
	return va >> (PAGE_SHIFT + 9 * (level - 1)) & (ENTRIES - 1);
}

static uint64_t *new_table(struct tables *t, uint64_t *pfn)
{
	*pfn = t->next++;
	return memset(memory_at(t->m, *pfn), 0, PAGE_SIZE);
}

/*
 * The level 1 table for an address, and those above it. Until all are there, they
 * name each other by pfn: we could not find a frame.
 */
static uint64_t *level1(struct tables *t, uint64_t va)
{
	uint64_t *table = memory_at(t->m, t->l4_pfn), pfn;

	for (unsigned int level = 4; level > 1; level--) {
		uint64_t *entry = &table[index_at(va, level)];

		if (*entry) {
			table = memory_at(t->m, *entry >> PAGE_SHIFT);
			continue;
		}
		table = new_table(t, &pfn);
		*entry = pfn << PAGE_SHIFT | PTE_FLAGS;
	}
	return table;
}

/* From pfns to frames, in the tables of a level above 1 and those below. */
static void translate(const struct tables *t, uint64_t table_pfn, unsigned int level)
{
	uint64_t *table = memory_at(t->m, table_pfn);

	for (unsigned int i = 0; i < ENTRIES; i++) {
		uint64_t pfn = table[i] >> PAGE_SHIFT;

		if (!table[i])
			continue;
		if (level > 2)
			translate(t, pfn, level - 1);
		table[i] = t->m->p2m[pfn] << PAGE_SHIFT | PTE_FLAGS;
	}
}

/* Map so many pages from an address on to pfns from one on. */
static void map(struct tables *t, uint64_t va, uint64_t pfn, uint64_t count)
{
	const xen_pfn_t *frames = &t->m->p2m[pfn];

	while (count > 0) {
		unsigned int index = index_at(va, 1);
		uint64_t *entry = level1(t, va) + index;

		for (; index < ENTRIES && count > 0; index++, count--, va += PAGE_SIZE)
			*entry++ = *frames++ << PAGE_SHIFT | PTE_FLAGS;
	}
}

uint64_t tables_build(const struct layout *l, const struct memory *m)
{
	struct tables t = { .m = m, .l4_pfn = layout_pfn(l, l->tables) };

	t.next = t.l4_pfn + 1;
	memset(memory_at(m, t.l4_pfn), 0, PAGE_SIZE);
	map(&t, l->base, 0, layout_pfn(l, l->end));
	for (uint64_t va = l->tables; va < l->stack; va += PAGE_SIZE)
		level1(&t, va)[index_at(va, 1)] &= ~(uint64_t)PTE_RW;
	if (l->p2m_apart) {
		t.next = l->apart_pfn + l->p2m_list_pages;
		map(&t, l->p2m, l->apart_pfn, l->p2m_list_pages);
	}
	translate(&t, t.l4_pfn, 4);
	return t.l4_pfn;
}
