/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where Linux 6.12 differs from 6.1: how a disk gets its limits. Both know struct
 * queue_limits; 6.1 has a function for each field.
 */
#ifndef BLKFRONT_COMPAT_H
#define BLKFRONT_COMPAT_H

#include <linux/blk-mq.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)

static inline void bf_limit_cache(struct queue_limits *lim, bool cache)
{
	lim->features &= ~(BLK_FEAT_WRITE_CACHE | BLK_FEAT_ROTATIONAL);
	if (cache)
		lim->features |= BLK_FEAT_WRITE_CACHE;
}

static inline struct gendisk *bf_alloc_disk(struct blk_mq_tag_set *set, struct queue_limits *lim,
					    bool cache)
{
	bf_limit_cache(lim, cache);
	lim->max_hw_discard_sectors = lim->max_discard_sectors;
	return blk_mq_alloc_disk(set, lim, NULL);
}

/* The queue is quiesced, or nothing uses it yet. */
static inline void bf_set_limits(struct request_queue *q, const struct queue_limits *want,
				 bool cache)
{
	struct queue_limits lim = queue_limits_start_update(q);

	lim.max_hw_sectors = want->max_hw_sectors;
	lim.max_segments = want->max_segments;
	lim.physical_block_size = want->physical_block_size;
	lim.max_hw_discard_sectors = want->max_discard_sectors;
	lim.max_secure_erase_sectors = want->max_secure_erase_sectors;
	lim.discard_granularity = want->discard_granularity;
	lim.discard_alignment = want->discard_alignment;
	bf_limit_cache(&lim, cache);
	queue_limits_commit_update(q, &lim);
}

#else

static inline void bf_set_limits(struct request_queue *q, const struct queue_limits *want,
				 bool cache)
{
	blk_queue_logical_block_size(q, want->logical_block_size);
	blk_queue_physical_block_size(q, want->physical_block_size);
	blk_queue_max_hw_sectors(q, want->max_hw_sectors);
	blk_queue_max_segments(q, want->max_segments);
	blk_queue_max_segment_size(q, want->max_segment_size);
	blk_queue_segment_boundary(q, want->seg_boundary_mask);
	blk_queue_dma_alignment(q, want->dma_alignment);
	blk_queue_max_discard_sectors(q, want->max_discard_sectors);
	blk_queue_max_secure_erase_sectors(q, want->max_secure_erase_sectors);
	q->limits.discard_granularity = want->discard_granularity;
	q->limits.discard_alignment = want->discard_alignment;
	blk_queue_write_cache(q, cache, false);
	blk_queue_flag_set(QUEUE_FLAG_NONROT, q);
}

static inline struct gendisk *bf_alloc_disk(struct blk_mq_tag_set *set, struct queue_limits *lim,
					    bool cache)
{
	struct gendisk *disk = blk_mq_alloc_disk(set, NULL);

	if (!IS_ERR(disk))
		bf_set_limits(disk->queue, lim, cache);
	return disk;
}

static inline void blk_queue_disable_discard(struct request_queue *q)
{
	blk_queue_max_discard_sectors(q, 0);
}

static inline void blk_queue_disable_secure_erase(struct request_queue *q)
{
	blk_queue_max_secure_erase_sectors(q, 0);
}

#endif
#endif
