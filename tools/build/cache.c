/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file of the cache is named after the kernel's device, inode, size and times: no
 * way of changing a file leaves all of them as they were. It appears in one step,
 * with its contents on the disk, so that what is there is whole.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build/cache.h"

#define SUFFIX ".elf"
#define BLOCK 4096 /* what a file system can leave out */

static int name_of(char *name, size_t room, const char *dir, const struct stat *st)
{
	int n = snprintf(name, room, "%s/%lx-%lx-%lx-%lx.%lx-%lx.%lx" SUFFIX, dir, (long)st->st_dev,
			 (long)st->st_ino, (long)st->st_size, (long)st->st_mtim.tv_sec,
			 (long)st->st_mtim.tv_nsec, (long)st->st_ctim.tv_sec,
			 (long)st->st_ctim.tv_nsec);

	return n < 0 || (size_t)n >= room ? -1 : 0;
}

int cache_find(const char *dir, const struct stat *st)
{
	char name[512];
	int fd;

	if (name_of(name, sizeof(name), dir, st))
		return -1;
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	/* The time of change says when it was last of use. */
	if (fd >= 0)
		futimens(fd, NULL);
	return fd;
}

static bool is_zero(const char *block, size_t bytes)
{
	return block[0] == 0 && memcmp(block, block + 1, bytes - 1) == 0;
}

/* The bytes of the blocks from here on that all are zeros, or none of which is. */
static size_t run_length(const char *from, size_t bytes, bool *zero)
{
	size_t at = 0, block;

	do {
		block = bytes - at < BLOCK ? bytes - at : BLOCK;
		if (at == 0)
			*zero = is_zero(from, block);
		else if (is_zero(from + at, block) != *zero)
			break;
		at += block;
	} while (at < bytes);
	return at;
}

/* Blocks of zeros become holes, which take neither room nor reading. */
static int write_all(int fd, const char *from, size_t bytes)
{
	size_t done = 0;

	if (ftruncate(fd, bytes))
		return -1;
	while (done < bytes) {
		bool zero;
		size_t part = run_length(from + done, bytes - done, &zero);
		ssize_t n = zero ? (ssize_t)part : pwrite(fd, from + done, part, done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		done += n;
	}
	return fsync(fd);
}

/* Remove the file that was of use the longest time ago; false: there are few. */
static bool remove_oldest(const char *dir)
{
	char path[768], oldest[768];
	struct timespec when = { 0 };
	struct dirent *entry;
	unsigned int n = 0;
	struct stat st;
	DIR *d = opendir(dir);

	while (d && (entry = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (!strstr(entry->d_name, SUFFIX) || lstat(path, &st))
			continue;
		if (n++ == 0 || st.st_mtim.tv_sec < when.tv_sec ||
		    (st.st_mtim.tv_sec == when.tv_sec && st.st_mtim.tv_nsec < when.tv_nsec)) {
			when = st.st_mtim;
			strcpy(oldest, path);
		}
	}
	if (d)
		closedir(d);
	return n > CACHE_FILES && unlink(oldest) == 0;
}

void cache_add(const char *dir, const struct stat *st, const void *data, size_t bytes)
{
	char name[512], new[600];
	int fd;

	if (name_of(name, sizeof(name), dir, st))
		return;
	mkdir(dir, 0700);
	snprintf(new, sizeof(new), "%s.XXXXXX", name);
	fd = mkostemp(new, O_CLOEXEC);
	if (fd < 0)
		return;
	if (write_all(fd, data, bytes) || rename(new, name))
		unlink(new);
	close(fd);
	while (remove_oldest(dir))
		;
}

void cache_drop(const char *dir, const struct stat *st)
{
	char name[512];

	if (name_of(name, sizeof(name), dir, st) == 0)
		unlink(name);
}
