/* SPDX-License-Identifier: GPL-2.0 */
/* The hash that the front end asked for, and which queue a packet goes to: see hash.c. */
#ifndef NETBACK_HASH_H
#define NETBACK_HASH_H

#include <linux/types.h>
#include <xen/interface/io/netif.h>

enum {
	HASH_KEY_MAX = 40,     /* bytes: as much as two IPv6 addresses and two ports use */
	HASH_MAPPING_MAX = 128, /* entries */
	HASH_HEADER_MAX = 128, /* bytes of a packet that are looked at */
	HASH_TYPES = XEN_NETIF_CTRL_HASH_TYPE_IPV4 | XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP |
		     XEN_NETIF_CTRL_HASH_TYPE_IPV6 | XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP,
};

struct hash {
	u32 algorithm; /* XEN_NETIF_CTRL_HASH_ALGORITHM_* */
	u32 types;     /* XEN_NETIF_CTRL_HASH_TYPE_* */
	u8 key[HASH_KEY_MAX];
	unsigned int mapping_size; /* 0: a hash goes to a queue modulo their number */
	u32 mapping[HASH_MAPPING_MAX];
};

u32 hash_toeplitz(const u8 *key, const u8 *data, unsigned int bytes);
int hash_frame(const struct hash *hash, const u8 *frame, unsigned int bytes, u32 *value);
unsigned int hash_queue(const struct hash *hash, u32 value, unsigned int nr_queues);

#endif
