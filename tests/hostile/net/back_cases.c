// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the hostile back end does: packets that cannot be, rings with indexes from nowhere,
 * answers to what nobody asked, pages that are not given back, garbage in xenstore.
 */
#include <linux/delay.h>
#include <linux/slab.h>

#include "back.h"

enum {
	VALID = XEN_NETRXF_data_validated,
	BLANK = XEN_NETRXF_csum_blank,
	MORE = XEN_NETRXF_more_data,
	EXTRA = XEN_NETRXF_extra_info,
	EXTRA_MORE = XEN_NETIF_EXTRA_FLAG_MORE,
	CONTROL_SLOTS = __CONST_RING_SIZE(xen_netif_ctrl, PAGE_SIZE),
};

/* A packet that is to be dropped, and nothing else. */
static void dropped(struct back *b, const char *what)
{
	push(b);
	malformed++;
	back_works(b, what);
}

static struct xen_netif_extra_info *with_extra(struct back *b, unsigned int flags, u8 type, u8 more)
{
	rx_room(b, 3);
	respond(b, 0, 200, EXTRA | flags);
	return respond_extra(b, type, more);
}

static void bad_gso(struct back *b, unsigned int flags, u16 size, u8 type)
{
	struct xen_netif_extra_info *extra = with_extra(b, flags, XEN_NETIF_EXTRA_TYPE_GSO, 0);

	extra->u.gso.size = size;
	extra->u.gso.type = type;
	dropped(b, "bad GSO");
}

void run_receive(struct back *b)
{
	static const struct { u16 offset; s16 status; } bad[] = {
		{ 0, -1 }, { 0, -32768 }, { 0, 0 }, { 0, 13 }, { 4096, 60 }, { 65535, 60 },
		{ 0, 4097 }, { 0, 32767 }, { 4000, 200 }, { 65535, 32767 }, { 4096, 0 },
	};
	static const u8 types[] = { 0, 2, 3, 5, 255 };
	struct xen_netif_extra_info *extra;
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		rx_room(b, 1);
		respond(b, bad[i].offset, bad[i].status, 0);
		dropped(b, "bad offset or status");
		/* And as the second part of a packet. */
		rx_room(b, 2);
		respond(b, 0, 100, MORE);
		respond(b, bad[i].offset, bad[i].status > 0 ? bad[i].status : -7, 0);
		if (bad[i].status == 13)
			push(b); /* this is one: 113 bytes */
		else
			dropped(b, "bad offset or status in the second part");
	}
	for (i = 19; i < 60; i += 20) {
		rx_room(b, i);
		for (j = 0; j < i; j++)
			respond(b, 0, 100, j + 1 < i ? MORE : 0);
		dropped(b, "too many parts");
	}
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		with_extra(b, BLANK, types[i], 0);
		dropped(b, "an unknown extra");
	}
	bad_gso(b, BLANK, 0, 1);
	bad_gso(b, BLANK, 1, 1);
	bad_gso(b, BLANK, 1000, 0);
	bad_gso(b, BLANK, 1000, 3);
	bad_gso(b, BLANK, 1000, 255);
	bad_gso(b, 0, 1000, 1);
	extra = with_extra(b, BLANK, XEN_NETIF_EXTRA_TYPE_GSO, EXTRA_MORE);
	extra->u.gso.size = 1000;
	extra->u.gso.type = 1;
	extra = respond_extra(b, XEN_NETIF_EXTRA_TYPE_GSO, 0);
	extra->u.gso.size = 1000;
	extra->u.gso.type = 1;
	dropped(b, "GSO twice");
	extra = with_extra(b, 0, XEN_NETIF_EXTRA_TYPE_HASH, 0);
	extra->u.hash.algorithm = 7;
	dropped(b, "an unknown hash");
	rx_room(b, 50);
	respond(b, 0, 100, EXTRA);
	for (i = 0; i < 45; i++)
		respond_extra(b, XEN_NETIF_EXTRA_TYPE_XDP, i < 44 ? EXTRA_MORE : 0);
	dropped(b, "many extras");
}

/* Frames that do not bear out a blank checksum, or segments. */
void run_frames(struct back *b)
{
	static const u16 sizes[] = { 8, 9, 100, 1448, 65535 };
	unsigned int n, kind, i, bytes;
	u8 to[ETH_ALEN];
	char *mac = xenbus_read(XBT_NIL, b->xdev->otherend, "mac", NULL);

	if (IS_ERR(mac) || !mac_pton(mac, to))
		eth_broadcast_addr(to);
	for (n = 0; n < (quick ? 1 : 4) * BAD_FRAMES; n++) {
		for (kind = 0; kind < 5; kind++) {
			unsigned int flags = kind == 4 ? VALID : BLANK | VALID, rest = kind == 3 ? 12 : 0;

			bytes = make_bad_frame(b->data, n % BAD_FRAMES, to, to, &seed);
			if (n % 4 == 0)
				eth_broadcast_addr(b->data);
			if (!rx_room(b, 2 + rest)) {
				failed("bad frames: no buffers");
				return;
			}
			copy_to(b, next_buffer(b), 0, bytes);
			respond(b, 0, bytes, flags | (kind ? EXTRA : 0) | (rest ? MORE : 0));
			if (kind) {
				struct xen_netif_extra_info *extra =
					respond_extra(b, XEN_NETIF_EXTRA_TYPE_GSO, 0);

				extra->u.gso.size = sizes[n % 5];
				extra->u.gso.type = kind == 2 ? 2 : 1;
			}
			for (i = 1; i <= rest; i++)
				respond(b, 0, 4096, i < rest ? MORE : 0);
			push(b);
			serve(b);
		}
		if (n % BAD_FRAMES == BAD_FRAMES - 1)
			back_works(b, "bad frames");
	}
}

/* The front end must let go; and take an honest back end. */
static void broken(struct back *b, const char *what)
{
	notify(b);
	if (!await(front_state(b) != XenbusStateConnected, 20))
		failed("%s: the front end goes on", what);
	back_reopen(b, what);
}

/* Wait for a request to transmit; false: there is none. */
static bool tx_waiting(struct back *b)
{
	rx_room(b, 1);
	make_arp(b->data, ARPOP_REQUEST, b->data, 0x0a000001, 0x0a000002);
	copy_to(b, next_buffer(b), 0, ARP_BYTES);
	respond(b, 0, ARP_BYTES, 0);
	push(b);
	return await(READ_ONCE(b->tx->req_prod) != b->tx_cons, 10);
}

static void answer(struct back *b, u16 id, s16 status)
{
	b->tx->ring[b->tx_prod++ % SLOTS].rsp = (struct xen_netif_tx_response){ .id = id, .status = status };
	virt_wmb(); /* the slot before the index */
	b->tx->rsp_prod = b->tx_prod;
}

void run_rings(struct back *b)
{
	static const u32 jumps[] = { 257, 100000, 0x80000000, 0xffffff00 };
	static const u16 ids[] = { 256, 1000, 32768, 65535 };
	unsigned int i;
	u16 id;

	for (i = 0; i < ARRAY_SIZE(jumps); i++) {
		if (skipped(i, 3))
			continue;
		b->rx->rsp_prod = b->rx_cons + jumps[i];
		broken(b, "index of the receive ring");
		b->tx->rsp_prod = b->tx_prod + jumps[i];
		broken(b, "index of the transmit ring");
	}
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		if (skipped(i, 4))
			continue;
		rx_room(b, 1);
		respond(b, 0, 60, 0)->id ^= ids[i];
		push(b);
		broken(b, "a packet for another buffer");
		if (!tx_waiting(b))
			failed("the front end does not transmit");
		b->tx_cons++;
		answer(b, ids[i], 0);
		broken(b, "an answer to no request");
	}
	rx_room(b, 64);
	for (i = 0; i < 64; i++)
		respond(b, 0, 10, MORE);
	push(b);
	broken(b, "a packet without end");
	rx_room(b, 64);
	respond(b, 0, 10, EXTRA);
	for (i = 0; i < 63; i++)
		respond_extra(b, 1, EXTRA_MORE);
	push(b);
	broken(b, "extras without end");
	/* The same answer twice; the next request is answered with its id. */
	if (tx_waiting(b)) {
		id = b->tx->ring[b->tx_cons++ % SLOTS].req.id;
		answer(b, id, 0);
		notify(b);
		msleep(50);
		if (tx_waiting(b)) {
			b->tx_cons++;
			answer(b, (id + 1) % SLOTS, 0);
			answer(b, id, 0);
			answer(b, id, 0);
		}
		broken(b, "an answer twice");
	}
	if (tx_waiting(b)) {
		b->tx_cons++;
		answer(b, 0, XEN_NETIF_RSP_NULL);
		broken(b, "an answer to an extra that was not sent");
	}
	/* Statuses that there are not: the packet may be lost, that is all. */
	for (i = 0; i < 5; i++) {
		static const s16 statuses[] = { -1, -2, -32768, 2, 32767 };

		if (tx_waiting(b)) {
			id = b->tx->ring[b->tx_cons++ % SLOTS].req.id;
			answer(b, id, statuses[i]);
		}
		back_works(b, "a status");
	}
	for (i = 0; i < 20000; i++)
		notify(b);
	back_works(b, "events");
}

/* Buffers that we keep mapped after we said that we were done with them. */
void run_held(struct back *b)
{
	unsigned int i, n = 0;
	void *held[8];

	rx_room(b, 8);
	for (i = 0; i < 8; i++) {
		grant_ref_t gref = next_buffer(b);

		if (!xenbus_map_ring_valloc(b->xdev, &gref, 1, &held[n]))
			n++;
		respond(b, 0, 1000, 0);
	}
	push(b);
	back_works(b, "pages that are held");
	if (n == 0)
		failed("no page of the front end's could be mapped");
	/* They are not used for anything else meanwhile. */
	for (i = 0; i < n; i++)
		memset(held[i], 0xd1, PAGE_SIZE);
	for (i = 0; i < (quick ? 3 : 20); i++)
		back_works(b, "pages that are held");
	while (n)
		xenbus_unmap_ring_vfree(b->xdev, held[--n]);
	back_reopen(b, "pages that were held");
}

/* With two queues there is a control ring: answers that are none, or none at all. */
void run_control(struct back *b)
{
	static const struct store_key two = { "multi-queue-max-queues", "2" };
	unsigned int kind;

	for (kind = 0; kind < 8; kind++) {
		if (skipped(kind, 4))
			continue;
		struct xen_netif_ctrl_request request;
		struct xen_netif_ctrl_response response = {};

		back_close(b);
		if (!back_open(b, &two, 1)) {
			failed("cannot connect with two queues");
			break;
		}
		if (!b->control)
			break; /* it has one VCPU */
		if (!await(READ_ONCE(b->control->req_prod) != 0, 10)) {
			failed("the front end does not use the control ring");
			break;
		}
		request = b->control->ring[0].req;
		response.id = request.id;
		response.type = request.type;
		response.data = kind * 0x30000000;
		if (kind == 0)
			response.id++;
		else if (kind == 1)
			response.type += 100;
		else if (kind == 2)
			response.status = 0xffffffff;
		else if (kind == 3)
			response.status = 3;
		b->control->ring[0].rsp = response;
		virt_wmb(); /* the slot before the index */
		b->control->rsp_prod = kind == 4 ? 5 : kind == 5 ? 0x80000000 : kind == 6 ? -1 : 1;
		virt_mb();
		notify_remote_via_irq(b->control_irq);
		/* Nobody serves the second queue, so whether the network works cannot be asked. */
		checks++;
		msleep(300);
		if (front_state(b) != XenbusStateConnected)
			failed("answers of the control ring: the front end is in state %u",
			       front_state(b));
	}
	back_reopen(b, "answers of the control ring");
}

void run_store(struct back *b)
{
	static const char *const names[] = {
		"feature-sg", "feature-gso-tcpv4", "feature-gso-tcpv6", "feature-ipv6-csum-offload",
		"feature-no-csum-offload", "feature-multicast-control",
		"feature-dynamic-multicast-control", "feature-ctrl-ring", "multi-queue-max-queues",
		"multi-queue-max-queues",
	};
	static const char *const values[] = { "0", "-1", "4294967295", "abc", "" };
	static const char *const states[] = { "0", "9", "99", "abc", "7", "8", "1", "3", "5", "2", "6", "4" };
	struct store_key keys[ARRAY_SIZE(names)];
	unsigned int i, j;

	for (j = 0; j < ARRAY_SIZE(values); j++) {
		if (skipped(j + 3, 5))
			continue;
		for (i = 0; i < ARRAY_SIZE(names); i++)
			keys[i] = (struct store_key){ names[i], values[j] };
		/* More than one queue, and what is asked for in them, is left alone. */
		keys[ARRAY_SIZE(names) - 1].value = "1";
		back_close(b);
		if (back_open(b, keys, ARRAY_SIZE(keys)))
			back_works(b, values[j]);
		else
			failed("with keys \"%s\" there is no connection", values[j]);
	}
	back_close(b);
	keys[0] = (struct store_key){ "feature-rx-copy", "0" };
	if (back_open(b, keys, 1))
		failed("the front end connects without feature-rx-copy");
	keys[0] = (struct store_key){ "feature-no-csum-offload", "0" };
	back_close(b);
	if (!back_open(b, keys, 1) || !back_works(b, "without checksums"))
		failed("there is no connection");
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		xenbus_write(XBT_NIL, b->xdev->nodename, "state", states[i]);
		msleep(50);
	}
	for (i = 0; i < 60; i++) {
		xenbus_printf(XBT_NIL, b->xdev->nodename, "state", "%u", rnd_below(&seed, 9));
		if (i % 10 == 9)
			msleep(100);
	}
	/* What we said last is not what the kernel thinks: say it once more. */
	xenbus_printf(XBT_NIL, b->xdev->nodename, "state", "%u", XenbusStateConnected);
	back_reopen(b, "states");
}

static void random_packet(struct back *b)
{
	unsigned int nr = 1 + rnd_below(&seed, rnd_below(&seed, 5) ? 3 : 30), i, bytes, extras;
	unsigned int flags = rnd_below(&seed, 4);
	u8 to[ETH_ALEN];

	eth_broadcast_addr(to);
	if (!rx_room(b, nr + 4))
		return;
	bytes = make_bad_frame(b->data, rnd_below(&seed, BAD_FRAMES), to, to, &seed);
	copy_to(b, next_buffer(b), 0, bytes);
	extras = rnd_below(&seed, 3) ? 0 : 1 + rnd_below(&seed, 3);
	for (i = 0; i < nr; i++) {
		bool honest = rnd_below(&seed, 10) != 0;
		struct xen_netif_rx_response *response;

		response = respond(b, honest ? 0 : rnd(&seed),
				   !honest ? rnd(&seed) : i ? rnd_below(&seed, 4097) : bytes,
				   (i ? 0 : flags | (extras ? EXTRA : 0)) | (i + 1 < nr ? MORE : 0));
		if (rnd_below(&seed, 3000) == 0)
			response->id = rnd(&seed);
		for (; i == 0 && extras; extras--) {
			struct xen_netif_extra_info *extra = respond_extra(
				b, rnd_below(&seed, 10) ? 1 + 3 * rnd_below(&seed, 2) : rnd(&seed), extras > 1);
			unsigned int j;

			for (j = 0; j < 6; j++)
				((u8 *)&extra->u)[j] = rnd_below(&seed, 3) ? rnd_below(&seed, 3) : rnd(&seed);
		}
	}
	push(b);
}

void run_random(struct back *b, unsigned int seconds)
{
	unsigned long end = jiffies + seconds * HZ;
	unsigned int rounds = 0, losses = 0;

	while (time_before(jiffies, end)) {
		unsigned int what = rnd_below(&seed, 1000);

		rounds++;
		if (what < 980) {
			random_packet(b);
			serve(b);
		} else if (what < 985) {
			b->rx->rsp_prod = rnd(&seed);
			notify(b);
		} else if (what < 990) {
			b->tx->rsp_prod = rnd(&seed);
			notify(b);
		} else if (what < 995) {
			answer(b, rnd_below(&seed, 300), rnd(&seed));
			notify(b);
		} else {
			xenbus_printf(XBT_NIL, b->xdev->nodename, "state", "%u", rnd_below(&seed, 9));
			msleep(20);
			xenbus_printf(XBT_NIL, b->xdev->nodename, "state", "%u", XenbusStateConnected);
		}
		if (front_state(b) == XenbusStateConnected && (what < 980 || what >= 995) && rounds % 64)
			continue;
		losses++;
		back_reopen(b, "at random");
	}
	pr_info("hostile: %u rounds, %u new connections\n", rounds, losses);
	back_reopen(b, "after random ones");
}
