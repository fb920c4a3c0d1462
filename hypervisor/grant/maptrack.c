/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Handles: what a domain has mapped by grants. The table grows by pages, when all
 * handles are in use, and stays until the domain is gone: most domains never map
 * anything and have none, a driver domain will need it again.
 */
#include "grant/internal.h"
#include "mm/alloc.h"

static bool add_page(struct grant_table *gt)
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

bool mapping_grow(struct grant_table *gt)
{
	u32 handle = gt->used_mappings;

	if (gt->free_mapping != NO_MAPPING)
		return true;
	if (handle % MAPPINGS == 0 && !add_page(gt))
		return false;
	gt->used_mappings++;
	mapping_free(gt, mapping_at(gt, handle), handle);
	return true;
}
