// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everything at random, for a time; the same for the same seed, but for what the back end
 * makes of it meanwhile.
 */
#include <linux/delay.h>

#include "front.h"

static grant_ref_t random_gref(struct front *f)
{
	switch (rnd_below(&seed, 12)) {
	case 0:
		return rnd(&seed);
	case 1:
		return rnd_below(&seed, 2000);
	case 2:
		return f->tx_ref;
	case 3:
		return f->buffer_ref[rnd_below(&seed, BUFFERS)];
	default:
		return f->page_ref[rnd_below(&seed, PAGES)];
	}
}

static unsigned int random_size(void)
{
	switch (rnd_below(&seed, 8)) {
	case 0:
		return rnd_below(&seed, 65536);
	case 1:
		return 0;
	case 2:
		return 4096;
	case 3:
		return rnd_below(&seed, 15);
	default:
		return 14 + rnd_below(&seed, 1500);
	}
}

static void random_extra(struct front *f, bool more)
{
	struct xen_netif_extra_info *extra =
		put_extra(f, rnd_below(&seed, 20) ? 1 + rnd_below(&seed, 4) : rnd(&seed), more);
	unsigned int i;

	for (i = 0; i < 6; i++)
		((u8 *)&extra->u)[i] = rnd_below(&seed, 3) ? rnd_below(&seed, 3) : rnd(&seed);
}

/* One packet, mostly with an end. */
static void random_packet(struct front *f)
{
	unsigned int nr = rnd_below(&seed, 5) ? rnd_below(&seed, 4) : rnd_below(&seed, 30), i;
	unsigned int flags = rnd_below(&seed, 4), sizes[30], sum = 0, offset, size;
	bool honest = rnd_below(&seed, 3) != 0;
	unsigned int extras = rnd_below(&seed, 3) ? 0 : 1 + rnd_below(&seed, 3);
	u8 broadcast[ETH_ALEN];

	eth_broadcast_addr(broadcast);
	make_bad_frame(f->page[rnd_below(&seed, PAGES)], rnd_below(&seed, BAD_FRAMES), broadcast,
		       f->mac, &seed);
	for (i = 0; i < nr; i++) {
		sizes[i] = honest ? 1 + rnd_below(&seed, 4096) : random_size();
		sum += sizes[i];
	}
	size = honest ? min(sum + 14 + rnd_below(&seed, 1500), 65535u) : random_size();
	offset = honest ? 0 : rnd_below(&seed, 5000);
	if (extras)
		flags |= XEN_NETTXF_extra_info;
	put_ref(f, honest ? f->page_ref[rnd_below(&seed, PAGES)] : random_gref(f), offset, size,
		flags | (nr ? XEN_NETTXF_more_data : 0));
	while (extras--)
		random_extra(f, extras);
	for (i = 0; i < nr; i++)
		put_ref(f, random_gref(f), honest ? 0 : rnd_below(&seed, 5000), sizes[i],
			i + 1 < nr ? XEN_NETTXF_more_data : rnd_below(&seed, 200) == 0 ? 0xffff : 0);
}

static void random_buffers(struct front *f)
{
	unsigned int i, nr = rnd_below(&seed, 64);

	f->rx_cons = READ_ONCE(f->rx->rsp_prod);
	for (i = 0; i < nr && f->rx_prod - f->rx_cons < SLOTS; i++, f->rx_prod++)
		f->rx->ring[f->rx_prod % SLOTS].req = (struct xen_netif_rx_request){
			.id = rnd(&seed),
			.gref = rnd_below(&seed, 4) ? f->buffer_ref[rnd_below(&seed, BUFFERS)] :
						      random_gref(f),
		};
	virt_wmb(); /* the slots before the index */
	f->rx->req_prod = f->rx_prod;
	notify_remote_via_irq(f->irq);
}

static void random_control(struct front *f)
{
	unsigned int nr = 1 + rnd_below(&seed, 4), i, j;

	if (f->control_prod - READ_ONCE(f->control->rsp_prod) > 16)
		return; /* not every time more than fits */
	for (i = 0; i < nr; i++) {
		struct xen_netif_ctrl_request *request =
			&f->control->ring[f->control_prod++ %
					  __CONST_RING_SIZE(xen_netif_ctrl, PAGE_SIZE)].req;

		request->type = rnd_below(&seed, 9);
		for (j = 0; j < 3; j++)
			request->data[j] = rnd_below(&seed, 3) ? rnd_below(&seed, 200) : rnd(&seed);
		if (rnd_below(&seed, 2))
			request->data[0] = f->page_ref[1];
	}
	virt_wmb(); /* the slots before the index */
	f->control->req_prod = f->control_prod;
	notify_remote_via_irq(f->control_irq);
}

static void random_key(struct front *f)
{
	static const char *const names[] = {
		"xdp-headroom", "request-multicast-control", "tx-ring-ref", "event-channel",
		"feature-sg", "multi-queue-num-queues", "state", "queue-0/tx-ring-ref",
	};

	xenbus_printf(XBT_NIL, f->xdev->nodename, names[rnd_below(&seed, ARRAY_SIZE(names))], "%u",
		      rnd_below(&seed, 2) ? rnd_below(&seed, 8) : rnd(&seed));
}

void run_random(struct front *f, unsigned int seconds)
{
	unsigned long end = jiffies + seconds * HZ;
	unsigned int rounds = 0, losses = 0;

	while (time_before(jiffies, end)) {
		unsigned int what = rnd_below(&seed, 1000), i;

		rounds++;
		if (what < 700) {
			for (i = rnd_below(&seed, 8); i < 8; i++)
				random_packet(f);
			push(f);
		} else if (what < 850) {
			random_buffers(f);
		} else if (what < 960) {
			random_control(f);
		} else if (what < 985) {
			random_key(f);
		} else if (what < 990) {
			f->tx->req_prod = rnd(&seed);
			notify_remote_via_irq(f->irq);
		} else if (what < 995) {
			f->rx->req_prod = rnd(&seed);
		} else {
			f->control->req_prod = rnd(&seed);
			notify_remote_via_irq(f->control_irq);
		}
		/* Not more than fits, so that not every round ends in a loss. */
		for (i = 0; i < 200 && f->tx_prod - READ_ONCE(f->tx->rsp_prod) > 20; i++)
			usleep_range(100, 200);
		if (i < 200 && rounds % 64)
			continue;
		if (front_connected(f) && i < 200)
			continue;
		losses++;
		front_reopen(f, "at random");
	}
	pr_info("hostile: %u rounds, %u new connections\n", rounds, losses);
	front_reopen(f, "after random ones");
}
