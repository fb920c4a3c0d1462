/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A new domain's memory: its frames, and a window in our address space through
 * which the parts that the builder fills in are written.
 */
#ifndef TOOLS_MEMORY_H
#define TOOLS_MEMORY_H

#include "build/layout.h"
#include "lib/control.h"

struct memory {
	struct control *control;
	unsigned int domid;
	uint64_t nr_pages;
	xen_pfn_t *p2m; /* the machine frame of each pfn */

	void *window;
	size_t window_pages;
	/* The pfns that it shows, one range behind the other. */
	uint64_t first, first_end, second, second_end;
};

/* Give the domain frames for pfns 0 to m->nr_pages - 1. */
int memory_populate(struct memory *m, struct error *e);

/*
 * Open the window on two ranges of pfns, ends exclusive, the second behind the
 * first, and one frame more (which has no pfn), for memory_last().
 */
int memory_map(struct memory *m, uint64_t first, uint64_t first_end, uint64_t second,
	       uint64_t second_end, xen_pfn_t frame, struct error *e);

/* Where a pfn in the window is; what follows it in its range follows it there. */
void *memory_at(const struct memory *m, uint64_t pfn);
void *memory_last(const struct memory *m);

/* Close the window, and forget the frames; the domain keeps them. */
void memory_unmap(struct memory *m);
void memory_close(struct memory *m);

#endif
