/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A packet of the front end's, taken out of its transmit ring and checked: see parse.c.
 */
#ifndef NETBACK_PARSE_H
#define NETBACK_PARSE_H

#include <linux/types.h>
#include <xen/interface/io/netif.h>

enum {
	SLOT_BYTES_MAX = 4096, /* a granted page */
	FRAME_BYTES_MIN = 14,  /* an Ethernet header */
	GSO_BYTES_MIN = 8,     /* of payload in a segment */
};

/* A slot of the transmit ring. */
union tx_slot {
	struct xen_netif_tx_request request;
	struct xen_netif_extra_info extra;
};

/* What a packet is; from TX_BAD_SIZE on it is dropped. */
enum tx_verdict {
	TX_SEND,
	TX_MULTICAST, /* no packet, but a change of the list of multicast addresses */
	TX_BAD_SIZE,  /* of the packet: too short, or its parts are longer than it */
	TX_BAD_SLOT,  /* a part of it is empty, or not within a page */
	TX_BAD_EXTRA, /* extra information that is unknown, or that there is twice */
	TX_BAD_GSO,   /* segments of nearly no size, or of an unknown kind */
};

/* What the slots say. */
struct tx_packet {
	enum tx_verdict verdict;
	unsigned int nr_slots;	 /* of the ring, those with extra information included */
	unsigned int nr_extras;	 /* slots of them, after the first */
	unsigned int size;	 /* bytes of the packet */
	unsigned int first_size; /* bytes of it in the first slot */
	unsigned int flags;	 /* XEN_NETTXF_* */
	unsigned int gso_size;	 /* bytes of payload in each segment; 0: one packet */
	unsigned int gso_type;	 /* XEN_NETIF_GSO_TYPE_* */
	bool hashed;		 /* the front end says this hash */
	bool hash_l4;		 /* ports went into it */
	u32 hash;
	bool mcast_add, mcast_del;
	u8 mcast_addr[6];
};

int tx_parse(const union tx_slot *slots, unsigned int nr, struct tx_packet *packet);

/* The slot of the ring that part i of a packet is in: the first, and those after the extras. */
static inline unsigned int tx_part_slot(const struct tx_packet *packet, unsigned int part)
{
	return part ? part + packet->nr_extras : 0;
}

#endif
