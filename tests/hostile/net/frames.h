/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the hostile halves of the network driver share: frames that are right, frames
 * that are not, and random numbers that are the same for the same seed.
 */
#ifndef HOSTILE_FRAMES_H
#define HOSTILE_FRAMES_H

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/udp.h>

/* Not all of a list of like things is tried, but every nth of them. */
extern bool quick;

static inline bool skipped(unsigned int i, unsigned int nth)
{
	return quick && i % nth;
}

enum { ARP_BYTES = 42, FRAME_MAX = 4096 };

/* xorshift: state is never 0. */
static inline u32 rnd(u64 *state)
{
	u64 x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*state = x;
	return x >> 16;
}

static inline u32 rnd_below(u64 *state, u32 bound)
{
	return rnd(state) % bound;
}

/* An ARP request or reply, ARP_BYTES long. Addresses are IPv4's, in host order. */
static inline void make_arp(u8 *frame, u16 operation, const u8 *from_mac, u32 from, u32 to)
{
	static const u8 head[8] = { 0, 1, 8, 0, 6, 4, 0, 0 };

	memset(frame, 0, ARP_BYTES);
	eth_broadcast_addr(frame);
	ether_addr_copy(frame + 6, from_mac);
	put_unaligned_be16(ETH_P_ARP, frame + 12);
	memcpy(frame + 14, head, sizeof(head));
	put_unaligned_be16(operation, frame + 20);
	ether_addr_copy(frame + 22, from_mac);
	put_unaligned_be32(from, frame + 28);
	put_unaligned_be32(to, frame + 38);
}

static inline bool is_arp_reply(const u8 *frame, unsigned int bytes, u32 from)
{
	return bytes >= ARP_BYTES && get_unaligned_be16(frame + 12) == ETH_P_ARP &&
	       get_unaligned_be16(frame + 20) == ARPOP_REPLY &&
	       get_unaligned_be32(frame + 28) == from;
}

/* Ethernet and IPv4 headers that are right, for protocol; how many bytes. */
static inline unsigned int make_ipv4(u8 *frame, const u8 *to, const u8 *from, u8 protocol,
				     unsigned int ip_bytes)
{
	struct iphdr *ip = (void *)(frame + ETH_HLEN);

	memset(frame, 0, ETH_HLEN + sizeof(*ip) + 60);
	ether_addr_copy(frame, to);
	ether_addr_copy(frame + 6, from);
	put_unaligned_be16(ETH_P_IP, frame + 12);
	ip->version = 4;
	ip->ihl = 5;
	ip->tot_len = htons(ip_bytes);
	ip->ttl = 64;
	ip->protocol = protocol;
	ip->saddr = htonl(0x0a000009);
	ip->daddr = htonl(0x0a000001);
	return ETH_HLEN + sizeof(*ip);
}

static inline unsigned int make_ipv6(u8 *frame, const u8 *to, const u8 *from, u8 next,
				     unsigned int payload)
{
	struct ipv6hdr *ip = (void *)(frame + ETH_HLEN);

	memset(frame, 0, ETH_HLEN + sizeof(*ip) + 60);
	ether_addr_copy(frame, to);
	ether_addr_copy(frame + 6, from);
	put_unaligned_be16(ETH_P_IPV6, frame + 12);
	ip->version = 6;
	ip->payload_len = htons(payload);
	ip->nexthdr = next;
	ip->hop_limit = 64;
	ip->saddr.s6_addr[0] = 0xfd;
	ip->saddr.s6_addr[15] = 9;
	ip->daddr.s6_addr[0] = 0xfd;
	ip->daddr.s6_addr[15] = 1;
	return ETH_HLEN + sizeof(*ip);
}

enum { BAD_FRAMES = 16 };

/*
 * The nth frame whose headers do not bear out what is claimed of it: a blank checksum,
 * segments. In FRAME_MAX bytes; how many of them to send.
 */
static inline unsigned int make_bad_frame(u8 *frame, unsigned int n, const u8 *to,
					  const u8 *from, u64 *state)
{
	struct iphdr *ip = (void *)(frame + ETH_HLEN);
	unsigned int at;

	memset(frame, 0xee, FRAME_MAX);
	switch (n) {
	case 0: /* no protocol at all */
		ether_addr_copy(frame, to);
		ether_addr_copy(frame + 6, from);
		put_unaligned_be16(0x88b5, frame + 12);
		return 100;
	case 1: /* nothing but an Ethernet header that promises IPv4 */
		make_ipv4(frame, to, from, IPPROTO_TCP, 20);
		return ETH_HLEN;
	case 2: /* the IPv4 header ends in its middle */
		make_ipv4(frame, to, from, IPPROTO_TCP, 20);
		return ETH_HLEN + 10;
	case 3: /* the IPv4 header is shorter than itself */
		at = make_ipv4(frame, to, from, IPPROTO_TCP, 40);
		ip->ihl = 1;
		return at + 20;
	case 4: /* longer than the packet */
		at = make_ipv4(frame, to, from, IPPROTO_TCP, 40);
		ip->ihl = 15;
		return at + 20;
	case 5: /* no room for TCP */
		at = make_ipv4(frame, to, from, IPPROTO_TCP, 24);
		return at + 4;
	case 6: /* TCP header shorter than itself */
		at = make_ipv4(frame, to, from, IPPROTO_TCP, 1000);
		frame[at + 12] = 0;
		return at + 980;
	case 7: /* TCP header beyond the packet */
		at = make_ipv4(frame, to, from, IPPROTO_TCP, 44);
		frame[at + 12] = 0xf0;
		return at + 24;
	case 8: /* a fragment */
		at = make_ipv4(frame, to, from, IPPROTO_TCP, 1000);
		ip->frag_off = htons(0x2000 | 7);
		return at + 980;
	case 9: /* a protocol without ports */
		at = make_ipv4(frame, to, from, IPPROTO_GRE, 1000);
		return at + 980;
	case 10: /* IPv4 says 65535 bytes */
		at = make_ipv4(frame, to, from, IPPROTO_UDP, 65535);
		return at + 20;
	case 11: /* IPv6 ends in its middle */
		make_ipv6(frame, to, from, IPPROTO_TCP, 20);
		return ETH_HLEN + 30;
	case 12: /* extension headers up to the end and beyond */
		at = make_ipv6(frame, to, from, IPPROTO_HOPOPTS, 4000);
		memset(frame + at, 0, FRAME_MAX - at);
		return FRAME_MAX;
	case 13: /* an extension header that is longer than all */
		at = make_ipv6(frame, to, from, IPPROTO_ROUTING, 100);
		frame[at] = IPPROTO_TCP;
		frame[at + 1] = 255;
		return at + 100;
	case 14: /* VLAN tags without end */
		for (at = 12; at < 1000; at += 4)
			put_unaligned_be32(0x81000005, frame + at);
		ether_addr_copy(frame, to);
		ether_addr_copy(frame + 6, from);
		return 1000;
	default: /* whatever */
		for (at = 0; at < 256; at++)
			frame[at] = rnd(state);
		if (rnd(state) & 1)
			put_unaligned_be16(rnd(state) & 1 ? ETH_P_IP : ETH_P_IPV6, frame + 12);
		if (rnd(state) & 1)
			frame[14] = rnd(state) & 1 ? 0x45 : 0x60;
		ether_addr_copy(frame, to);
		return 14 + rnd_below(state, 1000);
	}
}

#endif
