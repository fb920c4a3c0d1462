// SPDX-License-Identifier: GPL-2.0
/*
 * Whose is a block device, or a file? Two that write to one disk without knowing of
 * each other destroy it, so xend asks everybody first: file systems mounted in domain
 * 0, swap, what the kernel has stacked on it (LVM, RAID, dm), its own domains, and
 * those of other tools by xenstore.
 *
 * A whole disk and its partitions are one here: exporting one while another is mounted
 * is the same mistake.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "loopdev.h"

#define MAX_RELATED 260 /* a disk and its partitions */

/* The device, and all that share sectors with it. */
struct related {
	dev_t devices[MAX_RELATED];
	size_t count;
};

static void add_related(struct related *r, dev_t rdev)
{
	if (r->count < MAX_RELATED)
		r->devices[r->count++] = rdev;
}

static bool is_related(const struct related *r, dev_t rdev)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->devices[i] == rdev)
			return true;
	return false;
}

static void add_by_file(struct related *r, const char *directory, const char *name)
{
	char path[PATH_MAX + 300];
	unsigned int maj, min;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s/dev", directory, name);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fscanf(file, "%u:%u", &maj, &min) == 2)
		add_related(r, makedev(maj, min));
	fclose(file);
}

static void find_related(struct related *r, dev_t rdev)
{
	char link[64], path[PATH_MAX], partition[PATH_MAX + 300];
	struct dirent *entry;
	DIR *directory;

	r->count = 0;
	add_related(r, rdev);
	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", major(rdev), minor(rdev));
	if (!realpath(link, path))
		return;
	snprintf(partition, sizeof(partition), "%s/partition", path);
	if (!access(partition, F_OK)) {
		add_by_file(r, path, "..");
		return;
	}
	directory = opendir(path);
	if (!directory)
		return;
	while ((entry = readdir(directory))) {
		snprintf(partition, sizeof(partition), "%s/%s/partition", path, entry->d_name);
		if (entry->d_name[0] != '.' && !access(partition, F_OK))
			add_by_file(r, path, entry->d_name);
	}
	closedir(directory);
}

/* /proc/self/mountinfo has blanks and the like in paths as \ooo. */
static void unescape(char *text)
{
	char *out = text;
	unsigned int c;

	for (; *text; text++) {
		if (*text == '\\' && sscanf(text + 1, "%3o", &c) == 1) {
			*out++ = c;
			text += 3;
		} else {
			*out++ = *text;
		}
	}
	*out = 0;
}

/*
 * One line: "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw". A file
 * system on several devices has a number of its own, but names a source.
 */
static bool line_is_mount_of(char *line, const struct related *r, char *where, bool *read_only)
{
	unsigned int maj, min;
	char point[2048], options[256], source[2048] = "", super[1024] = "";
	char *dash = strstr(line, " - ");
	struct stat st;

	if (!dash ||
	    sscanf(line, "%*d %*d %u:%u %*s %2047s %255s", &maj, &min, point, options) != 4)
		return false;
	sscanf(dash, " - %*s %2047s %1023s", source, super);
	unescape(source);
	if (!is_related(r, makedev(maj, min)) &&
	    !(*source == '/' && !stat(source, &st) && S_ISBLK(st.st_mode) &&
	      is_related(r, st.st_rdev)))
		return false;
	unescape(point);
	snprintf(where, 256, "%.255s", point);
	/* A mount may be read-only while its file system, mounted elsewhere too, is not. */
	*read_only = !strncmp(super, "ro", 2) && (!super[2] || super[2] == ',');
	return true;
}

static int check_mounts(const char *path, const struct related *r, bool writable, struct error *e)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *line = NULL, where[256];
	bool read_only;
	size_t size = 0;
	int rc = 0;

	if (!file)
		return error_errno(e, "/proc/self/mountinfo");
	while (!rc && getline(&line, &size, file) > 0) {
		if (line_is_mount_of(line, r, where, &read_only) && (writable || !read_only))
			rc = error_set(e, EBUSY, "%s is mounted in domain 0, on %s", path, where);
	}
	free(line);
	fclose(file);
	return rc;
}

/* With @device and @inode: a file of that identity; otherwise one of @r. */
static int check_swap(const char *path, const struct related *r, dev_t device, ino_t inode,
		      struct error *e)
{
	FILE *file = fopen("/proc/swaps", "re");
	char line[1024], name[1024];
	int rc = 0;

	if (!file)
		return 0; /* a kernel without swap */
	while (!rc && fgets(line, sizeof(line), file)) {
		struct stat st;

		if (sscanf(line, "%1023s", name) != 1)
			continue;
		unescape(name);
		if (*name != '/' || stat(name, &st))
			continue;
		if (r ? S_ISBLK(st.st_mode) && is_related(r, st.st_rdev) :
			st.st_dev == device && st.st_ino == inode)
			rc = error_set(e, EBUSY, "%s is swap space of domain 0", path);
	}
	fclose(file);
	return rc;
}

static int check_holders(const char *path, const struct related *r, struct error *e)
{
	for (size_t i = 0; i < r->count; i++) {
		char holders[80];
		struct dirent *entry;
		DIR *directory;
		int rc = 0;

		snprintf(holders, sizeof(holders), "/sys/dev/block/%u:%u/holders",
			 major(r->devices[i]), minor(r->devices[i]));
		directory = opendir(holders);
		while (directory && !rc && (entry = readdir(directory)))
			if (entry->d_name[0] != '.')
				rc = error_set(e, EBUSY, "%s is in use in domain 0, by %.100s",
					       path, entry->d_name);
		if (directory)
			closedir(directory);
		if (rc)
			return rc;
	}
	return 0;
}

static int check_own_domains(const char *path, const struct related *r, bool writable,
			     struct error *e)
{
	for (struct domain *d = domains; d; d = d->next) {
		for (size_t i = 0; i < d->device_count; i++) {
			const struct device *device = &d->devices[i];

			if (device->type != DEVICE_VBD || !device->claimed ||
			    !is_related(r, device->rdev))
				continue;
			if (writable || device->disk->mode != DISK_READ)
				return error_set(e, EBUSY, "%s is %s of domain %s already", path,
						 device_label(device), domain_label(d));
		}
	}
	return 0;
}

/* One disk that another tool has exported. */
static int check_foreign(const char *path, const struct related *r, bool writable,
			 const char *domid, const char *disk, struct error *e)
{
	char *physical =
		store_read("/local/domain/0/backend/vbd/%s/%s/physical-device", domid, disk);
	char *mode = store_read("/local/domain/0/backend/vbd/%s/%s/mode", domid, disk);
	unsigned int maj, min;
	int rc = 0;

	if (physical && sscanf(physical, "%x:%x", &maj, &min) == 2 &&
	    is_related(r, makedev(maj, min)) && (writable || !mode || *mode != 'r'))
		rc = error_set(e, EBUSY, "%s is disk %s of domain %s already", path, disk, domid);
	free(physical);
	free(mode);
	return rc;
}

static int check_foreign_domains(const char *path, const struct related *r, bool writable,
				 struct error *e)
{
	unsigned int domain_count, disk_count;
	char **ids = store_list(&domain_count, "/local/domain/0/backend/vbd");
	int rc = 0;

	for (unsigned int i = 0; i < domain_count && !rc; i++) {
		char **disks;

		if (domain_by_id(atoi(ids[i])))
			continue;
		disks = store_list(&disk_count, "/local/domain/0/backend/vbd/%s", ids[i]);
		for (unsigned int k = 0; k < disk_count && !rc; k++)
			rc = check_foreign(path, r, writable, ids[i], disks[k], e);
		free(disks);
	}
	free(ids);
	return rc;
}

int block_check_free(const char *path, dev_t rdev, bool writable, struct error *e)
{
	struct related r;

	find_related(&r, rdev);
	if (check_mounts(path, &r, writable, e) || check_swap(path, &r, 0, 0, e) ||
	    check_holders(path, &r, e) || check_own_domains(path, &r, writable, e) ||
	    check_foreign_domains(path, &r, writable, e))
		return -1;
	return 0;
}

struct loop_search {
	dev_t device;
	ino_t inode;
	bool writable;
	struct loop_state found;
};

static bool loop_has_file(const struct loop_state *info, void *context)
{
	struct loop_search *s = context;

	if (info->device != s->device || info->inode != s->inode)
		return false;
	if (!s->writable && !info->writable)
		return false;
	s->found = *info;
	return true;
}

/* Who has the loop device, when it is a domain of ours. */
static const char *loop_owner(const struct loop_state *info)
{
	for (struct domain *d = domains; d; d = d->next)
		for (size_t i = 0; i < d->device_count; i++)
			if (d->devices[i].loop == info->number)
				return domain_label(d);
	return NULL;
}

int file_check_free(const char *path, dev_t device, ino_t inode, bool writable, struct error *e)
{
	struct loop_search s = { .device = device, .inode = inode, .writable = writable };
	const char *owner;

	if (check_swap(path, NULL, device, inode, e))
		return -1;
	if (!loop_each(loop_has_file, &s))
		return 0;
	owner = loop_owner(&s.found);
	if (owner)
		return error_set(e, EBUSY, "%s is a disk of domain %s already", path, owner);
	return error_set(e, EBUSY, "%s is in use already, by /dev/loop%d", path, s.found.number);
}
