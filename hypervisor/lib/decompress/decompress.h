/* SPDX-License-Identifier: GPL-2.0-only */
/* Unpacking of data whose first bytes say what packed it. */
#ifndef LIB_DECOMPRESS_DECOMPRESS_H
#define LIB_DECOMPRESS_DECOMPRESS_H

#include "lib/types.h"

struct compression {
	const char *name;
	u8 magic[6], magic_bytes;
	/* How many bytes come out, or a bound; 0: the data does not say. */
	u64 (*size)(const u8 *in, size_t bytes);
	/* As decompress(). NULL: known by name only. */
	const char *(*unpack)(const u8 *in, size_t in_bytes, u8 *out, size_t *out_bytes);
};

/* What data that begins so is packed with; NULL: nothing that we know. */
const struct compression *decompress_find(const void *in, size_t bytes);

/* Room for how many bytes the data needs by itself; 0: it does not say. */
u64 decompress_size(const struct compression *c, const void *in, size_t bytes);

/*
 * Unpack; *out_bytes is the room before and what came out afterwards. NULL, or
 * what is wrong with the data, to follow "its gzip data: ".
 */
const char *decompress(const struct compression *c, const void *in, size_t in_bytes, void *out,
		       size_t *out_bytes);

/* Contiguous memory, not zeroed; NULL when there is none. */
void *decompress_memory_take(size_t bytes);
void decompress_memory_give(void *p, size_t bytes);

#endif
