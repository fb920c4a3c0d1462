// SPDX-License-Identifier: GPL-2.0
/*
 * Loop devices by the kernel's ioctls.
 *
 * A loop device carries a name beside the path that the kernel knows: the tag, which
 * says whose it is. It is set in the same call that attaches the file, so there is no
 * moment in which a killed xend leaves a device that nobody can place. Devices do not
 * detach by themselves when closed, for xend has to find them as they were.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "loopdev.h"
#include "paths.h"

void loop_tag(char tag[LOOP_TAG_SIZE], const char *uuid, const char *vdev)
{
	snprintf(tag, LOOP_TAG_SIZE, "%s:%s:%s", paths.tag, uuid, vdev);
}

static int open_loop(int number)
{
	char path[32];

	snprintf(path, sizeof(path), "/dev/loop%d", number);
	return open(path, O_RDWR | O_CLOEXEC);
}

/* Returns the descriptor of a device that is now @file's; *number is its number. */
static int configure(int file, bool writable, const char *tag, int *number, struct error *e)
{
	struct loop_config config = { .fd = file };
	int control_fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC), fd = -1;

	if (control_fd < 0)
		return error_errno(e, "/dev/loop-control (is the module loop loaded?)");
	config.info.lo_flags = LO_FLAGS_DIRECT_IO | (writable ? 0 : LO_FLAGS_READ_ONLY);
	snprintf((char *)config.info.lo_file_name, LO_NAME_SIZE, "%s", tag);
	/* Between finding a free one and taking it, another may take it. */
	for (int tries = 0; tries < 100; tries++) {
		*number = ioctl(control_fd, LOOP_CTL_GET_FREE);
		if (*number < 0)
			break;
		fd = open_loop(*number);
		if (fd < 0)
			break;
		if (!ioctl(fd, LOOP_CONFIGURE, &config)) {
			close(control_fd);
			return fd;
		}
		close(fd);
		if (errno != EBUSY)
			break;
	}
	error_errno(e, "no loop device");
	close(control_fd);
	return -1;
}

int loop_attach(const char *path, bool writable, const char *tag, dev_t *rdev, struct error *e)
{
	int file = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC), fd, number = -1;
	struct stat st;

	if (file < 0)
		return error_errno(e, "%s", path);
	fd = configure(file, writable, tag, &number, e);
	close(file);
	if (fd < 0)
		return error_prefix(e, "%s", path);
	if (fstat(fd, &st)) {
		error_errno(e, "/dev/loop%d", number);
		close(fd);
		loop_detach(number);
		return -1;
	}
	*rdev = st.st_rdev;
	close(fd);
	return number;
}

void loop_detach(int number)
{
	int fd = open_loop(number);

	if (fd < 0 || (ioctl(fd, LOOP_CLR_FD) && errno != ENXIO))
		log_warning("/dev/loop%d: cannot detach: %m", number);
	if (fd >= 0)
		close(fd);
}

static bool get_info(int number, struct loop_state *info)
{
	struct loop_info64 status;
	struct stat st;
	bool attached;
	int fd = open_loop(number);

	if (fd < 0)
		return false;
	attached = !ioctl(fd, LOOP_GET_STATUS64, &status) && !fstat(fd, &st);
	close(fd);
	if (!attached)
		return false;
	info->number = number;
	info->rdev = st.st_rdev;
	info->device = status.lo_device;
	info->inode = status.lo_inode;
	info->writable = !(status.lo_flags & LO_FLAGS_READ_ONLY);
	snprintf(info->tag, sizeof(info->tag), "%s", (const char *)status.lo_file_name);
	return true;
}

bool loop_each(bool (*fn)(const struct loop_state *info, void *context), void *context)
{
	DIR *directory = opendir("/sys/block");
	struct dirent *entry;
	bool stop = false;

	if (!directory)
		return false;
	while (!stop && (entry = readdir(directory))) {
		struct loop_state info;
		char attached[300];
		int number;

		if (sscanf(entry->d_name, "loop%d", &number) != 1)
			continue;
		snprintf(attached, sizeof(attached), "/sys/block/%s/loop", entry->d_name);
		if (!access(attached, F_OK) && get_info(number, &info))
			stop = fn(&info, context);
	}
	closedir(directory);
	return stop;
}
