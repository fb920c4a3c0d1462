// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is wrong in xenstore, in the control ring and with buffers to receive into.
 */
#include <linux/delay.h>
#include <linux/slab.h>

#include "front.h"

/* One request of the control ring, and its status; 99 if there is no answer. */
static u32 ask(struct front *f, u16 type, u32 data0, u32 data1, u32 data2)
{
	struct xen_netif_ctrl_response *answer;
	unsigned int tries;

	f->control->ring[f->control_prod % __CONST_RING_SIZE(xen_netif_ctrl, PAGE_SIZE)].req =
		(struct xen_netif_ctrl_request){
			.id = f->last_id, .type = type, .data = { data0, data1, data2 },
		};
	f->control_prod++;
	virt_wmb(); /* the slot before the index */
	f->control->req_prod = f->control_prod;
	f->control->rsp_event = f->control_prod;
	virt_mb();
	notify_remote_via_irq(f->control_irq);
	for (tries = 0; f->control->rsp_prod != f->control_prod; tries++) {
		if (tries == 10000)
			return 99;
		usleep_range(500, 1000);
	}
	answer = &f->control->ring[f->control_cons % __CONST_RING_SIZE(xen_netif_ctrl, PAGE_SIZE)].rsp;
	f->control_cons++;
	return answer->id == f->last_id && answer->type == type ? answer->status : 98;
}

static void refused(struct front *f, u16 type, u32 data0, u32 data1, u32 data2)
{
	u32 status = ask(f, type, data0, data1, data2);

	checks++;
	if (status == XEN_NETIF_CTRL_STATUS_SUCCESS || status > XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW)
		failed("control request %u (%x %x %x): status %u", type, data0, data1, data2, status);
}

static void taken(struct front *f, u16 type, u32 data0, u32 data1, u32 data2)
{
	u32 status = ask(f, type, data0, data1, data2);

	checks++;
	if (status != XEN_NETIF_CTRL_STATUS_SUCCESS)
		failed("control request %u (%x %x %x): status %u", type, data0, data1, data2, status);
}

void run_control(struct front *f)
{
	enum {
		GET_FLAGS = XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS,
		SET_FLAGS = XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS,
		SET_KEY = XEN_NETIF_CTRL_TYPE_SET_HASH_KEY,
		SET_SIZE = XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE,
		SET_MAPPING = XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING,
		SET_ALGORITHM = XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM,
	};
	static const u16 unknown[] = { 0, 8, 9, 255, 65535 };
	u32 page = f->page_ref[2];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(unknown); i++)
		refused(f, unknown[i], 1, 2, 3);
	refused(f, GET_FLAGS, 0, 0, 0);
	refused(f, SET_FLAGS, 15, 0, 0);
	refused(f, SET_ALGORITHM, 2, 0, 0);
	refused(f, SET_ALGORITHM, 0xffffffff, 0, 0);
	taken(f, SET_ALGORITHM, XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ, 0, 0);
	refused(f, SET_FLAGS, 16, 0, 0);
	refused(f, SET_FLAGS, 0xffffffff, 0, 0);
	taken(f, SET_FLAGS, 15, 0, 0);
	refused(f, SET_KEY, page, 41, 0);
	refused(f, SET_KEY, page, 4096, 0);
	refused(f, SET_KEY, page, 0xffffffff, 0);
	refused(f, SET_KEY, 0xffffffff, 40, 0);
	refused(f, SET_KEY, 9, 40, 0);
	taken(f, SET_KEY, page, 40, 0);
	taken(f, SET_KEY, page, 0, 0);
	refused(f, SET_SIZE, 129, 0, 0);
	refused(f, SET_SIZE, 0xffffffff, 0, 0);
	refused(f, SET_MAPPING, page, 1, 0);
	taken(f, SET_SIZE, 128, 0, 0);
	refused(f, SET_MAPPING, page, 129, 0);
	refused(f, SET_MAPPING, page, 1, 128);
	refused(f, SET_MAPPING, page, 128, 1);
	refused(f, SET_MAPPING, page, 0xffffffff, 1);
	refused(f, SET_MAPPING, page, 1, 0xffffffff);
	refused(f, SET_MAPPING, page, 0x40000001, 0xffffffff);
	refused(f, SET_MAPPING, 0xffffffff, 128, 0);
	memset(f->page[2], 0xff, PAGE_SIZE);
	refused(f, SET_MAPPING, page, 128, 0);
	memset(f->page[2], 0, PAGE_SIZE);
	taken(f, SET_MAPPING, page, 128, 0);
	front_works(f, "with a hash");
	taken(f, SET_SIZE, 0, 0, 0);
	front_works(f, "with a hash and no mapping");
	/* Many, as fast as they go: a round of the ring at a time, and close among them. */
	for (i = 0; i < 200; i++)
		f->control->ring[i % 256].req.type = i % 9;
	f->control->req_prod = f->control_prod + 16;
	virt_mb();
	notify_remote_via_irq(f->control_irq);
	front_reopen(f, "control requests");
}

/* Buffers that are none: the back end tells, or does not; and goes on with good ones. */
void run_receive(struct front *f)
{
	static const u32 bad[] = { 0, 8, 0x10000, 0xffffffff };
	unsigned int i, n, readonly = f->page_ref[5];

	for (n = 0; n < 5; n++) {
		if (skipped(n, 3))
			continue;
		/* Those that are on offer are used up by what domain 0 sends. */
		for (i = 0; i < BUFFERS; i++) {
			u32 gref = n == 4 ? readonly : bad[n];

			f->rx->ring[f->rx_prod++ % SLOTS].req = (struct xen_netif_rx_request){
				.id = n == 3 ? 65535 : i, .gref = gref,
			};
		}
		virt_wmb(); /* the slots before the index */
		f->rx->req_prod = f->rx_prod;
		virt_mb();
		notify_remote_via_irq(f->irq);
		for (i = 0; i < 2 * BUFFERS; i++) {
			make_arp(f->page[0], ARPOP_REQUEST, f->mac, 0x0a000009, 0x0a000001);
			put(f, 0, 0, ARP_BYTES, 0);
			push(f);
			if (!answered(f) || !front_connected(f)) {
				failed("bad buffers: the back end does not go on");
				break;
			}
		}
		/* All taken by now, good and bad. */
		for (i = 0; i < 3000 && f->rx->rsp_prod != f->rx_prod; i++)
			usleep_range(500, 1000);
		f->rx_cons = f->rx->rsp_prod;
		front_reopen(f, "bad buffers");
	}
	/* No buffers at all, for a while: what waits is dropped, then it goes on. */
	f->rx_cons = f->rx_prod - BUFFERS;
	for (i = 0; i < 600; i++) {
		make_arp(f->page[0], ARPOP_REQUEST, f->mac, 0x0a000009, 0x0a000001);
		put(f, 0, 0, ARP_BYTES, 0);
		push(f);
		if (!answered(f))
			failed("no buffers: requests are not answered");
	}
	msleep(1500);
	f->rx_cons = f->rx->rsp_prod;
	front_works(f, "after a time without buffers");
}

/* Connect with wrong keys: whatever the back end makes of it, it is well afterwards. */
static void with_keys(struct front *f, const struct store_key *keys, unsigned int nr, const char *what)
{
	front_close(f);
	front_open(f, keys, nr);
	if (front_connected(f)) {
		put(f, 0, 0, 60, 0);
		push(f);
		msleep(20);
	}
	front_reopen(f, what);
}

/* Must not connect. */
static void no_connection(struct front *f, const char *name, const char *value)
{
	struct store_key key = { name, value };

	checks++;
	front_close(f);
	if (front_open(f, &key, 1))
		failed("%s is \"%s\", and the back end connects", name, value ?: "(missing)");
	front_reopen(f, name);
}

static void keys_missing_or_bad(struct front *f)
{
	static const char *const needed[] = { "tx-ring-ref", "rx-ring-ref", "event-channel" };
	static const char *const bad[] = { NULL, "", "x", "-1", "4294967295", "99999999999999999999" };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(needed); i++)
		for (j = 0; j < ARRAY_SIZE(bad); j++)
			if (!skipped(j + i, 5))
				no_connection(f, needed[i], bad[j]);
	for (j = 2; j < ARRAY_SIZE(bad); j++) {
		if (skipped(j, 5))
			continue;
		with_keys(f, &(struct store_key){ "ctrl-ring-ref", bad[j] }, 1, "ctrl-ring-ref");
		with_keys(f, &(struct store_key){ "event-channel-ctrl", bad[j] }, 1, "event-channel-ctrl");
	}
	no_connection(f, "event-channel", "0");
	no_connection(f, "event-channel-ctrl", NULL);
	if (quick)
		return;
	no_connection(f, "request-rx-copy", "0");
	no_connection(f, "feature-rx-notify", NULL);
	no_connection(f, "multi-queue-num-queues", "0");
	no_connection(f, "multi-queue-num-queues", "2");
	no_connection(f, "multi-queue-num-queues", "65536");
	no_connection(f, "multi-queue-num-queues", "4294967295");
}

static void keys_strange(struct front *f)
{
	static const char *const names[] = {
		"feature-sg", "feature-gso-tcpv4", "feature-gso-tcpv6", "feature-ipv6-csum-offload",
		"feature-no-csum-offload", "xdp-headroom", "request-multicast-control",
	};
	static const char *const values[] = { "1", "-1", "4294967295", "abc", "" };
	struct store_key all[ARRAY_SIZE(names)];
	char *many = kmalloc(2001, GFP_KERNEL | __GFP_NOFAIL);
	unsigned int i, j;
	char text[16];

	memset(many, '7', 2000);
	many[2000] = 0;
	for (j = 0; j < ARRAY_SIZE(values); j++) {
		if (skipped(j + 3, 5))
			continue;
		for (i = 0; i < ARRAY_SIZE(names); i++)
			all[i] = (struct store_key){ names[i], values[j] };
		with_keys(f, all, ARRAY_SIZE(all), values[j]);
	}
	for (i = 0; i < ARRAY_SIZE(names); i++)
		all[i] = (struct store_key){ names[i], many };
	with_keys(f, all, ARRAY_SIZE(all), "long values");
	/* One page for both rings; a page of data for a ring; the same port twice. */
	sprintf(text, "%u", f->page_ref[0]);
	with_keys(f, &(struct store_key){ "tx-ring-ref", text }, 1, "a read-only ring");
	sprintf(text, "%u", 1);
	with_keys(f, &(struct store_key){ "rx-ring-ref", text }, 1, "xenstore's page for a ring");
	kfree(many);
	/* While it is connected. */
	for (i = 0; i < 100; i++) {
		xenbus_write(XBT_NIL, f->xdev->nodename, names[rnd_below(&seed, ARRAY_SIZE(names))],
			     values[rnd_below(&seed, ARRAY_SIZE(values))]);
		if (i % 25 == 24)
			front_works(f, "keys that change");
	}
	front_reopen(f, "keys that change");
}

/* States that are none, and in any order; then an honest one. */
static void states(struct front *f)
{
	static const char *const bad[] = { "0", "9", "99", "-1", "4294967295", "", "abc", "7", "8",
					   "2", "3", "6", "4", "1", "5", "6", "4" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		xenbus_write(XBT_NIL, f->xdev->nodename, "state", bad[i]);
		msleep(50);
	}
	for (i = 0; i < 60; i++) {
		xenbus_printf(XBT_NIL, f->xdev->nodename, "state", "%u", rnd_below(&seed, 9));
		if (i % 10 == 9)
			msleep(50);
	}
	/* What we said last is not what the kernel thinks: say it once more. */
	xenbus_printf(XBT_NIL, f->xdev->nodename, "state", "%u", XenbusStateConnected);
	msleep(100);
	front_reopen(f, "states");
}

void run_store(struct front *f)
{
	keys_missing_or_bad(f);
	keys_strange(f);
	states(f);
}
