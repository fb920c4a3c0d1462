/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes become a kernel file, as somebody may give it to the builder: packed or not,
 * it is read, a domain's memory is planned for it, and it is loaded. The first two
 * bytes are the domain's memory in MiB and its ram disk in pages.
 *
 * A plan that is accepted must be one: parts in order, within the domain.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "build/kernel.h"
#include "build/layout.h"

/* More than this is not loaded, for speed. */
#define LOAD_MAX (4u << 20)

static void check_plan(const struct kernel *k, const struct layout *l)
{
	uint64_t bytes = l->nr_pages << PAGE_SHIFT;

	assert(l->image - l->base + (k->end - k->start) <= l->start_info - l->base);
	assert(l->start_info - l->base < l->console - l->base);
	assert(l->console - l->base < l->tables - l->base);
	assert(l->tables - l->base < l->stack - l->base);
	assert(l->stack - l->base < l->end - l->base);
	assert(l->end - l->base <= bytes);
	assert(l->end - 1 >= l->base);
	assert(l->nr_tables >= 4);
	assert(layout_pfn(l, l->end) == l->apart_pfn);
	assert(l->apart_pfn <= l->ramdisk_pfn && l->ramdisk_pfn <= l->apart_end);
	assert(l->apart_end <= l->nr_pages);
	assert(k->entry - l->base < l->end - l->base);
}

static void load(const struct kernel *k)
{
	void *memory = malloc(k->end - k->start);

	assert(kernel_load(k, memory, NULL) == 0);
	free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct error e = { 0 };
	struct kernel k;
	struct layout l;
	void *file;
	int rc;

	if (bytes < 2)
		return 0;
	/* A block of its own, so that a byte too far is seen. */
	file = malloc(bytes - 2);
	memcpy(file, data + 2, bytes - 2);
	rc = kernel_parse(&k, file, bytes - 2, &e);
	if (rc == 0) {
		if (k.end - k.start <= LOAD_MAX)
			load(&k);
		rc = layout_plan(&l, &k, (uint64_t)data[1] << PAGE_SHIFT, (uint64_t)data[0] << 8,
				 &e);
		if (rc == 0)
			check_plan(&k, &l);
	}
	/* Who fails says why. */
	assert(rc == 0 || (rc == -1 && e.number && e.text[0]));
	kernel_close(&k);
	free(file);
	return 0;
}
