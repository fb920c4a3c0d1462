/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The block front end: a disk of this domain whose sectors another domain has.
 *
 * xenbus.c   the disk's life: what the other side's states make of it
 * connect.c  the handshake: what is offered, what is taken, what is published
 * ring.c     a ring with its slots: put a request there, take responses
 * grants.c   the frames that the back end may reach for a request, and no longer
 * queue.c    the block layer's requests: which become what on the ring
 * disk.c     the disk as the block layer sees it: name, limits, size, end
 * names.c, checks.c  what is decided by values alone
 *
 * Three locks. dev->lock (a mutex) is held while the connection is made or taken
 * down, by whoever does so: xenwatch or dev->work. ring->lock holds one ring together:
 * the block layer puts requests there, the interrupt takes responses; no two rings
 * ever share a lock. devices_lock guards the names given. The block layer's queue
 * is quiesced while there are no rings, so that queue_rq finds them without a lock.
 */
#ifndef BLKFRONT_H
#define BLKFRONT_H

#include <linux/blk-mq.h>
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <xen/grant_table.h>
#include <xen/interface/io/blkif.h>
#include <xen/xenbus.h>

#include "checks.h"

#define BF_MAX_RING_PAGES 4
#define BF_INDIRECT_PAGES 16 /* of a ring: so many large requests at a time */

/* A page that the back end may reach. */
struct bf_frame {
	struct page *page;
	grant_ref_t gref;
};

/* A page of segments, granted once and for all, and the frames they name. */
struct bf_indirect {
	struct bf_indirect *next; /* of those that are free */
	struct blkif_request_segment *segments;
	struct bf_frame page;
	struct bf_frame frames[BF_INDIRECT_SEGMENTS];
};

/* A request with the back end. Its identifier is the slot's number. */
struct bf_slot {
	struct request *rq;
	struct bf_indirect *indirect; /* or NULL */
	u16 nr_frames;
	bool bounced;  /* the frames' pages are ours, not the request's */
	bool readonly; /* the back end may only read them */
	struct bf_frame direct[BF_DIRECT_SEGMENTS];
};

struct bf_ring {
	/* Written by queue_rq and the interrupt, with the lock. */
	spinlock_t lock;
	struct blkif_front_ring ring;
	RING_IDX pushed; /* how far the back end was told */
	u16 nr_free;	 /* slots; the numbers are in free[] */
	u16 nr_slots;
	bool starved; /* a request waits for something of this ring */
	bool broken;  /* the back end lied: it is not listened to any more */
	struct bf_sent *sent;
	struct bf_slot *slots;
	u16 *free;
	struct bf_indirect *free_indirect;
	grant_ref_t pool;      /* grant references that are not in use, ... */
	unsigned int nr_pool;  /* ... and how many */
	struct bf_frame *kept; /* pages that stay granted; NULL: none do */
	unsigned int nr_kept, max_kept;

	struct bf_dev *dev;
	unsigned int irq;
	evtchn_port_t port;
	void *shared;
	unsigned int nr_pages;
	grant_ref_t shared_grefs[BF_MAX_RING_PAGES];
	struct bf_indirect *indirect; /* BF_INDIRECT_PAGES of them, or NULL */
};

/* What the back end can do, besides reading and writing. */
struct bf_features {
	bool flush, barrier, discard, secure_erase, persistent;
	u32 discard_granularity; /* bytes */
	u32 discard_alignment;	 /* bytes */
	u32 segments;		 /* of a request, at most */
};

struct bf_dev {
	struct xenbus_device *xbdev;
	struct list_head all; /* of devices */
	struct bf_name name;
	bool cdrom;

	struct mutex lock;
	struct work_struct work;
	bool published; /* the rings are in xenstore */
	bool connected; /* the back end serves them */
	bool quiesced;	/* and so the block layer waits */
	bool added;	/* the disk is there for everybody */
	bool closing;	/* the disk has to go, in good order */
	bool dead;	/* it has to go at once: all I/O fails */
	bool closed;	/* and has gone: nothing is left to be done */

	u32 nr_rings;
	struct bf_ring *rings;
	domid_t peer;
	bool trusted;
	struct bf_features features;
	struct bf_geometry geometry;
	u32 info; /* VDISK_* */

	struct blk_mq_tag_set tags;
	struct gendisk *disk;
	spinlock_t again_lock;
	struct bio_list again; /* to be submitted again: they fit no request now */
};

/* What stays with a request until it has ended. */
struct bf_result {
	blk_status_t status;
};

/* xenbus.c */
void bf_break(struct bf_dev *dev, const char *why);

/* connect.c */
int bf_publish(struct bf_dev *dev);
int bf_read_disk(struct bf_dev *dev);
void bf_disconnect(struct bf_dev *dev);

/* ring.c */
int bf_ring_create(struct bf_ring *ring, struct bf_dev *dev, u32 order);
void bf_ring_stop(struct bf_ring *ring);
void bf_ring_destroy(struct bf_ring *ring);
struct request *bf_ring_in_flight(struct bf_ring *ring);
int bf_ring_take_slot(struct bf_ring *ring);
void bf_ring_put_slot(struct bf_ring *ring, unsigned int id);
bool bf_ring_push(struct bf_ring *ring);

/* grants.c */
int bf_pool_create(struct bf_ring *ring);
void bf_pool_destroy(struct bf_ring *ring);
int bf_indirect_create(struct bf_ring *ring);
void bf_indirect_destroy(struct bf_ring *ring);
int bf_grant_request(struct bf_ring *ring, struct bf_slot *slot, struct blkif_request_segment *to);
bool bf_end_grants(struct bf_ring *ring, struct bf_slot *slot, bool copy);

/* queue.c */
extern const struct blk_mq_ops bf_mq_ops;
irqreturn_t bf_interrupt(int irq, void *ring);
void bf_consume(struct bf_ring *ring);

/* disk.c */
int bf_disk_create(struct bf_dev *dev);
void bf_disk_limits(struct bf_dev *dev);
void bf_disk_resize(struct bf_dev *dev);
void bf_disk_destroy(struct bf_dev *dev);

static inline struct bf_frame *bf_frames(struct bf_slot *slot)
{
	return slot->indirect ? slot->indirect->frames : slot->direct;
}

#endif
