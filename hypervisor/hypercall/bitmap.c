/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bitmaps of the control interface: as many bytes as the caller's bits fill, bit 0
 * of byte 0 first. That is how our own word lies in memory, too.
 */
#include <xen/errno.h>

#include "hypercall/bitmap.h"
#include "machine.h"

#define MAX_BYTES 4096

int cpumask_to_guest(const struct xenctl_bitmap *map, cpumask_t cpus)
{
	static const u8 zeroes[64];
	u32 bytes = DIV_ROUND_UP((u64)map->nr_bits, 8), n = min(bytes, (u32)sizeof(cpus));

	if (bytes > MAX_BYTES)
		return -XEN_EINVAL;
	if (map->nr_bits < NR_CPUS)
		cpus &= (1ull << map->nr_bits) - 1;
	if (copy_to_guest(map->bitmap.p, &cpus, n))
		return -XEN_EFAULT;
	for (u32 at = n; at < bytes; at += n) {
		n = min(bytes - at, (u32)sizeof(zeroes));
		if (copy_to_guest(map->bitmap.p + at, zeroes, n))
			return -XEN_EFAULT;
	}
	return 0;
}

int cpumask_from_guest(cpumask_t *cpus, const struct xenctl_bitmap *map)
{
	u32 bytes = min(DIV_ROUND_UP((u64)map->nr_bits, 8), sizeof(*cpus));
	cpumask_t mask = 0;

	if (copy_from_guest(&mask, map->bitmap.p, bytes))
		return -XEN_EFAULT;
	if (map->nr_bits < NR_CPUS)
		mask &= (1ull << map->nr_bits) - 1;
	*cpus = mask;
	return 0;
}
