// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hostile back end's device: it connects as an honest one does, and asks the front end
 * whether its network works.
 */
#include <linux/slab.h>

#include "../copy.h"
#include "../module.h"
#include "back.h"

struct back *back;
bool quick;

static const u8 our_mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };

static irqreturn_t ignore(int irq, void *opaque)
{
	return IRQ_HANDLED;
}

enum xenbus_state front_state(struct back *b)
{
	return xenbus_read_driver_state(b->xdev->otherend);
}

void notify(struct back *b)
{
	virt_mb(); /* all of it before the event */
	notify_remote_via_irq(b->irq);
}

/* From b->data on. */
bool copy_to(struct back *b, grant_ref_t gref, unsigned int offset, unsigned int bytes)
{
	return copy_granted(b->xdev, gref, offset, b->data, bytes, false);
}

/* Answer all that the front end transmits, and look for ARP replies. */
void serve(struct back *b)
{
	RING_IDX prod = READ_ONCE(b->tx->req_prod);
	bool extra = false, first = true;

	virt_rmb(); /* the index before the slots */
	while (b->tx_cons != prod) {
		struct xen_netif_tx_request request = b->tx->ring[b->tx_cons % SLOTS].req;
		struct xen_netif_tx_response *response = &b->tx->ring[b->tx_prod++ % SLOTS].rsp;

		b->tx_cons++;
		response->id = request.id;
		response->status = extra ? XEN_NETIF_RSP_NULL : XEN_NETIF_RSP_OKAY;
		if (extra) {
			extra = ((struct xen_netif_extra_info *)&request)->flags & XEN_NETIF_EXTRA_FLAG_MORE;
			continue;
		}
		b->last_id = request.id;
		if (first && request.size >= ARP_BYTES &&
		    copy_granted(b->xdev, request.gref, request.offset, b->data, ARP_BYTES, true))
			b->replied |= is_arp_reply(b->data, ARP_BYTES, 0x0a000002);
		extra = request.flags & XEN_NETTXF_extra_info;
		first = !(request.flags & XEN_NETTXF_more_data);
	}
	virt_wmb(); /* the slots before the index */
	b->tx->rsp_prod = b->tx_prod;
	b->tx->req_event = b->tx_cons + 1;
	notify(b);
}

/* So many buffers are there. Waits for them. */
bool rx_room(struct back *b, unsigned int slots)
{
	bool there = await(READ_ONCE(b->rx->req_prod) - b->rx_cons >= slots, 10);

	virt_rmb(); /* the index before the slots */
	return there;
}

grant_ref_t next_buffer(struct back *b)
{
	return b->rx->ring[b->rx_cons % SLOTS].req.gref;
}

struct xen_netif_rx_response *respond(struct back *b, unsigned int offset, int status,
				      unsigned int flags)
{
	union rx_slot *slot = (union rx_slot *)&b->rx->ring[b->rx_cons++ % SLOTS];
	u16 id = ((struct xen_netif_rx_request *)slot)->id;

	slot->data = (struct xen_netif_rx_response){
		.id = id, .offset = offset, .flags = flags, .status = status,
	};
	return &slot->data;
}

struct xen_netif_extra_info *respond_extra(struct back *b, u8 type, u8 flags)
{
	union rx_slot *slot = (union rx_slot *)&b->rx->ring[b->rx_cons++ % SLOTS];

	memset(slot, 0, sizeof(*slot));
	slot->extra.type = type;
	slot->extra.flags = flags;
	return &slot->extra;
}

void push(struct back *b)
{
	virt_wmb(); /* the slots before the index */
	b->rx->rsp_prod = b->rx_cons;
	b->rx->req_event = b->rx_cons + 1;
	notify(b);
}

static bool write_keys(struct back *b, const struct store_key *keys, unsigned int nr)
{
	static const struct store_key usual[] = {
		{ "feature-sg", "1" }, { "feature-gso-tcpv4", "1" }, { "feature-gso-tcpv6", "1" },
		{ "feature-ipv6-csum-offload", "1" }, { "feature-rx-copy", "1" },
		{ "feature-split-event-channels", "0" }, { "feature-multicast-control", "1" },
		{ "feature-dynamic-multicast-control", "1" }, { "feature-ctrl-ring", "1" },
		{ "multi-queue-max-queues", "1" },
	};
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(usual); i++)
		err |= xenbus_write(XBT_NIL, b->xdev->nodename, usual[i].name, usual[i].value);
	for (i = 0; i < nr; i++)
		err |= xenbus_write(XBT_NIL, b->xdev->nodename, keys[i].name, keys[i].value);
	return !err;
}

/* The front end's rings, of its first queue. */
static bool take_rings(struct back *b)
{
	unsigned int tx_ref, rx_ref, port, queues;
	const char *front = b->xdev->otherend;
	char *node;
	int err;

	queues = xenbus_read_unsigned(front, "multi-queue-num-queues", 1);
	node = kasprintf(GFP_KERNEL, queues > 1 ? "%s/queue-0" : "%s", front);
	err = xenbus_gather(XBT_NIL, node, "tx-ring-ref", "%u", &tx_ref, "rx-ring-ref", "%u",
			    &rx_ref, "event-channel", "%u", &port, NULL);
	kfree(node);
	if (err || xenbus_map_ring_valloc(b->xdev, &tx_ref, 1, (void **)&b->tx) ||
	    xenbus_map_ring_valloc(b->xdev, &rx_ref, 1, (void **)&b->rx))
		return false;
	b->irq = bind_interdomain_evtchn_to_irqhandler_lateeoi(b->xdev, port, ignore, 0, "hostile", b);
	b->tx_cons = b->tx_prod = b->rx_cons = 0;
	b->control = NULL;
	b->control_irq = -1;
	if (queues > 1 && !xenbus_gather(XBT_NIL, front, "ctrl-ring-ref", "%u", &rx_ref,
					 "event-channel-ctrl", "%u", &port, NULL)) {
		if (xenbus_map_ring_valloc(b->xdev, &rx_ref, 1, (void **)&b->control))
			return false;
		b->control_irq = bind_interdomain_evtchn_to_irqhandler_lateeoi(
			b->xdev, port, ignore, 0, "hostile", b);
	}
	return b->irq > 0;
}

static void leave_rings(struct back *b)
{
	if (b->irq > 0)
		unbind_from_irqhandler(b->irq, b);
	if (b->control_irq > 0)
		unbind_from_irqhandler(b->control_irq, b);
	if (b->tx)
		xenbus_unmap_ring_vfree(b->xdev, b->tx);
	if (b->rx)
		xenbus_unmap_ring_vfree(b->xdev, b->rx);
	if (b->control)
		xenbus_unmap_ring_vfree(b->xdev, b->control);
	b->tx = NULL;
	b->rx = NULL;
	b->control = NULL;
	b->irq = b->control_irq = 0;
}

/* Wait for the front end, with these keys in place of the usual ones, and connect. */
bool back_open(struct back *b, const struct store_key *keys, unsigned int nr)
{
	if (!write_keys(b, keys, nr))
		failed("xenstore does not take our keys");
	xenbus_switch_state(b->xdev, XenbusStateInitWait);
	if (!await(front_state(b) == XenbusStateConnected, 20))
		return false;
	b->open = true;
	if (!take_rings(b)) {
		failed("the front end's rings");
		return false;
	}
	xenbus_switch_state(b->xdev, XenbusStateConnected);
	return true;
}

void back_close(struct back *b)
{
	xenbus_switch_state(b->xdev, XenbusStateClosing);
	if (!await(front_state(b) == XenbusStateClosed || front_state(b) == XenbusStateInitialising, 20))
		failed("the front end is in state %u after we closed", front_state(b));
	leave_rings(b);
	b->open = false;
	xenbus_switch_state(b->xdev, XenbusStateClosed);
	/* It may come back at once, or wait for us in Closed if we lost its trust. */
	msleep(100);
}

/* The front end answers when it is asked for 10.0.0.2: its network works. */
bool back_works(struct back *b, const char *what)
{
	unsigned long end = jiffies + 15 * HZ, again = jiffies;

	checks++;
	serve(b);
	b->replied = false;
	while (!b->replied && time_before(jiffies, end) && front_state(b) == XenbusStateConnected) {
		if (time_after_eq(jiffies, again) && rx_room(b, 1)) {
			make_arp(b->data, ARPOP_REQUEST, our_mac, 0x0a000001, 0x0a000002);
			copy_to(b, next_buffer(b), 0, ARP_BYTES);
			respond(b, 0, ARP_BYTES, 0);
			push(b);
			again = jiffies + HZ / 2;
		}
		usleep_range(500, 1000);
		serve(b);
	}
	if (!b->replied)
		failed("%s: the network does not work; the front end is in state %u", what,
		       front_state(b));
	return b->replied;
}

/* Anew, as an honest back end; @what came before. */
bool back_reopen(struct back *b, const char *what)
{
	back_close(b);
	if (back_open(b, NULL, 0))
		return back_works(b, what);
	failed("%s: cannot connect again; the front end is in state %u", what, front_state(b));
	return false;
}

/* "cases", "quick" (fewer of them), or at random. */
static bool obey(const char *text, unsigned int seconds)
{
	quick = strstarts(text, "quick");
	if (!back || !back_reopen(back, "at first"))
		return false;
	if (seconds) {
		run_random(back, seconds);
	} else {
		run_receive(back);
		run_frames(back);
		run_rings(back);
		run_held(back);
		run_store(back);
		run_control(back);
	}
	back_reopen(back, "at last");
	back_close(back);
	return true;
}

static int probe(struct xenbus_device *xdev, const struct xenbus_device_id *id)
{
	if (back)
		return -EBUSY;
	back = kzalloc(sizeof(*back), GFP_KERNEL | __GFP_NOFAIL);
	back->xdev = xdev;
	back->data = (u8 *)__get_free_page(GFP_KERNEL | __GFP_NOFAIL);
	dev_set_drvdata(&xdev->dev, back);
	return 0;
}

static void remove(struct xenbus_device *xdev)
{
	struct back *b = dev_get_drvdata(&xdev->dev);

	if (b->open)
		leave_rings(b);
	free_page((unsigned long)b->data);
	back = NULL;
	kfree(b);
}

HOSTILE_DRIVER(backend, "vif", "A network back end");
