// SPDX-License-Identifier: GPL-2.0
/*
 * The disk, as the block layer and the rest of the kernel see it.
 */
#include <linux/major.h>

#include "blkfront.h"
#include "compat.h"

static const struct block_device_operations disk_ops = {
	.owner = THIS_MODULE,
};

/* A segment is what one grant can hold: a piece of one page. */
static void fill_limits(struct bf_dev *dev, struct queue_limits *lim)
{
	struct bf_features *f = &dev->features;

	memset(lim, 0, sizeof(*lim));
	lim->logical_block_size = dev->geometry.sector_bytes;
	lim->physical_block_size = dev->geometry.physical_bytes;
	lim->max_segments = f->segments;
	lim->max_hw_sectors = f->segments * (BF_PAGE_BYTES / BF_SECTOR_BYTES);
	lim->max_segment_size = BF_PAGE_BYTES;
	lim->seg_boundary_mask = BF_PAGE_BYTES - 1;
	lim->dma_alignment = BF_SECTOR_BYTES - 1;
	if (f->discard) {
		lim->max_discard_sectors = UINT_MAX >> SECTOR_SHIFT;
		lim->discard_granularity = f->discard_granularity;
		lim->discard_alignment = f->discard_alignment;
	}
	if (f->secure_erase)
		lim->max_secure_erase_sectors = UINT_MAX >> SECTOR_SHIFT;
}

static bool has_cache(struct bf_dev *dev)
{
	return dev->features.flush || dev->features.barrier;
}

static bool is_readonly(struct bf_dev *dev)
{
	return dev->cdrom || dev->info & (VDISK_READONLY | VDISK_CDROM);
}

/* The limits of a back end that has come back. The queue is quiesced. */
void bf_disk_limits(struct bf_dev *dev)
{
	struct queue_limits lim;

	fill_limits(dev, &lim);
	bf_set_limits(dev->disk->queue, &lim, has_cache(dev));
}

/* The size that the back end says, if it is another. It may not be written any more. */
void bf_disk_resize(struct bf_dev *dev)
{
	if (is_readonly(dev))
		set_disk_ro(dev->disk, true);
	set_capacity_and_notify(dev->disk, dev->geometry.sectors);
}

/* Make the disk; nobody sees it before it is added. dev->lock is held. */
int bf_disk_create(struct bf_dev *dev)
{
	struct queue_limits lim;
	struct gendisk *disk;
	int err;

	dev->tags = (struct blk_mq_tag_set){
		.ops = &bf_mq_ops,
		.nr_hw_queues = dev->nr_rings,
		.queue_depth = dev->rings[0].nr_slots,
		.numa_node = NUMA_NO_NODE,
		.cmd_size = sizeof(struct bf_result),
		/* Whoever has the disk sorts requests; doing it twice costs twice. */
		.flags = BLK_MQ_F_SHOULD_MERGE | BLK_MQ_F_NO_SCHED_BY_DEFAULT,
		.driver_data = dev,
	};
	err = blk_mq_alloc_tag_set(&dev->tags);
	if (err)
		return err;
	fill_limits(dev, &lim);
	disk = bf_alloc_disk(&dev->tags, &lim, has_cache(dev));
	if (IS_ERR(disk)) {
		blk_mq_free_tag_set(&dev->tags);
		return PTR_ERR(disk);
	}
	disk->major = XENVBD_MAJOR;
	disk->first_minor = dev->name.minor;
	disk->minors = dev->name.minors;
	disk->fops = &disk_ops;
	strscpy(disk->disk_name, dev->name.text, sizeof(disk->disk_name));
	if (dev->name.partition)
		disk->flags |= GENHD_FL_NO_PART;
	if (dev->info & (VDISK_REMOVABLE | VDISK_CDROM))
		disk->flags |= GENHD_FL_REMOVABLE;
	set_disk_ro(disk, is_readonly(dev));
	set_capacity(disk, dev->geometry.sectors);
	dev->disk = disk;
	return 0;
}

/*
 * The end of the disk. What is in flight is waited for, unless the device is dead;
 * who has it open keeps an empty shell. Not with dev->lock: it may need the back end.
 * dev->disk is put, and the tags are freed, when there are no rings any more.
 */
void bf_disk_destroy(struct bf_dev *dev)
{
	if (!dev->added)
		return;
	if (dev->dead)
		blk_mark_disk_dead(dev->disk);
	del_gendisk(dev->disk);
}
