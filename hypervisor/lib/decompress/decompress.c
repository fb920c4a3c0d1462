/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernels come packed by many programs. Those that unpack them are Debian's
 * libraries; here each is asked to unpack from memory to memory in one go. The
 * data may be anything: the libraries check what they read, and never write
 * beyond the room they were given.
 */
#include <lz4.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "lib/decompress/decompress.h"
#include "lib/decompress/environment.h"
#include "lib/string.h"

#define OUT_OF_MEMORY "no memory to unpack it"
#define TOO_MUCH "unpacks to more than it says"

static u32 read_u32(const u8 *p)
{
	u32 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* RFC 1952, 2.3.1: the size is what a gzip file ends with. */
static u64 gzip_size(const u8 *in, size_t bytes)
{
	return bytes < sizeof(u32) ? 0 : read_u32(in + bytes - sizeof(u32));
}

static const char *gzip_unpack(const u8 *in, size_t in_bytes, u8 *out, size_t *out_bytes)
{
	z_stream s = {
		.next_in = (u8 *)in, .avail_in = in_bytes, .next_out = out, .avail_out = *out_bytes
	};
	const char *message;
	int rc;

	if (inflateInit2(&s, MAX_WBITS + 16) != Z_OK)
		return OUT_OF_MEMORY;
	rc = inflate(&s, Z_FINISH);
	*out_bytes = s.total_out;
	message = s.msg;
	inflateEnd(&s);
	switch (rc) {
	case Z_STREAM_END:
		return NULL;
	case Z_MEM_ERROR:
		return OUT_OF_MEMORY;
	case Z_BUF_ERROR:
		return s.avail_in ? TOO_MUCH : "ends too soon";
	default:
		return message ?: "damaged";
	}
}

/*
 * The .xz file format 1.1.0, 2.1.2: the footer tells where the index is. liblzma asks
 * for the memory of as many records as the index says it has, before it reads one;
 * each takes two bytes or more (4.3), so that no more is granted than can be there.
 */
static u64 xz_size(const u8 *in, size_t bytes)
{
	lzma_stream_flags footer;
	u64 limit, size = 0;
	lzma_index *index;
	size_t at;

	if (bytes < LZMA_STREAM_HEADER_SIZE)
		return 0;
	at = bytes - LZMA_STREAM_HEADER_SIZE;
	if (lzma_stream_footer_decode(&footer, in + at) != LZMA_OK || footer.backward_size > at)
		return 0;
	bytes = at;
	at -= footer.backward_size;
	limit = lzma_index_memusage(1, footer.backward_size / 2);
	if (lzma_index_buffer_decode(&index, &limit, NULL, in, &at, bytes) == LZMA_OK) {
		size = lzma_index_uncompressed_size(index);
		lzma_index_end(index, NULL);
	}
	return size;
}

static const char *xz_unpack(const u8 *in, size_t in_bytes, u8 *out, size_t *out_bytes)
{
	u64 limit = UINT64_MAX;
	size_t in_at = 0, out_at = 0;
	lzma_ret rc = lzma_stream_buffer_decode(&limit, 0, NULL, in, &in_at, in_bytes, out, &out_at,
						*out_bytes);

	*out_bytes = out_at;
	switch (rc) {
	case LZMA_OK:
		return NULL;
	case LZMA_MEM_ERROR:
		return OUT_OF_MEMORY;
	case LZMA_BUF_ERROR:
		return TOO_MUCH;
	case LZMA_OPTIONS_ERROR:
		return "uses a filter or an option that we do not have";
	default:
		return "damaged or cut off";
	}
}

static u64 zstd_size(const u8 *in, size_t bytes)
{
	u64 size = ZSTD_getFrameContentSize(in, bytes);

	return size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR ? 0 : size;
}

/* One frame and nothing behind it: frames of other versions we do not have. */
static const char *zstd_unpack(const u8 *in, size_t in_bytes, u8 *out, size_t *out_bytes)
{
	size_t frame = ZSTD_findFrameCompressedSize(in, in_bytes), done;
	ZSTD_DCtx *context;

	if (ZSTD_isError(frame))
		return ZSTD_getErrorName(frame);
	if (frame != in_bytes)
		return "something is behind its end";
	context = ZSTD_createDCtx();
	if (!context)
		return OUT_OF_MEMORY;
	done = ZSTD_decompressDCtx(context, out, *out_bytes, in, in_bytes);
	ZSTD_freeDCtx(context);
	if (ZSTD_isError(done))
		return ZSTD_getErrorName(done);
	*out_bytes = done;
	return NULL;
}

/*
 * LZ4's legacy frames (LZ4 Frame Format, "Legacy frame"), which is what packs
 * kernels: after the magic number, blocks that each begin with their packed
 * size. A block unpacks to 8 MiB, the last to what is left. A block's size that
 * cannot be one is another frame's magic number. There is no checksum.
 */
#define LZ4_MAGIC 0x184c2102
#define LZ4_BLOCK (8u << 20)

/* The next block of at most *left bytes; false: none. *size is 0 if cut off. */
static bool lz4_next(const u8 **block, size_t *left, u32 *size)
{
	*block += *size;
	*left -= *size;
	do {
		if (*left == 0)
			return false;
		*size = *left < sizeof(u32) ? 0 : read_u32(*block);
		if (*size == 0)
			return true;
		*block += sizeof(u32);
		*left -= sizeof(u32);
	} while (*size == LZ4_MAGIC);
	if (*size > *left)
		*size = 0;
	return true;
}

static u64 lz4_size(const u8 *in, size_t bytes)
{
	u64 sum = 0;
	u32 size = 0;

	while (lz4_next(&in, &bytes, &size) && size != 0)
		sum += LZ4_BLOCK;
	return sum;
}

static const char *lz4_unpack(const u8 *in, size_t in_bytes, u8 *out, size_t *out_bytes)
{
	size_t done = 0;
	u32 size = 0;

	while (lz4_next(&in, &in_bytes, &size)) {
		size_t room = min(*out_bytes - done, (size_t)LZ4_BLOCK);
		int n;

		if (size == 0)
			return "ends too soon";
		if (size > LZ4_MAX_INPUT_SIZE)
			return "damaged";
		n = LZ4_decompress_safe((const char *)in, (char *)out + done, size, room);
		if (n < 0)
			return "damaged";
		done += n;
	}
	*out_bytes = done;
	return NULL;
}

static const struct compression known[] = {
	{ "gzip", { 0x1f, 0x8b }, 2, gzip_size, gzip_unpack },
	{ "xz", { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, xz_size, xz_unpack },
	{ "zstd", { 0x28, 0xb5, 0x2f, 0xfd }, 4, zstd_size, zstd_unpack },
	{ "lz4", { 0x02, 0x21, 0x4c, 0x18 }, 4, lz4_size, lz4_unpack },
	/* Known by name only. */
	{ "lz4 (not legacy)", { 0x04, 0x22, 0x4d, 0x18 }, 4, NULL, NULL },
	{ "bzip2", { 'B', 'Z', 'h' }, 3, NULL, NULL },
	{ "lzma", { 0x5d, 0, 0 }, 3, NULL, NULL },
	{ "lzo", { 0x89, 'L', 'Z', 'O' }, 4, NULL, NULL },
};

const struct compression *decompress_find(const void *in, size_t bytes)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++)
		if (bytes >= known[i].magic_bytes &&
		    memcmp(in, known[i].magic, known[i].magic_bytes) == 0)
			return &known[i];
	return NULL;
}

u64 decompress_size(const struct compression *c, const void *in, size_t bytes)
{
	u64 size;

	environment_enter();
	size = c->size(in, bytes);
	environment_leave();
	return size;
}

const char *decompress(const struct compression *c, const void *in, size_t in_bytes, void *out,
		       size_t *out_bytes)
{
	const char *error;

	/* As much as the least of the libraries can count. */
	if (in_bytes > UINT32_MAX || *out_bytes > UINT32_MAX)
		return "larger than 4 GiB";
	environment_enter();
	error = c->unpack(in, in_bytes, out, out_bytes);
	environment_leave();
	return error;
}
