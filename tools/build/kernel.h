/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel images: what is in the file, and what the kernel asks of its builder. */
#ifndef TOOLS_KERNEL_H
#define TOOLS_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

#define KERNEL_MAX_SEGMENTS 32
#ifndef KERNEL_MAX_BYTES	      /* tests have less */
#define KERNEL_MAX_BYTES (1ull << 30) /* of the file, and unpacked */
#endif

struct kernel_segment {
	uint64_t offset, file_bytes;  /* in the ELF image; checked to be in it */
	uint64_t paddr, memory_bytes; /* where it goes; at least file_bytes */
};

struct kernel {
	const uint8_t *elf;
	size_t bytes;
	void *file, *unpacked, *mapped; /* what there is to free */
	int fd;				/* a file that is the image; -1: none */

	struct kernel_segment segment[KERNEL_MAX_SEGMENTS];
	unsigned int nr_segments;
	uint64_t start, end; /* physical addresses of them all */

	/* From the notes (xen/elfnote.h), or their defaults. */
	uint64_t entry;
	uint64_t virt_base, paddr_offset;
	uint64_t hypercall_page; /* ~0: none */
	uint64_t init_p2m;	 /* ~0: the p2m list goes behind the image */
	bool mod_start_pfn;	 /* the ram disk need not be mapped */
};

/*
 * Read, unpack and check a kernel. The message names path. Unpacked images are kept
 * in the directory cache and looked for there, unless it is NULL.
 */
int kernel_open(struct kernel *k, const char *path, const char *cache, struct error *e);

/*
 * The same with a file that is in memory already, which must stay there until
 * kernel_close(). The data may be anything.
 */
int kernel_parse(struct kernel *k, const void *data, size_t bytes, struct error *e);

/* After success and after failure. */
void kernel_close(struct kernel *k);

/*
 * Copy the segments to memory that stands for k->start to k->end, zeroing the rest
 * of each. EIO: the image became shorter, or cannot be read.
 */
int kernel_load(const struct kernel *k, void *to, struct error *e);

#endif
