/* SPDX-License-Identifier: MIT */
/*
 * The block device protocol.
 *
 * A frontend puts requests on a ring (or several), data pages granted by
 * reference; the backend does them, in any order, and answers each.
 *
 * In xenstore the backend writes to its directory, then goes to InitWait:
 *   feature-barrier, feature-flush-cache, feature-discard	1: has the operation
 *   feature-persistent		1: keeps grants mapped, if the frontend does
 *   feature-max-indirect-segments	segments in BLKIF_OP_INDIRECT; 0: has it not
 *   max-ring-page-order (or max-ring-pages)	ring frames, as a power of two
 *   multi-queue-max-queues	rings
 * and before it goes to Connected:
 *   sectors			size, in units of sector-size (but Linux, both
 *				halves, counts 512 bytes whatever that is)
 *   sector-size		bytes; 512 unless the frontend has
 *				feature-large-sector-size
 *   physical-sector-size	bytes
 *   info			VDISK_*
 *   discard-granularity, discard-alignment	bytes
 *   discard-secure		1: BLKIF_DISCARD_SECURE works
 * The tools wrote there before: params, mode ("r" or "w"), type, physical-device
 * ("major:minor" in hexadecimal, by the hotplug script), discard-enable.
 *
 * The frontend writes, then goes to Initialised:
 *   ring-ref			grant reference of a ring of one frame
 *   ring-page-order (or num-ring-pages), ring-ref0, ring-ref1...	of several
 *   event-channel		port
 *   protocol			XEN_IO_PROTO_ABI_*
 *   feature-persistent		1: uses the same grants again and again; the
 *				backend may map them all writable
 *   feature-large-sector-size	1: believes sector-size everywhere
 *   multi-queue-num-queues	rings; with more than one, ring-ref* and
 *				event-channel are in directories queue-0, queue-1...
 * The tools wrote there before: virtual-device, device-type.
 *
 * A frontend that sees new values of sectors while connected has a disk of
 * another size.
 */
#ifndef __XEN_PUBLIC_IO_BLKIF_H__
#define __XEN_PUBLIC_IO_BLKIF_H__

#include "ring.h"
#include "../grant_table.h"

/* The device's number as tools and frontend know it (for example 51712, xvda). */
#ifndef blkif_vdev_t
#define blkif_vdev_t	uint16_t
#endif

/* A sector number. The unit is 512 bytes, or sector-size (see above). */
#define blkif_sector_t	uint64_t

/*
 * READ, WRITE
 * WRITE_BARRIER	all writes before it are on the disk before it, it itself
 *			is before all writes after it
 * FLUSH_DISKCACHE	all writes that were answered are on the disk when it is
 *			answered. It may have data, written like a barrier.
 * RESERVED_1		vendors' packet commands
 * DISCARD		the sectors' contents are no longer needed
 * INDIRECT		READ or WRITE with more segments than a request can hold
 */
#define BLKIF_OP_READ			0
#define BLKIF_OP_WRITE			1
#define BLKIF_OP_WRITE_BARRIER		2
#define BLKIF_OP_FLUSH_DISKCACHE	3
#define BLKIF_OP_RESERVED_1		4
#define BLKIF_OP_DISCARD		5
#define BLKIF_OP_INDIRECT		6

#define BLKIF_MAX_SEGMENTS_PER_REQUEST		11
#define BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST	8

/* blkif_request_discard.flag: not recoverable afterwards. */
#define BLKIF_DISCARD_SECURE	(1 << 0)

/* blkif_response.status */
#define BLKIF_RSP_EOPNOTSUPP	-2	/* no such operation here */
#define BLKIF_RSP_ERROR		-1	/* it failed */
#define BLKIF_RSP_OKAY		0	/* it is done */

/* "info" in xenstore */
#define VDISK_CDROM		0x1
#define VDISK_REMOVABLE		0x2
#define VDISK_READONLY		0x4

/*
 * A part of one frame. Sectors in it are of 512 bytes, 0 to 7. Indirect frames
 * hold arrays of these: 512 in each.
 */
struct blkif_request_segment {
	grant_ref_t gref;		/* the frame */
	uint8_t first_sect, last_sect;	/* inclusive */
};

/* READ, WRITE, WRITE_BARRIER, FLUSH_DISKCACHE. Writer: the frontend. */
struct blkif_request {
	uint8_t operation;		/* BLKIF_OP_* */
	uint8_t nr_segments;		/* in seg; flush: may be 0 */
	blkif_vdev_t handle;		/* the device; not used for anything */
	uint64_t id;			/* frontend's own, comes back */
	blkif_sector_t sector_number;	/* first sector on the disk */
	struct blkif_request_segment seg[BLKIF_MAX_SEGMENTS_PER_REQUEST];
};
typedef struct blkif_request blkif_request_t;

/* DISCARD. Writer: the frontend. */
struct blkif_request_discard {
	uint8_t operation;		/* BLKIF_OP_DISCARD */
	uint8_t flag;			/* BLKIF_DISCARD_SECURE */
	blkif_vdev_t handle;
	uint64_t id;
	blkif_sector_t sector_number;	/* first sector */
	uint64_t nr_sectors;		/* sectors */
};
typedef struct blkif_request_discard blkif_request_discard_t;

/* INDIRECT. Writer: the frontend. */
struct blkif_request_indirect {
	uint8_t operation;		/* BLKIF_OP_INDIRECT */
	uint8_t indirect_op;		/* BLKIF_OP_READ or BLKIF_OP_WRITE */
	uint16_t nr_segments;		/* in all frames together */
	uint64_t id;
	blkif_sector_t sector_number;	/* first sector */
	blkif_vdev_t handle;
	grant_ref_t indirect_grefs[BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST];
};
typedef struct blkif_request_indirect blkif_request_indirect_t;

/* Writer: the backend. */
struct blkif_response {
	uint64_t id;			/* of the request */
	uint8_t operation;		/* of the request */
	int16_t status;			/* BLKIF_RSP_* */
};
typedef struct blkif_response blkif_response_t;

DEFINE_RING_TYPES(blkif, struct blkif_request, struct blkif_response);

#endif /* __XEN_PUBLIC_IO_BLKIF_H__ */
