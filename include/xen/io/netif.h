/* SPDX-License-Identifier: MIT */
/*
 * The network device protocol.
 *
 * A frontend and a backend share a ring for packets that the frontend sends
 * (tx), one for packets that it receives (rx), perhaps several pairs of those,
 * and perhaps one for control. "tx" and "rx" are the frontend's, always.
 *
 * tx: a packet is one slot or more. The first has the size of all of it, and
 * the flags; further ones have the size of their part. If the first has
 * NETTXF_extra_info, netif_extra_info structures take the slots after it, before
 * further parts. Each part is in one granted frame, which the backend copies
 * from or maps. Each slot gets a response; an extra's has status NETIF_RSP_NULL.
 *
 * rx: the frontend posts empty frames, one a request. The backend fills them,
 * and answers with as many slots as a packet needs: the first, extras, further
 * parts. Response n is always in the slot of request n, as extras hide the id.
 *
 * In xenstore the backend writes to its directory, then goes to InitWait:
 *   feature-sg			1: takes packets of several parts
 *   feature-gso-tcpv4, feature-gso-tcpv6	1: takes large TCP packets (GSO)
 *   feature-ipv6-csum-offload	1: takes IPv6 packets with blank checksums (IPv4
 *				it always takes)
 *   feature-rx-copy		1: copies into the frontend's frames (all do)
 *   feature-rx-flip		1: exchanges frames instead (none does any more)
 *   feature-split-event-channels	1: can have a port for each direction
 *   feature-multicast-control, feature-dynamic-multicast-control
 *				1: has a filter for multicast; it can be switched
 *				on when connecting; at any time
 *   feature-ctrl-ring		1: has a control ring
 *   multi-queue-max-queues	ring pairs
 *   carrier			0: the link is down; 1 or nothing: up
 * The tools wrote there before: mac, script, bridge, vifname, rate, handle.
 *
 * The frontend writes, then goes to Connected:
 *   tx-ring-ref, rx-ring-ref	grant references of the rings, a frame each
 *   event-channel, or event-channel-tx and event-channel-rx	ports
 *   request-rx-copy		1: copy (the only way left)
 *   feature-rx-notify		1: sends an event when it has posted rx frames
 *   feature-sg, feature-gso-tcpv4, feature-gso-tcpv6, feature-ipv6-csum-offload
 *				1: takes such packets
 *   feature-no-csum-offload	1: takes no IPv4 packets with blank checksums
 *   request-multicast-control	1: filter, please
 *   multi-queue-num-queues	ring pairs; with more than one, ring and event nodes
 *				are in directories queue-0, queue-1...
 *   ctrl-ring-ref, event-channel-ctrl	the control ring
 * The tools wrote there before: mac, mtu, handle.
 */
#ifndef __XEN_PUBLIC_IO_NETIF_H__
#define __XEN_PUBLIC_IO_NETIF_H__

#include "ring.h"
#include "../grant_table.h"

/* Slots that a backend takes at least for one packet, without extras. */
#define XEN_NETIF_NR_SLOTS_MIN		18

/* Bytes that a packet sent can have, header and all. */
#define XEN_NETIF_MAX_TX_SIZE		0xFFFF

/* netif_tx_request.flags */
#define _NETTXF_csum_blank		(0)	/* checksum is not filled in */
#define NETTXF_csum_blank		(1U << _NETTXF_csum_blank)
#define _NETTXF_data_validated		(1)	/* checksum is known to be right */
#define NETTXF_data_validated		(1U << _NETTXF_data_validated)
#define _NETTXF_more_data		(2)	/* another part follows */
#define NETTXF_more_data		(1U << _NETTXF_more_data)
#define _NETTXF_extra_info		(3)	/* an extra follows */
#define NETTXF_extra_info		(1U << _NETTXF_extra_info)

/* netif_rx_response.flags */
#define _NETRXF_data_validated		(0)	/* checksum is known to be right */
#define NETRXF_data_validated		(1U << _NETRXF_data_validated)
#define _NETRXF_csum_blank		(1)	/* checksum is not filled in */
#define NETRXF_csum_blank		(1U << _NETRXF_csum_blank)
#define _NETRXF_more_data		(2)	/* another part follows */
#define NETRXF_more_data		(1U << _NETRXF_more_data)
#define _NETRXF_extra_info		(3)	/* an extra follows */
#define NETRXF_extra_info		(1U << _NETRXF_extra_info)
#define _NETRXF_gso_prefix		(4)	/* an old way to say GSO */
#define NETRXF_gso_prefix		(1U << _NETRXF_gso_prefix)

/* netif_extra_info.type */
#define XEN_NETIF_EXTRA_TYPE_NONE	(0)	/* never sent */
#define XEN_NETIF_EXTRA_TYPE_GSO	(1)	/* large packet: to be cut up */
#define XEN_NETIF_EXTRA_TYPE_MCAST_ADD	(2)	/* let this address through */
#define XEN_NETIF_EXTRA_TYPE_MCAST_DEL	(3)	/* and no longer */
#define XEN_NETIF_EXTRA_TYPE_HASH	(4)	/* the packet's hash */
#define XEN_NETIF_EXTRA_TYPE_MAX	(5)

/* netif_extra_info.flags: another extra follows. */
#define _XEN_NETIF_EXTRA_FLAG_MORE	(0)
#define XEN_NETIF_EXTRA_FLAG_MORE	(1U << _XEN_NETIF_EXTRA_FLAG_MORE)

/* netif_extra_info.u.gso.type */
#define XEN_NETIF_GSO_TYPE_NONE		(0)
#define XEN_NETIF_GSO_TYPE_TCPV4	(1)
#define XEN_NETIF_GSO_TYPE_TCPV6	(2)

/* Status of a response. Of a receive, if positive: bytes. */
#define NETIF_RSP_DROPPED		-2	/* not sent, and why does not matter */
#define NETIF_RSP_ERROR			-1	/* the request was bad */
#define NETIF_RSP_OKAY			0
#define NETIF_RSP_NULL			1	/* for the slot of an extra */

/*
 * Hash types: over source and destination address, or with ports; bits of
 * *_HASH_FLAGS. The bit's number is in u.hash.type of an extra.
 */
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV4		0
#define XEN_NETIF_CTRL_HASH_TYPE_IPV4		(1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV4)
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP	1
#define XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP	(1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP)
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV6		2
#define XEN_NETIF_CTRL_HASH_TYPE_IPV6		(1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV6)
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP	3
#define XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP	(1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP)

#define XEN_NETIF_CTRL_HASH_ALGORITHM_NONE	0	/* no hash: as backend likes */
#define XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ	1

/*
 * Control requests, and their data (data not named is 0); a page is named by
 * grant reference, and must stay granted until the response.
 *
 * GET_HASH_FLAGS		returns the hash types that there are
 * SET_HASH_FLAGS		types
 * SET_HASH_KEY			page, bytes. What is missing of a key is zero.
 * GET_HASH_MAPPING_SIZE	returns how many entries a table can have
 * SET_HASH_MAPPING_SIZE	entries; 0: hash modulo queues is the queue
 * SET_HASH_MAPPING		page of 4-byte queue numbers, entries, first entry
 * SET_HASH_ALGORITHM		XEN_NETIF_CTRL_HASH_ALGORITHM_*; to be set first
 * GET_GREF_MAPPING_SIZE	queue; returns how many frames can be kept mapped
 * ADD_GREF_MAPPING		queue, page of xen_netif_gref, entries: keep mapped.
 *				All or none.
 * DEL_GREF_MAPPING		the same: unmap; each entry has a status
 */
#define XEN_NETIF_CTRL_TYPE_INVALID			0
#define XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS		1
#define XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS		2
#define XEN_NETIF_CTRL_TYPE_SET_HASH_KEY		3
#define XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE	4
#define XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE	5
#define XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING		6
#define XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM		7
#define XEN_NETIF_CTRL_TYPE_GET_GREF_MAPPING_SIZE	8
#define XEN_NETIF_CTRL_TYPE_ADD_GREF_MAPPING		9
#define XEN_NETIF_CTRL_TYPE_DEL_GREF_MAPPING		10

#define XEN_NETIF_CTRL_STATUS_SUCCESS			0
#define XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED		1	/* no such request */
#define XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER		2	/* data is wrong */
#define XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW		3	/* too large */

/* xen_netif_gref.flags: the backend may only read. */
#define _XEN_NETIF_CTRLF_GREF_readonly	0
#define XEN_NETIF_CTRLF_GREF_readonly	(1U << _XEN_NETIF_CTRLF_GREF_readonly)

/* Writer: the frontend. */
struct xen_netif_ctrl_request {
	uint16_t id;			/* its own, comes back */
	uint16_t type;			/* XEN_NETIF_CTRL_TYPE_* */
	uint32_t data[3];
};

/* Writer: the backend. */
struct xen_netif_ctrl_response {
	uint16_t id;			/* of the request */
	uint16_t type;			/* of the request */
	uint32_t status;		/* XEN_NETIF_CTRL_STATUS_* */
	uint32_t data;			/* what is returned */
};

struct xen_netif_gref {
	grant_ref_t ref;		/* frontend */
	uint16_t flags;			/* frontend: XEN_NETIF_CTRLF_GREF_* */
	uint16_t status;		/* backend: XEN_NETIF_CTRL_STATUS_* */
};

DEFINE_RING_TYPES(xen_netif_ctrl, struct xen_netif_ctrl_request,
		  struct xen_netif_ctrl_response);

/* Writer: the frontend. */
struct netif_tx_request {
	grant_ref_t gref;		/* frame */
	uint16_t offset;		/* bytes into it */
	uint16_t flags;			/* NETTXF_* */
	uint16_t id;			/* its own, comes back */
	uint16_t size;			/* bytes: first slot all, later ones theirs */
};
typedef struct netif_tx_request netif_tx_request_t;

/* Writer: the backend. */
struct netif_tx_response {
	uint16_t id;			/* of the request */
	int16_t status;			/* NETIF_RSP_* */
};
typedef struct netif_tx_response netif_tx_response_t;

/* Writer: the frontend. */
struct netif_rx_request {
	uint16_t id;			/* its own, comes back */
	uint16_t pad;
	grant_ref_t gref;		/* frame, writable */
};
typedef struct netif_rx_request netif_rx_request_t;

/* Writer: the backend. */
struct netif_rx_response {
	uint16_t id;			/* of the request */
	uint16_t offset;		/* bytes into the frame */
	uint16_t flags;			/* NETRXF_* */
	int16_t status;			/* bytes in it, or NETIF_RSP_* */
};
typedef struct netif_rx_response netif_rx_response_t;

/* In a slot of either ring. Writer: who sends the packet. */
struct netif_extra_info {
	uint8_t type;			/* XEN_NETIF_EXTRA_TYPE_* */
	uint8_t flags;			/* XEN_NETIF_EXTRA_FLAG_* */
	union {
		struct {
			uint16_t size;		/* bytes of data in each piece */
			uint8_t type;		/* XEN_NETIF_GSO_TYPE_* */
			uint8_t pad;
			uint16_t features;	/* 0 */
		} gso;
		struct {
			uint8_t addr[6];	/* Ethernet */
		} mcast;
		struct {
			uint8_t type;		/* _XEN_NETIF_CTRL_HASH_TYPE_* */
			uint8_t algorithm;	/* XEN_NETIF_CTRL_HASH_ALGORITHM_* */
			uint8_t value[4];	/* lowest byte first */
		} hash;
		uint16_t pad[3];
	} u;
};
typedef struct netif_extra_info netif_extra_info_t;

DEFINE_RING_TYPES(netif_tx, struct netif_tx_request, struct netif_tx_response);
DEFINE_RING_TYPES(netif_rx, struct netif_rx_request, struct netif_rx_response);

#ifdef XEN_NETIF_DEFINE_TOEPLITZ
/*
 * The Toeplitz hash of len bytes at data: for each bit of data that is set, from
 * the highest bit of the first byte on, the 32 bits of the key that begin at the
 * same place, all of them exclusively ored. The key is zero beyond keylen bytes.
 */
static uint32_t xen_netif_toeplitz_hash(const uint8_t *key, unsigned int keylen,
					const uint8_t *data, unsigned int len)
{
	uint32_t hash = 0;
	unsigned int bit;

	for (bit = 0; bit < len * 8; bit++) {
		uint64_t window = 0;
		unsigned int i;

		if (!(data[bit / 8] & (0x80 >> bit % 8)))
			continue;
		for (i = bit / 8; i < bit / 8 + 5; i++)
			window = window << 8 | (i < keylen ? key[i] : 0);
		hash ^= (uint32_t)(window >> (8 - bit % 8));
	}
	return hash;
}
#endif

#endif /* __XEN_PUBLIC_IO_NETIF_H__ */
