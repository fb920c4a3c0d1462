/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel images and the plan of a domain's memory: images made here, packed in every
 * way, come out right; damaged ones are refused by a message that tells why.
 */
#include "../../unit/test.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <lz4.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <xen/elfnote.h>
#include <xen/xen.h>

#include "build/cache.h"
#include "build/kernel.h"
#include "build/layout.h"
#include "image.h"

static struct kernel k;
static struct layout l;
static struct error e;

static int parse(const void *data, size_t bytes)
{
	memset(&e, 0, sizeof(e));
	return kernel_parse(&k, data, bytes, &e);
}

/* It is refused, and the message has these words. */
static void assert_refused(const void *data, size_t bytes, const char *why)
{
	assert_int_equal(parse(data, bytes), -1);
	if (!strstr(e.text, why))
		fail_msg("'%s' does not say '%s'", e.text, why);
	kernel_close(&k);
}

static void assert_image_refused(const char *why)
{
	assert_refused(&image, sizeof(image), why);
}

static void assert_right(void)
{
	uint8_t *memory = malloc(END - TEXT);

	assert_int_equal(k.nr_segments, 2);
	assert_int_equal(k.start, TEXT);
	assert_int_equal(k.end, END);
	assert_int_equal(k.entry, VIRT_BASE + TEXT + 0x40);
	assert_int_equal(k.hypercall_page, VIRT_BASE + TEXT + 0x1000);
	assert_int_equal(k.virt_base, VIRT_BASE);
	assert_int_equal(k.init_p2m, 0x8000000000);
	assert_true(k.mod_start_pfn);
	memset(memory, 0xee, END - TEXT);
	assert_int_equal(kernel_load(&k, memory, &e), 0);
	assert_memory_equal(memory, image.text, sizeof(image.text));
	assert_memory_equal(memory + DATA - TEXT, image.data, sizeof(image.data));
	for (size_t i = sizeof(image.text); i < DATA - TEXT; i++)
		assert_int_equal(memory[i], 0);
	for (size_t i = DATA - TEXT + sizeof(image.data); i < END - TEXT; i++)
		assert_int_equal(memory[i], 0);
	free(memory);
	kernel_close(&k);
}

static void test_elf(void **state)
{
	(void)state;
	assert_int_equal(parse(&image, sizeof(image)), 0);
	assert_right();
}

/* Defaults: where the header says, from 0 on, nothing apart. */
static void test_defaults(void **state)
{
	(void)state;
	memset(image.note, 0, sizeof(image.note));
	note(0, XEN_ELFNOTE_XEN_VERSION, 0);
	assert_int_equal(parse(&image, sizeof(image)), 0);
	assert_int_equal(k.entry, TEXT);
	assert_int_equal(k.virt_base, 0);
	assert_int_equal(k.hypercall_page, UINT64_MAX);
	assert_int_equal(k.init_p2m, UINT64_MAX);
	assert_false(k.mod_start_pfn);
	kernel_close(&k);
}

static void test_bad_elf(void **state)
{
	(void)state;
	assert_refused("", 0, "neither an ELF image nor a bzImage");
	assert_refused("#!/bin/sh\n", 10, "neither an ELF image nor a bzImage");
	assert_refused(&image, sizeof(image.h) - 1, "ELF");
	assert_refused(&image, offsetof(struct image, data) + 299,
		       "bad ELF segment (1), or the image is cut off");
	image.h.e_machine = EM_386;
	assert_image_refused("not a 64-bit x86 ELF image");
	image_setup(state);
	image.h.e_phoff = sizeof(image);
	assert_image_refused("ELF");
	image_setup(state);
	image.p[1].p_offset = -100ull;
	assert_image_refused("bad ELF segment (1)");
	image_setup(state);
	image.p[1].p_filesz = image.p[1].p_memsz + 1;
	assert_image_refused("bad ELF segment (1)");
	image_setup(state);
	image.p[1].p_memsz = -1ull;
	assert_image_refused("bad ELF segment (1)");
	image_setup(state);
	image.p[1].p_paddr = 1ull << 40;
	assert_image_refused("MiB apart");
	image_setup(state);
	image.p[0].p_type = image.p[1].p_type = PT_NULL;
	assert_image_refused("no loadable ELF segment");
	image_setup(state);
	image.p[2].p_type = PT_NULL;
	assert_image_refused("no Xen ELF notes");
	image_setup(state);
	/* A kernel for PVH alone. */
	memset(image.note, 0, sizeof(image.note));
	note(0, XEN_ELFNOTE_PHYS32_ENTRY, TEXT);
	assert_image_refused("no Xen ELF notes");
}

/* Packed. */

struct buffer {
	uint8_t *p;
	size_t bytes;
};

#define ROOM 65536

static struct buffer pack_gzip(void)
{
	struct buffer b = { malloc(ROOM), ROOM };
	z_stream s = { .next_in = (void *)&image,
		       .avail_in = sizeof(image),
		       .next_out = b.p,
		       .avail_out = ROOM };

	assert_int_equal(deflateInit2(&s, 6, Z_DEFLATED, MAX_WBITS + 16, 8, 0), Z_OK);
	assert_int_equal(deflate(&s, Z_FINISH), Z_STREAM_END);
	b.bytes = s.total_out;
	deflateEnd(&s);
	return b;
}

static struct buffer pack_xz(void)
{
	struct buffer b = { malloc(ROOM), 0 };

	assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC32, NULL, (void *)&image,
						 sizeof(image), b.p, &b.bytes, ROOM),
			 LZMA_OK);
	return b;
}

static struct buffer pack_zstd(void)
{
	struct buffer b = { malloc(ROOM), 0 };

	b.bytes = ZSTD_compress(b.p, ROOM, &image, sizeof(image), 3);
	assert_false(ZSTD_isError(b.bytes));
	return b;
}

static struct buffer pack_lz4(void)
{
	struct buffer b = { malloc(ROOM), 8 };
	uint32_t n = LZ4_compress_default((char *)&image, (char *)b.p + 8, sizeof(image), ROOM - 8);

	memcpy(b.p, "\x02\x21\x4c\x18", 4);
	memcpy(b.p + 4, &n, 4);
	b.bytes += n;
	return b;
}

static const struct packer {
	struct buffer (*pack)(void);
	bool size_inside;
} packers[] = { { pack_gzip, true }, { pack_xz, false }, { pack_zstd, false }, { pack_lz4, false } };

/* Boot protocol 2.15: the payload is behind 4 sectors and 77 bytes. */
#define PAYLOAD (4 * 512 + 77)

static struct buffer bzimage(const struct packer *p)
{
	struct buffer in = p->pack(), b;
	uint32_t length = in.bytes + (p->size_inside ? 0 : 4), offset = 77, size = sizeof(image);

	b = (struct buffer){ calloc(1, PAYLOAD + length + 50), PAYLOAD + length + 50 };
	b.p[0x1f1] = 3;
	memcpy(b.p + 0x202, "HdrS\x0f\x02", 6);
	memcpy(b.p + 0x248, &offset, 4);
	memcpy(b.p + 0x24c, &length, 4);
	memcpy(b.p + PAYLOAD, in.p, in.bytes);
	memcpy(b.p + PAYLOAD + length - 4, &size, 4);
	free(in.p);
	return b;
}

static void test_packed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(packers) / sizeof(packers[0]); i++) {
		struct buffer b = bzimage(&packers[i]);

		assert_int_equal(parse(b.p, b.bytes), 0);
		assert_right();
		/* Cut off, wherever: refused, and never a step too far. */
		for (size_t n = 0; n < b.bytes - 50; n += 1 + n / 64) {
			uint8_t *cut = malloc(n);

			memcpy(cut, b.p, n);
			assert_int_equal(parse(cut, n), -1);
			kernel_close(&k);
			free(cut);
		}
		free(b.p);
		/* As a whole. */
		b = packers[i].pack();
		assert_int_equal(parse(b.p, b.bytes), 0);
		assert_right();
		free(b.p);
	}
}

static void test_bad_packing(void **state)
{
	struct buffer b = bzimage(&packers[1]);
	uint32_t size = 2000u << 20;

	(void)state;
	memcpy(b.p + b.bytes - 50 - 4, &size, 4);
	assert_refused(b.p, b.bytes, "its xz data unpacks to 2000 MiB; 1024 are allowed");
	b.p[PAYLOAD + 30] ^= 1;
	size = sizeof(image);
	memcpy(b.p + b.bytes - 50 - 4, &size, 4);
	assert_refused(b.p, b.bytes, "its xz data: ");
	memcpy(b.p + PAYLOAD, "BZh", 3);
	assert_refused(b.p, b.bytes, "packed with bzip2; gzip, xz, zstd and lz4 are supported");
	memcpy(b.p + PAYLOAD, "?????", 5);
	assert_refused(b.p, b.bytes, "packed in an unknown way");
	b.p[0x206] = 7;
	assert_refused(b.p, b.bytes, "boot protocol before 2.08");
	free(b.p);
}

/* Files. */

static char dir[64], path[80], cache[80];

static int setup_files(void **state)
{
	strcpy(dir, "/tmp/xenolith-kernel-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/kernel", dir);
	snprintf(cache, sizeof(cache), "%s/cache", dir);
	return image_setup(state);
}

static int teardown_files(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void write_file(const char *name, const void *p, size_t bytes)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, p, bytes), bytes);
	close(fd);
}

static void assert_open_refused(const char *name, int number, const char *why)
{
	assert_int_equal(kernel_open(&k, name, NULL, &e), -1);
	assert_int_equal(e.number, number);
	if (!strstr(e.text, why) || !strstr(e.text, name))
		fail_msg("'%s' does not say '%s' of '%s'", e.text, why, name);
	kernel_close(&k);
}

static void test_files(void **state)
{
	(void)state;
	assert_open_refused(path, ENOENT, "No such file");
	assert_open_refused(dir, EINVAL, "not a file");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_open_refused(path, EINVAL, "not a file");
	assert_int_equal(unlink(path), 0);
	write_file(path, "", 0);
	assert_open_refused(path, EINVAL, "neither an ELF image nor a bzImage");
	write_file(path, &image, sizeof(image));
	assert_int_equal(kernel_open(&k, path, NULL, &e), 0);
	assert_right();
}

static size_t cache_files(char *one)
{
	char command[256];
	size_t n;
	FILE *f;

	snprintf(command, sizeof(command), "ls %s 2>/dev/null | wc -l", cache);
	f = popen(command, "r");
	assert_int_equal(fscanf(f, "%zu", &n), 1);
	pclose(f);
	if (one) {
		snprintf(command, sizeof(command), "ls -d %s/*", cache);
		f = popen(command, "r");
		assert_int_equal(fscanf(f, "%199s", one), 1);
		pclose(f);
	}
	return n;
}

static void test_cache(void **state)
{
	struct buffer b = bzimage(&packers[1]);
	char kept[200];
	struct stat st;

	(void)state;
	write_file(path, b.p, b.bytes);
	assert_int_equal(kernel_open(&k, path, cache, &e), 0);
	assert_true(k.fd < 0);
	assert_right();
	assert_int_equal(cache_files(kept), 1);
	/* With a hole where the text is zero. */
	assert_int_equal(stat(kept, &st), 0);
	assert_int_equal(st.st_size, sizeof(image));
	assert_true(st.st_blocks * 512 < st.st_size);
	/* The second time from there. */
	assert_int_equal(kernel_open(&k, path, cache, &e), 0);
	assert_true(k.fd >= 0);
	assert_right();
	/* Damaged: unpacked again, and kept again. */
	assert_int_equal(truncate(kept, 1000), 0);
	assert_int_equal(kernel_open(&k, path, cache, &e), 0);
	assert_true(k.fd < 0);
	assert_right();
	assert_int_equal(truncate(kept, 0), 0);
	assert_int_equal(kernel_open(&k, path, cache, &e), 0);
	assert_right();
	assert_int_equal(kernel_open(&k, path, cache, &e), 0);
	assert_true(k.fd >= 0);
	assert_right();
	/* Another file at the same place, of the same size, is not it. */
	memset(image.data, 'D', sizeof(image.data));
	free(b.p);
	b = bzimage(&packers[1]);
	write_file(path, b.p, b.bytes);
	assert_int_equal(kernel_open(&k, path, cache, &e), 0);
	assert_right();
	/* What cannot be kept is used all the same. */
	assert_int_equal(kernel_open(&k, path, "/proc/nothing/here", &e), 0);
	assert_right();
	free(b.p);
}

static void test_cache_is_bounded(void **state)
{
	struct buffer b = bzimage(&packers[0]);
	char other[100];

	(void)state;
	for (int i = 0; i < 10; i++) {
		/* The first is used all the time, and stays. */
		write_file(path, b.p, i == 0 ? b.bytes : 0);
		if (i == 0)
			assert_int_equal(rename(path, "/dev/null/x"), -1);
		snprintf(other, sizeof(other), "%s/%d", dir, i);
		write_file(other, b.p, b.bytes);
		assert_int_equal(kernel_open(&k, other, cache, &e), 0);
		assert_right();
		snprintf(other, sizeof(other), "%s/0", dir);
		assert_int_equal(kernel_open(&k, other, cache, &e), 0);
		assert_int_equal(k.fd >= 0, 1);
		assert_right();
	}
	assert_int_equal(cache_files(NULL), CACHE_FILES);
	free(b.p);
}

/* Plans. */

static int plan(uint64_t ramdisk, uint64_t pages)
{
	int rc;

	assert_int_equal(parse(&image, sizeof(image)), 0);
	memset(&e, 0, sizeof(e));
	rc = layout_plan(&l, &k, ramdisk, pages, &e);
	kernel_close(&k);
	return rc;
}

static void assert_plan_refused(uint64_t ramdisk, uint64_t pages, const char *why)
{
	assert_int_equal(plan(ramdisk, pages), -1);
	assert_int_equal(e.number, EINVAL);
	if (!strstr(e.text, why))
		fail_msg("'%s' does not say '%s'", e.text, why);
}

/* Page-aligned, in order, without a hole; mapped by as many tables as there are. */
static void assert_region(uint64_t after_image)
{
	uint64_t l1 = ((l.end - 1) >> 21) - (l.base >> 21) + 1;

	assert_int_equal(l.image, l.base + TEXT);
	assert_int_equal(l.start_info, after_image);
	assert_int_equal(l.store, l.start_info + PAGE_SIZE);
	assert_int_equal(l.console, l.store + PAGE_SIZE);
	assert_int_equal(l.tables, l.console + PAGE_SIZE);
	assert_int_equal(l.stack, l.tables + l.nr_tables * PAGE_SIZE);
	assert_int_equal(l.end % (4 << 20), 0);
	assert_true(l.end >= l.stack + PAGE_SIZE + (512 << 10));
	assert_true(l.end < l.stack + PAGE_SIZE + (512 << 10) + (4 << 20));
	assert_int_equal(l.nr_tables, l1 + 3);
}

static void test_plan_linux(void **state)
{
	(void)state;
	assert_int_equal(plan(5001, 65536), 0);
	assert_region(VIRT_BASE + END);
	assert_true(l.p2m_apart && l.ramdisk_apart);
	assert_int_equal(l.p2m, 0x8000000000);
	assert_int_equal(l.p2m_list_pages, 128);
	assert_int_equal(l.apart_pfn, (l.end - l.base) >> 12);
	assert_int_equal(l.p2m_frames, 128 + 3);
	assert_int_equal(l.ramdisk_pfn, l.apart_pfn + l.p2m_frames);
	assert_int_equal(l.apart_end, l.ramdisk_pfn + 2);
	/* No ram disk: no frames for it. */
	assert_int_equal(plan(0, 65536), 0);
	assert_false(l.ramdisk_apart);
	assert_int_equal(l.apart_end, l.ramdisk_pfn);
}

static void test_plan_all_in_one(void **state)
{
	(void)state;
	note(3, XEN_ELFNOTE_XEN_VERSION, 0);
	note(4, XEN_ELFNOTE_XEN_VERSION, 0);
	assert_int_equal(plan(5001, 65536), 0);
	assert_false(l.p2m_apart || l.ramdisk_apart);
	assert_int_equal(l.ramdisk, VIRT_BASE + END);
	assert_int_equal(l.p2m, VIRT_BASE + END + 0x2000);
	assert_region(VIRT_BASE + END + 0x2000 + (128 << 12));
	assert_int_equal(l.p2m_frames, 0);
	assert_int_equal(l.apart_end, l.apart_pfn);
	/* A base in the middle of nowhere needs tables for all that it touches. */
	note(2, XEN_ELFNOTE_VIRT_BASE, (1ull << 39) - (12 << 20));
	note(0, XEN_ELFNOTE_ENTRY, (1ull << 39) + (4 << 20));
	note(1, XEN_ELFNOTE_XEN_VERSION, 0);
	assert_int_equal(plan(0, 65536), 0);
	assert_int_equal(l.nr_tables, 1 + 2 + 2 + ((l.end - l.base) >> 21));
}

static void test_plan_too_small(void **state)
{
	uint64_t need;

	(void)state;
	assert_int_equal(plan(5001, 65536), 0);
	/* The list has a page for each 512: 11 here. */
	need = (20 << 20 >> 12) + 11 + 3 + 2;
	assert_plan_refused(5001, 256, "memory = 1 MiB is too little: it needs 21 to start");
	assert_int_equal(plan(5001, need), 0);
	assert_plan_refused(5001, need - 1, "is too little");
	assert_plan_refused(1ull << 40, 65536, "it needs 1048");
	note(4, XEN_ELFNOTE_XEN_VERSION, 0);
	assert_plan_refused(1ull << 40, 1ull << 32, "its ram disk is too large");
	assert_plan_refused(UINT64_MAX >> 1, 65536, "is too little");
}

static void test_plan_nonsense(void **state)
{
	static const struct {
		unsigned int type;
		uint64_t value;
		const char *why;
	} bad[] = {
		{ XEN_ELFNOTE_VIRT_BASE, VIRT_BASE + 1, "virtual base" },
		{ XEN_ELFNOTE_VIRT_BASE, 0xffff800000000000, "not a guest's" },
		{ XEN_ELFNOTE_VIRT_BASE, 0xffff87ffff000000, "not a guest's" },
		{ XEN_ELFNOTE_VIRT_BASE, 0x00007fffff000000, "not a guest's" },
		{ XEN_ELFNOTE_VIRT_BASE, 0x0000800000000000, "not a guest's" },
		{ XEN_ELFNOTE_VIRT_BASE, 0xfffffffffffff000, "not a guest's" },
		{ XEN_ELFNOTE_VIRT_BASE, 0xfffffffffe000000, "no room for its" },
		{ XEN_ELFNOTE_PADDR_OFFSET, TEXT + 1, "not behind its base" },
		{ XEN_ELFNOTE_PADDR_OFFSET, -(1ull << 50), "not behind its base" },
		{ XEN_ELFNOTE_ENTRY, VIRT_BASE + TEXT - 1, "entry point" },
		{ XEN_ELFNOTE_ENTRY, VIRT_BASE + END, "entry point" },
		{ XEN_ELFNOTE_HYPERCALL_PAGE, VIRT_BASE + END, "hypercall page" },
		{ XEN_ELFNOTE_HYPERCALL_PAGE, VIRT_BASE + TEXT + 8, "hypercall page" },
		{ XEN_ELFNOTE_HYPERCALL_PAGE, VIRT_BASE, "hypercall page" },
		{ XEN_ELFNOTE_INIT_P2M, 0x8000000001, "p2m list" },
		{ XEN_ELFNOTE_INIT_P2M, 0xffff800000000000, "p2m list" },
		{ XEN_ELFNOTE_INIT_P2M, 0xfffffffffffff000, "p2m list" },
		{ XEN_ELFNOTE_INIT_P2M, VIRT_BASE + TEXT, "p2m list" },
		{ XEN_ELFNOTE_INIT_P2M, VIRT_BASE - 0x1000, "p2m list" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		image_setup(state);
		/* The last of a kind counts. */
		note(6, bad[i].type, bad[i].value);
		if (bad[i].type == XEN_ELFNOTE_VIRT_BASE) {
			note(0, XEN_ELFNOTE_ENTRY, bad[i].value + TEXT);
			note(1, XEN_ELFNOTE_XEN_VERSION, 0);
		}
		if (bad[i].type == XEN_ELFNOTE_PADDR_OFFSET)
			note(7, bad[i].type, bad[i].value);
		assert_plan_refused(0, 65536, bad[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_elf, image_setup),
		cmocka_unit_test_setup(test_defaults, image_setup),
		cmocka_unit_test_setup(test_bad_elf, image_setup),
		cmocka_unit_test_setup(test_packed, image_setup),
		cmocka_unit_test_setup(test_bad_packing, image_setup),
		cmocka_unit_test_setup_teardown(test_files, setup_files, teardown_files),
		cmocka_unit_test_setup_teardown(test_cache, setup_files, teardown_files),
		cmocka_unit_test_setup_teardown(test_cache_is_bounded, setup_files, teardown_files),
		cmocka_unit_test_setup(test_plan_linux, image_setup),
		cmocka_unit_test_setup(test_plan_all_in_one, image_setup),
		cmocka_unit_test_setup(test_plan_too_small, image_setup),
		cmocka_unit_test_setup(test_plan_nonsense, image_setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
