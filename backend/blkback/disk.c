// SPDX-License-Identifier: GPL-2.0
/*
 * The block device behind a vbd: opening it as its keys in xenstore say, and telling the
 * front end what it is. The protocol's sectors are of 512 bytes whatever the device's are;
 * a larger logical block is told in sector-size, and every request has to be a multiple.
 */
#include <linux/blkdev.h>
#include "blkback.h"
#include "compat.h"

/* Whether a key of a directory of xenstore has this value. */
static bool key_is(const char *dir, const char *key, const char *value)
{
	char *found = xenbus_read(XBT_NIL, dir, key, NULL);
	bool is = !IS_ERR(found) && !strcmp(found, value);

	if (!IS_ERR(found))
		kfree(found);
	return is;
}

static void learn(struct disk *disk, bool discard)
{
	struct request_limits *limits = &disk->limits;

	limits->sectors = bdev_nr_sectors(disk->bdev);
	limits->alignment = bdev_logical_block_size(disk->bdev) / SECTOR_BYTES;
	limits->read_only = !disk->writable || bdev_read_only(disk->bdev);
	limits->discard = discard && bdev_max_discard_sectors(disk->bdev);
	limits->secure_erase = discard && bdev_max_secure_erase_sectors(disk->bdev);
}

/**
 * disk_open() - open a vbd's block device
 *
 * The keys mode, device-type, removable and discard-enable say how. May sleep. Returns a
 * negative errno; -EACCES if it is to be written and cannot be.
 */
int disk_open(struct vbd *vbd, dev_t device)
{
	const char *dir = vbd->dev->nodename;
	struct disk *disk = &vbd->disk;
	void *handle;

	disk->writable = key_is(dir, "mode", "w") || key_is(dir, "mode", "w!");
	disk->cdrom = key_is(dir, "device-type", "cdrom");
	disk->removable = key_is(dir, "removable", "1");
	handle = device_open(device, disk->writable);
	if (IS_ERR(handle))
		return PTR_ERR(handle);
	disk->handle = handle;
	disk->device = device;
	disk->bdev = device_of(handle);
	learn(disk, !key_is(dir, "discard-enable", "0"));
	if (disk->writable && disk->limits.read_only) {
		disk_close(disk);
		return -EACCES;
	}
	if (disk->bdev->bd_disk->flags & GENHD_FL_REMOVABLE)
		disk->removable = true;
	return 0;
}

/* Nothing of it is under way any more. */
void disk_close(struct disk *disk)
{
	if (disk->bdev)
		device_close(disk->handle, disk->writable);
	disk->bdev = NULL;
}

/* Whether the device has another size than was told. */
bool disk_resized(const struct disk *disk)
{
	return disk->bdev && bdev_nr_sectors(disk->bdev) != disk->limits.sectors;
}

struct node {
	const char *name;
	u64 value;
};

/* Write what the front end reads when it connects. Returns 0 or a negative errno. */
int disk_publish(struct vbd *vbd, struct xenbus_transaction xbt)
{
	const struct disk *disk = &vbd->disk;
	struct block_device *bdev = disk->bdev;
	bool cache = !disk->limits.read_only && bdev_write_cache(bdev);
	bool discard = !disk->limits.read_only && disk->limits.discard;
	u64 info = (disk->cdrom ? VDISK_CDROM : 0) | (disk->removable ? VDISK_REMOVABLE : 0) |
		   (disk->limits.read_only ? VDISK_READONLY : 0);
	const struct node nodes[] = {
		{ "sectors", disk->limits.sectors },
		{ "info", info },
		{ "sector-size", bdev_logical_block_size(bdev) },
		{ "physical-sector-size", bdev_physical_block_size(bdev) },
		{ "feature-flush-cache", cache },
		{ "feature-barrier", cache },
		{ "feature-discard", discard },
		{ "discard-granularity", bdev_discard_granularity(bdev) },
		{ "discard-alignment", bdev_discard_alignment(bdev) },
		{ "discard-secure", discard && disk->limits.secure_erase },
	};
	unsigned int i, nr = discard ? ARRAY_SIZE(nodes) : ARRAY_SIZE(nodes) - 3;
	int err = 0;

	for (i = 0; i < nr && !err; i++)
		err = xenbus_printf(xbt, vbd->dev->nodename, nodes[i].name, "%llu", nodes[i].value);
	return err;
}
