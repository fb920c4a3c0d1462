// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual device numbers: what xenstore calls a disk by, and what it is called here.
 *
 *     1 << 28 | disk << 8 | partition	xvd, any disk and partition
 *     202 << 8 | disk << 4 | partition	xvda to xvdp
 *     8 << 8 | ...  (65 to 71, 128 to 135)	sda and on, 16 disks a major
 *     3 << 8 | disk << 6 | partition	hda and hdb; 22: hdc and hdd
 *
 * All are xvd here: the names and majors of SCSI and IDE disks belong to other
 * drivers, which may be in the same kernel. sdb and hdb are xvdb, so one cannot have
 * both; bf_names_collide() finds that. A number that names a partition is a disk of
 * its own, xvda1, that has no partitions.
 */
#include "checks.h"

#define EXTENDED (1u << 28)
#define XVD_MAJOR 202u
#define MINOR_BITS 20

/* Which 16 SCSI disks a major holds; -1: it is no SCSI major. */
static int scsi_group(unsigned int major)
{
	if (major == 8)
		return 0;
	if (major >= 65 && major <= 71)
		return 1 + major - 65;
	if (major >= 128 && major <= 135)
		return 8 + major - 128;
	return -1;
}

/* "xvd" and the disk in letters: a to z, aa, ab, and so on. */
static char *put_letters(char *to, unsigned int disk)
{
	char letters[8];
	unsigned int n = 0;

	for (disk++; disk; disk = (disk - 1) / 26)
		letters[n++] = 'a' + (disk - 1) % 26;
	while (n)
		*to++ = letters[--n];
	return to;
}

static char *put_number(char *to, unsigned int number)
{
	char digits[10];
	unsigned int n = 0;

	for (; number; number /= 10)
		digits[n++] = '0' + number % 10;
	while (n)
		*to++ = digits[--n];
	return to;
}

/* Take a device number apart; false: it is none that this driver knows. */
bool bf_name_device(u32 device, struct bf_name *name)
{
	unsigned int major = device >> 8, minor = device & 0xff;
	char *to;

	if (device >= 2 * EXTENDED)
		return false;
	if (device >= EXTENDED) {
		name->disk = (device - EXTENDED) >> 8;
		name->partition = minor;
	} else if (major == XVD_MAJOR || scsi_group(major) >= 0) {
		name->disk = minor >> 4;
		name->partition = minor & 15;
		if (major != XVD_MAJOR)
			name->disk += 16 * scsi_group(major);
	} else if ((major == 3 || major == 22) && minor < 128) {
		name->disk = (minor >> 6) + (major == 22 ? 2 : 0);
		name->partition = minor & 63;
	} else {
		return false;
	}

	/* The first 16 disks have 16 minors each, further ones 256, side by side. */
	name->minors = name->disk < 16 ? 16 : 256;
	name->minor = name->disk * name->minors;
	if (name->minor + name->minors > 1u << MINOR_BITS)
		return false;
	if (name->partition) {
		if (name->partition >= name->minors)
			return false;
		name->minor += name->partition;
		name->minors = 1;
	}
	to = name->text;
	*to++ = 'x';
	*to++ = 'v';
	*to++ = 'd';
	to = put_number(put_letters(to, name->disk), name->partition);
	*to = 0;
	return true;
}

/* Could both not be there at once? A disk may have any partition. */
bool bf_names_collide(const struct bf_name *a, const struct bf_name *b)
{
	return a->disk == b->disk &&
	       (!a->partition || !b->partition || a->partition == b->partition);
}
