/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is decided by values alone: the names of disks, and whether what the back
 * end says can be true. It knows nothing of the kernel, so that it is compiled,
 * tested and fuzzed on the host as well (tests/drivers).
 */
#ifndef BLKFRONT_CHECKS_H
#define BLKFRONT_CHECKS_H

#include <linux/types.h>

/* Sectors on the ring and in xenstore are of 512 bytes, whatever the disk's are. */
#define BF_SECTOR_BYTES 512u
#define BF_PAGE_BYTES 4096u

/* Segments of a request that carries them itself, and in a page of them. */
#define BF_DIRECT_SEGMENTS 11u
#define BF_INDIRECT_SEGMENTS 256u

/* A virtual device number, taken apart. */
struct bf_name {
	unsigned int disk;	/* 0 is xvda */
	unsigned int partition; /* 0: the whole disk */
	unsigned int minor;	/* of major 202 */
	unsigned int minors;	/* how many belong to it, partitions included */
	char text[32];
};

/* What the back end says of its disk. */
struct bf_geometry {
	u64 sectors;
	u32 sector_bytes;
	u32 physical_bytes;
};

/* How much the back end can take. 0 where it said nothing. */
struct bf_offer {
	u32 queues;
	u32 ring_order;
	u32 indirect_segments;
};

/* What stands in a ring's slot, by identifier. */
struct bf_sent {
	u32 index; /* where in the ring it was put */
	u8 operation;
	bool in_flight;
};

bool bf_name_device(u32 device, struct bf_name *name);
bool bf_names_collide(const struct bf_name *a, const struct bf_name *b);
const char *bf_check_geometry(struct bf_geometry *geometry);
void bf_bound_offer(struct bf_offer *offer, u32 max_queues, u32 max_order);
const char *bf_check_producer(u32 rsp_prod, u32 rsp_cons, u32 req_pushed);
const char *bf_check_response(u64 id, u8 operation, s16 status, const struct bf_sent *sent,
			      u32 slots, u32 req_pushed);

#endif
