/* SPDX-License-Identifier: GPL-2.0-only */
/* The ELF image of a kernel, which may be packed in several ways. */
#ifndef DOMAIN_KERNEL_IMAGE_H
#define DOMAIN_KERNEL_IMAGE_H

#include "lib/types.h"

/*
 * The ELF image in data: data itself, or memory of ours that lasts until
 * kernel_image_free(). NULL, or what is wrong. Whether it is an ELF image
 * indeed, elf_parse() tells.
 */
const char *kernel_image_unpack(const void *data, size_t bytes, const void **elf,
				size_t *elf_bytes);

/* Frames that the unpacked image has, and their end. */
u64 kernel_image_frames(void);
void kernel_image_free(void);

#endif
