// SPDX-License-Identifier: GPL-2.0
/* The little languages of configurations: names, UUIDs, MACs, virtual devices. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "config.h"
#include "log.h"

bool name_is_good(const char *name)
{
	size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789._-");

	/* Digits are domain ids; a file or directory may be named after the domain. */
	return length && length < NAME_SIZE && !name[length] &&
	       strspn(name, "0123456789") != length && strcmp(name, "Domain-0") &&
	       strcmp(name, ".") && strcmp(name, "..");
}

bool uuid_parse(const char *text, uint8_t uuid[16])
{
	for (int i = 0; i < 16; i++) {
		char digits[3] = { text[0], text[0] ? text[1] : 0, 0 };

		if (!isxdigit((unsigned char)digits[0]) || !isxdigit((unsigned char)digits[1]))
			return false;
		uuid[i] = strtoul(digits, NULL, 16);
		text += 2;
		if ((i == 3 || i == 5 || i == 7 || i == 9) && *text++ != '-')
			return false;
	}
	return !*text;
}

void uuid_format(const uint8_t uuid[16], char text[UUID_SIZE])
{
	for (int i = 0; i < 16; i++) {
		text += sprintf(text, "%02x", uuid[i]);
		if (i == 3 || i == 5 || i == 7 || i == 9)
			*text++ = '-';
	}
	*text = 0;
}

static void random_bytes(uint8_t *bytes, size_t n)
{
	if (getrandom(bytes, n, 0) != (ssize_t)n)
		log_die("getrandom: %m");
}

void uuid_random(uint8_t uuid[16])
{
	random_bytes(uuid, 16);
	uuid[6] = 0x40 | (uuid[6] & 0xf); /* version 4: random */
	uuid[8] = 0x80 | (uuid[8] & 0x3f);
}

void mac_random(char text[MAC_SIZE])
{
	uint8_t tail[3];

	random_bytes(tail, 3);
	/* The lower half of the range is for random ones. */
	snprintf(text, MAC_SIZE, "00:16:3e:%02x:%02x:%02x", tail[0] & 0x7f, tail[1], tail[2]);
}

/*
 * As xen-vbd-interface(7) has it: the numbers Linux gives such a device; xvd disks
 * and partitions beyond 16 in an extended form.
 */
unsigned int vdev_number(const char *vdev)
{
	unsigned int disk = 0, partition = 0;
	const char *p = vdev;
	int kind;

	if (!strncmp(p, "xvd", 3))
		kind = 'x', p += 3;
	else if (!strncmp(p, "sd", 2) || !strncmp(p, "hd", 2))
		kind = *p, p += 2;
	else
		return 0;
	if (*p < 'a' || *p > 'z')
		return 0;
	disk = *p++ - 'a';
	if (*p >= 'a' && *p <= 'z')
		disk = (disk + 1) * 26 + *p++ - 'a';
	if (*p == '0')
		return 0;
	while (isdigit((unsigned char)*p) && partition < 256)
		partition = partition * 10 + *p++ - '0';
	if (*p || partition > 255)
		return 0;
	if (kind == 'h')
		return disk < 4 && partition < 64 ?
			       (disk < 2 ? 3 : 22) << 8 | (disk & 1) << 6 | partition :
			       0;
	if (kind == 's')
		return disk < 16 && partition < 16 ? 8 << 8 | disk << 4 | partition : 0;
	if (disk < 16 && partition < 16)
		return 202 << 8 | disk << 4 | partition;
	return 1u << 28 | disk << 8 | partition;
}
