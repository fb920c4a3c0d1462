/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any bytes as a request to the block back end: whatever it accepts is on the disk, in whole
 * blocks, in pages, and permitted. The first bytes choose the disk and the ring's layout, a
 * slot follows, then segments for an indirect request.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "backend/blkback/request.h"

#define CHECK(condition)         \
	do {                     \
		if (!(condition)) \
			abort(); \
	} while (0)

static void check_range(const struct request_limits *limits, uint64_t sector, uint64_t nr)
{
	CHECK(nr > 0 && sector + nr >= sector && sector + nr <= limits->sectors);
	CHECK(sector % limits->alignment == 0 && nr % limits->alignment == 0);
}

static void check_segments(const struct request_limits *limits, const struct request *request,
			   const struct segment *segments)
{
	uint64_t sectors = 0;

	for (unsigned int i = 0; i < request->nr_segments; i++) {
		CHECK(segments[i].first <= segments[i].last);
		CHECK(segments[i].last < PAGE_SECTORS_SHARED);
		CHECK(segments[i].first % limits->alignment == 0);
		CHECK((segments[i].last + 1) % limits->alignment == 0);
		sectors += segments[i].last - segments[i].first + 1;
	}
	if (request->op == OP_BARRIER && !sectors)
		return;
	CHECK(sectors == request->nr_sectors);
	check_range(limits, request->sector, sectors);
}

/* Up to so many bytes of the input, and zeroes. */
static void take(const uint8_t **data, size_t *size, void *to, size_t wanted)
{
	size_t bytes = wanted < *size ? wanted : *size;

	memset(to, 0, wanted);
	if (bytes)
		memcpy(to, *data, bytes);
	*data += bytes;
	*size -= bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct segment direct[SEGMENTS_DIRECT], indirect[SEGMENTS_MAX], *segments = direct;
	struct request_limits limits = { 0 };
	const struct request_abi *abi;
	struct request request;
	uint8_t *slot, head[2];

	take(&data, &size, head, sizeof(head));
	take(&data, &size, &limits.sectors, sizeof(limits.sectors));
	limits.alignment = 1 << (head[0] & 3);
	limits.read_only = head[0] & 4;
	limits.discard = head[0] & 8;
	limits.secure_erase = head[0] & 16;
	abi = head[1] & 1 ? &request_abi_x86_32 : &request_abi_x86_64;

	slot = malloc(abi->slot);
	take(&data, &size, slot, abi->slot);
	if (request_read(abi, &limits, slot, &request, direct))
		goto out;
	CHECK(request.op == OP_READ || !limits.read_only);
	CHECK(request.nr_segments <= (request.indirect ? SEGMENTS_MAX : SEGMENTS_DIRECT));
	switch (request.op) {
	case OP_READ:
	case OP_WRITE:
		CHECK(request.nr_segments > 0);
		break;
	case OP_BARRIER:
		CHECK(!request.indirect);
		break;
	case OP_FLUSH:
		CHECK(!request.nr_segments);
		goto out;
	case OP_DISCARD:
		CHECK(limits.discard || (limits.secure_erase && request.secure));
		check_range(&limits, request.sector, request.nr_sectors);
		goto out;
	default:
		abort();
	}
	if (request.indirect) {
		segments = indirect;
		take(&data, &size, indirect, request.nr_segments * sizeof(*indirect));
	}
	if (!request_check_segments(&limits, &request, segments))
		check_segments(&limits, &request, segments);
out:
	free(slot);
	return 0;
}
