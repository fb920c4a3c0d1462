// SPDX-License-Identifier: GPL-2.0
/*
 * Reading requests. A slot of the ring comes here as a private copy, for the front end may
 * write to the ring at any time, and leaves as a struct request that can be carried out as
 * it is: nothing that follows looks at the slot again or has to doubt a number.
 *
 * A request with segments elsewhere (indirect) is checked in two steps, since fetching them
 * takes a hypercall, which is made for many requests at once.
 *
 * This file needs nothing of the kernel, and is tested and fuzzed as an ordinary program.
 */
#include <linux/types.h>
#include <linux/string.h>
#include "request.h"

/* A 64-bit front end aligns 64-bit numbers to 8 bytes, a 32-bit one to 4. */
const struct request_abi request_abi_x86_64 = {
	.slot = 112,
	.id = 8,
	.sector = 16,
	.segments = 24,
	.nr_sectors = 24,
	.indirect = 28,
};

const struct request_abi request_abi_x86_32 = {
	.slot = 108,
	.id = 4,
	.sector = 12,
	.segments = 20,
	.nr_sectors = 20,
	.indirect = 24,
};

static u16 get_u16(const u8 *at)
{
	u16 value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static u32 get_u32(const u8 *at)
{
	u32 value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static u64 get_u64(const u8 *at)
{
	u64 value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* Whether a number of sectors from one on is on the disk, and in whole blocks. */
static int check_range(const struct request_limits *limits, u64 sector, u64 nr)
{
	if (!nr || nr > limits->sectors || sector > limits->sectors - nr)
		return STATUS_ERROR;
	if ((sector | nr) & (limits->alignment - 1))
		return STATUS_ERROR;
	return STATUS_OKAY;
}

/* An indirect request: what it is, and where its segments are. */
static int read_indirect(const struct request_abi *abi, const u8 *slot, struct request *request)
{
	request->op = slot[1];
	request->nr_segments = get_u16(slot + 2);
	request->indirect = true;
	request->indirect_gref = get_u32(slot + abi->indirect);
	if (request->op != OP_READ && request->op != OP_WRITE)
		return STATUS_UNSUPPORTED;
	return request->nr_segments <= SEGMENTS_MAX ? STATUS_OKAY : STATUS_ERROR;
}

static int read_direct(const struct request_abi *abi, const u8 *slot, struct request *request,
		       struct segment *direct)
{
	request->nr_segments = slot[1];
	if (request->nr_segments > SEGMENTS_DIRECT)
		return STATUS_ERROR;
	memcpy(direct, slot + abi->segments, request->nr_segments * sizeof(*direct));
	return STATUS_OKAY;
}

static int read_discard(const struct request_abi *abi, const struct request_limits *limits,
			const u8 *slot, struct request *request)
{
	request->secure = (slot[1] & 1) && limits->secure_erase;
	request->nr_sectors = get_u64(slot + abi->nr_sectors);
	if (!limits->discard && !request->secure)
		return STATUS_UNSUPPORTED;
	return check_range(limits, request->sector, request->nr_sectors);
}

/**
 * request_read() - read a request and check all but its segments
 * @abi: layout of the front end's ring
 * @limits: what the disk permits
 * @slot: a private copy of the slot, @abi->slot bytes
 * @request: where to put it
 * @direct: room for SEGMENTS_DIRECT segments, filled unless the request is indirect
 *
 * Returns STATUS_OKAY, or the status to answer with.
 */
int request_read(const struct request_abi *abi, const struct request_limits *limits,
		 const void *slot, struct request *request, struct segment *direct)
{
	const u8 *bytes = slot;
	int status;

	memset(request, 0, sizeof(*request));
	request->op = bytes[0];
	request->id = get_u64(bytes + abi->id);
	request->sector = get_u64(bytes + abi->sector);

	switch (request->op) {
	case OP_READ:
	case OP_WRITE:
	case OP_BARRIER:
		status = read_direct(abi, bytes, request, direct);
		break;
	case OP_INDIRECT:
		status = read_indirect(abi, bytes, request);
		break;
	case OP_FLUSH:
		/* Such a request has no data; a count of segments is a mistake. */
		status = bytes[1] ? STATUS_ERROR : STATUS_OKAY;
		break;
	case OP_DISCARD:
		status = read_discard(abi, limits, bytes, request);
		break;
	default:
		return STATUS_UNSUPPORTED;
	}
	if (status)
		return status;
	if (request->op != OP_READ && limits->read_only)
		return STATUS_ERROR;
	if (!request->nr_segments && (request->op == OP_READ || request->op == OP_WRITE))
		return STATUS_ERROR;
	return STATUS_OKAY;
}

/**
 * request_check_segments() - check a request's segments, and its range with them
 * @limits: what the disk permits
 * @request: from request_read(); its nr_sectors is set
 * @segments: request->nr_segments of them, a private copy
 *
 * Returns STATUS_OKAY, or the status to answer with.
 */
int request_check_segments(const struct request_limits *limits, struct request *request,
			   const struct segment *segments)
{
	u32 blocks = limits->alignment - 1;
	u64 total = 0;
	unsigned int i;

	for (i = 0; i < request->nr_segments; i++) {
		u8 first = segments[i].first, last = segments[i].last;

		if (first > last || last >= PAGE_SECTORS_SHARED)
			return STATUS_ERROR;
		if ((first | (last + 1)) & blocks)
			return STATUS_ERROR;
		total += last - first + 1;
	}
	if (!total) /* a barrier without data */
		return STATUS_OKAY;
	request->nr_sectors = total;
	return check_range(limits, request->sector, total);
}
