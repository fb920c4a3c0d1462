// SPDX-License-Identifier: GPL-2.0
/*
 * Slots of the transmit ring become a packet, or the reason why they are none.
 *
 *	first slot	the packet's size and flags, its first bytes
 *	extras		as many as say that there is another: GSO, a hash, multicast
 *	more slots	the rest of its bytes
 *
 * The slots are our copy; nothing in them is true until it was checked here. Where a
 * packet ends is known even if it is bad, so that one bad packet costs only itself.
 * Only when a packet does not end, what follows has no meaning: the ring is lost.
 *
 * This is plain C: tests compile it on the host.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include "parse.h"

/* The reason that was found first stays. */
static void bad(struct tx_packet *packet, enum tx_verdict why)
{
	if (packet->verdict < TX_BAD_SIZE)
		packet->verdict = why;
}

static void parse_gso(const struct xen_netif_extra_info *extra, struct tx_packet *packet)
{
	if (packet->gso_size)
		bad(packet, TX_BAD_EXTRA);
	/* No MSS is that small, and a packet would fall into thousands. */
	if (extra->u.gso.size < GSO_BYTES_MIN || extra->u.gso.features ||
	    (extra->u.gso.type != XEN_NETIF_GSO_TYPE_TCPV4 &&
	     extra->u.gso.type != XEN_NETIF_GSO_TYPE_TCPV6))
		bad(packet, TX_BAD_GSO);
	packet->gso_size = extra->u.gso.size;
	packet->gso_type = extra->u.gso.type;
}

static void parse_multicast(const struct xen_netif_extra_info *extra, struct tx_packet *packet)
{
	if (packet->mcast_add || packet->mcast_del)
		bad(packet, TX_BAD_EXTRA);
	packet->mcast_add = extra->type == XEN_NETIF_EXTRA_TYPE_MCAST_ADD;
	packet->mcast_del = !packet->mcast_add;
	memcpy(packet->mcast_addr, extra->u.mcast.addr, sizeof(packet->mcast_addr));
	if (packet->verdict == TX_SEND)
		packet->verdict = TX_MULTICAST;
}

static void parse_hash(const struct xen_netif_extra_info *extra, struct tx_packet *packet)
{
	const u8 *value = extra->u.hash.value;

	if (packet->hashed || extra->u.hash.type > _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP ||
	    extra->u.hash.algorithm != XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ)
		bad(packet, TX_BAD_EXTRA);
	packet->hashed = true;
	packet->hash_l4 = extra->u.hash.type == _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP ||
			  extra->u.hash.type == _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP;
	packet->hash = value[0] | value[1] << 8 | value[2] << 16 | (u32)value[3] << 24;
}

/* The extras of a packet, slots[1] and on. How many, or -EINVAL if there is no last one. */
static int parse_extras(const union tx_slot *slots, unsigned int nr, struct tx_packet *packet)
{
	unsigned int i;

	for (i = 1; i < nr; i++) {
		const struct xen_netif_extra_info *extra = &slots[i].extra;

		switch (extra->type) {
		case XEN_NETIF_EXTRA_TYPE_GSO:
			parse_gso(extra, packet);
			break;
		case XEN_NETIF_EXTRA_TYPE_MCAST_ADD:
		case XEN_NETIF_EXTRA_TYPE_MCAST_DEL:
			parse_multicast(extra, packet);
			break;
		case XEN_NETIF_EXTRA_TYPE_HASH:
			parse_hash(extra, packet);
			break;
		default:
			bad(packet, TX_BAD_EXTRA);
		}
		if (!(extra->flags & XEN_NETIF_EXTRA_FLAG_MORE))
			return i;
	}
	return -EINVAL;
}

static void check_part(const struct xen_netif_tx_request *request, unsigned int size,
		       struct tx_packet *packet)
{
	if (size == 0 || request->offset >= SLOT_BYTES_MAX ||
	    size + request->offset > SLOT_BYTES_MAX)
		bad(packet, TX_BAD_SLOT);
}

/*
 * Parse the packet that begins at slots[0], of nr slots. Returns 0, and what it is in
 * packet: good or bad, nr_slots is right. Or -EINVAL: it does not end within the slots.
 */
int tx_parse(const union tx_slot *slots, unsigned int nr, struct tx_packet *packet)
{
	const struct xen_netif_tx_request *first = &slots[0].request;
	unsigned int at = 0, rest = 0;
	int extras = 0;

	memset(packet, 0, sizeof(*packet));
	if (nr == 0)
		return -EINVAL;
	packet->flags = first->flags;
	packet->size = first->size;
	if (first->flags & XEN_NETTXF_extra_info) {
		extras = parse_extras(slots, nr, packet);
		if (extras < 0)
			return extras;
	}
	packet->nr_extras = extras;
	if (first->flags & XEN_NETTXF_more_data) {
		for (at = 1 + extras;; at++) {
			if (at >= nr)
				return -EINVAL;
			rest += slots[at].request.size;
			check_part(&slots[at].request, slots[at].request.size, packet);
			if (!(slots[at].request.flags & XEN_NETTXF_more_data))
				break;
		}
		packet->nr_slots = at + 1;
	} else {
		packet->nr_slots = 1 + extras;
	}
	if (packet->verdict == TX_MULTICAST)
		return 0;
	if (packet->size < FRAME_BYTES_MIN || rest >= packet->size) {
		bad(packet, TX_BAD_SIZE);
		return 0;
	}
	packet->first_size = packet->size - rest;
	check_part(first, packet->first_size, packet);
	return 0;
}
