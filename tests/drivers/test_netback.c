/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the network back end accepts and what not: packets in the transmit ring, source
 * addresses; how it hashes, and how much it lets through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include "backend/netback/credit.h"
#include "backend/netback/hash.h"
#include "backend/netback/parse.h"
#include "backend/netback/spoof.h"

#define SLOT(f, s, o) { .request = { .flags = (f), .size = (s), .offset = (o) } }
#define GSO(s, t) { .extra = { .type = XEN_NETIF_EXTRA_TYPE_GSO, .u.gso = { .size = (s), .type = (t) } } }

static struct tx_packet packet;

static void expect(const union tx_slot *slots, unsigned int nr, enum tx_verdict verdict,
		   unsigned int nr_slots)
{
	assert_int_equal(tx_parse(slots, nr, &packet), 0);
	assert_int_equal(packet.verdict, verdict);
	assert_int_equal(packet.nr_slots, nr_slots);
}

static void test_packets(void **state)
{
	const union tx_slot one[] = { SLOT(0, 60, 4000) };
	const union tx_slot three[] = { SLOT(NETTXF_more_data, 5000, 100), SLOT(NETTXF_more_data, 4096, 0),
					SLOT(0, 804, 3292), SLOT(0, 60, 0) };
	const union tx_slot gso[] = { SLOT(NETTXF_more_data | NETTXF_extra_info, 4162, 0), GSO(1448, 1),
				      SLOT(0, 4096, 0) };

	(void)state;
	expect(one, 1, TX_SEND, 1);
	assert_int_equal(packet.first_size, 60);
	expect(three, 4, TX_SEND, 3);
	assert_int_equal(packet.first_size, 100);
	assert_int_equal(tx_part_slot(&packet, 2), 2);
	expect(gso, 3, TX_SEND, 3);
	assert_int_equal(packet.first_size, 66);
	assert_int_equal(packet.gso_size, 1448);
	assert_int_equal(packet.gso_type, XEN_NETIF_GSO_TYPE_TCPV4);
	assert_int_equal(tx_part_slot(&packet, 1), 2);
}

static void test_bad_packets(void **state)
{
	const union tx_slot shorter[] = { SLOT(0, 13, 0) };
	const union tx_slot beyond[] = { SLOT(0, 60, 4037) };
	const union tx_slot far[] = { SLOT(0, 60, 65530) };
	const union tx_slot rest[] = { SLOT(NETTXF_more_data, 100, 0), SLOT(0, 100, 0) };
	const union tx_slot wrap[] = { SLOT(NETTXF_more_data, 100, 0), SLOT(NETTXF_more_data, 65535, 0),
				       SLOT(0, 50, 0) };
	const union tx_slot empty[] = { SLOT(NETTXF_more_data, 100, 0), SLOT(0, 0, 0) };
	const union tx_slot first[] = { SLOT(NETTXF_more_data, 9000, 0), SLOT(0, 100, 0) };

	(void)state;
	expect(shorter, 1, TX_BAD_SIZE, 1);
	expect(beyond, 1, TX_BAD_SLOT, 1);
	expect(far, 1, TX_BAD_SLOT, 1);
	expect(rest, 2, TX_BAD_SIZE, 2);
	expect(wrap, 3, TX_BAD_SLOT, 3);
	expect(empty, 2, TX_BAD_SLOT, 2);
	expect(first, 2, TX_BAD_SLOT, 2);
}

static void test_extras(void **state)
{
	const union tx_slot none[] = { SLOT(NETTXF_extra_info, 60, 0), GSO(0, 1) };
	const union tx_slot small[] = { SLOT(NETTXF_extra_info, 60, 0), GSO(GSO_BYTES_MIN - 1, 1) };
	const union tx_slot kind[] = { SLOT(NETTXF_extra_info, 60, 0), GSO(1448, 3) };
	const union tx_slot unknown[] = { SLOT(NETTXF_extra_info, 60, 0), { .extra = { .type = 5 } } };
	union tx_slot twice[] = { SLOT(NETTXF_extra_info, 60, 0), GSO(1448, 1), GSO(1448, 1) };
	const union tx_slot add[] = { SLOT(NETTXF_extra_info, 0, 0),
				      { .extra = { .type = XEN_NETIF_EXTRA_TYPE_MCAST_ADD,
						   .u.mcast.addr = { 1, 0, 94, 1, 2, 3 } } } };
	const union tx_slot hash[] = { SLOT(NETTXF_extra_info, 60, 0),
				       { .extra = { .type = XEN_NETIF_EXTRA_TYPE_HASH,
						    .u.hash = { 1, 1, { 4, 3, 2, 0x81 } } } } };

	(void)state;
	expect(none, 2, TX_BAD_GSO, 2);
	expect(small, 2, TX_BAD_GSO, 2);
	expect(kind, 2, TX_BAD_GSO, 2);
	expect(unknown, 2, TX_BAD_EXTRA, 2);
	twice[1].extra.flags = XEN_NETIF_EXTRA_FLAG_MORE;
	expect(twice, 3, TX_BAD_EXTRA, 3);
	expect(add, 2, TX_MULTICAST, 2);
	assert_true(packet.mcast_add);
	assert_int_equal(packet.mcast_addr[2], 94);
	expect(hash, 2, TX_SEND, 2);
	assert_int_equal(packet.hash, 0x81020304);
	assert_true(packet.hash_l4);
}

/* Only here the ring is lost. */
static void test_endless(void **state)
{
	const union tx_slot data[] = { SLOT(NETTXF_more_data, 100, 0), SLOT(NETTXF_more_data, 50, 0) };
	const union tx_slot extra[] = { SLOT(NETTXF_extra_info, 100, 0) };
	const union tx_slot both[] = { SLOT(NETTXF_extra_info | NETTXF_more_data, 100, 0), GSO(9, 1) };

	(void)state;
	assert_int_equal(tx_parse(data, 2, &packet), -EINVAL);
	assert_int_equal(tx_parse(extra, 1, &packet), -EINVAL);
	assert_int_equal(tx_parse(both, 2, &packet), -EINVAL);
	assert_int_equal(tx_parse(data, 0, &packet), -EINVAL);
}

/* The key and the values that Microsoft publishes for verifying RSS hashes. */
static const struct hash rss = {
	.algorithm = XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ,
	.types = HASH_TYPES,
	.key = { 0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
		 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
		 0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa },
};

static void test_hash_ipv4(void **state)
{
	/* 66.9.149.187:2794 to 161.142.100.80:1766 */
	u8 frame[54] = { [12] = 8, [14] = 0x45, [23] = 6, [26] = 66, 9, 149, 187,
			 161, 142, 100, 80, 2794 >> 8, 2794 & 255, 1766 >> 8, 1766 & 255 };
	struct hash some = rss;
	u32 value = 0;

	(void)state;
	assert_int_equal(hash_frame(&rss, frame, sizeof(frame), &value),
			 _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP);
	assert_int_equal(value, 0x51ccc178);
	some.types = XEN_NETIF_CTRL_HASH_TYPE_IPV4;
	assert_int_equal(hash_frame(&some, frame, sizeof(frame), &value),
			 _XEN_NETIF_CTRL_HASH_TYPE_IPV4);
	assert_int_equal(value, 0x323e8fc2);
	frame[20] = 0x20; /* a fragment's ports are not looked at */
	assert_int_equal(hash_frame(&rss, frame, sizeof(frame), &value),
			 _XEN_NETIF_CTRL_HASH_TYPE_IPV4);
	some.types = 0;
	assert_int_equal(hash_frame(&some, frame, sizeof(frame), &value), -ENOENT);
	some.mapping_size = 3;
	some.mapping[2] = 1;
	assert_int_equal(hash_queue(&some, 5, 2), 1);
	some.mapping_size = 0;
	assert_int_equal(hash_queue(&some, 5, 4), 1);
}

static void test_hash_ipv6(void **state)
{
	/* 3ffe:2501:200:1fff::7 port 2794 to 3ffe:2501:200:3::1 port 1766 */
	u8 frame[74] = { [12] = 0x86, 0xdd, [14] = 0x60, [20] = 6, [22] = 0x3f, 0xfe, 0x25, 1, 2, 0,
			 0x1f, 0xff, [37] = 7, [38] = 0x3f, 0xfe, 0x25, 1, 2, 0, 0, 3, [53] = 1,
			 [54] = 2794 >> 8, 2794 & 255, 1766 >> 8, 1766 & 255 };
	u32 value = 0;

	(void)state;
	assert_int_equal(hash_frame(&rss, frame, sizeof(frame), &value),
			 _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP);
	assert_int_equal(value, 0x40207d3d);
	frame[20] = 17;
	assert_int_equal(hash_frame(&rss, frame, sizeof(frame), &value),
			 _XEN_NETIF_CTRL_HASH_TYPE_IPV6);
	assert_int_equal(value, 0x2cc18cd5);
}

static void test_credit(void **state)
{
	struct credit credit = { 0 };

	(void)state;
	assert_int_equal(credit_wait(&credit, 5), 0);
	credit_set(&credit, 1000, 50, 100);
	assert_int_equal(credit_wait(&credit, 100), 0);
	credit_pay(&credit, 2500); /* in advance */
	assert_int_equal(credit_wait(&credit, 110), 40 + 50);
	assert_int_equal(credit_wait(&credit, 199), 1);
	assert_int_equal(credit_wait(&credit, 200), 0);
	assert_int_equal(credit.left, 500);
	/* What was not spent is lost. */
	assert_int_equal(credit_wait(&credit, 100000), 0);
	assert_int_equal(credit.left, 1000);
	credit_set(&credit, 1000, 0, 0);
	assert_int_equal(credit.bytes, 0);
}

static const struct spoof any = { .mac = { 0, 0x16, 0x3e, 1, 2, 3 } };
static const struct spoof some = {
	.mac = { 0, 0x16, 0x3e, 1, 2, 3 },
	.nr_addresses = 2,
	.addresses = { { { [10] = 0xff, 0xff, 10, 0, 0, 2 }, 128 }, { { 0xfd, [15] = 2 }, 64 } },
};

static void frame_init(u8 *frame, unsigned int type)
{
	memset(frame, 0, 128);
	memset(frame, 0xff, 6);
	memcpy(frame + 6, any.mac, 6);
	frame[12] = type >> 8;
	frame[13] = type;
}

static void test_spoof_ipv4(void **state)
{
	static const u8 arp[] = { 0, 1, 8, 0, 6, 4, 0, 1, 0, 0x16, 0x3e, 1, 2, 3, 10, 0, 0, 2 };
	u8 f[128];

	(void)state;
	frame_init(f, 0x1234);
	assert_true(spoof_allowed(&any, f, 64));
	assert_false(spoof_allowed(&some, f, 64));
	f[11]++;
	assert_false(spoof_allowed(&any, f, 64));
	frame_init(f, 0x0800);
	f[14] = 0x45;
	memcpy(f + 26, "\x0a\0\0\2", 4);
	assert_true(spoof_allowed(&some, f, 64));
	assert_false(spoof_allowed(&some, f, 33));
	f[29] = 3;
	assert_false(spoof_allowed(&some, f, 64));
	/* DHCP */
	memset(f + 26, 0, 4);
	assert_false(spoof_allowed(&some, f, 64));
	f[23] = 17;
	f[35] = 68;
	f[37] = 67;
	assert_true(spoof_allowed(&some, f, 64));
	frame_init(f, 0x0806);
	memcpy(f + 14, arp, sizeof(arp));
	assert_true(spoof_allowed(&some, f, 60));
	f[31] = 3;
	assert_false(spoof_allowed(&some, f, 60));
	f[31] = 2;
	f[27]++;
	assert_false(spoof_allowed(&some, f, 60));
	/* In a VLAN all is the same. */
	frame_init(f, 0x8100);
	f[16] = 8;
	f[18] = 0x45;
	memcpy(f + 30, "\x0a\0\0\2", 4);
	assert_true(spoof_allowed(&some, f, 64));
	f[33] = 9;
	assert_false(spoof_allowed(&some, f, 64));
}

static void test_spoof_ipv6(void **state)
{
	u8 f[128];

	(void)state;
	frame_init(f, 0x86dd);
	f[19] = 24; /* bytes of payload */
	f[20] = 58;
	f[22] = 0xfd;
	f[54] = 136;
	memcpy(f + 62, f + 22, 16);
	assert_true(spoof_allowed(&some, f, 78));
	f[62] = 0xfc; /* advertises another */
	assert_false(spoof_allowed(&some, f, 78));
	f[54] = 128;
	assert_true(spoof_allowed(&some, f, 78));
	f[22] = 0xfc;
	assert_false(spoof_allowed(&some, f, 78));
	/* From its link-local address, and from a neighbour's. */
	memcpy(f + 22, "\xfe\x80\0\0\0\0\0\0\x02\x16\x3e\xff\xfe\1\2\3", 16);
	assert_true(spoof_allowed(&some, f, 78));
	f[37]++;
	assert_false(spoof_allowed(&some, f, 78));
	f[37]--;
	/* An advertisement behind an extension header is seen too. */
	f[20] = 60;
	f[19] = 32;
	memmove(f + 62, f + 54, 24);
	memset(f + 54, 0, 8);
	f[54] = 58;
	f[62] = 136;
	f[70] = 0xfc;
	assert_false(spoof_allowed(&some, f, 86));
	f[70] = 0xfd;
	assert_true(spoof_allowed(&some, f, 86));
	f[55] = 255; /* as long as nobody can see */
	assert_false(spoof_allowed(&some, f, 86));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packets),	   cmocka_unit_test(test_bad_packets),
		cmocka_unit_test(test_extras),	   cmocka_unit_test(test_endless),
		cmocka_unit_test(test_hash_ipv4),  cmocka_unit_test(test_hash_ipv6),
		cmocka_unit_test(test_credit),	   cmocka_unit_test(test_spoof_ipv4),
		cmocka_unit_test(test_spoof_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
