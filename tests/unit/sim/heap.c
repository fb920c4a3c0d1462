/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's heap is the C library's here, in place of mm/heap.c, so that
 * AddressSanitizer sees each object, and leaks are reported at the end.
 */
#include <stdlib.h>

#include "mm/alloc.h"
#include "sim/heap.h"

unsigned int sim_heap_fail_after;

void *heap_alloc(size_t bytes)
{
	if (sim_heap_fail_after && --sim_heap_fail_after == 0)
		return NULL;
	return calloc(1, bytes);
}

void heap_free(void *p)
{
	free(p);
}
