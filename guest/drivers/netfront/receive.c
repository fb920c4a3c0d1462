// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the back end says about a packet, checked.
 *
 * A received packet is a chain of slots in the ring: the first part, extras if its
 * flags say so, further parts as long as the flags say more_data. The back end may
 * write anything there, at any time: each slot is read once, as the eight bytes that
 * it is, and what comes out of here is safe to act on. Nothing in here touches the
 * device or the kernel, so that the same file is tested and fuzzed on the host.
 */
#include "receive.h"

static union rx_slot slot_read(const union rx_slot *ring, unsigned int size, u32 index)
{
	union rx_slot slot;

	slot.raw = *(const volatile u64 *)&ring[index & (size - 1)].raw;
	return slot;
}

static void drop(struct rx_packet *packet, const char *why)
{
	if (!packet->why)
		packet->why = why;
}

static void take_gso(struct rx_packet *packet, const struct xen_netif_extra_info *extra)
{
	u16 size = extra->u.gso.size;
	u8 type = extra->u.gso.type;

	if (packet->gso_type != XEN_NETIF_GSO_TYPE_NONE)
		return drop(packet, "two GSO extras");
	if (type != XEN_NETIF_GSO_TYPE_TCPV4 && type != XEN_NETIF_GSO_TYPE_TCPV6)
		return drop(packet, "GSO type");
	/* No MSS is that small, and a packet would fall into thousands. */
	if (size < 8)
		return drop(packet, "GSO size");
	packet->gso_type = type;
	packet->gso_size = size;
}

static void take_hash(struct rx_packet *packet, const struct xen_netif_extra_info *extra)
{
	const u8 *value = extra->u.hash.value;

	if (extra->u.hash.algorithm != XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ ||
	    extra->u.hash.type > _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP)
		return drop(packet, "hash type");
	packet->has_hash = true;
	packet->hash_type = extra->u.hash.type;
	packet->hash = value[0] | value[1] << 8 | value[2] << 16 | (u32)value[3] << 24;
}

static void take_extra(struct rx_packet *packet, const struct xen_netif_extra_info *extra)
{
	switch (extra->type) {
	case XEN_NETIF_EXTRA_TYPE_GSO:
		return take_gso(packet, extra);
	case XEN_NETIF_EXTRA_TYPE_HASH:
		return take_hash(packet, extra);
	default:
		return drop(packet, "extra type");
	}
}

static void take_data(struct rx_packet *packet, const struct xen_netif_rx_response *data,
		      unsigned int slot)
{
	struct rx_frag *frag = &packet->frag[packet->frags];

	if (data->status < 0)
		return drop(packet, "error from back end");
	if (data->offset > RX_PAGE_SIZE || data->status > RX_PAGE_SIZE - data->offset)
		return drop(packet, "data beyond the page");
	if (!data->status)
		return;
	if (packet->frags == RX_FRAGS_MAX)
		return drop(packet, "too many parts");
	frag->slot = slot;
	frag->offset = data->offset;
	frag->len = data->status;
	packet->len += data->status;
	packet->frags++;
}

/**
 * receive_packet - the next packet of a receive ring
 * @ring:	the shared ring's slots, @size of them (a power of two)
 * @cons:	the first response not looked at yet
 * @prod:	the first that is not there yet; at most @size after @cons
 *
 * Returns what to do. For RX_GOOD and RX_DROP, @packet->slots are to be taken from the
 * ring. RX_GOOD: the fields mean what they say, and the parts lie within their buffers.
 */
enum rx_verdict receive_packet(const union rx_slot *ring, unsigned int size, u32 cons, u32 prod,
			       struct rx_packet *packet)
{
	u32 at = cons;
	bool more;

	packet->why = NULL;
	packet->frags = 0;
	packet->len = 0;
	packet->csum_blank = false;
	packet->data_validated = false;
	packet->has_hash = false;
	packet->gso_type = XEN_NETIF_GSO_TYPE_NONE;
	do {
		struct xen_netif_rx_response data;
		unsigned int slot = at & (size - 1);
		bool extras;

		if (at == prod)
			goto partial;
		data = slot_read(ring, size, at++).data;
		/* Responses come in the slots of their requests, whose ids are the slots'. */
		if (data.id != slot) {
			packet->why = "response to no request";
			return RX_BROKEN;
		}
		more = data.flags & XEN_NETRXF_more_data;
		extras = data.flags & XEN_NETRXF_extra_info;
		if (at == cons + 1) {
			packet->csum_blank = data.flags & XEN_NETRXF_csum_blank;
			packet->data_validated = data.flags & XEN_NETRXF_data_validated;
		} else if (extras) {
			drop(packet, "extras in the middle");
		}
		take_data(packet, &data, slot);
		while (extras) {
			struct xen_netif_extra_info extra;

			if (at == prod)
				goto partial;
			extra = slot_read(ring, size, at++).extra;
			extras = extra.flags & XEN_NETIF_EXTRA_FLAG_MORE;
			take_extra(packet, &extra);
		}
	} while (more);

	packet->slots = at - cons;
	/* Sizes are 16 bits in the protocol: the address header, and 64 KiB less one. */
	if (packet->len < 14 || packet->len > 65535 + 18)
		drop(packet, "length");
	if (packet->gso_type != XEN_NETIF_GSO_TYPE_NONE && !packet->csum_blank)
		drop(packet, "GSO with a checksum");
	return packet->why ? RX_DROP : RX_GOOD;

partial:
	if (prod - cons < RX_CHAIN_MAX)
		return RX_PARTIAL;
	packet->why = "packet without an end";
	return RX_BROKEN;
}

static u16 get16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

/* The IPv4 header at *at: go past it, tell what follows. */
static bool pass_ipv4(const u8 *head, unsigned int len, unsigned int *at, u8 *protocol)
{
	const u8 *ip = head + *at;
	unsigned int size;

	if (len - *at < 20)
		return false;
	size = (ip[0] & 0xf) * 4;
	/* The rest of a fragmented packet has a checksum already, or never gets one. */
	if (ip[0] >> 4 != 4 || size < 20 || len - *at < size || (get16(ip + 6) & 0x3fff))
		return false;
	*protocol = ip[9];
	*at += size;
	return true;
}

/* The IPv6 header at *at, and the extension headers that may precede TCP or UDP. */
static bool pass_ipv6(const u8 *head, unsigned int len, unsigned int *at, u8 *protocol)
{
	u8 next;

	if (len - *at < 40 || head[*at] >> 4 != 6)
		return false;
	next = head[*at + 6];
	*at += 40;
	/* Hop-by-hop options, routing, destination options. */
	while (next == 0 || next == 43 || next == 60) {
		unsigned int size;

		if (len - *at < 8)
			return false;
		next = head[*at];
		size = (head[*at + 1] + 1) * 8;
		if (len - *at < size)
			return false;
		*at += size;
	}
	*protocol = next;
	return true;
}

/**
 * receive_headers - find the TCP or UDP header of a packet whose checksum is blank
 * @head:	the packet's first @len bytes, private by now
 * @packet:	from receive_packet()
 *
 * Returns false if there is none within @head, or if it is not what @packet->gso_type
 * says: then the packet is malformed.
 */
bool receive_headers(const u8 *head, unsigned int len, const struct rx_packet *packet,
		     struct rx_headers *headers)
{
	unsigned int at = 12, tags;
	u16 type = 0;
	u8 protocol;

	for (tags = 0; tags <= 2; tags++, at += 4) {
		if (len < at + 2)
			return false;
		type = get16(head + at);
		if (type != 0x8100 && type != 0x88a8)
			break;
	}
	at += 2;
	if (type == 0x0800) {
		if (packet->gso_type == XEN_NETIF_GSO_TYPE_TCPV6 || !pass_ipv4(head, len, &at, &protocol))
			return false;
	} else if (type == 0x86dd) {
		if (packet->gso_type == XEN_NETIF_GSO_TYPE_TCPV4 || !pass_ipv6(head, len, &at, &protocol))
			return false;
	} else {
		return false;
	}
	headers->l4 = at;
	if (protocol == 6) {
		unsigned int size;

		if (len - at < 20)
			return false;
		size = (head[at + 12] >> 4) * 4;
		if (size < 20 || len - at < size)
			return false;
		headers->checksum = 16;
		headers->end = at + size;
	} else if (protocol == 17 && packet->gso_type == XEN_NETIF_GSO_TYPE_NONE) {
		if (len - at < 8)
			return false;
		headers->checksum = 6;
		headers->end = at + 8;
	} else {
		return false;
	}
	return true;
}
