// SPDX-License-Identifier: GPL-2.0
/*
 * blkfront: what disks are called, and what of the back end's words is believed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guest/drivers/blkfront/checks.h"
#include <xen/interface/io/blkif.h>

static void names(void **state __attribute__((unused)))
{
	static const struct {
		u32 device;
		const char *text;
		unsigned int minor, minors;
	} known[] = {
		{ 202 << 8, "xvda", 0, 16 },
		{ 202 << 8 | 1, "xvda1", 1, 1 },
		{ 202 << 8 | 15 << 4, "xvdp", 240, 16 },
		{ 202 << 8 | 255, "xvdp15", 255, 1 },
		{ 1 << 28 | 0 << 8, "xvda", 0, 16 },
		{ 1 << 28 | 15 << 8, "xvdp", 240, 16 },
		{ 1 << 28 | 16 << 8, "xvdq", 16 * 256, 256 },
		{ 1 << 28 | 16 << 8 | 255, "xvdq255", 16 * 256 + 255, 1 },
		{ 1 << 28 | 25 << 8, "xvdz", 25 * 256, 256 },
		{ 1 << 28 | 26 << 8, "xvdaa", 26 * 256, 256 },
		{ 1 << 28 | 701 << 8, "xvdzz", 701 * 256, 256 },
		{ 1 << 28 | 702 << 8, "xvdaaa", 702 * 256, 256 },
		{ 1 << 28 | 4095 << 8, "xvdfan", 4095 * 256, 256 },
		{ 8 << 8, "xvda", 0, 16 },
		{ 8 << 8 | 2 << 4 | 3, "xvdc3", 35, 1 },
		{ 65 << 8, "xvdq", 16 * 256, 256 },
		{ 71 << 8 | 15 << 4, "xvddx", 127 * 256, 256 },
		{ 128 << 8, "xvddy", 128 * 256, 256 },
		{ 135 << 8 | 15 << 4, "xvdiv", 255 * 256, 256 },
		{ 3 << 8, "xvda", 0, 16 },
		{ 3 << 8 | 64 | 5, "xvdb5", 21, 1 },
		{ 22 << 8, "xvdc", 32, 16 },
		{ 22 << 8 | 64, "xvdd", 48, 16 },
	};
	struct bf_name name;

	for (unsigned int i = 0; i < sizeof(known) / sizeof(*known); i++) {
		assert_true(bf_name_device(known[i].device, &name));
		assert_string_equal(name.text, known[i].text);
		assert_int_equal(name.minor, known[i].minor);
		assert_int_equal(name.minors, known[i].minors);
	}
}

static void no_names(void **state __attribute__((unused)))
{
	static const u32 numbers[] = {
		0,
		1,
		9 << 8,
		64 << 8,
		72 << 8,
		136 << 8,
		203 << 8,
		3 << 8 | 128,
		22 << 8 | 200,
		3 << 8 | 16,	     /* partition 16 of a disk with 15 */
		1 << 28 | 20,	     /* the same */
		1 << 28 | 4096 << 8, /* past the minors */
		2 << 28,
		0xffffffff,
		202 << 16,
	};
	struct bf_name name;

	for (unsigned int i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		assert_false(bf_name_device(numbers[i], &name));
}

static bool collide(u32 a, u32 b)
{
	struct bf_name one, other;

	assert_true(bf_name_device(a, &one) && bf_name_device(b, &other));
	return bf_names_collide(&one, &other);
}

static void collisions(void **state __attribute__((unused)))
{
	assert_true(collide(202 << 8, 202 << 8));
	assert_true(collide(202 << 8, 8 << 8));
	assert_true(collide(202 << 8, 3 << 8));
	assert_true(collide(202 << 8, 202 << 8 | 1));
	assert_true(collide(65 << 8, 1 << 28 | 16 << 8));
	assert_false(collide(202 << 8 | 1, 202 << 8 | 2));
	assert_false(collide(202 << 8, 202 << 8 | 16));
}

static const char *geometry(u64 sectors, u32 logical, u32 physical, u32 taken)
{
	struct bf_geometry g = { sectors, logical, physical };
	const char *wrong = bf_check_geometry(&g);

	if (!wrong)
		assert_int_equal(g.physical_bytes, taken);
	return wrong;
}

static void geometries(void **state __attribute__((unused)))
{
	assert_null(geometry(131072, 512, 512, 512));
	assert_null(geometry(0, 512, 0, 512));
	assert_null(geometry(8, 4096, 4096, 4096));
	assert_null(geometry(8, 512, 4096, 4096));
	assert_null(geometry((1ull << 54) - 8, 4096, 4096, 4096));
	/* Hints that make no sense are not taken. */
	assert_null(geometry(8, 4096, 512, 4096));
	assert_null(geometry(8, 512, 1000, 512));
	assert_null(geometry(8, 512, 0x80000000, 512));
	assert_non_null(geometry(8, 0, 0, 0));
	assert_non_null(geometry(8, 256, 0, 0));
	assert_non_null(geometry(8, 513, 0, 0));
	assert_non_null(geometry(8, 8192, 0, 0));
	assert_non_null(geometry(8, 0x80000000, 0, 0));
	assert_non_null(geometry(7, 4096, 0, 0));
	assert_non_null(geometry(1ull << 54, 512, 0, 0));
	assert_non_null(geometry(UINT64_MAX, 512, 0, 0));
}

static void offers(void **state __attribute__((unused)))
{
	struct bf_offer o = { 0, 0, 0 };

	bf_bound_offer(&o, 4, 2);
	assert_int_equal(o.queues, 1);
	assert_int_equal(o.indirect_segments, 0);
	o = (struct bf_offer){ 3, 1, 32 };
	bf_bound_offer(&o, 4, 2);
	assert_int_equal(o.queues, 3);
	assert_int_equal(o.ring_order, 1);
	assert_int_equal(o.indirect_segments, 32);
	o = (struct bf_offer){ ~0u, ~0u, ~0u };
	bf_bound_offer(&o, 4, 2);
	assert_int_equal(o.queues, 4);
	assert_int_equal(o.ring_order, 2);
	assert_int_equal(o.indirect_segments, BF_INDIRECT_SEGMENTS);
	o = (struct bf_offer){ 1, 0, BF_DIRECT_SEGMENTS };
	bf_bound_offer(&o, 4, 2);
	assert_int_equal(o.indirect_segments, 0);
}

static void producers(void **state __attribute__((unused)))
{
	assert_null(bf_check_producer(0, 0, 0));
	assert_null(bf_check_producer(5, 3, 9));
	assert_null(bf_check_producer(9, 3, 9));
	assert_null(bf_check_producer(2, 0xfffffffe, 3));
	assert_non_null(bf_check_producer(10, 3, 9));
	assert_non_null(bf_check_producer(2, 3, 9));
	assert_non_null(bf_check_producer(4, 0xfffffffe, 3));
}

static void responses(void **state __attribute__((unused)))
{
	struct bf_sent sent[4] = {
		{ 10, BLKIF_OP_READ, true },
		{ 11, BLKIF_OP_FLUSH_DISKCACHE, true },
		{ 9, BLKIF_OP_WRITE, false },
		{ 12, BLKIF_OP_WRITE, true },
	};
#define RESPONSE(id, op, status) bf_check_response(id, op, status, sent, 4, 12)

	assert_null(RESPONSE(0, BLKIF_OP_READ, BLKIF_RSP_OKAY));
	assert_null(RESPONSE(0, BLKIF_OP_READ, BLKIF_RSP_ERROR));
	assert_null(RESPONSE(0, BLKIF_OP_INDIRECT, BLKIF_RSP_OKAY));
	assert_null(RESPONSE(1, BLKIF_OP_FLUSH_DISKCACHE, BLKIF_RSP_EOPNOTSUPP));
	assert_non_null(RESPONSE(0, BLKIF_OP_WRITE, BLKIF_RSP_OKAY));
	assert_non_null(RESPONSE(0, 77, BLKIF_RSP_OKAY));
	assert_non_null(RESPONSE(0, BLKIF_OP_READ, 1));
	assert_non_null(RESPONSE(0, BLKIF_OP_READ, -3));
	assert_non_null(RESPONSE(2, BLKIF_OP_WRITE, BLKIF_RSP_OKAY)); /* answered before */
	assert_non_null(RESPONSE(3, BLKIF_OP_WRITE, BLKIF_RSP_OKAY)); /* not pushed yet */
	assert_non_null(RESPONSE(4, BLKIF_OP_READ, BLKIF_RSP_OKAY));
	assert_non_null(RESPONSE(1ull << 32, BLKIF_OP_READ, BLKIF_RSP_OKAY));
	assert_non_null(RESPONSE(UINT64_MAX, BLKIF_OP_READ, BLKIF_RSP_OKAY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),      cmocka_unit_test(no_names),
		cmocka_unit_test(collisions), cmocka_unit_test(geometries),
		cmocka_unit_test(offers),     cmocka_unit_test(producers),
		cmocka_unit_test(responses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
