/* SPDX-License-Identifier: GPL-2.0-only */
/* backend/blkback/request.c: what a front end may ask for, and what it may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xen/xen.h>
#include <xen/io/blkif.h>

#include "backend/blkback/request.h"

#define DISK_SECTORS 1000

static const struct request_limits disk = {
	.sectors = DISK_SECTORS,
	.alignment = 1,
	.discard = true,
	.secure_erase = true,
};

/* A slot of the ring as a 32-bit front end lays it out. */
#define SLOT32 __attribute__((packed, aligned(4)))
struct SLOT32 request32 {
	uint8_t operation, nr_segments;
	uint16_t handle;
	uint64_t id, sector_number;
	struct blkif_request_segment seg[SEGMENTS_DIRECT];
};

struct SLOT32 discard32 {
	uint8_t operation, flag;
	uint16_t handle;
	uint64_t id, sector_number, nr_sectors;
};

struct SLOT32 indirect32 {
	uint8_t operation, indirect_op;
	uint16_t nr_segments;
	uint64_t id, sector_number;
	uint16_t handle, unused;
	uint32_t indirect_grefs[8];
	uint64_t pad;
};

static void check_abi(const struct request_abi *abi, struct request_abi expected)
{
	assert_memory_equal(abi, &expected, sizeof(expected));
}

static void test_abi(void **state __attribute__((unused)))
{
	check_abi(&request_abi_x86_64, (struct request_abi) {
		.slot = sizeof(struct blkif_request),
		.id = offsetof(struct blkif_request, id),
		.sector = offsetof(struct blkif_request, sector_number),
		.segments = offsetof(struct blkif_request, seg),
		.nr_sectors = offsetof(struct blkif_request_discard, nr_sectors),
		.indirect = offsetof(struct blkif_request_indirect, indirect_grefs),
	});
	check_abi(&request_abi_x86_32, (struct request_abi) {
		.slot = sizeof(struct request32),
		.id = offsetof(struct request32, id),
		.sector = offsetof(struct request32, sector_number),
		.segments = offsetof(struct request32, seg),
		.nr_sectors = offsetof(struct discard32, nr_sectors),
		.indirect = offsetof(struct indirect32, indirect_grefs),
	});
	assert_int_equal(OP_READ, BLKIF_OP_READ);
	assert_int_equal(OP_WRITE, BLKIF_OP_WRITE);
	assert_int_equal(OP_BARRIER, BLKIF_OP_WRITE_BARRIER);
	assert_int_equal(OP_FLUSH, BLKIF_OP_FLUSH_DISKCACHE);
	assert_int_equal(OP_DISCARD, BLKIF_OP_DISCARD);
	assert_int_equal(OP_INDIRECT, BLKIF_OP_INDIRECT);
	assert_int_equal(STATUS_ERROR, BLKIF_RSP_ERROR);
	assert_int_equal(STATUS_UNSUPPORTED, BLKIF_RSP_EOPNOTSUPP);
}

/* A request in both layouts; all that is not mentioned has the same garbage. */
struct slots {
	union {
		struct blkif_request rw;
		struct blkif_request_discard discard;
		struct blkif_request_indirect indirect;
	} s64;
	union {
		struct request32 rw;
		struct discard32 discard;
		struct indirect32 indirect;
	} s32;
};

#define SET(slots, kind, field, value)              \
	do {                                        \
		(slots)->s64.kind.field = (value);  \
		(slots)->s32.kind.field = (value);  \
	} while (0)

static struct slots slots_of(uint8_t operation, uint8_t nr_segments, uint64_t sector)
{
	struct slots slots;

	memset(&slots, 0xa5, sizeof(slots));
	SET(&slots, rw, operation, operation);
	SET(&slots, rw, nr_segments, nr_segments);
	SET(&slots, rw, id, 0x1122334455667788);
	SET(&slots, rw, sector_number, sector);
	return slots;
}

static struct slots discard_of(uint8_t flag, uint64_t sector, uint64_t nr)
{
	struct slots slots = slots_of(OP_DISCARD, flag, sector);

	SET(&slots, discard, nr_sectors, nr);
	return slots;
}

static struct slots indirect_of(uint8_t operation, uint16_t nr, uint64_t sector)
{
	struct slots slots = slots_of(OP_INDIRECT, operation, sector);

	SET(&slots, indirect, nr_segments, nr);
	SET(&slots, indirect, indirect_grefs[0], 4711);
	return slots;
}

static void segment_set(struct slots *slots, unsigned int i, uint32_t gref, uint8_t first,
			uint8_t last)
{
	const struct blkif_request_segment segment = {
		.gref = gref, .first_sect = first, .last_sect = last
	};

	slots->s64.rw.seg[i] = segment;
	slots->s32.rw.seg[i] = segment;
}

/* Read and check a request in both layouts: they come to the same. */
static int read_both(const struct request_limits *limits, const struct slots *slots,
		     struct request *request)
{
	const struct request_abi *abis[] = { &request_abi_x86_64, &request_abi_x86_32 };
	const void *contents[] = { &slots->s64, &slots->s32 };
	struct request requests[2];
	int status[2];

	for (int i = 0; i < 2; i++) {
		struct segment direct[SEGMENTS_DIRECT];
		/* In memory of its own, so that reading beyond it is noticed. */
		void *slot = malloc(abis[i]->slot);

		memcpy(slot, contents[i], abis[i]->slot);
		status[i] = request_read(abis[i], limits, slot, &requests[i], direct);
		free(slot);
		if (!status[i] && !requests[i].indirect && requests[i].op != OP_DISCARD)
			status[i] = request_check_segments(limits, &requests[i], direct);
	}
	assert_int_equal(status[0], status[1]);
	assert_memory_equal(&requests[0], &requests[1], sizeof(requests[0]));
	assert_true(requests[0].id == 0x1122334455667788);
	if (request)
		*request = requests[0];
	return status[0];
}

static int status_of(const struct slots slots)
{
	return read_both(&disk, &slots, NULL);
}

static struct slots whole_page(uint8_t operation, uint64_t sector)
{
	struct slots slots = slots_of(operation, 1, sector);

	segment_set(&slots, 0, 7, 0, 7);
	return slots;
}

static void test_read_and_write(void **state __attribute__((unused)))
{
	struct slots slots = slots_of(OP_WRITE, 2, 10);
	struct request request;

	segment_set(&slots, 0, 7, 0, 7);
	segment_set(&slots, 1, 8, 3, 3);
	assert_int_equal(read_both(&disk, &slots, &request), STATUS_OKAY);
	assert_int_equal(request.op, OP_WRITE);
	assert_true(request.sector == 10 && request.nr_sectors == 9);
	assert_int_equal(request.nr_segments, 2);
	assert_false(request.indirect);

	assert_int_equal(status_of(slots_of(OP_READ, 0, 10)), STATUS_ERROR);
	assert_int_equal(status_of(slots_of(OP_WRITE, 0, 10)), STATUS_ERROR);
	assert_int_equal(status_of(slots_of(OP_READ, 12, 10)), STATUS_ERROR);
	assert_int_equal(status_of(slots_of(OP_READ, 255, 10)), STATUS_ERROR);
}

static void test_end_of_disk(void **state __attribute__((unused)))
{
	assert_int_equal(status_of(whole_page(OP_READ, DISK_SECTORS - 8)), STATUS_OKAY);
	assert_int_equal(status_of(whole_page(OP_READ, DISK_SECTORS - 7)), STATUS_ERROR);
	assert_int_equal(status_of(whole_page(OP_READ, DISK_SECTORS)), STATUS_ERROR);
	assert_int_equal(status_of(whole_page(OP_READ, -1ull)), STATUS_ERROR);
	assert_int_equal(status_of(whole_page(OP_READ, -8ull)), STATUS_ERROR);
	assert_int_equal(status_of(whole_page(OP_WRITE, 1ull << 63)), STATUS_ERROR);
}

static void test_segments(void **state __attribute__((unused)))
{
	struct slots slots = slots_of(OP_READ, 1, 0);

	segment_set(&slots, 0, 7, 5, 4);
	assert_int_equal(status_of(slots), STATUS_ERROR);
	segment_set(&slots, 0, 7, 0, 8);
	assert_int_equal(status_of(slots), STATUS_ERROR);
	segment_set(&slots, 0, 7, 8, 8);
	assert_int_equal(status_of(slots), STATUS_ERROR);
	segment_set(&slots, 0, 7, 255, 255);
	assert_int_equal(status_of(slots), STATUS_ERROR);
	segment_set(&slots, 0, 7, 7, 7);
	assert_int_equal(status_of(slots), STATUS_OKAY);
}

static void test_large_blocks(void **state __attribute__((unused)))
{
	struct request_limits limits = disk;
	struct slots slots = whole_page(OP_WRITE, 8);

	limits.alignment = 4;
	assert_int_equal(read_both(&limits, &slots, NULL), STATUS_OKAY);
	segment_set(&slots, 0, 7, 4, 7);
	assert_int_equal(read_both(&limits, &slots, NULL), STATUS_OKAY);
	segment_set(&slots, 0, 7, 2, 5);
	assert_int_equal(read_both(&limits, &slots, NULL), STATUS_ERROR);
	segment_set(&slots, 0, 7, 0, 0);
	assert_int_equal(read_both(&limits, &slots, NULL), STATUS_ERROR);
	/* Two blocks in all, but none of the two parts is whole ones. */
	slots = slots_of(OP_WRITE, 2, 8);
	segment_set(&slots, 0, 7, 0, 5);
	segment_set(&slots, 1, 7, 4, 5);
	assert_int_equal(read_both(&limits, &slots, NULL), STATUS_ERROR);
	slots = whole_page(OP_WRITE, 9);
	assert_int_equal(read_both(&limits, &slots, NULL), STATUS_ERROR);
}

static void test_read_only(void **state __attribute__((unused)))
{
	struct request_limits limits = disk;
	struct slots slots = whole_page(OP_READ, 0);

	limits.read_only = true;
	assert_int_equal(read_both(&limits, &slots, NULL), STATUS_OKAY);
	for (unsigned int op = OP_WRITE; op <= OP_FLUSH; op++) {
		slots = op == OP_FLUSH ? slots_of(op, 0, 0) : whole_page(op, 0);
		assert_int_equal(read_both(&disk, &slots, NULL), STATUS_OKAY);
		assert_int_equal(read_both(&limits, &slots, NULL), STATUS_ERROR);
	}
	slots = discard_of(0, 0, 8);
	assert_int_equal(read_both(&limits, &slots, NULL), STATUS_ERROR);
	slots = indirect_of(OP_WRITE, 1, 0);
	assert_int_equal(read_both(&limits, &slots, NULL), STATUS_ERROR);
}

static void test_flush_and_barrier(void **state __attribute__((unused)))
{
	/* Neither needs a place on the disk when it has no data. */
	assert_int_equal(status_of(slots_of(OP_FLUSH, 0, -1ull)), STATUS_OKAY);
	assert_int_equal(status_of(slots_of(OP_BARRIER, 0, -1ull)), STATUS_OKAY);
	assert_int_equal(status_of(slots_of(OP_FLUSH, 1, 0)), STATUS_ERROR);
	assert_int_equal(status_of(whole_page(OP_BARRIER, 0)), STATUS_OKAY);
	assert_int_equal(status_of(whole_page(OP_BARRIER, DISK_SECTORS)), STATUS_ERROR);
}

static void test_discard(void **state __attribute__((unused)))
{
	struct request_limits limits = disk;
	struct request request;
	struct slots slots = discard_of(1, 8, 16);

	assert_int_equal(read_both(&disk, &slots, &request), STATUS_OKAY);
	assert_true(request.secure && request.nr_sectors == 16);
	assert_int_equal(status_of(discard_of(0, 0, DISK_SECTORS)), STATUS_OKAY);
	assert_int_equal(status_of(discard_of(0, 0, 0)), STATUS_ERROR);
	assert_int_equal(status_of(discard_of(0, 0, DISK_SECTORS + 1)), STATUS_ERROR);
	assert_int_equal(status_of(discard_of(0, 1, DISK_SECTORS)), STATUS_ERROR);
	assert_int_equal(status_of(discard_of(0, 8, -8ull)), STATUS_ERROR);
	assert_int_equal(status_of(discard_of(0, -8ull, 16)), STATUS_ERROR);

	/* Without secure erase the flag means nothing. */
	limits.secure_erase = false;
	assert_int_equal(read_both(&limits, &slots, &request), STATUS_OKAY);
	assert_false(request.secure);
	limits.discard = false;
	assert_int_equal(read_both(&limits, &slots, NULL), STATUS_UNSUPPORTED);
}

static void test_indirect(void **state __attribute__((unused)))
{
	struct slots slots = indirect_of(OP_READ, SEGMENTS_MAX, 0);
	struct segment segments[SEGMENTS_MAX];
	struct request request;

	assert_int_equal(read_both(&disk, &slots, &request), STATUS_OKAY);
	assert_true(request.indirect);
	assert_int_equal(request.op, OP_READ);
	assert_int_equal(request.indirect_gref, 4711);
	assert_int_equal(request.nr_segments, SEGMENTS_MAX);

	/* 256 segments of 4 sectors are more than there are, but of 3 are not. */
	for (unsigned int i = 0; i < SEGMENTS_MAX; i++)
		segments[i] = (struct segment) { .gref = i, .first = 2, .last = 5 };
	assert_int_equal(request_check_segments(&disk, &request, segments), STATUS_ERROR);
	for (unsigned int i = 0; i < SEGMENTS_MAX; i++)
		segments[i].last = 4;
	assert_int_equal(request_check_segments(&disk, &request, segments), STATUS_OKAY);
	assert_true(request.nr_sectors == 3 * SEGMENTS_MAX);
	segments[SEGMENTS_MAX - 1].last = 8;
	assert_int_equal(request_check_segments(&disk, &request, segments), STATUS_ERROR);

	assert_int_equal(status_of(indirect_of(OP_READ, SEGMENTS_MAX + 1, 0)), STATUS_ERROR);
	assert_int_equal(status_of(indirect_of(OP_WRITE, 0xffff, 0)), STATUS_ERROR);
	assert_int_equal(status_of(indirect_of(OP_WRITE, 0, 0)), STATUS_ERROR);
	assert_int_equal(status_of(indirect_of(OP_BARRIER, 1, 0)), STATUS_UNSUPPORTED);
	assert_int_equal(status_of(indirect_of(OP_DISCARD, 1, 0)), STATUS_UNSUPPORTED);
	assert_int_equal(status_of(indirect_of(OP_INDIRECT, 1, 0)), STATUS_UNSUPPORTED);
}

static void test_unknown(void **state __attribute__((unused)))
{
	struct request request;

	for (unsigned int op = 0; op < 256; op++) {
		struct slots slots = slots_of(op, 1, 0);

		if (op <= OP_FLUSH || op == OP_DISCARD || op == OP_INDIRECT)
			continue;
		assert_int_equal(read_both(&disk, &slots, &request), STATUS_UNSUPPORTED);
		assert_int_equal(request.op, op);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_abi),
		cmocka_unit_test(test_read_and_write),
		cmocka_unit_test(test_end_of_disk),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_large_blocks),
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_flush_and_barrier),
		cmocka_unit_test(test_discard),
		cmocka_unit_test(test_indirect),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
