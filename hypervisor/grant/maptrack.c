/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Handles: what a domain has mapped by grants. The table grows by pages, one
 * when all handles are in use, and stays until the domain is gone: most domains
 * never map anything and have none, a driver domain will need it again.
 */
#include "grant/internal.h"
#include "mm/alloc.h"

static bool grow(struct grant_table *gt)
{
	u32 page = gt->used_mappings >> MAPPINGS_SHIFT;

	if (page == gt->max_maptrack)
		return false;
	if (!gt->maptrack)
		gt->maptrack = heap_alloc(gt->max_maptrack * sizeof(*gt->maptrack));
	if (!gt->maptrack)
		return false;
	gt->maptrack[page] = page_alloc();
	return gt->maptrack[page] != NULL;
}

/* A handle that the caller fills in, or NULL: too many or no memory. */
struct mapping *mapping_alloc(struct grant_table *gt, u32 *handle)
{
	u32 h = gt->free_mapping;
	struct mapping *m;

	if (h == NO_MAPPING) {
		h = gt->used_mappings;
		if (h % MAPPINGS == 0 && !grow(gt))
			return NULL;
		gt->used_mappings++;
		m = &gt->maptrack[h >> MAPPINGS_SHIFT][h & (MAPPINGS - 1)];
	} else {
		m = &gt->maptrack[h >> MAPPINGS_SHIFT][h & (MAPPINGS - 1)];
		gt->free_mapping = m->ref;
	}
	*handle = h;
	return m;
}

void mapping_free(struct grant_table *gt, struct mapping *m, u32 handle)
{
	m->flags = 0;
	m->ref = gt->free_mapping;
	gt->free_mapping = handle;
}
