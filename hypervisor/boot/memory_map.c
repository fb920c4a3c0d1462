/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Firmware's memory map, made usable: sorted, without overlaps, RAM trimmed to
 * whole frames, cut to what mem= allows.
 */
#include "boot/boot_info.h"
#include "boot/cmdline.h"
#include "lib/string.h"
#include "machine.h"

/* mem=<size>: use RAM below this physical address only. */
static u64 opt_mem = UINT64_MAX;
PARAM_SIZE("mem", opt_mem);

/* Where regions overlap, the one that allows less wins. */
static int strictness(enum region_type type)
{
	switch (type) {
	case REGION_RAM:
		return 0;
	case REGION_ACPI:
		return 1;
	case REGION_NVS:
		return 2;
	case REGION_RESERVED:
		return 3;
	default:
		return 4;
	}
}

/*
 * Sweep over all region borders in ascending order; between two neighbours the
 * strictest region that covers the gap decides. Quadratic, on a hundred entries.
 */
static void sweep(struct region *region, unsigned int *nr)
{
	static struct region in[MAX_REGIONS];
	static u64 border[2 * MAX_REGIONS + 1];
	unsigned int nr_in = *nr, nr_borders = 0, n = 0;

	memcpy(in, region, sizeof(in));
	for (unsigned int i = 0; i < nr_in; i++) {
		border[nr_borders++] = in[i].start;
		border[nr_borders++] = in[i].end;
	}
	if (opt_mem != UINT64_MAX)
		border[nr_borders++] = opt_mem;
	for (unsigned int i = 1; i < nr_borders; i++) {
		u64 x = border[i];
		unsigned int j = i;

		for (; j > 0 && border[j - 1] > x; j--)
			border[j] = border[j - 1];
		border[j] = x;
	}

	for (unsigned int i = 0; i + 1 < nr_borders; i++) {
		const struct region *best = NULL;

		if (border[i] == border[i + 1])
			continue;
		for (unsigned int j = 0; j < nr_in; j++)
			if (in[j].start <= border[i] && border[i] < in[j].end &&
			    (!best || strictness(in[j].type) > strictness(best->type)))
				best = &in[j];
		if (!best || (best->type == REGION_RAM && border[i] >= opt_mem))
			continue;
		if (n && region[n - 1].type == best->type && region[n - 1].end == border[i])
			region[n - 1].end = border[i + 1];
		else if (n < MAX_REGIONS)
			region[n++] = (struct region){ border[i], border[i + 1], best->type };
	}
	*nr = n;
}

void memory_map_tidy(void)
{
	struct boot_info *b = &boot_info;

	sweep(b->region, &b->nr_regions);
	memcpy(b->machine_region, b->region, sizeof(b->region));
	b->nr_machine_regions = b->nr_regions;
	for (unsigned int i = 0; i < b->nr_regions; i++) {
		struct region *r = &b->region[i];

		if (r->type != REGION_RAM)
			continue;
		r->start = ROUND_UP(r->start, PAGE_SIZE);
		r->end = max(ROUND_DOWN(r->end, PAGE_SIZE), r->start);
	}
}

void memory_map_reserve(paddr_t start, paddr_t end)
{
	struct boot_info *b = &boot_info;

	if (b->nr_machine_regions == MAX_REGIONS)
		return;
	b->machine_region[b->nr_machine_regions++] =
		(struct region){ start, end, REGION_RESERVED };
	sweep(b->machine_region, &b->nr_machine_regions);
}

void memory_map_print(void)
{
	static const char *const names[] = {
		[REGION_RAM] = "RAM",	     [REGION_RESERVED] = "reserved",
		[REGION_ACPI] = "ACPI data", [REGION_NVS] = "ACPI NVS",
		[REGION_UNUSABLE] = "bad",
	};
	u64 ram = 0;

	log_info("Memory map:");
	for (unsigned int i = 0; i < boot_info.nr_regions; i++) {
		const struct region *r = &boot_info.region[i];

		log_info("  %016lx - %016lx  %s", r->start, r->end,
			 names[r->type]);
		if (r->type == REGION_RAM)
			ram += r->end - r->start;
	}
	log_info("RAM: %lu MiB", ram >> 20);
}

u64 memory_map_ram_frames(void)
{
	u64 bytes = 0;

	for (unsigned int i = 0; i < boot_info.nr_regions; i++) {
		const struct region *r = &boot_info.region[i];

		if (r->type == REGION_RAM)
			bytes += r->end - r->start;
	}
	return bytes >> PAGE_SHIFT;
}
