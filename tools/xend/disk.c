// SPDX-License-Identifier: GPL-2.0
/*
 * What is behind a domain's disks: a block device, or a file by a loop device. Claiming
 * a disk checks it, sees that nobody else has it, and has it from then on.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "log.h"
#include "loopdev.h"

#define SECTOR 512

/* Override is possible: say how. */
static int busy(struct error *e)
{
	size_t n = strlen(e->text);

	snprintf(e->text + n, sizeof(e->text) - n, "; mode w! takes it all the same");
	return -1;
}

static int claim_block(struct device *device, const struct stat *st, struct error *e)
{
	const struct disk_config *disk = device->disk;
	bool writable = disk->mode != DISK_READ;
	int fd, read_only = 0;

	if (!S_ISBLK(st->st_mode))
		return error_set(e, EINVAL, "%s is not a block device; backend phy wants one",
				 disk->target);
	fd = open(disk->target, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return error_errno(e, "%s", disk->target);
	ioctl(fd, BLKROGET, &read_only);
	close(fd);
	if (writable && read_only)
		return error_set(e, EROFS, "%s is read-only; allowed is mode r", disk->target);
	if (disk->mode != DISK_WRITE_FORCED &&
	    block_check_free(disk->target, st->st_rdev, writable, e))
		return busy(e);
	device->rdev = st->st_rdev;
	device->claimed = true;
	return 0;
}

static int claim_file(struct device *device, const struct stat *st, struct error *e)
{
	const struct disk_config *disk = device->disk;
	bool writable = disk->mode != DISK_READ;
	char tag[LOOP_TAG_SIZE];

	if (!S_ISREG(st->st_mode))
		return error_set(e, EINVAL, "%s is not a regular file; backend file wants one",
				 disk->target);
	if (st->st_size < SECTOR)
		return error_set(e, EINVAL, "%s has %lld bytes; a disk has at least %d",
				 disk->target, (long long)st->st_size, SECTOR);
	/* Root may write to any file: what counts is whether it is meant to be written. */
	if (writable && (!(st->st_mode & 0222) || access(disk->target, W_OK)))
		return error_set(e, EROFS, "%s is read-only; allowed is mode r", disk->target);
	if (disk->mode != DISK_WRITE_FORCED &&
	    file_check_free(disk->target, st->st_dev, st->st_ino, writable, e))
		return busy(e);
	loop_tag(tag, device->domain->config->uuid, disk->vdev);
	device->loop = loop_attach(disk->target, writable, tag, &device->rdev, e);
	if (device->loop < 0)
		return -1;
	device->claimed = true;
	return 0;
}

static int claim(struct device *device, struct error *e)
{
	struct stat st;

	/* Whether it is there, and free, is for the domain to see that has it. */
	if (device->backend)
		return 0;
	if (stat(device->disk->target, &st))
		return error_errno(e, "%s", device->disk->target);
	if (device->disk->file)
		return claim_file(device, &st, e);
	return claim_block(device, &st, e);
}

int disks_claim(struct domain *d, struct error *e)
{
	for (size_t i = 0; i < d->device_count; i++) {
		struct device *device = &d->devices[i];

		if (device->type != DEVICE_VBD || !claim(device, e))
			continue;
		error_prefix(e, "disk[%zu]", device->index);
		disks_release(d);
		return -1;
	}
	return 0;
}

/* The device whose tag this is. */
static struct device *find_by_tag(struct domain *d, const char *tag)
{
	char has[LOOP_TAG_SIZE];

	for (size_t i = 0; i < d->device_count; i++) {
		struct device *device = &d->devices[i];

		if (device->type != DEVICE_VBD || !device->disk->file || device->backend)
			continue;
		loop_tag(has, d->config->uuid, device->disk->vdev);
		if (!strcmp(has, tag))
			return device;
	}
	return NULL;
}

static bool detach_of_domain(const struct loop_state *info, void *context)
{
	struct domain *d = context;

	if (find_by_tag(d, info->tag))
		loop_detach(info->number);
	return false;
}

void disks_release(struct domain *d)
{
	bool any_file = false;

	for (size_t i = 0; i < d->device_count; i++) {
		struct device *device = &d->devices[i];

		if (device->type != DEVICE_VBD)
			continue;
		any_file |= device->disk->file;
		device->claimed = false;
		device->loop = -1;
	}
	if (any_file)
		loop_each(detach_of_domain, d);
}

static bool is_of_domain(const struct loop_state *info, void *context)
{
	return find_by_tag(context, info->tag);
}

bool disks_are_free(struct domain *d)
{
	for (size_t i = 0; i < d->device_count; i++)
		if (d->devices[i].type == DEVICE_VBD && d->devices[i].disk->file)
			return !loop_each(is_of_domain, d);
	return true;
}

static bool take_up(const struct loop_state *info, void *context)
{
	struct device *device = find_by_tag(context, info->tag);

	if (device) {
		device->loop = info->number;
		device->rdev = info->rdev;
		device->claimed = true;
	}
	return false;
}

void disks_recover(struct domain *d)
{
	for (size_t i = 0; i < d->device_count; i++) {
		struct device *device = &d->devices[i];
		struct stat st;

		if (device->type != DEVICE_VBD || device->disk->file || device->backend)
			continue;
		/* The path may name another device by now: the back end's word counts. */
		unsigned int maj, min;
		char *physical = store_read("%s/physical-device", device_back(device));

		if (physical && sscanf(physical, "%x:%x", &maj, &min) == 2) {
			device->rdev = makedev(maj, min);
			device->claimed = true;
		} else if (!stat(device->disk->target, &st) && S_ISBLK(st.st_mode)) {
			device->rdev = st.st_rdev;
			device->claimed = true;
		}
		free(physical);
	}
	loop_each(take_up, d);
}
