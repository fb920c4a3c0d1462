// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is wrong with packets: slots that say what cannot be, frames that are not what
 * their flags say, rings with indexes from nowhere, frames that are short.
 */
#include <linux/delay.h>
#include <linux/slab.h>

#include "front.h"

enum {
	BLANK = XEN_NETTXF_csum_blank,
	VALID = XEN_NETTXF_data_validated,
	MORE = XEN_NETTXF_more_data,
	EXTRA = XEN_NETTXF_extra_info,
	EXTRA_MORE = XEN_NETIF_EXTRA_FLAG_MORE,
};

/* What was put in since @first is answered, and refused; and the network works. */
static void dropped(struct front *f, RING_IDX first, const char *what)
{
	const struct xen_netif_tx_response *response;

	push(f);
	if (!answered(f)) {
		failed("%s: no answer", what);
		front_reopen(f, what);
		return;
	}
	response = &f->tx->ring[first % SLOTS].rsp;
	if (response->status != XEN_NETIF_RSP_ERROR)
		failed("%s: status %d", what, response->status);
	malformed++;
	front_works(f, what);
}

/* A packet of one slot. */
static void one(struct front *f, unsigned int offset, unsigned int size, const char *what)
{
	RING_IDX first = f->tx_prod;

	put(f, 1, offset, size, 0);
	dropped(f, first, what);
}

/* A packet with an extra; the caller fills it. */
static struct xen_netif_extra_info *with_extra(struct front *f, u8 type, u8 flags)
{
	put(f, 1, 0, 200, EXTRA | BLANK | VALID);
	return put_extra(f, type, flags);
}

static void parts(struct front *f)
{
	RING_IDX first = f->tx_prod;
	unsigned int i;

	put(f, 1, 0, 200, MORE);
	put(f, 2, 0, 300, 0);
	dropped(f, first, "the first size smaller than the sum");
	first = f->tx_prod;
	put(f, 1, 0, 200, MORE);
	put(f, 2, 0, 200, 0);
	dropped(f, first, "nothing left for the first part");
	first = f->tx_prod;
	put(f, 1, 0, 200, MORE);
	put(f, 2, 0, 0, 0);
	dropped(f, first, "an empty part");
	first = f->tx_prod;
	put(f, 1, 0, 5000, MORE);
	put(f, 2, 3000, 4000, 0);
	dropped(f, first, "a part beyond its page");
	first = f->tx_prod;
	put(f, 1, 0, 65535, MORE);
	for (i = 0; i < 100; i++)
		put(f, 2, 0, 4096, i < 99 ? MORE : 0);
	dropped(f, first, "a hundred pages");
	first = f->tx_prod;
	put(f, 1, 0, 100, MORE);
	for (i = 0; i < 254; i++)
		put(f, 2, 0, 1, i < 253 ? MORE : 0);
	dropped(f, first, "a byte in each slot, and too many");
	first = f->tx_prod;
	put(f, 1, 0, 20000, MORE);
	put_ref(f, 0xfffffff0, 0, 4000, MORE);
	put(f, 2, 0, 4000, 0);
	dropped(f, first, "a part of a page that was not granted");
}

static void extras(struct front *f)
{
	static const u8 types[] = { 0, 5, 6, 255 };
	struct xen_netif_extra_info *extra;
	RING_IDX first;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		first = f->tx_prod;
		with_extra(f, types[i], 0);
		dropped(f, first, "an unknown extra");
	}
	for (i = 0; i < 5; i++) {
		static const struct { u16 size; u8 type; u16 features; } bad[] = {
			{ 0, 1, 0 }, { 1000, 0, 0 }, { 1000, 3, 0 }, { 1000, 255, 0 }, { 1000, 1, 1 },
		};

		first = f->tx_prod;
		extra = with_extra(f, XEN_NETIF_EXTRA_TYPE_GSO, 0);
		extra->u.gso.size = bad[i].size;
		extra->u.gso.type = bad[i].type;
		extra->u.gso.features = bad[i].features;
		dropped(f, first, "bad GSO");
	}
	for (i = 0; i < 2; i++) {
		first = f->tx_prod;
		extra = with_extra(f, XEN_NETIF_EXTRA_TYPE_GSO, EXTRA_MORE);
		extra->u.gso.size = 1000;
		extra->u.gso.type = XEN_NETIF_GSO_TYPE_TCPV4;
		extra = put_extra(f, XEN_NETIF_EXTRA_TYPE_GSO, 0);
		extra->u.gso.size = 1000;
		extra->u.gso.type = i ? XEN_NETIF_GSO_TYPE_TCPV6 : XEN_NETIF_GSO_TYPE_TCPV4;
		dropped(f, first, "GSO twice");
	}
	first = f->tx_prod;
	put(f, 1, 0, 200, EXTRA);
	for (i = 0; i < 200; i++)
		put_extra(f, XEN_NETIF_EXTRA_TYPE_HASH, i < 199 ? EXTRA_MORE : 0);
	dropped(f, first, "two hundred extras");
	first = f->tx_prod;
	extra = with_extra(f, XEN_NETIF_EXTRA_TYPE_HASH, 0);
	extra->u.hash.type = 4;
	extra->u.hash.algorithm = XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ;
	dropped(f, first, "an unknown hash");
}

/* Requests to change the list of multicast addresses: answered, and never sent. */
static void multicast(struct front *f)
{
	struct xen_netif_extra_info *extra;
	RING_IDX first = f->tx_prod;
	unsigned int i;

	put(f, 1, 0, 0, EXTRA);
	extra = put_extra(f, XEN_NETIF_EXTRA_TYPE_MCAST_ADD, EXTRA_MORE);
	put_extra(f, XEN_NETIF_EXTRA_TYPE_MCAST_DEL, 0);
	dropped(f, first, "multicast added and deleted");
	first = f->tx_prod;
	put(f, 1, 0, 0, EXTRA);
	extra = put_extra(f, XEN_NETIF_EXTRA_TYPE_MCAST_ADD, 0);
	ether_addr_copy(extra->u.mcast.addr, f->mac);
	dropped(f, first, "a multicast address that is none");
	malformed--; /* it is refused, not malformed */
	for (i = 0; i < 300; i++) {
		first = f->tx_prod;
		put(f, 1, 0, 0, EXTRA | (i % 7 ? 0 : MORE));
		extra = put_extra(f, XEN_NETIF_EXTRA_TYPE_MCAST_ADD, 0);
		extra->u.mcast.addr[0] = 1;
		put_unaligned_be16(i, extra->u.mcast.addr + 4);
		if (i % 7 == 0)
			put(f, 1, 5000, 60000, 0);
		if (i % 50 == 49) {
			push(f);
			if (!answered(f))
				failed("multicast addresses: no answer");
		}
	}
	if (f->tx->ring[first % SLOTS].rsp.status != XEN_NETIF_RSP_ERROR)
		failed("300 multicast addresses are not too many");
	front_works(f, "too many multicast addresses");
	front_reopen(f, "after too many multicast addresses");
}

void run_tx(struct front *f)
{
	static const u32 grefs[] = { 0xfff0, 0x7fffffff, 0xffffffff };
	struct { unsigned int offset, size; } bad[] = {
		{ 0, 0 }, { 0, 1 }, { 0, 13 }, { 4095, 60 }, { 4096, 60 }, { 65535, 60 },
		{ 1, 4096 }, { 0, 4097 }, { 0, 65535 }, { 65535, 65535 }, { 4037, 60 },
	};
	grant_ref_t stolen;
	unsigned int i;
	RING_IDX first;
	int ref;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		one(f, bad[i].offset, bad[i].size, "bad offset or size");
	for (i = 0; i < ARRAY_SIZE(grefs); i++) {
		first = f->tx_prod;
		put_ref(f, grefs[i], 0, 60, 0);
		dropped(f, first, "a bad grant reference");
	}
	/* Memory that is not ours to grant: 0 is firmware's, 256 and on perhaps domain 0's. */
	for (i = 0; i < 4; i++) {
		static const unsigned long frames[] = { 0, 0x100, 0x2000, 0xfffffffffUL };

		ref = gnttab_grant_foreign_access(f->xdev->otherend_id, frames[i], true);
		if (ref < 0)
			continue;
		stolen = ref;
		first = f->tx_prod;
		put_ref(f, stolen, 0, 60, 0);
		dropped(f, first, "a page that is not ours");
		gnttab_end_foreign_access(stolen, NULL);
	}
	parts(f);
	extras(f);
	multicast(f);
}

/* Frames that do not bear out a blank checksum, or segments: answered, and that is all. */
void run_frames(struct front *f)
{
	u8 *to = f->page[0] + 2048;
	unsigned int n, kind;

	eth_broadcast_addr(to);
	for (n = 0; n < (quick ? 1 : 4) * BAD_FRAMES; n++) {
		for (kind = 0; kind < 5; kind++) {
			unsigned int bytes = make_bad_frame(f->page[3], n % BAD_FRAMES, to, f->mac, &seed);
			unsigned int flags = kind == 4 ? VALID : BLANK | VALID;

			put(f, 3, 0, kind == 3 ? bytes + 50000 : bytes,
			    flags | (kind ? EXTRA : 0) | (kind == 3 ? MORE : 0));
			if (kind) {
				struct xen_netif_extra_info *extra =
					put_extra(f, XEN_NETIF_EXTRA_TYPE_GSO, 0);
				static const u16 sizes[] = { 1, 8, 100, 1448, 65535 };

				extra->u.gso.size = sizes[n % 5];
				extra->u.gso.type = kind == 2 ? XEN_NETIF_GSO_TYPE_TCPV6 :
								XEN_NETIF_GSO_TYPE_TCPV4;
			}
			if (kind == 3) {
				unsigned int i;

				for (i = 0; i < 12; i++)
					put(f, 4 + i, 0, 4096, MORE);
				put(f, 4 + i, 0, 50000 - 12 * 4096, 0);
			}
			push(f);
			if (!answered(f))
				failed("bad frame %u: no answer", n);
		}
		if (n % BAD_FRAMES == BAD_FRAMES - 1)
			front_works(f, "bad frames");
	}
}

/* The back end must let go, and come back for an honest front end. */
static void broken(struct front *f, const char *what)
{
	virt_mb();
	notify_remote_via_irq(f->irq);
	notify_remote_via_irq(f->control_irq);
	if (!front_await_loss(f))
		failed("%s: the back end goes on", what);
	front_reopen(f, what);
}

void run_rings(struct front *f)
{
	static const u32 jumps[] = { 257, 100000, 0x80000000, 0xffffffff, 0xffffff00 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(jumps); i++) {
		if (skipped(i, 3))
			continue;
		f->tx->req_prod = f->tx_prod + jumps[i];
		broken(f, "index of the transmit ring");
	}
	for (i = 0; i < ARRAY_SIZE(jumps); i++) {
		if (skipped(i, 3) || jumps[i] == 0xffffffff)
			continue; /* one buffer less: nobody can tell */
		f->rx->req_prod = f->rx_prod + jumps[i];
		/* It is looked at when there is a packet: this brings one. */
		make_arp(f->page[0], ARPOP_REQUEST, f->mac, 0x0a000009, 0x0a000001);
		put(f, 0, 0, ARP_BYTES, 0);
		push(f);
		broken(f, "index of the receive ring");
	}
	for (i = 0; i < ARRAY_SIZE(jumps); i++) {
		if (skipped(i, 3))
			continue;
		f->control->req_prod = f->control_prod + jumps[i];
		broken(f, "index of the control ring");
	}
	put(f, 1, 0, 60000, MORE);
	push(f);
	broken(f, "a packet of one slot with more to come");
	for (i = 0; i < SLOTS; i++)
		put(f, 1, 0, i ? 100 : 60000, MORE);
	push(f);
	broken(f, "a packet that fills the ring and has no end");
	put(f, 1, 0, 100, EXTRA);
	push(f);
	broken(f, "an extra that is not there");
	put(f, 1, 0, 100, EXTRA);
	for (i = 1; i < SLOTS; i++)
		put_extra(f, XEN_NETIF_EXTRA_TYPE_GSO, EXTRA_MORE);
	push(f);
	broken(f, "extras without end");
}

/*
 * Frames from the smallest on, to another vif: all that comes out there is what went in,
 * and zeroes if it is made longer. The rest of the buffer is looked at by receive().
 */
void run_short(struct front *f, struct front *to)
{
	u8 *frame = kmalloc(PAGE_SIZE, GFP_KERNEL | __GFP_NOFAIL);
	unsigned int size, i, bytes, tries;

	/* It has not received for long: until its back end knows better, that drops. */
	while (receive(to, frame, &bytes))
		;
	front_works(to, "before short frames");
	for (size = ETH_HLEN; size <= 64; size++) {
		bool came = false;

		if (skipped(size, 7))
			continue;

		checks++;
		/* What others broadcast. */
		while (receive(to, frame, &bytes))
			;
		offer_buffers(to);
		memset(f->page[1], 0xc3, PAGE_SIZE); /* beyond the frame: not to be seen */
		ether_addr_copy(f->page[1], to->mac);
		ether_addr_copy(f->page[1] + 6, f->mac);
		put_unaligned_be16(0x88b5, f->page[1] + 12);
		for (i = ETH_HLEN; i < size; i++)
			f->page[1][i] = i;
		put(f, 1, 0, size, 0);
		push(f);
		answered(f);
		for (tries = 0; tries < 2000 && !came; tries++) {
			if (!receive(to, frame, &bytes)) {
				usleep_range(500, 1000);
				continue;
			}
			came = bytes >= ETH_HLEN && get_unaligned_be16(frame + 12) == 0x88b5;
		}
		if (!came) {
			failed("a frame of %u bytes does not get through", size);
			continue;
		}
		for (i = ETH_HLEN; i < bytes; i++)
			if (frame[i] != (i < size ? i : 0)) {
				failed("a frame of %u bytes has %02x at byte %u of %u", size,
				       frame[i], i, bytes);
				break;
			}
		if (bytes < size)
			failed("a frame of %u bytes became %u", size, bytes);
	}
	offer_buffers(to);
	kfree(frame);
}
