// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hostile front end's device: its ring, made and given to the back end as an honest one
 * does it, requests and their answers, and the question whether the disk works.
 */
#include <linux/random.h>
#include <linux/slab.h>

#include "../module.h"
#include "front.h"

static struct front *front;

static irqreturn_t ignore(int irq, void *opaque)
{
	return IRQ_HANDLED;
}

enum xenbus_state front_back_state(struct front *f)
{
	return xenbus_read_driver_state(f->xdev->otherend);
}

/* The back end must go away by itself. */
bool front_await_loss(struct front *f)
{
	return await(front_back_state(f) != XenbusStateConnected, BACK_PATIENCE);
}

struct blkif_sring *front_shared(struct front *f)
{
	return (struct blkif_sring *)f->ring;
}

u8 *front_slot(struct front *f, RING_IDX index)
{
	return f->ring + RING_HEADER + index % SLOTS * (f->abi32 ? SLOT_BYTES_32 : SLOT_BYTES);
}

static u8 *grant_page_to(domid_t domid, grant_ref_t *gref, bool readonly)
{
	u8 *page = (u8 *)get_zeroed_page(GFP_KERNEL | __GFP_NOFAIL);
	int ref = gnttab_grant_foreign_access(domid, virt_to_gfn(page), readonly);

	BUG_ON(ref < 0);
	*gref = ref;
	return page;
}

static u8 *grant_page(struct front *f, grant_ref_t *gref, bool readonly)
{
	return grant_page_to(f->xdev->otherend_id, gref, readonly);
}

/* The back end that has closed, or answered, must have let go of the page. */
static bool end_page(u8 *page, grant_ref_t gref)
{
	bool ended = await(gnttab_end_foreign_access_ref(gref), BACK_PATIENCE);

	if (ended) {
		gnttab_free_grant_reference(gref);
		free_page((unsigned long)page);
	} else {
		failed("the back end keeps a page mapped");
		gnttab_end_foreign_access(gref, virt_to_page(page));
	}
	return ended;
}

/* Another page in a page's place, once nothing is under way; the old one must be free. */
bool front_renew_data(struct front *f, unsigned int n)
{
	bool ended = end_page(f->data[n], f->data_ref[n]);

	f->data[n] = grant_page(f, &f->data_ref[n], false);
	return ended;
}

static void make_ring(struct front *f)
{
	unsigned int i;

	f->ring = grant_page(f, &f->ring_ref, false);
	front_shared(f)->req_event = front_shared(f)->rsp_event = 1;
	f->prod = f->cons = 0;
	for (i = 0; i < DATA_PAGES; i++)
		f->data[i] = grant_page(f, &f->data_ref[i], false);
	f->readonly = grant_page(f, &f->readonly_ref, true);
	f->segments = (void *)grant_page(f, &f->segments_ref, true);
	f->foreign = grant_page_to(12345, &f->foreign_ref, false);
	BUG_ON(gnttab_alloc_grant_references(1, &f->unused_ref));
	BUG_ON(xenbus_alloc_evtchn(f->xdev, &f->port));
	f->irq = bind_evtchn_to_irqhandler(f->port, ignore, 0, "hostile", f);
	BUG_ON(f->irq < 0);
	f->open = true;
}

static void write_keys(struct front *f, const struct store_key *keys, unsigned int nr)
{
	static const char *const usual[] = { "ring-page-order", "ring-ref0", "feature-persistent",
					     "multi-queue-num-queues" };
	const char *node = f->xdev->nodename;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(usual); i++)
		xenbus_rm(XBT_NIL, node, usual[i]);
	xenbus_printf(XBT_NIL, node, "ring-ref", "%u", f->ring_ref);
	xenbus_printf(XBT_NIL, node, "event-channel", "%u", f->port);
	xenbus_printf(XBT_NIL, node, "protocol", f->abi32 ? "x86_32-abi" : "x86_64-abi");
	for (i = 0; i < nr; i++)
		if (keys[i].value)
			xenbus_write(XBT_NIL, node, keys[i].name, keys[i].value);
		else
			xenbus_rm(XBT_NIL, node, keys[i].name);
}

/* Past the state machine of the kernel, which knows what states follow each other. */
static void set_state(struct front *f, enum xenbus_state state)
{
	xenbus_printf(XBT_NIL, f->xdev->nodename, "state", "%d", state);
}

/* Give the back end a ring with these keys; whether it connects, or says no, is open. */
bool front_try(struct front *f, const struct store_key *keys, unsigned int nr)
{
	set_state(f, XenbusStateInitialising);
	if (!await(front_back_state(f) == XenbusStateInitWait, BACK_PATIENCE)) {
		failed("the back end is in state %u, not InitWait", front_back_state(f));
		return false;
	}
	make_ring(f);
	write_keys(f, keys, nr);
	set_state(f, XenbusStateInitialised);
	await(front_back_state(f) != XenbusStateInitWait, keys ? 1 : BACK_PATIENCE);
	return front_back_state(f) == XenbusStateConnected;
}

bool front_open(struct front *f, const struct store_key *keys, unsigned int nr)
{
	unsigned long long sectors = 0;

	if (!front_try(f, keys, nr))
		return false;
	xenbus_scanf(XBT_NIL, f->xdev->otherend, "sectors", "%llu", &sectors);
	f->sectors = sectors;
	set_state(f, XenbusStateConnected);
	return true;
}

void front_close(struct front *f)
{
	unsigned int i;

	if (!f->open)
		return;
	set_state(f, XenbusStateClosed);
	if (!await(front_back_state(f) == XenbusStateClosed, BACK_PATIENCE))
		failed("the back end is in state %u, not Closed", front_back_state(f));
	unbind_from_irqhandler(f->irq, f);
	end_page(f->ring, f->ring_ref);
	for (i = 0; i < DATA_PAGES; i++)
		end_page(f->data[i], f->data_ref[i]);
	end_page(f->readonly, f->readonly_ref);
	end_page((u8 *)f->segments, f->segments_ref);
	end_page(f->foreign, f->foreign_ref);
	gnttab_free_grant_references(f->unused_ref);
	f->open = false;
}

/* Anew, as an honest front end; @what came before. */
bool front_reopen(struct front *f, const char *what)
{
	front_close(f);
	if (front_open(f, NULL, 0))
		return front_works(f, what);
	failed("%s: cannot connect again; the back end is in state %u", what, front_back_state(f));
	return false;
}

/* Put a request into the ring. */
void front_put(struct front *f, const struct ask *ask)
{
	unsigned int at = f->abi32 ? 4 : 8;
	u8 *slot = front_slot(f, f->prod++);

	memset(slot, 0, f->abi32 ? SLOT_BYTES_32 : SLOT_BYTES);
	slot[0] = ask->op;
	slot[1] = ask->nr;
	f->next_id++;
	memcpy(slot + at, &f->next_id, 8);
	memcpy(slot + at + 8, &ask->sector, 8);
	if (ask->op == BLKIF_OP_DISCARD) {
		memcpy(slot + at + 16, &ask->nr_sectors, 8);
	} else if (ask->op == BLKIF_OP_INDIRECT) {
		memcpy(slot + 2, &ask->nr_indirect, 2);
		memcpy(slot + at + 20, &ask->indirect, 4);
	} else {
		memcpy(slot + at + 16, ask->seg, sizeof(ask->seg));
	}
}

void front_push(struct front *f)
{
	virt_wmb(); /* the slots before the index */
	front_shared(f)->req_prod = f->prod;
	front_shared(f)->rsp_event = f->cons + 1;
	notify_remote_via_irq(f->irq);
}

/* The status of the next response, or 1: there is none. */
int front_answer(struct front *f)
{
	struct blkif_response *response;

	if (!await(READ_ONCE(front_shared(f)->rsp_prod) != f->cons, BACK_PATIENCE))
		return 1;
	virt_rmb(); /* the index before the slots */
	response = (void *)front_slot(f, f->cons++);
	if (response->id != f->next_id)
		failed("response %llu, not %llu", response->id, f->next_id);
	return response->status;
}

int front_ask(struct front *f, const struct ask *ask)
{
	front_put(f, ask);
	front_push(f);
	return front_answer(f);
}

/* The first page of the disk, to the first of our pages. */
struct ask front_read(struct front *f)
{
	return (struct ask){
		.op = BLKIF_OP_READ,
		.nr = 1,
		.nr_sectors = 8,
		.nr_indirect = 1,
		.indirect = f->segments_ref,
		.seg[0] = { .gref = f->data_ref[0], .last_sect = 7 },
	};
}

/* What is written is read: the disk works. */
bool front_works(struct front *f, const char *what)
{
	struct ask ask = front_read(f);
	u8 byte = get_random_u32();
	int status;

	checks++;
	ask.op = BLKIF_OP_WRITE;
	memset(f->data[0], byte, PAGE_SIZE);
	status = front_ask(f, &ask);
	memset(f->data[0], ~byte, PAGE_SIZE);
	ask.op = BLKIF_OP_READ;
	if (!status)
		status = front_ask(f, &ask);
	if (!status && !memchr_inv(f->data[0], byte, PAGE_SIZE))
		return true;
	failed("%s: the disk does not work: %d; the back end is in state %u", what, status,
	       front_back_state(f));
	return false;
}

static bool obey(const char *text, unsigned int seconds)
{
	if (!front || !front_reopen(front, "at first"))
		return false;
	if (seconds)
		run_random(front, seconds);
	else
		run_cases(front);
	front_reopen(front, "at last");
	front_close(front);
	return true;
}

static int probe(struct xenbus_device *xdev, const struct xenbus_device_id *id)
{
	if (front)
		return -EBUSY;
	front = kzalloc(sizeof(*front), GFP_KERNEL | __GFP_NOFAIL);
	front->xdev = xdev;
	dev_set_drvdata(&xdev->dev, front);
	return 0;
}

static void remove(struct xenbus_device *xdev)
{
	front_close(front);
	kfree(front);
	front = NULL;
}

HOSTILE_DRIVER(frontend, "vbd", "A block front end");
