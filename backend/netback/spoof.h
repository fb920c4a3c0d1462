/* SPDX-License-Identifier: GPL-2.0 */
/* Which addresses a domain may send from: see spoof.c. */
#ifndef NETBACK_SPOOF_H
#define NETBACK_SPOOF_H

#include <linux/types.h>

enum {
	SPOOF_ADDRESSES_MAX = 32,
	SPOOF_HEADER_MAX = 192, /* bytes of a frame that are looked at */
};

/* IPv4 addresses are ::ffff:a.b.c.d, with 96 more bits. */
struct spoof_address {
	u8 address[16];
	u8 bits; /* of it that have to be equal */
};

struct spoof {
	u8 mac[6];
	unsigned int nr_addresses; /* 0: any */
	struct spoof_address addresses[SPOOF_ADDRESSES_MAX];
};

bool spoof_allowed(const struct spoof *spoof, const u8 *frame, unsigned int bytes);

#endif
