// SPDX-License-Identifier: GPL-2.0
/*
 * Anti-spoofing: may this frame be of the domain? Its source is the domain's MAC
 * address, and if the configuration lists IP addresses, then it is IPv4, IPv6 or ARP from
 * one of those, and claims no others by ARP or neighbour discovery. A domain may always
 * ask for an address: DHCP, ARP probes and duplicate address detection, all from address
 * zero, and it may use the link-local address that its MAC address makes.
 *
 * What cannot be seen within SPOOF_HEADER_MAX bytes is not allowed.
 *
 * Plain C: tests compile it on the host.
 */
#include <linux/string.h>
#include "spoof.h"

enum {
	ETHERNET_BYTES = 14,
	VLAN_BYTES = 4,
	VLANS_MAX = 2,
	IPV4_BYTES = 20,
	IPV6_BYTES = 40,
	ARP_BYTES = 28,
	EXTENSIONS_MAX = 4,
};

/* Ethernet types. */
enum {
	TYPE_IPV4 = 0x0800,
	TYPE_ARP = 0x0806,
	TYPE_VLAN = 0x8100,
	TYPE_SVLAN = 0x88a8,
	TYPE_IPV6 = 0x86dd,
};

/* Protocols within IP. */
enum {
	IP_HOP_BY_HOP = 0,
	IP_UDP = 17,
	IP_ROUTING = 43,
	IP_FRAGMENT = 44,
	IP_ICMP6 = 58,
	IP_DESTINATION = 60,
};

enum {
	DHCP_SERVER = 67,
	DHCP_CLIENT = 68,
	ICMP6_SOLICIT = 135,
	ICMP6_ADVERTISE = 136,
	ICMP6_TARGET = 8, /* where the address is in those two */
	ICMP6_NEIGHBOUR_BYTES = 24,
	ICMP6_REPORT = 143, /* multicast listener, and the two older ones: 131, 132 */
	ICMP6_REPORT_OLD = 131,
	ICMP6_DONE_OLD = 132,
	ICMP6_ROUTER_SOLICIT = 133,
};

static const u8 zero[16];

static unsigned int get16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static bool matches(const struct spoof_address *a, const u8 *address)
{
	unsigned int whole = a->bits / 8, rest = a->bits % 8;

	if (memcmp(a->address, address, whole) != 0)
		return false;
	return rest == 0 || (a->address[whole] ^ address[whole]) >> (8 - rest) == 0;
}

static bool listed(const struct spoof *spoof, const u8 *address)
{
	unsigned int i;

	for (i = 0; i < spoof->nr_addresses; i++)
		if (matches(&spoof->addresses[i], address))
			return true;
	return false;
}

static bool listed_ipv4(const struct spoof *spoof, const u8 *address)
{
	u8 mapped[16] = { [10] = 0xff, [11] = 0xff };

	memcpy(mapped + 12, address, 4);
	return listed(spoof, mapped);
}

/* fe80:: and the MAC address with ff:fe in its middle and a bit turned. */
static bool listed_ipv6(const struct spoof *spoof, const u8 *address)
{
	const u8 *mac = spoof->mac;
	const u8 link_local[16] = { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, mac[0] ^ 2, mac[1],
				    mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5] };

	return memcmp(address, link_local, 16) == 0 || listed(spoof, address);
}

static bool allowed_arp(const struct spoof *spoof, const u8 *arp, unsigned int bytes)
{
	/* Ethernet and IPv4. */
	static const u8 head[6] = { 0, 1, 8, 0, 6, 4 };
	const u8 *sender = arp + 8;

	if (bytes < ARP_BYTES || memcmp(arp, head, sizeof(head)) != 0 ||
	    memcmp(sender, spoof->mac, 6) != 0)
		return false;
	return memcmp(sender + 6, zero, 4) == 0 || listed_ipv4(spoof, sender + 6);
}

static bool allowed_ipv4(const struct spoof *spoof, const u8 *ip, unsigned int bytes)
{
	unsigned int header;

	if (bytes < IPV4_BYTES)
		return false;
	if (listed_ipv4(spoof, ip + 12))
		return true;
	header = (ip[0] & 15) * 4;
	return memcmp(ip + 12, zero, 4) == 0 && ip[9] == IP_UDP && header >= IPV4_BYTES &&
	       bytes >= header + 4 && !(get16(ip + 6) & 0x1fff) &&
	       get16(ip + header) == DHCP_CLIENT && get16(ip + header + 2) == DHCP_SERVER;
}

/* A neighbour message's options: a link-layer address in them is the domain's. */
static bool allowed_options(const struct spoof *spoof, const u8 *option, unsigned int bytes)
{
	while (bytes >= 8) {
		unsigned int size = option[1] * 8;

		if (size == 0 || size > bytes)
			return false;
		if ((option[0] == 1 || option[0] == 2) && memcmp(option + 2, spoof->mac, 6) != 0)
			return false;
		option += size;
		bytes -= size;
	}
	return bytes == 0;
}

static bool allowed_icmp6(const struct spoof *spoof, const u8 *icmp, unsigned int bytes,
			  bool from_zero)
{
	if (bytes < 8)
		return false;
	switch (icmp[0]) {
	case ICMP6_SOLICIT:
	case ICMP6_ADVERTISE:
		if (bytes < ICMP6_NEIGHBOUR_BYTES ||
		    !allowed_options(spoof, icmp + ICMP6_NEIGHBOUR_BYTES,
				     bytes - ICMP6_NEIGHBOUR_BYTES))
			return false;
		if (icmp[0] == ICMP6_ADVERTISE || from_zero)
			return listed_ipv6(spoof, icmp + ICMP6_TARGET);
		return true;
	case ICMP6_ROUTER_SOLICIT:
		return allowed_options(spoof, icmp + 8, bytes - 8);
	case ICMP6_REPORT:
	case ICMP6_REPORT_OLD:
	case ICMP6_DONE_OLD:
		return true;
	default:
		return !from_zero;
	}
}

/* bytes: what is there, no more than the header says there is. */
static bool allowed_ipv6(const struct spoof *spoof, const u8 *ip, unsigned int bytes)
{
	unsigned int at = IPV6_BYTES, extensions, next;
	bool from_zero;

	if (bytes < IPV6_BYTES)
		return false;
	from_zero = memcmp(ip + 8, zero, 16) == 0;
	if (!from_zero && !listed_ipv6(spoof, ip + 8))
		return false;
	/* The Ethernet frame may be longer. */
	if (bytes > IPV6_BYTES + get16(ip + 4))
		bytes = IPV6_BYTES + get16(ip + 4);
	next = ip[6];
	for (extensions = 0; extensions <= EXTENSIONS_MAX; extensions++) {
		if (next == IP_ICMP6)
			return allowed_icmp6(spoof, ip + at, bytes - at, from_zero);
		if (next != IP_HOP_BY_HOP && next != IP_ROUTING && next != IP_DESTINATION)
			return !from_zero;
		if (bytes - at < 8 || bytes - at < (ip[at + 1] + 1) * 8u)
			return false;
		next = ip[at];
		at += (ip[at + 1] + 1) * 8;
	}
	return false;
}

/* bytes of the frame are at frame, all of them or SPOOF_HEADER_MAX. */
bool spoof_allowed(const struct spoof *spoof, const u8 *frame, unsigned int bytes)
{
	unsigned int at = ETHERNET_BYTES, type, vlans;

	if (bytes < ETHERNET_BYTES || memcmp(frame + 6, spoof->mac, 6) != 0)
		return false;
	if (spoof->nr_addresses == 0)
		return true;
	type = get16(frame + 12);
	for (vlans = 0; vlans < VLANS_MAX && (type == TYPE_VLAN || type == TYPE_SVLAN); vlans++) {
		if (bytes - at < VLAN_BYTES)
			return false;
		type = get16(frame + at + 2);
		at += VLAN_BYTES;
	}
	switch (type) {
	case TYPE_ARP:
		return allowed_arp(spoof, frame + at, bytes - at);
	case TYPE_IPV4:
		return allowed_ipv4(spoof, frame + at, bytes - at);
	case TYPE_IPV6:
		return allowed_ipv6(spoof, frame + at, bytes - at);
	default:
		return false;
	}
}
