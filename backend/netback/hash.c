// SPDX-License-Identifier: GPL-2.0
/*
 * The front end may say, by the control ring, how its packets are spread over its
 * queues: by a Toeplitz hash with its key over addresses and ports, and by a table of
 * queues. The hash is told it with each packet.
 *
 * Plain C: tests compile it on the host.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include "hash.h"

enum {
	ETHERNET_BYTES = 14,
	IPV4_BYTES = 20,
	IPV6_BYTES = 40,
	PORTS_BYTES = 4,
	PROTOCOL_TCP = 6,
};

/*
 * The key is a shift register of which each bit of data that is set adds the top 32
 * bits. key has HASH_KEY_MAX bytes; data no more than HASH_KEY_MAX - 4.
 */
u32 hash_toeplitz(const u8 *key, const u8 *data, unsigned int bytes)
{
	u32 window = (u32)key[0] << 24 | key[1] << 16 | key[2] << 8 | key[3];
	unsigned int i, bit;
	u32 value = 0;

	for (i = 0; i < bytes; i++) {
		u8 next = i + 4 < HASH_KEY_MAX ? key[i + 4] : 0;

		for (bit = 0; bit < 8; bit++) {
			if (data[i] & 0x80 >> bit)
				value ^= window;
			window = window << 1 | (next >> (7 - bit) & 1);
		}
	}
	return value;
}

/* What of a packet is hashed; the kind of hash, or -ENOENT. */
static int select_ipv4(u32 types, const u8 *ip, unsigned int bytes, u8 *data, unsigned int *size)
{
	unsigned int header = (ip[0] & 15) * 4;
	bool fragment = (ip[6] & 0x3f) || ip[7];

	memcpy(data, ip + 12, 8);
	*size = 8;
	if (types & XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP && ip[9] == PROTOCOL_TCP && !fragment &&
	    header >= IPV4_BYTES && bytes >= header + PORTS_BYTES) {
		memcpy(data + 8, ip + header, PORTS_BYTES);
		*size += PORTS_BYTES;
		return _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP;
	}
	return types & XEN_NETIF_CTRL_HASH_TYPE_IPV4 ? _XEN_NETIF_CTRL_HASH_TYPE_IPV4 : -ENOENT;
}

static int select_ipv6(u32 types, const u8 *ip, unsigned int bytes, u8 *data, unsigned int *size)
{
	memcpy(data, ip + 8, 32);
	*size = 32;
	if (types & XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP && ip[6] == PROTOCOL_TCP &&
	    bytes >= IPV6_BYTES + PORTS_BYTES) {
		memcpy(data + 32, ip + IPV6_BYTES, PORTS_BYTES);
		*size += PORTS_BYTES;
		return _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP;
	}
	return types & XEN_NETIF_CTRL_HASH_TYPE_IPV6 ? _XEN_NETIF_CTRL_HASH_TYPE_IPV6 : -ENOENT;
}

/*
 * The hash of a packet, of which bytes are at frame. Returns its kind,
 * _XEN_NETIF_CTRL_HASH_TYPE_*, or -ENOENT if none applies.
 */
int hash_frame(const struct hash *hash, const u8 *frame, unsigned int bytes, u32 *value)
{
	const u8 *ip = frame + ETHERNET_BYTES;
	u8 data[HASH_KEY_MAX];
	unsigned int size, ethertype;
	int type = -ENOENT;

	if (hash->algorithm != XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ || bytes < ETHERNET_BYTES)
		return -ENOENT;
	ethertype = frame[12] << 8 | frame[13];
	bytes -= ETHERNET_BYTES;
	if (ethertype == 0x0800 && bytes >= IPV4_BYTES)
		type = select_ipv4(hash->types, ip, bytes, data, &size);
	else if (ethertype == 0x86dd && bytes >= IPV6_BYTES)
		type = select_ipv6(hash->types, ip, bytes, data, &size);
	if (type >= 0)
		*value = hash_toeplitz(hash->key, data, size);
	return type;
}

/* The queue for packets of this hash. The table was made for other queues, maybe. */
unsigned int hash_queue(const struct hash *hash, u32 value, unsigned int nr_queues)
{
	unsigned int queue = value;

	if (hash->mapping_size)
		queue = hash->mapping[value % hash->mapping_size];
	return queue % nr_queues;
}
