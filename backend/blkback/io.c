// SPDX-License-Identifier: GPL-2.0
/*
 * Carrying a request out. One that was checked becomes one bio, whose pages are the front
 * end's; or a flush, which is a bio without pages; or a discard, which is left to a worker,
 * since the block layer may sleep over it. Whatever becomes of it, io_finish() puts it into
 * the ring's list of finished ones and wakes the ring's thread, which answers.
 *
 * A flush is answered when the block layer says that the disk's cache is on the disk, and
 * not earlier; a barrier is a flush, the write, and that write on the disk.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include "blkback.h"

static void discard_work(struct work_struct *work);

void io_init(struct io *io, struct ring *ring)
{
	io->ring = ring;
	INIT_WORK(&io->work, discard_work);
}

/**
 * io_finish() - an io is done; the ring's thread will answer
 * @status: for the answer
 *
 * From any context. The thread may see the io before we wake it, answer, and be stopped with
 * its ring; so the ring is freed an RCU grace period after its thread is.
 */
void io_finish(struct io *io, int status)
{
	struct ring *ring = io->ring;

	io->status = status;
	rcu_read_lock();
	if (llist_add(&io->done, &ring->done))
		ring_wake(ring);
	rcu_read_unlock();
}

static int status_of(blk_status_t error)
{
	switch (error) {
	case BLK_STS_OK:
		return STATUS_OKAY;
	case BLK_STS_NOTSUPP:
		return STATUS_UNSUPPORTED;
	default:
		return STATUS_ERROR;
	}
}

static void bio_done(struct bio *bio)
{
	io_finish(container_of(bio, struct io, bio), status_of(bio->bi_status));
}

static void discard_work(struct work_struct *work)
{
	struct io *io = container_of(work, struct io, work);
	struct block_device *bdev = io->ring->vbd->disk.bdev;
	struct request *request = &io->request;
	int err;

	if (request->secure)
		err = blkdev_issue_secure_erase(bdev, request->sector, request->nr_sectors,
						GFP_KERNEL);
	else
		err = blkdev_issue_discard(bdev, request->sector, request->nr_sectors, GFP_KERNEL);
	io_finish(io, err == -EOPNOTSUPP ? STATUS_UNSUPPORTED : err ? STATUS_ERROR : STATUS_OKAY);
}

/**
 * io_prepare() - collect the pages of an io whose segments are checked
 *
 * The pool has a reservation for them. Returns false when there is no memory; then nothing
 * was collected.
 */
bool io_prepare(struct io *io)
{
	const struct segment *segments = io->indirect ?: io->segments;
	bool read_only = io->request.op != OP_READ;

	io->maps = io->small_maps;
	if (io->request.nr_segments > SEGMENTS_DIRECT) {
		if (!io->large)
			io->large = kmalloc(sizeof(*io->large), GFP_NOIO);
		if (!io->large)
			return false;
		io->maps = io->large->maps;
	}
	while (io->nr_maps < io->request.nr_segments) {
		io->maps[io->nr_maps] = pool_get(io->ring->pool, segments[io->nr_maps].gref,
						 read_only);
		io->nr_maps++;
	}
	return true;
}

/*
 * Put the segments into the bio; false if one's page is not mapped. None is merged with the
 * one before: where they are in memory has nothing to do with where our pages are, and to find
 * that out costs more than it could ever save.
 */
static bool fill_bio(struct io *io)
{
	const struct segment *segment = io->indirect ?: io->segments;
	unsigned int i, offset, bytes;

	for (i = 0; i < io->nr_maps; i++, segment++) {
		if (io->maps[i]->handle == INVALID_GRANT_HANDLE)
			return false;
		offset = segment->first * SECTOR_BYTES;
		bytes = (segment->last - segment->first + 1) * SECTOR_BYTES;
		__bio_add_page(&io->bio, io->maps[i]->page, bytes, offset);
	}
	return true;
}

/* Start an io; its pages are mapped, if it has any. io_finish() is called in the end. */
void io_submit(struct io *io)
{
	static const blk_opf_t operations[] = {
		[OP_READ] = REQ_OP_READ,
		[OP_WRITE] = REQ_OP_WRITE | REQ_SYNC | REQ_IDLE,
		[OP_BARRIER] = REQ_OP_WRITE | REQ_SYNC | REQ_PREFLUSH | REQ_FUA,
		[OP_FLUSH] = REQ_OP_WRITE | REQ_SYNC | REQ_PREFLUSH,
	};
	struct bio_vec *vecs = io->maps == io->small_maps ? io->small_vecs : io->large->vecs;
	struct request *request = &io->request;
	blk_opf_t operation;

	if (request->op == OP_DISCARD) {
		queue_work(system_unbound_wq, &io->work);
		return;
	}
	operation = operations[request->op];
	if (!io->nr_maps) /* only data can bypass the cache */
		operation &= ~REQ_FUA;
	bio_init(&io->bio, io->ring->vbd->disk.bdev, vecs, io->nr_maps, operation);
	io->bio.bi_iter.bi_sector = io->nr_maps ? request->sector : 0;
	io->bio.bi_end_io = bio_done;
	if (fill_bio(io)) {
		submit_bio(&io->bio);
	} else {
		bio_uninit(&io->bio);
		io_finish(io, STATUS_ERROR);
	}
}

/*
 * Whether somebody still has a page of a finished io: a disk that is reached by network may
 * send data again that has been acknowledged.
 */
bool io_pages_in_use(struct io *io)
{
	unsigned int i;

	for (i = 0; i < io->nr_maps; i++)
		if (page_ref_count(io->maps[i]->page) > 1)
			return true;
	return false;
}

/* Let go of a finished io's pages; pool_unmap() follows. */
void io_release(struct io *io)
{
	while (io->nr_maps)
		pool_put(io->ring->pool, io->maps[--io->nr_maps]);
}
