// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hostile back end's device: a disk in memory, served as an honest back end does it, one
 * request after the other, all data copied.
 */
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "../copy.h"
#include "../module.h"
#include "back.h"


static struct back *back;

static irqreturn_t ignore(int irq, void *opaque)
{
	xen_irq_lateeoi(irq, 0);
	return IRQ_HANDLED;
}

enum xenbus_state back_front_state(struct back *b)
{
	return xenbus_read_driver_state(b->xdev->otherend);
}

static void set_state(struct back *b, enum xenbus_state state)
{
	xenbus_printf(XBT_NIL, b->xdev->nodename, "state", "%d", state);
}

u64 back_id(const struct blkif_request *request)
{
	switch (request->operation) {
	case BLKIF_OP_DISCARD:
		return request->u.discard.id;
	case BLKIF_OP_INDIRECT:
		return request->u.indirect.id;
	default:
		return request->u.rw.id;
	}
}

u8 back_operation(const struct blkif_request *request)
{
	return request->operation == BLKIF_OP_INDIRECT ? request->u.indirect.indirect_op :
							 request->operation;
}

/* Between a page of the front end's and the disk, or what else is here. */
static bool copy(struct back *b, grant_ref_t gref, unsigned int offset, void *here,
		 unsigned int bytes, bool in)
{
	if (!in)
		memcpy(b->page, here, bytes);
	if (!copy_granted(b->xdev, gref, offset, b->page, bytes, in))
		return false;
	if (in)
		memcpy(here, b->page, bytes);
	return true;
}

/* The next request, if there is one; what we ourselves did to the index has none. */
bool back_next(struct back *b, struct blkif_request *request)
{
	RING_IDX prod = READ_ONCE(b->shared->req_prod);

	virt_rmb(); /* the index before the slots */
	if (b->ring.req_cons == prod || prod - b->ring.req_cons > RING_SIZE(&b->ring))
		return false;
	*request = *RING_GET_REQUEST(&b->ring, b->ring.req_cons);
	b->ring.req_cons++;
	return true;
}

/* Do what it says; the status to answer with. The honest front end's are within the disk. */
s16 back_execute(struct back *b, const struct blkif_request *request)
{
	static struct blkif_request_segment segments[512];
	unsigned int nr = 0, i, bytes;
	u64 at = request->u.rw.sector_number;
	u8 op = back_operation(request);

	if (op > BLKIF_OP_WRITE_BARRIER)
		return BLKIF_RSP_OKAY;
	if (request->operation == BLKIF_OP_INDIRECT) {
		nr = request->u.indirect.nr_segments;
		at = request->u.indirect.sector_number;
		if (nr > ARRAY_SIZE(segments) ||
		    !copy(b, request->u.indirect.indirect_grefs[0], 0, segments,
			  nr * sizeof(segments[0]), true))
			return BLKIF_RSP_ERROR;
	} else {
		nr = min_t(unsigned int, request->u.rw.nr_segments, BLKIF_MAX_SEGMENTS_PER_REQUEST);
		memcpy(segments, request->u.rw.seg, nr * sizeof(segments[0]));
	}
	for (i = 0; i < nr; i++) {
		bytes = (segments[i].last_sect - segments[i].first_sect + 1) * 512;
		if (at * 512 + bytes > DISK_BYTES ||
		    !copy(b, segments[i].gref, segments[i].first_sect * 512, b->disk + at * 512,
			  bytes, op != BLKIF_OP_READ))
			return BLKIF_RSP_ERROR;
		at += bytes / 512;
	}
	return BLKIF_RSP_OKAY;
}

void back_answer(struct back *b, u64 id, u8 operation, s16 status)
{
	struct blkif_response *response = RING_GET_RESPONSE(&b->ring, b->ring.rsp_prod_pvt);

	b->ring.rsp_prod_pvt++;
	response->id = id;
	response->operation = operation;
	response->status = status;
}

void back_push(struct back *b)
{
	virt_wmb(); /* the slots before the index */
	b->shared->rsp_prod = b->ring.rsp_prod_pvt;
	b->shared->req_event = b->ring.req_cons + 1;
	virt_mb();
	notify_remote_via_irq(b->irq);
}

static void serve(struct back *b)
{
	struct blkif_request request;

	while (back_next(b, &request)) {
		back_answer(b, back_id(&request), back_operation(&request),
			    back_execute(b, &request));
		b->served++;
		b->barriers += request.operation == BLKIF_OP_WRITE_BARRIER;
		b->erased += request.operation == BLKIF_OP_DISCARD &&
			     request.u.discard.flag & BLKIF_DISCARD_SECURE;
	}
	back_push(b);
}

static void write_keys(struct back *b, const struct store_key *keys)
{
	for (; keys && keys->name; keys++)
		if (keys->value)
			xenbus_write(XBT_NIL, b->xdev->nodename, keys->name, keys->value);
		else
			xenbus_rm(XBT_NIL, b->xdev->nodename, keys->name);
}

static const struct store_key usual_before[] = {
	{ "max-ring-page-order", "0" }, { "multi-queue-max-queues", "1" },
	{ "feature-max-indirect-segments", "256" }, { "feature-persistent", "0" }, {},
};
static const struct store_key usual_after[] = {
	{ "sectors", "2048" }, { "info", "0" }, { "sector-size", "512" },
	{ "physical-sector-size", "512" }, { "feature-flush-cache", "1" }, { "feature-barrier", "1" },
	{ "feature-discard", "1" }, { "discard-granularity", "4096" }, { "discard-alignment", "0" },
	{ "discard-secure", "1" }, { "online", "1" }, {},
};

static bool take_ring(struct back *b)
{
	unsigned int gref, port;
	void *shared;

	if (xenbus_gather(XBT_NIL, b->xdev->otherend, "ring-ref", "%u", &gref, "event-channel",
			  "%u", &port, NULL) ||
	    xenbus_map_ring_valloc(b->xdev, &gref, 1, &shared))
		return false;
	b->shared = shared;
	BACK_RING_INIT(&b->ring, b->shared, PAGE_SIZE);
	b->irq = bind_interdomain_evtchn_to_irqhandler_lateeoi(b->xdev, port, ignore, 0, "hostile", b);
	return b->irq > 0;
}

static void leave_ring(struct back *b)
{
	if (b->irq > 0)
		unbind_from_irqhandler(b->irq, b);
	if (b->shared)
		xenbus_unmap_ring_vfree(b->xdev, b->shared);
	b->irq = 0;
	b->shared = NULL;
}

/*
 * Connect, with these keys in place of the usual ones before the front end has its ring, and
 * those before it is told that we are Connected. False if it does not become so, or has
 * more rings than we take.
 */
bool back_open(struct back *b, const struct store_key *before, const struct store_key *after)
{
	write_keys(b, usual_before);
	write_keys(b, usual_after);
	write_keys(b, before);
	set_state(b, XenbusStateInitWait);
	if (!await(back_front_state(b) == XenbusStateInitialised, BACK_PATIENCE))
		return false;
	b->open = true;
	if (!take_ring(b))
		return false;
	write_keys(b, after);
	set_state(b, XenbusStateConnected);
	return await(back_front_state(b) != XenbusStateInitialised, BACK_PATIENCE) &&
	       back_front_state(b) == XenbusStateConnected;
}

/* The device goes from the front end, which may have left already. */
void back_close(struct back *b)
{
	write_keys(b, (const struct store_key[]){ { "online", "0" }, {} });
	/* Of a driver before us the front end may have requests in a ring that is not ours. */
	set_state(b, b->shared ? XenbusStateClosing : XenbusStateClosed);
	if (!await(({ if (b->shared) serve(b); back_front_state(b) == XenbusStateClosed ||
		      back_front_state(b) == XenbusStateInitialising; }), BACK_PATIENCE))
		failed("the front end is in state %u after we closed", back_front_state(b));
	leave_ring(b);
	b->open = false;
	set_state(b, XenbusStateClosed);
	/* Whoever binds the driver again sees that first. */
	await(back_front_state(b) == XenbusStateInitialising, BACK_PATIENCE);
}

/* Its domain uses the disk: some requests come. */
bool back_works(struct back *b, const char *what)
{
	unsigned int end = b->served + 4;

	checks++;
	if (await(({ serve(b); (int)(b->served - end) >= 0; }), BACK_PATIENCE))
		return true;
	failed("%s: no requests; the front end is in state %u", what, back_front_state(b));
	return false;
}

bool back_reopen(struct back *b, const char *what)
{
	back_close(b);
	if (back_open(b, NULL, NULL))
		return back_works(b, what);
	failed("%s: cannot connect again; the front end is in state %u", what, back_front_state(b));
	return false;
}

static bool obey(const char *text, unsigned int seconds)
{
	if (!back || !back_reopen(back, "at first"))
		return false;
	if (seconds)
		run_random(back, seconds);
	else
		run_cases(back);
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
	back->disk = vzalloc(DISK_BYTES);
	back->page = (u8 *)__get_free_page(GFP_KERNEL | __GFP_NOFAIL);
	dev_set_drvdata(&xdev->dev, back);
	return back->disk ? 0 : -ENOMEM;
}

static void remove(struct xenbus_device *xdev)
{
	struct back *b = dev_get_drvdata(&xdev->dev);

	leave_ring(b);
	write_keys(b, (const struct store_key[]){ { "online", "1" }, {} });
	vfree(b->disk);
	free_page((unsigned long)b->page);
	back = NULL;
	kfree(b);
}

HOSTILE_DRIVER(backend, "vbd", "A block back end");
