// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hostile front end's device: its rings, made and given to the back end as an honest
 * one does it, and the question whether the network works.
 */
#include <linux/slab.h>

#include "../module.h"
#include "front.h"

struct front *fronts[VIFS];
bool quick;


static irqreturn_t ignore(int irq, void *opaque)
{
	return IRQ_HANDLED;
}

static enum xenbus_state back_state(struct front *f)
{
	return xenbus_read_driver_state(f->xdev->otherend);
}

bool front_connected(struct front *f)
{
	return back_state(f) == XenbusStateConnected;
}

bool front_await(struct front *f, enum xenbus_state state, unsigned int seconds)
{
	return await(back_state(f) == state, seconds);
}

/* The back end must go away by itself. */
bool front_await_loss(struct front *f)
{
	return await(!front_connected(f), 20);
}

static u8 *grant_page(struct front *f, grant_ref_t *gref, bool readonly)
{
	u8 *page = (u8 *)get_zeroed_page(GFP_KERNEL | __GFP_NOFAIL);
	int ref = gnttab_grant_foreign_access(f->xdev->otherend_id, virt_to_gfn(page), readonly);

	BUG_ON(ref < 0);
	*gref = ref;
	return page;
}

/* Give the back end all receive buffers, with PATTERN in them. */
void offer_buffers(struct front *f)
{
	while (f->rx_prod - f->rx_cons < BUFFERS) {
		unsigned int n = f->rx_prod % BUFFERS;

		memset(f->buffer[n], PATTERN, PAGE_SIZE);
		f->rx->ring[f->rx_prod % SLOTS].req = (struct xen_netif_rx_request){
			.id = n,
			.gref = f->buffer_ref[n],
		};
		f->rx_prod++;
	}
	virt_wmb(); /* the slots before the index */
	f->rx->req_prod = f->rx_prod;
	f->rx->rsp_event = f->rx_cons + 1;
	notify_remote_via_irq(f->irq);
}

static bool write_keys(struct front *f, const struct store_key *keys, unsigned int nr)
{
	const char *node = f->xdev->nodename;
	unsigned int i;
	int err = 0;

	/* Of an honest front end before us. */
	xenbus_rm(XBT_NIL, node, "event-channel-tx");
	xenbus_rm(XBT_NIL, node, "event-channel-rx");
	err |= xenbus_printf(XBT_NIL, node, "tx-ring-ref", "%u", f->tx_ref);
	err |= xenbus_printf(XBT_NIL, node, "rx-ring-ref", "%u", f->rx_ref);
	err |= xenbus_printf(XBT_NIL, node, "event-channel", "%u", f->port);
	err |= xenbus_printf(XBT_NIL, node, "ctrl-ring-ref", "%u", f->control_ref);
	err |= xenbus_printf(XBT_NIL, node, "event-channel-ctrl", "%u", f->control_port);
	err |= xenbus_printf(XBT_NIL, node, "multi-queue-num-queues", "1");
	err |= xenbus_printf(XBT_NIL, node, "request-rx-copy", "1");
	err |= xenbus_printf(XBT_NIL, node, "feature-rx-notify", "1");
	err |= xenbus_printf(XBT_NIL, node, "feature-sg", "1");
	err |= xenbus_printf(XBT_NIL, node, "feature-gso-tcpv4", "1");
	err |= xenbus_printf(XBT_NIL, node, "feature-gso-tcpv6", "1");
	err |= xenbus_printf(XBT_NIL, node, "feature-ipv6-csum-offload", "1");
	err |= xenbus_printf(XBT_NIL, node, "xdp-headroom", "0");
	err |= xenbus_printf(XBT_NIL, node, "request-multicast-control", "0");
	for (i = 0; i < nr; i++)
		if (keys[i].value)
			err |= xenbus_write(XBT_NIL, node, keys[i].name, keys[i].value);
		else
			xenbus_rm(XBT_NIL, node, keys[i].name);
	return !err;
}

static void make_rings(struct front *f)
{
	unsigned int i;

	f->tx = (void *)grant_page(f, &f->tx_ref, false);
	f->rx = (void *)grant_page(f, &f->rx_ref, false);
	f->control = (void *)grant_page(f, &f->control_ref, false);
	SHARED_RING_INIT(f->tx);
	SHARED_RING_INIT(f->rx);
	SHARED_RING_INIT(f->control);
	f->tx_prod = f->tx_cons = f->rx_prod = f->rx_cons = 0;
	f->control_prod = f->control_cons = 0;
	for (i = 0; i < PAGES; i++)
		f->page[i] = grant_page(f, &f->page_ref[i], true);
	for (i = 0; i < BUFFERS; i++)
		f->buffer[i] = grant_page(f, &f->buffer_ref[i], false);
	BUG_ON(xenbus_alloc_evtchn(f->xdev, &f->port));
	BUG_ON(xenbus_alloc_evtchn(f->xdev, &f->control_port));
	f->irq = bind_evtchn_to_irqhandler(f->port, ignore, 0, "hostile", f);
	f->control_irq = bind_evtchn_to_irqhandler(f->control_port, ignore, 0, "hostile", f);
	BUG_ON(f->irq < 0 || f->control_irq < 0);
}

static void free_rings(struct front *f)
{
	unsigned int i;

	unbind_from_irqhandler(f->irq, f);
	unbind_from_irqhandler(f->control_irq, f);
	gnttab_end_foreign_access(f->tx_ref, virt_to_page(f->tx));
	gnttab_end_foreign_access(f->rx_ref, virt_to_page(f->rx));
	gnttab_end_foreign_access(f->control_ref, virt_to_page(f->control));
	for (i = 0; i < PAGES; i++)
		gnttab_end_foreign_access(f->page_ref[i], virt_to_page(f->page[i]));
	for (i = 0; i < BUFFERS; i++)
		gnttab_end_foreign_access(f->buffer_ref[i], virt_to_page(f->buffer[i]));
}

/*
 * Connect, with these keys in place of the usual ones. Returns whether the back end did
 * too; what there is goes with front_close().
 */
bool front_open(struct front *f, const struct store_key *keys, unsigned int nr)
{
	xenbus_switch_state(f->xdev, XenbusStateInitialising);
	if (!front_await(f, XenbusStateInitWait, 60)) {
		failed("the back end is in state %u, and not ready", back_state(f));
		return false;
	}
	make_rings(f);
	f->open = true;
	offer_buffers(f);
	if (!write_keys(f, keys, nr))
		failed("xenstore does not take our keys");
	xenbus_switch_state(f->xdev, XenbusStateConnected);
	await(back_state(f) != XenbusStateInitWait, 20);
	return front_connected(f);
}

void front_close(struct front *f)
{
	if (!f->open)
		return;
	xenbus_switch_state(f->xdev, XenbusStateClosing);
	await(back_state(f) >= XenbusStateClosing, 20);
	xenbus_switch_state(f->xdev, XenbusStateClosed);
	if (!front_await(f, XenbusStateClosed, 20))
		failed("the back end is in state %u after we closed", back_state(f));
	free_rings(f);
	f->open = false;
}

/* Anew, as an honest front end; @what came before. */
bool front_reopen(struct front *f, const char *what)
{
	front_close(f);
	if (front_open(f, NULL, 0))
		return front_works(f, what);
	failed("%s: cannot connect again", what);
	return false;
}

union slot *next_slot(struct front *f)
{
	union slot *slot = (union slot *)&f->tx->ring[f->tx_prod++ % SLOTS];

	memset(slot, 0, sizeof(*slot));
	return slot;
}

void put_ref(struct front *f, grant_ref_t gref, unsigned int offset, unsigned int size,
	     unsigned int flags)
{
	next_slot(f)->request = (struct xen_netif_tx_request){
		.gref = gref, .offset = offset, .flags = flags, .id = f->last_id++, .size = size,
	};
}

void put(struct front *f, unsigned int page, unsigned int offset, unsigned int size,
	 unsigned int flags)
{
	put_ref(f, f->page_ref[page % PAGES], offset, size, flags);
}

struct xen_netif_extra_info *put_extra(struct front *f, u8 type, u8 flags)
{
	struct xen_netif_extra_info *extra = &next_slot(f)->extra;

	extra->type = type;
	extra->flags = flags;
	return extra;
}

void push(struct front *f)
{
	virt_wmb(); /* the slots before the index */
	f->tx->req_prod = f->tx_prod;
	f->tx->rsp_event = f->tx_prod;
	virt_mb(); /* all of it before the event */
	notify_remote_via_irq(f->irq);
}

/* All that was sent is answered. */
bool answered(struct front *f)
{
	bool done = await(READ_ONCE(f->tx->rsp_prod) == f->tx_prod, 10);

	f->tx_cons = f->tx_prod;
	return done;
}

/*
 * Take the next response off the receive ring; @frame has a page. False: there is none.
 * Nothing but the frame's bytes may have been written to.
 */
bool receive(struct front *f, u8 *frame, unsigned int *bytes)
{
	struct xen_netif_rx_response response;
	unsigned int i, end;
	u8 *buffer;

	*bytes = 0;
	if (READ_ONCE(f->rx->rsp_prod) == f->rx_cons)
		return false;
	virt_rmb(); /* the index before the slots */
	response = f->rx->ring[f->rx_cons++ % SLOTS].rsp;
	if (response.id >= BUFFERS)
		return true; /* an extra, or one of our own bad ids */
	if (response.status <= 0)
		return true;
	end = response.offset + response.status;
	buffer = f->buffer[response.id];
	if (end > PAGE_SIZE) {
		failed("received beyond the page: %u + %d", response.offset, response.status);
		return true;
	}
	for (i = 0; i < PAGE_SIZE; i++)
		if ((i < response.offset || i >= end) && buffer[i] != PATTERN) {
			failed("byte %u of a buffer is %02x; received %u to %u", i, buffer[i],
			       response.offset, end);
			break;
		}
	memcpy(frame, buffer + response.offset, response.status);
	*bytes = response.status;
	return true;
}

/* Domain 0 answers when it is asked for 10.0.0.1: the vif works. */
bool front_works(struct front *f, const char *what)
{
	u8 *frame = kmalloc(PAGE_SIZE, GFP_KERNEL | __GFP_NOFAIL);
	unsigned long end = jiffies + 15 * HZ, again = jiffies;
	bool works = false;
	unsigned int bytes;

	checks++;
	do {
		offer_buffers(f);
		if (time_after_eq(jiffies, again)) {
			make_arp(f->page[0], ARPOP_REQUEST, f->mac, 0x0a000009 + f->handle,
				 0x0a000001);
			put(f, 0, 0, ARP_BYTES, 0);
			push(f);
			again = jiffies + HZ;
		}
		await(READ_ONCE(f->rx->rsp_prod) != f->rx_cons, 1);
		while (!works && receive(f, frame, &bytes))
			works = is_arp_reply(frame, bytes, 0x0a000001);
	} while (!works && time_before(jiffies, end) && front_connected(f));
	offer_buffers(f);
	kfree(frame);
	if (works)
		works = answered(f);
	if (!works)
		failed("%s: the network does not work; the back end is in state %u", what,
		       back_state(f));
	return works;
}

static bool all_work(const char *what)
{
	unsigned int i;

	for (i = 0; i < VIFS; i++)
		if (fronts[i] && !front_reopen(fronts[i], what))
			return false;
	return true;
}

static void close_all(void)
{
	unsigned int i;

	for (i = 0; i < VIFS; i++)
		if (fronts[i])
			front_close(fronts[i]);
}

/* "cases", "quick" (fewer of them), or at random; each with all vifs connected. */
static bool obey(const char *text, unsigned int seconds)
{
	bool works;

	quick = strstarts(text, "quick");
	works = fronts[0] && all_work("at first");
	if (works && seconds) {
		run_random(fronts[0], seconds);
	} else if (works) {
		run_tx(fronts[0]);
		run_frames(fronts[0]);
		run_rings(fronts[0]);
		if (fronts[1])
			run_short(fronts[0], fronts[1]);
		run_receive(fronts[0]);
		run_control(fronts[0]);
		run_store(fronts[0]);
	}
	if (works)
		all_work("at last");
	close_all();
	return works;
}

static int probe(struct xenbus_device *xdev, const struct xenbus_device_id *id)
{
	struct front *f = kzalloc(sizeof(*f), GFP_KERNEL | __GFP_NOFAIL);
	char *mac = xenbus_read(XBT_NIL, xdev->nodename, "mac", NULL);

	f->xdev = xdev;
	dev_set_drvdata(&xdev->dev, f);
	if (IS_ERR(mac) || !mac_pton(mac, f->mac) ||
	    kstrtouint(strrchr(xdev->nodename, '/') + 1, 10, &f->handle) || f->handle >= VIFS)
		return -EINVAL;
	kfree(mac);
	fronts[f->handle] = f;
	/* Who waits for devices to connect need not wait for this one. */
	xenbus_switch_state(xdev, XenbusStateClosed);
	return 0;
}

static void remove(struct xenbus_device *xdev)
{
	struct front *f = dev_get_drvdata(&xdev->dev);

	front_close(f);
	fronts[f->handle] = NULL;
	kfree(f);
}

HOSTILE_DRIVER(frontend, "vif", "A network front end");
