/* SPDX-License-Identifier: GPL-2.0-only */
/* Slots of the receive ring -> one checked packet; see receive.c. */
#ifndef NETFRONT_RECEIVE_H
#define NETFRONT_RECEIVE_H

#include <linux/types.h>
#include <xen/interface/io/netif.h>

#define RX_FRAGS_MAX XEN_NETIF_NR_SLOTS_MIN
#define RX_CHAIN_MAX 64	/* slots, after which a packet that has no end is no packet */
#define RX_PAGE_SIZE 4096

union rx_slot {
	struct xen_netif_rx_response data;
	struct xen_netif_extra_info extra;
	u64 raw;
};

enum rx_verdict {
	RX_GOOD,
	RX_PARTIAL,	/* the rest of it has not come yet: nothing to do */
	RX_DROP,	/* malformed: take the slots back, forget the packet */
	RX_BROKEN,	/* whoever writes this does not speak the protocol */
};

struct rx_frag {
	u16 slot;	/* whose buffer: an index below the ring's size */
	u16 offset;	/* in the buffer, bytes */
	u16 len;	/* bytes, not 0; offset + len is within the buffer */
};

struct rx_packet {
	const char *why;	/* not RX_GOOD: a word or three */
	unsigned int slots;	/* of the ring, those of extras included */
	unsigned int frags;	/* not 0 if RX_GOOD */
	unsigned int len;	/* bytes in all frags */
	bool csum_blank;	/* the checksum is still to be filled in */
	bool data_validated;	/* the sender vouches for the checksum */
	bool has_hash;
	u8 hash_type;		/* _XEN_NETIF_CTRL_HASH_TYPE_* */
	u8 gso_type;		/* XEN_NETIF_GSO_TYPE_*, NONE: an ordinary packet */
	u16 gso_size;
	u32 hash;
	struct rx_frag frag[RX_FRAGS_MAX];
};

struct rx_headers {
	u16 l4;		/* bytes before the TCP or UDP header */
	u16 checksum;	/* of the checksum from there */
	u16 end;	/* of the TCP or UDP header, from the packet's first byte */
};

enum rx_verdict receive_packet(const union rx_slot *ring, unsigned int size, u32 cons, u32 prod,
			       struct rx_packet *packet);
bool receive_headers(const u8 *head, unsigned int len, const struct rx_packet *packet,
		     struct rx_headers *headers);

#endif
