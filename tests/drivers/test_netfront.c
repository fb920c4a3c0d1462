/* SPDX-License-Identifier: GPL-2.0-only */
/* guest/drivers/netfront/receive.c: slots of the receive ring -> a checked packet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "guest/drivers/netfront/receive.h"

#define SIZE 256
#define MORE XEN_NETRXF_more_data
#define EXTRA XEN_NETRXF_extra_info
#define BLANK XEN_NETRXF_csum_blank

static union rx_slot ring[SIZE];
static u32 cons, prod;
static struct rx_packet packet;

/* Tests begin where the index wraps. */
static int begin(void **state)
{
	memset(ring, 0xa5, sizeof(ring));
	cons = prod = 0xfffffffe;
	return 0;
}

static void put(u16 offset, u16 flags, s16 status)
{
	ring[prod % SIZE].data = (struct xen_netif_rx_response){ prod % SIZE, offset, flags, status };
	prod++;
}

static void put_extra(u8 type, u8 flags)
{
	memset(&ring[prod % SIZE], 0, sizeof(ring[0]));
	ring[prod % SIZE].extra.type = type;
	ring[prod++ % SIZE].extra.flags = flags;
}

static void put_gso(u8 type, u16 size, u8 flags)
{
	put_extra(XEN_NETIF_EXTRA_TYPE_GSO, flags);
	ring[(prod - 1) % SIZE].extra.u.gso.type = type;
	ring[(prod - 1) % SIZE].extra.u.gso.size = size;
}

static enum rx_verdict receive(void)
{
	return receive_packet(ring, SIZE, cons, prod, &packet);
}

static void dropped(const char *why, unsigned int slots)
{
	assert_int_equal(receive(), RX_DROP);
	assert_string_equal(packet.why, why);
	assert_int_equal(packet.slots, slots);
}

static void test_one_slot(void **state)
{
	put(64, XEN_NETRXF_data_validated, 60);
	put(0, 0, 100);
	assert_int_equal(receive(), RX_GOOD);
	assert_int_equal(packet.slots, 1);
	assert_int_equal(packet.frags, 1);
	assert_int_equal(packet.len, 60);
	assert_int_equal(packet.frag[0].slot, 0xfe);
	assert_int_equal(packet.frag[0].offset, 64);
	assert_true(packet.data_validated && !packet.csum_blank && !packet.has_hash);
	assert_int_equal(packet.gso_type, XEN_NETIF_GSO_TYPE_NONE);
}

static void test_chain_with_extras(void **state)
{
	put(0, MORE | EXTRA | BLANK, 4096);
	put_gso(XEN_NETIF_GSO_TYPE_TCPV6, 1440, XEN_NETIF_EXTRA_FLAG_MORE);
	put_extra(XEN_NETIF_EXTRA_TYPE_HASH, 0);
	ring[(prod - 1) % SIZE].extra.u.hash.type = _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP;
	ring[(prod - 1) % SIZE].extra.u.hash.algorithm = XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ;
	memcpy(ring[(prod - 1) % SIZE].extra.u.hash.value, "\x78\x56\x34\x92", 4);
	put(100, MORE, 3996);
	put(0, MORE, 0);
	put(0, 0, 8);
	assert_int_equal(receive(), RX_GOOD);
	assert_int_equal(packet.slots, 6);
	assert_int_equal(packet.frags, 3);
	assert_int_equal(packet.len, 8100);
	assert_int_equal(packet.frag[1].slot, 1);
	assert_int_equal(packet.frag[2].slot, 3);
	assert_int_equal(packet.gso_type, XEN_NETIF_GSO_TYPE_TCPV6);
	assert_int_equal(packet.gso_size, 1440);
	assert_true(packet.has_hash && packet.csum_blank);
	assert_int_equal(packet.hash, 0x92345678);
}

static void test_partial(void **state)
{
	int i;

	assert_int_equal(receive(), RX_PARTIAL);
	put(0, MORE | EXTRA, 100);
	assert_int_equal(receive(), RX_PARTIAL);
	put_extra(XEN_NETIF_EXTRA_TYPE_GSO, XEN_NETIF_EXTRA_FLAG_MORE);
	assert_int_equal(receive(), RX_PARTIAL);
	for (i = 2; i < RX_CHAIN_MAX - 1; i++)
		put_extra(0, XEN_NETIF_EXTRA_FLAG_MORE);
	assert_int_equal(receive(), RX_PARTIAL);
	put_extra(0, XEN_NETIF_EXTRA_FLAG_MORE);
	assert_int_equal(receive(), RX_BROKEN);
}

static void test_wrong_id(void **state)
{
	put(0, MORE, 100);
	put(0, 0, 100);
	ring[0xff].data.id = 0xfe;
	assert_int_equal(receive(), RX_BROKEN);
	ring[0xff].data.id = 0x1ff;
	assert_int_equal(receive(), RX_BROKEN);
}

static void test_beyond_the_page(void **state)
{
	put(4000, MORE, 96);
	put(0, 0, 4096);
	assert_int_equal(receive(), RX_GOOD);
	begin(NULL);
	put(4000, MORE, 97);
	put(0, 0, 4096);
	dropped("data beyond the page", 2);
	begin(NULL);
	put(0xffff, 0, 1);
	dropped("data beyond the page", 1);
	begin(NULL);
	put(4097, 0, 0);
	dropped("data beyond the page", 1);
	begin(NULL);
	put(0, 0, 0x7fff);
	dropped("data beyond the page", 1);
}

static void test_error(void **state)
{
	put(0, MORE, -1);
	put(0, 0, 100);
	dropped("error from back end", 2);
}

static void test_too_many_parts(void **state)
{
	int i;

	for (i = 0; i < RX_FRAGS_MAX; i++)
		put(0, i == RX_FRAGS_MAX - 1 ? 0 : MORE, 3600);
	assert_int_equal(receive(), RX_GOOD);
	begin(NULL);
	for (i = 0; i <= RX_FRAGS_MAX; i++)
		put(0, i == RX_FRAGS_MAX ? 0 : MORE, 100);
	dropped("too many parts", RX_FRAGS_MAX + 1);
}

static void test_length(void **state)
{
	int i;

	put(0, 0, 13);
	dropped("length", 1);
	begin(NULL);
	put(0, 0, 0);
	dropped("length", 1);
	begin(NULL);
	for (i = 0; i < 16; i++)
		put(0, MORE, 4096);
	put(0, 0, 18);
	dropped("length", 17);
}

static void test_extras(void **state)
{
	static const struct {
		u8 type;
		u16 size;
		const char *why;
	} gso[] = {
		{ XEN_NETIF_GSO_TYPE_NONE, 1448, "GSO type" },
		{ 3, 1448, "GSO type" },
		{ XEN_NETIF_GSO_TYPE_TCPV4, 0, "GSO size" },
		{ XEN_NETIF_GSO_TYPE_TCPV4, 7, "GSO size" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(gso) / sizeof(gso[0]); i++) {
		begin(NULL);
		put(0, EXTRA | BLANK, 100);
		put_gso(gso[i].type, gso[i].size, 0);
		dropped(gso[i].why, 2);
	}
	begin(NULL);
	put(0, EXTRA | BLANK, 100);
	put_gso(XEN_NETIF_GSO_TYPE_TCPV4, 8, XEN_NETIF_EXTRA_FLAG_MORE);
	put_gso(XEN_NETIF_GSO_TYPE_TCPV4, 8, 0);
	dropped("two GSO extras", 3);
	begin(NULL);
	put(0, EXTRA, 100);
	put_gso(XEN_NETIF_GSO_TYPE_TCPV4, 1448, 0);
	dropped("GSO with a checksum", 2);
	for (i = 0; i < 256; i++) {
		if (i == XEN_NETIF_EXTRA_TYPE_GSO || i == XEN_NETIF_EXTRA_TYPE_HASH)
			continue;
		begin(NULL);
		put(0, EXTRA, 100);
		put_extra(i, 0);
		dropped("extra type", 2);
	}
	begin(NULL);
	put(0, EXTRA, 100);
	put_extra(XEN_NETIF_EXTRA_TYPE_HASH, 0);
	dropped("hash type", 2);
	begin(NULL);
	put(0, MORE, 100);
	put(0, EXTRA, 100);
	put_gso(XEN_NETIF_GSO_TYPE_TCPV4, 1448, 0);
	dropped("extras in the middle", 3);
}

/* A packet's first bytes: two addresses, tags, a type, a header that begins so. */
static u8 head[256];

static unsigned int frame(int tags, u16 type, const char *ip, unsigned int ip_size,
			  unsigned int l4_size)
{
	unsigned int at = 12;

	memset(head, 0, sizeof(head));
	for (; tags; tags--, at += 4)
		memcpy(head + at, "\x81\x00\x00\x05", 4);
	head[at++] = type >> 8;
	head[at++] = type;
	memcpy(head + at, ip, 10);
	at += ip_size;
	head[at + 12] = 0x80;
	return at + l4_size;
}

static bool headers(unsigned int len, u8 gso_type, struct rx_headers *found)
{
	struct rx_packet p = { .gso_type = gso_type };

	return receive_headers(head, len, &p, found);
}

#define IPV4(ihl, fragment, protocol) ihl "\0\0\0\0\0" fragment "\x40" protocol
#define TCP4 IPV4("\x45", "\x40\0", "\6")

static void test_headers(void **state)
{
	struct rx_headers found;
	unsigned int len, i;

	len = frame(0, 0x800, TCP4, 20, 32);
	assert_true(headers(len, XEN_NETIF_GSO_TYPE_TCPV4, &found));
	assert_int_equal(found.l4, 34);
	assert_int_equal(found.checksum, 16);
	assert_int_equal(found.end, 66);
	assert_false(headers(len, XEN_NETIF_GSO_TYPE_TCPV6, &found));
	for (i = 0; i < len; i++)
		assert_false(headers(i, XEN_NETIF_GSO_TYPE_NONE, &found));

	len = frame(2, 0x800, IPV4("\x46", "\0\0", "\x11"), 24, 8);
	assert_true(headers(len, XEN_NETIF_GSO_TYPE_NONE, &found));
	assert_int_equal(found.l4, 46);
	assert_int_equal(found.checksum, 6);
	assert_false(headers(len, XEN_NETIF_GSO_TYPE_TCPV4, &found));
	assert_false(headers(frame(3, 0x800, TCP4, 20, 32), XEN_NETIF_GSO_TYPE_NONE, &found));

	len = frame(0, 0x86dd, "\x60\0\0\0\0\0\6\x40\0", 40, 32);
	assert_true(headers(len, XEN_NETIF_GSO_TYPE_TCPV6, &found));
	assert_int_equal(found.l4, 54);
	assert_false(headers(len, XEN_NETIF_GSO_TYPE_TCPV4, &found));
	for (i = 0; i < len; i++)
		assert_false(headers(i, XEN_NETIF_GSO_TYPE_NONE, &found));

	/* Destination options before TCP. */
	len = frame(0, 0x86dd, "\x60\0\0\0\0\0\x3c\x40\0", 40 + 16, 32);
	head[54] = 6;
	head[55] = 1;
	assert_true(headers(len, XEN_NETIF_GSO_TYPE_TCPV6, &found));
	assert_int_equal(found.l4, 70);
	for (i = 0; i < len; i++)
		assert_false(headers(i, XEN_NETIF_GSO_TYPE_NONE, &found));
	head[55] = 255;
	assert_false(headers(len, XEN_NETIF_GSO_TYPE_TCPV6, &found));
}

static void test_bad_headers(void **state)
{
	static const struct {
		u16 type;
		const char *ip;
	} bad[] = {
		{ 0x806, TCP4 },
		{ 0x86dd, TCP4 },
		{ 0x800, "\x60\0\0\0\0\0\6\x40\0" },
		{ 0x800, IPV4("\x44", "\0\0", "\6") },
		{ 0x800, IPV4("\x45", "\x20\0", "\6") },
		{ 0x800, IPV4("\x45", "\0\1", "\6") },
		{ 0x800, IPV4("\x45", "\0\0", "\1") },
	};
	struct rx_headers found;
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		unsigned int len = frame(0, bad[i].type, bad[i].ip, 20, 60);

		assert_false(headers(len, XEN_NETIF_GSO_TYPE_NONE, &found));
	}
	/* TCP headers are 20 bytes at least. */
	i = frame(0, 0x800, TCP4, 20, 60);
	head[34 + 12] = 0x40;
	assert_false(headers(i, XEN_NETIF_GSO_TYPE_NONE, &found));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_one_slot, begin),
		cmocka_unit_test_setup(test_chain_with_extras, begin),
		cmocka_unit_test_setup(test_partial, begin),
		cmocka_unit_test_setup(test_wrong_id, begin),
		cmocka_unit_test_setup(test_beyond_the_page, begin),
		cmocka_unit_test_setup(test_error, begin),
		cmocka_unit_test_setup(test_too_many_parts, begin),
		cmocka_unit_test_setup(test_length, begin),
		cmocka_unit_test_setup(test_extras, begin),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_bad_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
