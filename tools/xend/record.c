// SPDX-License-Identifier: GPL-2.0
/*
 * Records: a file for each domain, <uuid>.json, that says what xend was doing with it.
 *
 * A record is written before what it speaks of is done, by rename and with the disk's
 * agreement, so that an xend that was killed anywhere left a record of all it had
 * begun; and it is removed last. What the host can tell is not in it: the domain's id is found by
 * the UUID that the hypervisor keeps, loop devices by the name that they were given.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "domain.h"
#include "json.h"
#include "log.h"
#include "paths.h"

#define VERSION 1

static const char *const state_names[] = { "creating", "running", "destroying", "delayed", NULL };

static const char *const members[] = { "version", "state",   "domid",	   "started", "preserved",
				       "renamed", "restart", "quick_ends", "config",  NULL };

static void record_path(char *path, size_t size, const char *uuid, const char *suffix)
{
	snprintf(path, size, "%s/%s.json%s", paths.records, uuid, suffix);
}

static void sync_directory(void)
{
	int fd = open(paths.records, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

static int write_file(const char *path, json_t *json, struct error *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_errno(e, "cannot write %s", path);
	errno = 0;
	if (json_dumpfd(json, fd, JSON_INDENT(1)) || fsync(fd)) {
		error_errno(e, "cannot write %s", path);
		close(fd);
		unlink(path);
		return -1;
	}
	close(fd);
	return 0;
}

int record_save(const struct domain *d, struct error *e)
{
	char path[512], temporary[512];
	json_t *json = json_pack("{s:i, s:s, s:i, s:I, s:b, s:b, s:b, s:i, s:O}", "version",
				 VERSION, "state", state_names[d->state], "domid", d->domid,
				 "started", (json_int_t)d->started, "preserved", d->preserved,
				 "renamed", d->renamed, "restart", d->restart, "quick_ends",
				 (int)d->quick_ends, "config", d->config->json);
	int rc;

	if (!json)
		log_die("out of memory");
	record_path(path, sizeof(path), d->config->uuid, "");
	record_path(temporary, sizeof(temporary), d->config->uuid, ".new");
	rc = write_file(temporary, json, e);
	json_decref(json);
	if (rc)
		return -1;
	if (rename(temporary, path)) {
		error_errno(e, "cannot write %s", path);
		unlink(temporary);
		return -1;
	}
	sync_directory();
	return 0;
}

void record_remove(const struct domain *d)
{
	char path[512];

	record_path(path, sizeof(path), d->config->uuid, "");
	if (unlink(path) && errno != ENOENT)
		log_error("%s: cannot remove %s: %m", domain_label(d), path);
}

static int parse(json_t *json, struct error *e)
{
	json_int_t version, domid = -1, started = 0, quick_ends = 0;
	struct config *config;
	unsigned int state;
	struct domain *d;

	if (json_check_members(json, "", members, e) ||
	    json_get_number(json, "", "version", true, VERSION, VERSION, &version, e) ||
	    json_get_word(json, "", "state", true, state_names, &state, e) ||
	    json_get_number(json, "", "domid", true, -1, 0x7fff, &domid, e) ||
	    json_get_number(json, "", "started", true, 0, INT64_MAX, &started, e) ||
	    json_get_number(json, "", "quick_ends", true, 0, INT32_MAX, &quick_ends, e))
		return -1;
	config = config_parse(json_object_get(json, "config"), e);
	if (!config)
		return -1;
	if (domain_by_uuid(config->uuid)) {
		error_set(e, EEXIST, "uuid: %s is in another record", config->uuid);
		config_free(config);
		return -1;
	}
	d = domain_new(config);
	d->state = state;
	d->domid = domid;
	d->started = started;
	d->quick_ends = quick_ends;
	d->preserved = json_is_true(json_object_get(json, "preserved"));
	d->renamed = json_is_true(json_object_get(json, "renamed"));
	d->restart = json_is_true(json_object_get(json, "restart"));
	return 0;
}

static void load_file(const char *path)
{
	json_error_t where;
	struct error e;
	json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &where);

	if (!json)
		log_error("%s: not read: line %d: %s", path, where.line, where.text);
	else if (parse(json, &e))
		log_error("%s: not read: %s", path, e.text);
	json_decref(json);
}

int record_load(struct error *e)
{
	struct dirent *entry;
	DIR *directory;

	if (make_directory(paths.records))
		return error_errno(e, "cannot make %s", paths.records);
	directory = opendir(paths.records);
	if (!directory)
		return error_errno(e, "cannot read %s", paths.records);
	while ((entry = readdir(directory))) {
		const char *suffix = strrchr(entry->d_name, '.');
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", paths.records, entry->d_name);
		if (suffix && !strcmp(suffix, ".new"))
			unlink(path); /* never became a record */
		else if (suffix && !strcmp(suffix, ".json"))
			load_file(path);
	}
	closedir(directory);
	return 0;
}
