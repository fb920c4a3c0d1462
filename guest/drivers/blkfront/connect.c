// SPDX-License-Identifier: GPL-2.0
/*
 * The handshake with the back end: what it offers, of which we take a part; the rings
 * we make and publish in xenstore; what it then tells of the disk. And the end of
 * all that, which leaves the requests in flight to be sent again or to fail.
 */
#include <linux/module.h>
#include <xen/interface/io/protocols.h>

#include "blkfront.h"

static unsigned int max_queues;
module_param(max_queues, uint, 0444);
MODULE_PARM_DESC(max_queues, "most queues of a disk; 0: one a CPU");

static unsigned int max_ring_order = 1;
module_param(max_ring_order, uint, 0444);
MODULE_PARM_DESC(max_ring_order, "a ring is 2^this pages at most: 0, 1 or 2");

static unsigned int max_segments = BF_INDIRECT_SEGMENTS;
module_param(max_segments, uint, 0444);
MODULE_PARM_DESC(max_segments, "most pages of data of a request: 11 to 256");

static bool persistent;
module_param(persistent, bool, 0444);
MODULE_PARM_DESC(persistent, "copy all data through pages that stay granted");

static bool trusted = true;
module_param(trusted, bool, 0444);
MODULE_PARM_DESC(trusted, "N: the back end sees nothing of a page but what is the disk's");

static unsigned int offered(struct bf_dev *dev, const char *node)
{
	return xenbus_read_unsigned(dev->xbdev->otherend, node, 0);
}

/* What the back end offers before we are connected. */
static void read_offer(struct bf_dev *dev, struct bf_offer *offer)
{
	offer->queues = offered(dev, "multi-queue-max-queues");
	offer->ring_order = offered(dev, "max-ring-page-order");
	offer->indirect_segments = min(offered(dev, "feature-max-indirect-segments"), max_segments);
	bf_bound_offer(offer, min_not_zero(max_queues, num_online_cpus()),
		       min(max_ring_order, ilog2(BF_MAX_RING_PAGES)));
	/* There were so many queues when the disk was made, and are. */
	if (dev->disk)
		offer->queues = min(offer->queues, dev->tags.nr_hw_queues);

	dev->features.segments = offer->indirect_segments ?: BF_DIRECT_SEGMENTS;
	dev->features.persistent = persistent && offered(dev, "feature-persistent");
	dev->trusted = trusted && xenbus_read_unsigned(dev->xbdev->nodename, "trusted", 1);
	dev->peer = dev->xbdev->otherend_id;
}

/* A ring's references and port, in directory "dir". */
static int write_ring(struct xenbus_transaction t, struct bf_ring *ring, const char *dir)
{
	unsigned int i;
	int err = 0;

	if (ring->nr_pages == 1)
		err = xenbus_printf(t, dir, "ring-ref", "%u", ring->shared_grefs[0]);
	for (i = 0; ring->nr_pages > 1 && i < ring->nr_pages && !err; i++) {
		char name[16];

		snprintf(name, sizeof(name), "ring-ref%u", i);
		err = xenbus_printf(t, dir, name, "%u", ring->shared_grefs[i]);
	}
	return err ?: xenbus_printf(t, dir, "event-channel", "%u", ring->port);
}

static int write_node(struct xenbus_transaction t, struct bf_dev *dev)
{
	static const char *const leftovers[] = { "ring-ref", "event-channel", "ring-page-order",
						 "num-ring-pages", "multi-queue-num-queues" };
	const char *node = dev->xbdev->nodename;
	unsigned int pages = dev->rings[0].nr_pages, i;
	char dir[80];
	int err;

	/* Of an earlier connection. */
	for (i = 0; i < ARRAY_SIZE(leftovers); i++)
		xenbus_rm(t, node, leftovers[i]);
	err = xenbus_printf(t, node, "protocol", "%s", XEN_IO_PROTO_ABI_NATIVE);
	if (!err)
		err = xenbus_printf(t, node, "feature-persistent", "%u", dev->features.persistent);
	if (!err && pages > 1)
		err = xenbus_printf(t, node, "ring-page-order", "%u", ilog2(pages));
	if (!err && pages > 1)
		err = xenbus_printf(t, node, "num-ring-pages", "%u", pages);
	if (dev->nr_rings == 1)
		return err ?: write_ring(t, &dev->rings[0], node);
	if (!err)
		err = xenbus_printf(t, node, "multi-queue-num-queues", "%u", dev->nr_rings);
	for (i = 0; i < dev->nr_rings && !err; i++) {
		snprintf(dir, sizeof(dir), "%s/queue-%u", node, i);
		err = write_ring(t, &dev->rings[i], dir);
	}
	return err;
}

static int write_all(struct bf_dev *dev)
{
	struct xenbus_transaction t;
	int err;

	do {
		err = xenbus_transaction_start(&t);
		if (err)
			return err;
		err = write_node(t, dev);
		if (err) {
			xenbus_transaction_end(t, 1);
			return err;
		}
		err = xenbus_transaction_end(t, 0);
	} while (err == -EAGAIN);
	return err;
}

/*
 * Make rings as the back end offers, and publish them. dev->lock is held, and there
 * are no rings. After an error there are none either.
 */
int bf_publish(struct bf_dev *dev)
{
	struct bf_offer offer;
	int err = 0;
	u32 i;

	read_offer(dev, &offer);
	dev->rings = kvcalloc(offer.queues, sizeof(*dev->rings), GFP_KERNEL);
	if (!dev->rings)
		return -ENOMEM;
	for (i = 0; i < offer.queues && !err; i++) {
		err = bf_ring_create(&dev->rings[i], dev, offer.ring_order);
		dev->nr_rings = i + 1;
	}
	if (!err)
		err = write_all(dev);
	if (err)
		bf_disconnect(dev);
	else
		dev->published = true;
	return err;
}

/*
 * What the back end tells of the disk once it is connected. 0, or -EINVAL and a line
 * that says what is wrong.
 */
int bf_read_disk(struct bf_dev *dev)
{
	const char *from = dev->xbdev->otherend;
	struct bf_features *f = &dev->features;
	struct bf_geometry g;
	unsigned long long sectors;
	const char *wrong;

	if (xenbus_scanf(XBT_NIL, from, "sectors", "%llu", &sectors) != 1)
		sectors = U64_MAX;
	g.sectors = sectors;
	g.sector_bytes = offered(dev, "sector-size");
	g.physical_bytes = offered(dev, "physical-sector-size");
	wrong = bf_check_geometry(&g);
	if (!wrong && dev->disk && g.sector_bytes != dev->geometry.sector_bytes)
		wrong = "sector-size has changed";
	if (wrong) {
		xenbus_dev_error(dev->xbdev, -EINVAL, "%s: %s", dev->name.text, wrong);
		return -EINVAL;
	}
	dev->geometry = g;
	dev->info = offered(dev, "info");
	f->flush = offered(dev, "feature-flush-cache");
	f->barrier = offered(dev, "feature-barrier");
	f->discard = offered(dev, "feature-discard");
	f->secure_erase = f->discard && offered(dev, "discard-secure");
	f->discard_granularity = offered(dev, "discard-granularity");
	f->discard_alignment = offered(dev, "discard-alignment");
	if (!is_power_of_2(f->discard_granularity) || f->discard_granularity < g.sector_bytes) {
		f->discard_granularity = g.physical_bytes;
		f->discard_alignment = 0;
	}
	return 0;
}

/* The block layer gets back what was in flight: to send it again, or that it failed. */
static void return_requests(struct bf_dev *dev, struct request *rq)
{
	struct request *next;

	for (; rq; rq = next) {
		next = rq->rq_next;
		if (dev->dead)
			blk_mq_end_request(rq, BLK_STS_IOERR);
		else /* requeued one by one they stay in order */
			blk_mq_requeue_request(rq, false);
	}
}

/*
 * Take the rings down. Requests wait from now on, with those that were in flight,
 * until there are new rings; if the device is dead they fail, now and always. dev->lock
 * is held; the back end is not expected to serve the rings any more.
 */
void bf_disconnect(struct bf_dev *dev)
{
	struct request_queue *q = dev->disk ? dev->disk->queue : NULL;
	u32 i;

	if (q && !dev->quiesced) {
		blk_mq_quiesce_queue(q);
		dev->quiesced = true;
	}
	dev->published = false;
	dev->connected = false;
	for (i = 0; i < dev->nr_rings; i++) {
		bf_ring_stop(&dev->rings[i]);
		return_requests(dev, bf_ring_in_flight(&dev->rings[i]));
		bf_ring_destroy(&dev->rings[i]);
	}
	kvfree(dev->rings);
	dev->rings = NULL;
	dev->nr_rings = 0;
	if (!q)
		return;
	blk_mq_kick_requeue_list(q);
	if (dev->dead) {
		blk_mq_unquiesce_queue(q);
		dev->quiesced = false;
	}
}
