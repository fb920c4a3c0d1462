/* SPDX-License-Identifier: GPL-2.0-only */
/* ELF images of guest kernels, and the notes in which they say what they need. */
#ifndef DOMAIN_ELF_H
#define DOMAIN_ELF_H

#include "lib/types.h"

struct elf_image {
	const void *data;
	size_t bytes;

	/* Physical addresses of the loadable segments, as the image has them. */
	u64 start, end;

	/* From the notes, or their defaults. */
	u64 entry;
	u64 virt_base, paddr_offset;
	u64 hypercall_page; /* ~0: none */
	u64 init_p2m;	    /* ~0: the p2m list goes behind the image */
	bool mod_start_pfn; /* the ram disk need not be mapped */
	bool has_notes;
};

/* Check an image and read its notes; NULL, or what is wrong with it. */
const char *elf_parse(struct elf_image *elf, const void *data, size_t bytes);

/* Copy the segments to memory that stands for elf->start to elf->end. */
void elf_load(const struct elf_image *elf, void *to);

#endif
