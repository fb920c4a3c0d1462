/* SPDX-License-Identifier: GPL-2.0 */
/* Loop devices: files as block devices. */
#ifndef XEND_LOOPDEV_H
#define XEND_LOOPDEV_H

#include <stdbool.h>
#include <sys/types.h>

#include "config.h"
#include "lib/error.h"

#define LOOP_TAG_SIZE 64

/* What a loop device of xend is called inside; told by loop_tag(). */
void loop_tag(char tag[LOOP_TAG_SIZE], const char *uuid, const char *vdev);

/*
 * A new loop device for the file, with direct I/O where the file system can. -1: *e.
 * Returns its number, *rdev is its device.
 */
int loop_attach(const char *path, bool writable, const char *tag, dev_t *rdev, struct error *e);

/* Detach; one that is still in use goes when it is no more. */
void loop_detach(int number);

struct loop_state {
	int number;
	dev_t rdev;
	dev_t device; /* of the file behind it */
	ino_t inode;
	bool writable;
	char tag[LOOP_TAG_SIZE]; /* or another's name for the file */
};

/* Call @fn for each loop device that is attached, until it returns true. */
bool loop_each(bool (*fn)(const struct loop_state *info, void *context), void *context);

#endif
