/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A front end's request, taken out of the ring and checked: see request.c.
 */
#ifndef BLKBACK_REQUEST_H
#define BLKBACK_REQUEST_H

#include <linux/types.h>

enum {
	SECTOR_BYTES = 512,	/* the unit of all that the protocol counts in sectors */
	PAGE_SECTORS_SHARED = 8, /* of them in a page that is granted */
	REQUEST_BYTES_MAX = 112, /* of a slot of the ring, in any layout */
	SEGMENTS_DIRECT = 11,	/* in the request itself */
	SEGMENTS_MAX = 256,	/* in a page beside it: what one bio takes */
};

/* A request's operation, and a response's status; the protocol's values. */
enum request_operation {
	OP_READ = 0,
	OP_WRITE = 1,
	OP_BARRIER = 2,
	OP_FLUSH = 3,
	OP_DISCARD = 5,
	OP_INDIRECT = 6,
};

enum {
	STATUS_OKAY = 0,
	STATUS_ERROR = -1,
	STATUS_UNSUPPORTED = -2,
};

/* Where things are in a slot of the ring, in bytes. All else is alike. */
struct request_abi {
	u8 slot; /* size of a slot */
	u8 id;
	u8 sector;
	u8 segments;   /* of reads and writes */
	u8 nr_sectors; /* of discards */
	u8 indirect;   /* grant references of an indirect request */
};

extern const struct request_abi request_abi_x86_32;
extern const struct request_abi request_abi_x86_64;

/* A part of a page of the front end's: sectors first to last, of eight. */
struct segment {
	u32 gref;
	u8 first, last;
	u16 unused;
};

/* What the disk permits. */
struct request_limits {
	u64 sectors;   /* its size */
	u32 alignment; /* its logical block, in sectors; a power of two */
	bool read_only;
	bool discard;
	bool secure_erase;
};

/* A request that has been read; of one that is refused, id and op alone count. */
struct request {
	u64 id;
	u64 sector;
	u64 nr_sectors;	   /* of a discard; of others once their segments are checked */
	u32 indirect_gref; /* the page of segments, if indirect */
	u16 nr_segments;
	u8 op; /* what to do, and what the response says: of an indirect one the inner */
	bool indirect;
	bool secure;
};

int request_read(const struct request_abi *abi, const struct request_limits *limits,
		 const void *slot, struct request *request, struct segment *direct);
int request_check_segments(const struct request_limits *limits, struct request *request,
			   const struct segment *segments);

#endif
