/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Opening block devices, as Linux 6.1 and as Linux 6.9 and later have it. What is opened is
 * a handle, of which there is the device; it is shared, for whether that is permitted is
 * looked at by whoever configures the domain.
 */
#ifndef BLKBACK_COMPAT_H
#define BLKBACK_COMPAT_H

#include <linux/blkdev.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)

static inline void *device_open(dev_t device, bool writable)
{
	blk_mode_t mode = BLK_OPEN_READ | (writable ? BLK_OPEN_WRITE : 0);

	return bdev_file_open_by_dev(device, mode, NULL, NULL);
}

static inline struct block_device *device_of(void *handle)
{
	return file_bdev(handle);
}

static inline void device_close(void *handle, bool writable)
{
	bdev_fput(handle);
}

#else

static inline void *device_open(dev_t device, bool writable)
{
	return blkdev_get_by_dev(device, FMODE_READ | (writable ? FMODE_WRITE : 0), NULL);
}

static inline struct block_device *device_of(void *handle)
{
	return handle;
}

static inline void device_close(void *handle, bool writable)
{
	blkdev_put(handle, FMODE_READ | (writable ? FMODE_WRITE : 0));
}

#endif
#endif
