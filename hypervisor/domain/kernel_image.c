/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Distributions ship their kernel as a bzImage: code for the real mode, code
 * that unpacks, and the kernel proper as packed data, which is an ELF image. For
 * loaders like us, who need nothing but the last, the header says where it is
 * (Linux, Documentation/x86/boot.rst). What is no bzImage may be an ELF image
 * that somebody packed as a whole, or an ELF image.
 *
 * Every size in the file is checked before it is used; the image may be anything.
 */
#include "domain/kernel_image.h"
#include "lib/decompress/decompress.h"
#include "lib/format.h"
#include "lib/string.h"
#include "machine.h"

/* Where the fields of a bzImage's header are. */
#define SETUP_SECTS 0x1f1
#define HEADER_MAGIC 0x202
#define VERSION 0x206
#define PAYLOAD_OFFSET 0x248
#define PAYLOAD_LENGTH 0x24c
#define HEADER_END 0x250

#define SECTOR 512
#define DEFAULT_SETUP_SECTS 4
#define VERSION_WITH_PAYLOAD 0x208

/* The unpacked image: what was taken for it. One at a time. */
static struct {
	void *p;
	size_t bytes;
} room;

static char error[160];

#define fail(fmt, ...)                                            \
	({                                                        \
		format(error, sizeof(error), fmt, ##__VA_ARGS__); \
		error;                                            \
	})

static u32 read_u32(const u8 *p)
{
	u32 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static bool is_bzimage(const u8 *data, size_t bytes)
{
	return bytes >= HEADER_END && memcmp(data + HEADER_MAGIC, "HdrS", 4) == 0;
}

/* Narrow data down to the packed kernel in a bzImage. */
static const char *find_payload(const u8 **data, size_t *bytes)
{
	const u8 *header = *data;
	unsigned int version = header[VERSION] | header[VERSION + 1] << 8;
	u64 start = header[SETUP_SECTS] ?: DEFAULT_SETUP_SECTS;
	u64 length = read_u32(header + PAYLOAD_LENGTH);

	if (version < VERSION_WITH_PAYLOAD || length == 0)
		return "a bzImage that does not say where its kernel is (boot protocol before "
		       "2.08)";
	/* The offset counts from what follows the real-mode part. */
	start = (start + 1) * SECTOR + read_u32(header + PAYLOAD_OFFSET);
	if (start > *bytes || length > *bytes - start)
		return fail("a bzImage cut off: it has %lu bytes, its kernel ends at %lu",
			    (u64)*bytes, start + length);
	*data += start;
	*bytes = length;
	return NULL;
}

/* *size of what comes out, or a bound of it: then what came out. */
static const char *unpack(const struct compression *c, const u8 *data, size_t bytes, size_t *size)
{
	const char *why;

	if (*size == 0)
		return fail("its %s data does not say its size, or is cut off", c->name);
	room.p = decompress_memory_take(*size);
	if (!room.p)
		return fail("no %lu MiB of contiguous memory for its %s data to unpack to",
			    DIV_ROUND_UP(*size, 1ul << 20), c->name);
	room.bytes = *size;
	why = decompress(c, data, bytes, room.p, size);
	if (why)
		return fail("its %s data: %s", c->name, why);
	log_info("Domain 0: kernel unpacked, %lu KiB of %s to %lu KiB", bytes >> 10, c->name,
		 *size >> 10);
	return NULL;
}

const char *kernel_image_unpack(const void *data, size_t bytes, const void **elf, size_t *elf_bytes)
{
	bool bzimage = is_bzimage(data, bytes);
	const struct compression *c;
	const u8 *packed = data;
	const char *why = NULL;
	size_t size = 0;

	*elf = data;
	*elf_bytes = bytes;
	if (bzimage)
		why = find_payload(&packed, &bytes);
	if (why)
		return why;
	c = decompress_find(packed, bytes);
	if (!c && !bzimage)
		return NULL;
	if (!c)
		return "a bzImage whose kernel is packed in a way that we do not know";
	if (!c->unpack)
		return fail("packed with %s: supported are gzip, xz, zstd and lz4", c->name);
	/* gzip ends in the size; behind the others, the kernel's build adds it. */
	if (bzimage && bytes > sizeof(u32)) {
		size = read_u32(packed + bytes - sizeof(u32));
		if (strcmp(c->name, "gzip") != 0)
			bytes -= sizeof(u32);
	} else {
		size = decompress_size(c, packed, bytes);
	}
	*elf_bytes = size;
	why = unpack(c, packed, bytes, elf_bytes);
	if (!why && bzimage && *elf_bytes != size)
		why = fail("its %s data unpacks to %lu bytes, not to %lu as it says", c->name,
			   *elf_bytes, size);
	if (why)
		kernel_image_free();
	*elf = room.p;
	return why;
}

u64 kernel_image_frames(void)
{
	return DIV_ROUND_UP(room.bytes, PAGE_SIZE);
}

void kernel_image_free(void)
{
	if (room.p)
		decompress_memory_give(room.p, room.bytes);
	room.p = NULL;
	room.bytes = 0;
}
