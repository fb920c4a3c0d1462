/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A domain's configuration: what POST /domains takes, what records keep, what a
 * restart builds again. docs/xend-http.md describes its members.
 */
#ifndef XEND_CONFIG_H
#define XEND_CONFIG_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/control.h"
#include "lib/error.h"

#define NAME_SIZE 65 /* of a domain's name, with the NUL */
#define UUID_SIZE 37
#define MAC_SIZE 18
#define CMDLINE_MAX 1023 /* bytes: a PV kernel's command line, without the NUL */

enum disk_mode { DISK_READ, DISK_WRITE, DISK_WRITE_FORCED };

struct disk_config {
	bool file;	     /* a file behind a loop device, not a block device */
	const char *target;  /* absolute path */
	const char *vdev;    /* what the domain calls it: xvda */
	unsigned int number; /* the same as xenstore's virtual-device */
	enum disk_mode mode;
	const char *backend; /* the domain that serves it; NULL: domain 0 */
};

struct vif_config {
	const char *mac; /* lower case */
	const char *bridge;
	const char *script; /* absolute path */
	const char *name;   /* of its interface in domain 0, NULL: vif<domid>.<n> */
	const char *ip;	    /* addresses with blanks between, NULL: none */
	const char *backend; /* the domain that serves it; NULL: domain 0 */
};

enum config_event { ON_POWEROFF, ON_REBOOT, ON_CRASH, CONFIG_EVENTS };
enum config_action { ACTION_DESTROY, ACTION_RESTART, ACTION_PRESERVE, ACTION_RENAME_RESTART };

extern const char *const event_names[];
extern const char *const action_names[];

/* All strings are those of @json, which holds the configuration with its defaults. */
struct config {
	json_t *json;
	const char *name;
	const char *uuid;
	const char *kernel;
	const char *ramdisk; /* NULL: none */
	const char *cmdline;
	uint64_t memory_kib, maxmem_kib;
	unsigned int vcpus;
	bool pinned; /* to @cpus, all of them */
	struct cpu_map cpus;
	struct disk_config *disks;
	size_t disk_count;
	struct vif_config *vifs;
	size_t vif_count;
	enum config_action on[CONFIG_EVENTS];
	unsigned int console_port; /* 0: CONSOLE_BASE_PORT + domid */
};

/*
 * Check all that can be checked without looking at the host, fill in defaults (a
 * random UUID, random MACs among them). @json stays the caller's. NULL: *e says what
 * is wrong.
 */
struct config *config_parse(const json_t *json, struct error *e);

/* NULL is fine. */
void config_free(struct config *config);

/* Change the name or the UUID; the value is known to be good. */
void config_set_name(struct config *config, const char *name);
void config_set_uuid(struct config *config, const char *uuid);

/* A name that a domain may have: [A-Za-z0-9._-]{1,64}, not all digits, not Domain-0. */
bool name_is_good(const char *name);

bool uuid_parse(const char *text, uint8_t uuid[16]);
void uuid_format(const uint8_t uuid[16], char text[UUID_SIZE]);
void uuid_random(uint8_t uuid[16]);

/* One of Xen's addresses for guests: 00:16:3e:xx:xx:xx. */
void mac_random(char text[MAC_SIZE]);

/* "xvda1" to its number in xenstore; 0: no such name. */
unsigned int vdev_number(const char *vdev);

#endif
