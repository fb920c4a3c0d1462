/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The devices of domains: disks (vbd) and network interfaces (vif), each a front
 * end in the domain and a back end in domain 0's kernel, which meet in xenstore.
 */
#ifndef XEND_DEVICE_H
#define XEND_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/sysmacros.h>
#include <sys/types.h>

#include "config.h"
#include "domain.h"
#include "mainloop.h"
#include "store.h"

enum device_type { DEVICE_VBD, DEVICE_VIF };

struct device {
	struct domain *domain;
	enum device_type type;
	size_t index;	     /* in config->disks or config->vifs */
	unsigned int number; /* its directory in xenstore */
	const struct disk_config *disk;
	const struct vif_config *vif;
	int backend; /* id of the domain that serves it */

	/* A disk. */
	bool claimed; /* @rdev is exported, or about to be */
	dev_t rdev;   /* the block device behind it */
	int loop;     /* number of its loop device, -1: none */

	/* Going online or offline: what is waited for. */
	int step;
	bool scripted; /* its script was run, or may have been */
	struct store_watch watch;
	struct timer timer;
};

void devices_new(struct domain *d);
void devices_free(struct domain *d);

/* Paths in xenstore; one of four static buffers. */
const char *device_front(const struct device *device);
const char *device_back(const struct device *device);
/* "disk xvda", "vif 0"; likewise. */
const char *device_label(const struct device *device);

/*
 * Take the block devices that the disks are to be: each is checked and known as used
 * from then on, loop devices are set up. -1: *e, and none is taken.
 */
int disks_claim(struct domain *d, struct error *e);
/* Give them back. Also after a claim that failed half-way, or of an earlier xend. */
void disks_release(struct domain *d);
/* Has the kernel let go of all that was given back? Not while others have it open. */
bool disks_are_free(struct domain *d);
/* After a restart of xend: take up what the domain's disks are. */
void disks_recover(struct domain *d);

/* Everything that is not there, or taken, that vifs need. */
int vifs_check(const struct config *config, struct error *e);

/* The name of the domain that serves it, NULL: domain 0. */
const char *device_backend(const struct device *device);

/*
 * driver.c: the domains that serve devices run (-1: *e); remember their ids, or read
 * them again after a restart of xend; give @driver, which has come up, the devices of
 * which a domain of its name was the back end.
 */
int drivers_check(const struct config *config, struct error *e);
int drivers_find(struct domain *d, struct error *e);
void drivers_recover(struct domain *d);
void drivers_follow(const struct domain *driver);

/* Write a device's entries, also over old ones: it begins, or begins again. */
void device_write(const struct device *device, struct store_batch *b);

/* Add all devices to what is written in one go when the domain is made. */
void devices_write(const struct domain *d, struct store_batch *b);

/*
 * Wait until all back ends have taken up their devices and scripts have run. @done is
 * called once, always later.
 */
void devices_online(struct domain *d, done_fn *done, void *context);
/*
 * Close all devices and remove them from xenstore: the domain is paused or dead. Back
 * ends get a bounded time, then it goes without their agreement. @done is called once,
 * always later; it never gets an error.
 */
void devices_offline(struct domain *d, done_fn *done, void *context);

/* Is a block device, or a file, something's already? -1, EBUSY: *e says whose. */
int block_check_free(const char *path, dev_t rdev, bool writable, struct error *e);
int file_check_free(const char *path, dev_t device, ino_t inode, bool writable, struct error *e);

#endif
