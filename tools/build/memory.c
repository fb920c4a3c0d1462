/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory for a new domain. The hypervisor is asked for large extents first: one
 * entry then stands for many frames, and one call for all of them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xen/memory.h>

#include "build/memory.h"

/* 1 GiB, 2 MiB, a frame. */
static const unsigned int orders[] = { 18, 9, 0 };

/* Extents in a call. */
#define BATCH 32768u

/*
 * As many extents of an order as fit into the rest, and as the hypervisor has.
 * Returns the pfn behind the last that was given; list has room for a batch.
 */
static uint64_t populate_order(struct memory *m, uint64_t pfn, unsigned int order, xen_pfn_t *list,
			       struct error *e)
{
	int given, asked;

	do {
		struct xen_memory_reservation r = { .extent_order = order, .domid = m->domid };
		uint64_t left = (m->nr_pages - pfn) >> order;

		asked = left < BATCH ? left : BATCH;
		if (asked == 0)
			break;
		for (int i = 0; i < asked; i++)
			list[i] = pfn + ((uint64_t)i << order);
		set_xen_guest_handle(r.extent_start, list);
		r.nr_extents = asked;
		given = control_memory_op(m->control, XENMEM_populate_physmap, &r, sizeof(r),
					  "giving a domain memory", e);
		for (int i = 0; i < given; i++)
			for (uint64_t j = 0; j < 1ull << order; j++)
				m->p2m[pfn++] = list[i] + j;
	} while (given == asked);
	return pfn;
}

int memory_populate(struct memory *m, struct error *e)
{
	xen_pfn_t *list = control_buffer(m->control, BATCH * sizeof(*list), e);
	uint64_t pfn = 0;

	m->p2m = malloc(m->nr_pages * sizeof(*m->p2m));
	if (!m->p2m)
		error_set(e, ENOMEM, "out of memory");
	for (unsigned int i = 0; list && m->p2m && i < sizeof(orders) / sizeof(orders[0]); i++)
		pfn = populate_order(m, pfn, orders[i], list, e);
	if (list && m->p2m && pfn < m->nr_pages)
		error_set(e, ENOMEM, "the host has %lu of the %lu MiB of memory asked for",
			  pfn >> 8, m->nr_pages >> 8);
	control_buffer_free(m->control, list);
	return pfn < m->nr_pages ? -1 : 0;
}

int memory_map(struct memory *m, uint64_t first, uint64_t first_end, uint64_t second,
	       uint64_t second_end, xen_pfn_t frame, struct error *e)
{
	size_t count = (first_end - first) + (second_end - second) + 1;
	xen_pfn_t *frames = malloc(count * sizeof(*frames)), *to = frames;

	if (!frames)
		return error_set(e, ENOMEM, "out of memory");
	to = mempcpy(to, m->p2m + first, (first_end - first) * sizeof(*to));
	to = mempcpy(to, m->p2m + second, (second_end - second) * sizeof(*to));
	*to = frame;
	m->first = first;
	m->first_end = first_end;
	m->second = second;
	m->second_end = second_end;
	m->window = xenforeignmemory_map(m->control->memory, m->domid, PROT_READ | PROT_WRITE,
					 count, frames, NULL);
	m->window_pages = count;
	free(frames);
	if (!m->window)
		return error_errno(e, "mapping the domain's memory");
	return 0;
}

void *memory_at(const struct memory *m, uint64_t pfn)
{
	if (pfn >= m->first && pfn < m->first_end)
		return m->window + ((pfn - m->first) << PAGE_SHIFT);
	return m->window + ((m->first_end - m->first + pfn - m->second) << PAGE_SHIFT);
}

void *memory_last(const struct memory *m)
{
	return m->window + ((m->window_pages - 1) << PAGE_SHIFT);
}

void memory_unmap(struct memory *m)
{
	if (m->window)
		xenforeignmemory_unmap(m->control->memory, m->window, m->window_pages);
	m->window = NULL;
}

void memory_close(struct memory *m)
{
	memory_unmap(m);
	free(m->p2m);
	m->p2m = NULL;
}
