/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * domain/kernel_image.c and lib/decompress: bzImages made here, packed by the
 * libraries themselves, come out as they went in; whatever is cut off or damaged
 * is refused, and no memory stays behind.
 */
#include "test.h"

#include <lz4.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "domain/kernel_image.h"
#include "lib/types.h"
#include "mm/alloc.h"
#include "sim/sim.h"

struct buffer {
	u8 *p;
	size_t bytes;
};

/* Large enough for two of LZ4's blocks. */
#define KERNEL_BYTES ((9u << 20) + 12345)
#define ROOM (KERNEL_BYTES + (1u << 20))
#define SMALL_BYTES 100000

static struct buffer kernel, small;

/* Words that repeat, and some that do not. */
static struct buffer some_kernel(size_t bytes)
{
	struct buffer b = { malloc(bytes), bytes };
	u64 x = 88172645463325252;

	for (size_t i = 0; i < bytes; i++) {
		if (i % 64 == 0)
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		b.p[i] = i % 64 < 24 ? x >> (i % 8 * 8) : i / 64 % 7;
	}
	memcpy(b.p, "\177ELF", 4);
	return b;
}

static struct buffer pack_gzip(struct buffer in)
{
	struct buffer b = { malloc(ROOM), ROOM };
	z_stream s = {
		.next_in = in.p, .avail_in = in.bytes, .next_out = b.p, .avail_out = b.bytes
	};

	assert_int_equal(deflateInit2(&s, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY),
			 Z_OK);
	assert_int_equal(deflate(&s, Z_FINISH), Z_STREAM_END);
	b.bytes = s.total_out;
	deflateEnd(&s);
	return b;
}

/* As kernels have it: the filter for x86 code, a checksum of the kind given. */
static struct buffer pack_xz_check(struct buffer in, lzma_check check)
{
	struct buffer b = { malloc(ROOM), 0 };
	lzma_options_lzma lzma;
	lzma_filter filters[] = {
		{ .id = LZMA_FILTER_X86 },
		{ .id = LZMA_FILTER_LZMA2, .options = &lzma },
		{ .id = LZMA_VLI_UNKNOWN },
	};

	lzma_lzma_preset(&lzma, 1);
	assert_int_equal(lzma_stream_buffer_encode(filters, check, NULL, in.p, in.bytes, b.p,
						   &b.bytes, ROOM),
			 LZMA_OK);
	return b;
}

static struct buffer pack_xz(struct buffer in)
{
	return pack_xz_check(in, LZMA_CHECK_CRC32);
}

static struct buffer pack_xz_crc64(struct buffer in)
{
	return pack_xz_check(in, LZMA_CHECK_CRC64);
}

static struct buffer pack_zstd(struct buffer in)
{
	struct buffer b = { malloc(ROOM), 0 };
	ZSTD_CCtx *context = ZSTD_createCCtx();

	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	b.bytes = ZSTD_compress2(context, b.p, ROOM, in.p, in.bytes);
	ZSTD_freeCCtx(context);
	assert_false(ZSTD_isError(b.bytes));
	return b;
}

static struct buffer pack_lz4(struct buffer in)
{
	const size_t block = 8u << 20;
	struct buffer b = { malloc(ROOM), 4 };

	memcpy(b.p, "\x02\x21\x4c\x18", 4);
	for (size_t i = 0; i < in.bytes; i += block) {
		u32 n = LZ4_compress_default((char *)in.p + i, (char *)b.p + b.bytes + 4,
					     min(block, in.bytes - i), ROOM - b.bytes - 4);

		assert_true(n > 0);
		memcpy(b.p + b.bytes, &n, 4);
		b.bytes += 4 + n;
	}
	return b;
}

static const struct packer {
	const char *name;
	struct buffer (*pack)(struct buffer in);
	bool size_inside, checksum;
} packers[] = {
	{ "gzip", pack_gzip, true, true },    { "xz", pack_xz, false, true },
	{ "xz", pack_xz_crc64, false, true }, { "zstd", pack_zstd, false, true },
	{ "lz4", pack_lz4, false, false },
};

#define for_each_packer(p) \
	for (const struct packer *p = packers; p < packers + ARRAY_SIZE(packers); p++)

#define SETUP_SECTS 3
#define OFFSET 77
#define PAYLOAD ((SETUP_SECTS + 1) * 512 + OFFSET)
#define BEHIND 50

/* A bzImage around packed data; says: the size it claims, if it must. */
static struct buffer bzimage(struct buffer packed, bool size_inside, u32 says)
{
	u32 length = packed.bytes + (size_inside ? 0 : 4), offset = OFFSET;
	struct buffer b = { calloc(1, PAYLOAD + length + BEHIND), PAYLOAD + length + BEHIND };

	b.p[0x1f1] = SETUP_SECTS;
	memcpy(b.p + 0x202, "HdrS\x0f\x02", 6);
	memcpy(b.p + 0x248, &offset, 4);
	memcpy(b.p + 0x24c, &length, 4);
	memcpy(b.p + PAYLOAD, packed.p, packed.bytes);
	memcpy(b.p + PAYLOAD + length - 4, &says, 4);
	return b;
}

static struct buffer bzimage_of(const struct packer *p, struct buffer in)
{
	struct buffer packed = p->pack(in);
	struct buffer b = bzimage(packed, p->size_inside, in.bytes);

	free(packed.p);
	return b;
}

static void assert_unpacks(struct buffer from, struct buffer to)
{
	const void *elf;
	size_t bytes;

	assert_null(kernel_image_unpack(from.p, from.bytes, &elf, &bytes));
	assert_int_equal(bytes, to.bytes);
	assert_memory_equal(elf, to.p, to.bytes);
	assert_int_equal(kernel_image_frames(), DIV_ROUND_UP(to.bytes, 4096));
	kernel_image_free();
	assert_int_equal(kernel_image_frames(), 0);
}

/* why: a part of what it must say. */
static void assert_refused(struct buffer from, const char *why)
{
	const void *elf;
	size_t bytes;
	u64 before = frames_free_count();
	const char *error = kernel_image_unpack(from.p, from.bytes, &elf, &bytes);

	assert_non_null(error);
	if (!strstr(error, why))
		fail_msg("'%s' does not say '%s'", error, why);
	assert_int_equal(frames_free_count(), before);
}

static void test_plain(void **state)
{
	const void *elf;
	size_t bytes;

	assert_null(kernel_image_unpack(small.p, small.bytes, &elf, &bytes));
	assert_ptr_equal(elf, small.p);
	assert_int_equal(bytes, small.bytes);
	assert_int_equal(kernel_image_frames(), 0);
	kernel_image_free();
	/* What it is not, elf_parse() is to say; even of nothing. */
	assert_null(kernel_image_unpack(small.p + 1, 0, &elf, &bytes));
	assert_int_equal(bytes, 0);
}

static void test_bzimages(void **state)
{
	for_each_packer(p)
	{
		struct buffer b = bzimage_of(p, kernel);

		assert_unpacks(b, kernel);
		free(b.p);
	}
}

static void test_packed_as_a_whole(void **state)
{
	for_each_packer(p)
	{
		struct buffer b = p->pack(small);
		const void *elf;
		size_t bytes;

		assert_null(kernel_image_unpack(b.p, b.bytes, &elf, &bytes));
		assert_int_equal(bytes, small.bytes);
		assert_memory_equal(elf, small.p, small.bytes);
		kernel_image_free();
		free(b.p);
	}
}

/* setup_sects 0 means 4. */
static void test_old_setup_size(void **state)
{
	struct buffer packed = pack_gzip(small);
	struct buffer b = bzimage(packed, true, small.bytes);
	u32 offset = OFFSET - 512;

	b.p[0x1f1] = 0;
	memcpy(b.p + 0x248, &offset, 4);
	/* (4 + 1) * 512 - 512 + OFFSET: only if the sum does not wrap. */
	assert_refused(b, "cut off");
	offset = 0;
	memcpy(b.p + 0x248, &offset, 4);
	b.p = realloc(b.p, 5 * 512 + packed.bytes);
	b.bytes = 5 * 512 + packed.bytes;
	memcpy(b.p + 5 * 512, packed.p, packed.bytes);
	assert_unpacks(b, small);
	free(packed.p);
	free(b.p);
}

static void test_not_supported(void **state)
{
	static const struct {
		const char *magic, *name;
	} others[] = {
		{ "BZh91AY&SY", "bzip2" },
		{ "\x5d\0\0\0\4\xff\xff\xff", "lzma" },
		{ "\x89LZO\0\r\n\x1a", "lzo" },
		{ "\x04\x22\x4d\x18\x64\x40\xa7\0", "lz4 (not legacy)" },
		{ "no known magic", "a way that we do not know" },
		/* zstd before its format was settled: version 0.5 */
		{ "\x25\xb5\x2f\xfd....", "a way that we do not know" },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(others); i++) {
		struct buffer packed = { (u8 *)others[i].magic, 8 };
		struct buffer b = bzimage(packed, false, 1000);

		assert_refused(b, others[i].name);
		free(b.p);
	}
}

static void test_old_protocol(void **state)
{
	struct buffer b = bzimage_of(&packers[0], small);

	b.p[0x206] = 7;
	assert_refused(b, "boot protocol before 2.08");
	b.p[0x206] = 8;
	assert_unpacks(b, small);
	memset(b.p + 0x24c, 0, 4);
	assert_refused(b, "does not say where");
	free(b.p);
}

static void test_wrong_size(void **state)
{
	static const u32 says[] = { 0,
				    1,
				    SMALL_BYTES - 1,
				    SMALL_BYTES + 1,
				    2 * SMALL_BYTES,
				    48u << 20,
				    UINT32_MAX - 4095,
				    UINT32_MAX };

	for_each_packer(p)
	{
		struct buffer packed = p->pack(small);

		for (unsigned int i = 0; i < ARRAY_SIZE(says); i++) {
			struct buffer b = bzimage(packed, p->size_inside, says[i]);

			assert_refused(b, says[i] > 1u << 30 ? "no 4096 MiB" : p->name);
			free(b.p);
		}
		free(packed.p);
	}
}

static void test_cut_off(void **state)
{
	for_each_packer(p)
	{
		struct buffer whole = bzimage_of(p, small);

		for (size_t n = 0; n < whole.bytes - BEHIND;
		     n += n < 0x260 || n + 80 > whole.bytes - BEHIND ? 1 : 97) {
			struct buffer b = { malloc(n), n };
			const void *elf;
			size_t bytes;

			memcpy(b.p, whole.p, n);
			if (n >= 0x250)
				assert_refused(b, "cut off");
			else /* for elf_parse() to refuse */
				assert_null(kernel_image_unpack(b.p, n, &elf, &bytes));
			free(b.p);
		}
		free(whole.p);
	}
}

/* The packed data alone ends too soon; the header was changed to fit. */
static void test_payload_cut_off(void **state)
{
	for_each_packer(p)
	{
		struct buffer packed = p->pack(small), part;

		for (size_t n = 8; n < packed.bytes;
		     n += n < 64 || n + 64 > packed.bytes ? 1 : 91) {
			struct buffer b;

			part = (struct buffer){ packed.p, n };
			b = bzimage(part, p->size_inside, small.bytes);
			assert_refused(b, p->name);
			free(b.p);

			/* And as a whole: the size is gone, too. */
			b = (struct buffer){ malloc(n), n };
			memcpy(b.p, packed.p, n);
			assert_refused(b, "");
			free(b.p);
		}
		free(packed.p);
	}
}

/* Refused, or no harm done: some bits do not matter. */
static void test_damaged(void **state)
{
	for_each_packer(p)
	{
		struct buffer b = bzimage_of(p, small);
		u64 before = frames_free_count();
		unsigned int refused = 0, tried = 0;

		for (size_t i = PAYLOAD; i < b.bytes - BEHIND;
		     tried++, i += i < PAYLOAD + 64 || i + 128 > b.bytes ? 1 : 103) {
			u8 was = b.p[i];
			const void *elf;
			size_t bytes;

			b.p[i] ^= 1 << i % 8;
			if (kernel_image_unpack(b.p, b.bytes, &elf, &bytes)) {
				refused++;
			} else if (p->checksum && elf != b.p) {
				assert_int_equal(bytes, small.bytes);
				assert_memory_equal(elf, small.p, small.bytes);
			}
			kernel_image_free();
			assert_int_equal(frames_free_count(), before);
			b.p[i] = was;
		}
		if (p->checksum)
			assert_true(refused + 10 > tried);
		free(b.p);
	}
}

/* Any header: nothing is read outside of the file (AddressSanitizer looks). */
static void test_any_header(void **state)
{
	struct buffer b = bzimage_of(&packers[0], small);

	srand(1);
	for (unsigned int i = 0; i < 20000; i++) {
		u8 header[0x250];
		const void *elf;
		size_t bytes;

		memcpy(header, b.p, sizeof(header));
		for (unsigned int n = rand() % 4 + 1; n > 0; n--)
			b.p[rand() % 2 ? 0x248 + rand() % 8 : 0x1f1 + rand() % 0x20] = rand();
		kernel_image_unpack(b.p, b.bytes, &elf, &bytes);
		kernel_image_free();
		memcpy(b.p, header, sizeof(header));
	}
	free(b.p);
}

static void test_behind_zstd(void **state)
{
	struct buffer packed = pack_zstd(small), b;

	memcpy(packed.p + packed.bytes, packed.p, packed.bytes);
	packed.bytes *= 2;
	b = bzimage(packed, false, small.bytes);
	assert_refused(b, "something is behind its end");
	free(b.p);
	free(packed.p);
}

static int set_up(void **state)
{
	sim_init(64 << 20);
	return 0;
}

static int tear_down(void **state)
{
	sim_exit();
	return 0;
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_plain),	   TEST(test_bzimages),	     TEST(test_packed_as_a_whole),
		TEST(test_old_setup_size), TEST(test_not_supported), TEST(test_old_protocol),
		TEST(test_wrong_size),	   TEST(test_cut_off),	     TEST(test_payload_cut_off),
		TEST(test_damaged),	   TEST(test_any_header),    TEST(test_behind_zstd),
	};
	int failed;

	kernel = some_kernel(KERNEL_BYTES);
	small = some_kernel(SMALL_BYTES);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(kernel.p);
	free(small.p);
	return failed;
}
