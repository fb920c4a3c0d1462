/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The block back end: what its files share. A front end's disk is a vbd (xenbus.c), which
 * has the block device (disk.c) and one or more rings (ring.c). A ring's requests are
 * checked (request.c), become ios with their pages mapped (grants.c), and go to the block
 * layer (io.c), no faster than the vbd may (limit.c), and are counted (stats.c).
 *
 * A ring belongs to its thread: but for the list of finished ios nothing in it is locked.
 */
#ifndef BLKBACK_H
#define BLKBACK_H

#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/hashtable.h>
#include <linux/llist.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <xen/grant_table.h>
#include <xen/xenbus.h>
#include <xen/interface/io/blkif.h>
#include "request.h"

enum {
	BATCH_REQUESTS = 32, /* taken from a ring before they are submitted */
	BATCH_INDIRECT = 8,  /* of them with segments elsewhere */
	BATCH_GRANTS = 512,  /* pages mapped or unmapped by a hypercall */
	POOL_PAGES_MAX = 2048, /* mapped for one ring: 8 MiB */
	POOL_CHUNK = 64,       /* pages by which the pool grows */
	RING_ORDER_MAX = XENBUS_MAX_RING_GRANT_ORDER,
};

struct ring;

/* grants.c: a page of ours, and the front end's page that is mapped there. */
struct mapping {
	struct page *page;
	grant_handle_t handle; /* INVALID_GRANT_HANDLE: nothing is mapped */
	grant_ref_t gref;
	unsigned int users;	/* ios that use it */
	bool persistent;	/* stays mapped when they are done */
	struct list_head list;	/* of the idle, longest idle first */
	struct hlist_node hash; /* by gref, if persistent */
};

struct pool {
	domid_t domid;
	bool persistent;
	unsigned int nr, nr_free, nr_idle;
	struct mapping *free[POOL_PAGES_MAX];
	struct list_head idle, chunks;
	DECLARE_HASHTABLE(by_gref, 9);
	/* A batch that is being put together: of maps, or of unmaps. */
	unsigned int nr_batch;
	union {
		struct gnttab_map_grant_ref map[BATCH_GRANTS];
		struct gnttab_unmap_grant_ref unmap[BATCH_GRANTS];
	};
	struct mapping *batch[BATCH_GRANTS];
	struct page *pages[BATCH_GRANTS];
};

struct pool *pool_create(domid_t domid, bool persistent);
void pool_destroy(struct pool *pool);
bool pool_reserve(struct pool *pool, unsigned int nr);
struct mapping *pool_get(struct pool *pool, grant_ref_t gref, bool read_only);
void pool_map(struct pool *pool);
void pool_put(struct pool *pool, struct mapping *mapping);
void pool_unmap(struct pool *pool);

/* io.c: a request under way. */
struct io_large {
	struct mapping *maps[SEGMENTS_MAX];
	struct bio_vec vecs[SEGMENTS_MAX];
};

struct io {
	struct ring *ring;
	struct request request;
	int status;
	unsigned int nr_maps;
	struct mapping **maps; /* small_maps or large->maps */
	struct io_large *large;
	union {
		struct list_head list;	/* free, or in a batch, or held */
		struct llist_node done; /* finished */
	};
	struct segment segments[SEGMENTS_DIRECT];
	const struct segment *indirect; /* in the ring's scratch page, while in a batch */
	struct work_struct work;	/* discards, which may sleep */
	struct mapping *small_maps[SEGMENTS_DIRECT];
	struct bio_vec small_vecs[SEGMENTS_DIRECT];
	struct bio bio;
};

void io_init(struct io *io, struct ring *ring);
bool io_prepare(struct io *io);
void io_submit(struct io *io);
void io_finish(struct io *io, int status);
bool io_pages_in_use(struct io *io);
void io_release(struct io *io);

/* stats.c */
struct stats {
	u64 reads, writes, flushes, discards, errors;
	u64 sectors_read, sectors_written;
	u64 waits; /* times that requests had to wait for memory */
	u64 batches, interrupts, notifications;
};

extern const struct attribute_group *vbd_groups[];

/* limit.c: so much in a second, counted in bytes and in requests. */
struct limit {
	u64 rate; /* a second; 0: no limit */
	u64 due;  /* ns: when all that was let through is paid for */
};

struct limits {
	spinlock_t lock;
	struct limit bytes, ops;
};

void limits_init(struct limits *limits);
void limits_set(struct limits *limits, struct limit *limit, u64 rate);
u64 limits_wait(struct limits *limits);
void limits_charge(struct limits *limits, u64 bytes);

static inline bool limits_any(const struct limits *limits)
{
	return READ_ONCE(limits->bytes.rate) || READ_ONCE(limits->ops.rate);
}

/* disk.c */
struct disk {
	struct block_device *bdev; /* NULL: not open */
	void *handle;		   /* what was opened, for closing it */
	dev_t device;
	bool writable; /* opened so */
	bool cdrom, removable;
	struct request_limits limits;
};

struct vbd;

int disk_open(struct vbd *vbd, dev_t device);
void disk_close(struct disk *disk);
bool disk_resized(const struct disk *disk);
int disk_publish(struct vbd *vbd, struct xenbus_transaction xbt);

/* ring.c */
struct ring {
	struct vbd *vbd;
	struct stats *stats;
	struct task_struct *thread;
	const struct request_abi *abi;
	struct pool *pool;

	struct blkif_sring *shared;
	unsigned int size; /* slots, a power of two */
	RING_IDX taken, answered, pushed;
	int irq;
	bool started;
	bool halted; /* its thread is in halt_for_requests() */
	bool eoi_due, useful; /* an interrupt is to be ended; it brought requests */
	bool broken;
	/* How many requests are waited for, and when it is tried with more: expect(). */
	unsigned int expected, came, probe_in, probe_interval;
	bool probing;

	struct io *ios;	       /* one a slot */
	struct list_head free; /* of them */
	struct list_head held; /* finished, but somebody still looks at their pages */
	struct io *barrier;    /* nothing is taken until it is done */
	bool barrier_submitted;
	struct llist_head done;
	void *scratch[BATCH_INDIRECT]; /* pages for segments */
	struct gnttab_copy copies[BATCH_INDIRECT];
};

struct ring *ring_create(struct vbd *vbd, unsigned int queue, const struct request_abi *abi,
			 grant_ref_t *grefs, unsigned int nr_grefs, evtchn_port_t port,
			 bool persistent);
void ring_destroy(struct ring *ring);
void ring_wake(struct ring *ring);

/* xenbus.c */
struct vbd {
	struct xenbus_device *dev;
	struct disk disk;
	struct limits rate;
	struct stats *stats;	     /* a queue */
	unsigned int nr_queues_max;  /* number of stats */
	struct ring **rings;	     /* as many as stats */
	unsigned int nr_rings;	     /* 0: not connected */
	struct mutex lock;	     /* of all above, against vbd_remove() */
	bool removed;
	bool front_left;	     /* it said so, and nobody acted on it yet */
	bool broken;		     /* the front end did what it must not */
	struct work_struct update;   /* look at both sides, and do what is due */
	struct delayed_work resize;  /* looks at the disk's size */
	struct xenbus_watch watch;   /* of our own directory */
};

void vbd_update(struct vbd *vbd);
void vbd_break(struct vbd *vbd, const char *why);

#endif
