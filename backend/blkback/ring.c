// SPDX-License-Identifier: GPL-2.0
/*
 * A ring and its thread. The thread takes requests in batches: copies their slots, checks
 * them, maps all their pages with one hypercall and submits them under one plug; then it
 * answers those that are finished, after one hypercall that unmaps their pages, and tells the
 * front end if it asked to be told. It sleeps only when there is neither, and only then asks
 * the front end for an event. While it is busy there are no interrupts and no wakeups.
 *
 * Where both domains share a CPU, the first event stops the front end before it has sent its
 * second request, and a queue of any depth is served one request at a time, with two switches
 * of domains for each. So when requests came several at a time, the next event is asked for
 * when as many have come again; and now and then it is tried whether more would come: expect().
 *
 * The front end owns the other half of the shared page and may write there what it likes. Its
 * producer index is read once a batch; if it is more than a ring ahead of our answers, the
 * ring is broken, and the vbd is disconnected (vbd_break()). A slot of the ring is answered
 * exactly once, so at most a ring of requests is under way, whatever the front end does.
 */
#include <linux/hrtimer.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched/stat.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <xen/events.h>
#include <xen/page.h>
#include "blkback.h"

#define RING_HEADER offsetof(struct blkif_sring, ring)
#define NAP_NS (100 * NSEC_PER_USEC) /* after which those that came do, if no more come */
#define HELD_NS (10 * NSEC_PER_MSEC) /* between looks at pages that are in use */

static_assert(sizeof(union blkif_sring_entry) == REQUEST_BYTES_MAX);
static_assert(sizeof(struct segment) == sizeof(struct blkif_request_segment));
static_assert(SEGMENTS_DIRECT == BLKIF_MAX_SEGMENTS_PER_REQUEST);
static_assert(SEGMENTS_MAX * sizeof(struct segment) <= XEN_PAGE_SIZE);

/* Sleeps between two tries of whether more requests come. */
enum {
	PROBE_MIN = 16,
	PROBE_MAX = 1024,
};

/* Requests that are taken together. */
struct batch {
	struct list_head ios;
	unsigned int nr, nr_segments, nr_indirect;
	struct request_limits limits;
};

enum taken {
	TOOK,	 /* some; there may be more */
	EMPTY,	 /* there are none */
	WAITING, /* none can be taken until something is finished, or for some time */
};

static void *slot_of(const struct ring *ring, RING_IDX index)
{
	return (void *)ring->shared + RING_HEADER + (index & (ring->size - 1)) * ring->abi->slot;
}

/* Requests that are taken and not answered. */
static unsigned int under_way(const struct ring *ring)
{
	return ring->taken - ring->answered;
}

/* Copy the segments of indirect requests into their pages here. */
static void fetch_segments(struct ring *ring, struct batch *batch)
{
	unsigned int n = 0;
	struct io *io;

	if (!batch->nr_indirect)
		return;
	list_for_each_entry(io, &batch->ios, list) {
		struct gnttab_copy *copy = &ring->copies[n];

		if (!io->request.indirect)
			continue;
		io->indirect = ring->scratch[n++];
		*copy = (struct gnttab_copy) {
			.source.u.ref = io->request.indirect_gref,
			.source.domid = ring->pool->domid,
			.dest.u.gmfn = virt_to_gfn(io->indirect),
			.dest.domid = DOMID_SELF,
			.len = io->request.nr_segments * sizeof(struct segment),
			.flags = GNTCOPY_source_gref,
		};
	}
	gnttab_batch_copy(ring->copies, n);
	/* A copy that failed leaves no segment that would pass the check. */
	while (n--)
		if (ring->copies[n].status != GNTST_okay)
			memset(ring->scratch[n], 0xff, PAGE_SIZE);
}

/* Check the segments, map the pages, and give it all to the block layer. */
static void submit(struct ring *ring, struct batch *batch)
{
	bool plugged = batch->nr > 1;
	struct io *io, *next;
	struct blk_plug plug;

	fetch_segments(ring, batch);
	list_for_each_entry_safe(io, next, &batch->ios, list) {
		int status = STATUS_OKAY;

		if (io->request.op != OP_DISCARD)
			status = request_check_segments(&batch->limits, &io->request,
							io->indirect ?: io->segments);
		if (!status && !io_prepare(io))
			status = STATUS_ERROR;
		if (status) {
			list_del(&io->list);
			io_finish(io, status);
		}
	}
	pool_map(ring->pool);

	/* For one alone a plug is nothing but work. */
	if (plugged)
		blk_start_plug(&plug);
	list_for_each_entry_safe(io, next, &batch->ios, list) {
		list_del(&io->list);
		io_submit(io);
	}
	if (plugged)
		blk_finish_plug(&plug);
}

/* Submit a barrier once all that was taken before it is answered. */
static void start_barrier(struct ring *ring)
{
	struct batch batch = { .limits = ring->vbd->disk.limits };

	if (!ring->barrier || ring->barrier_submitted || under_way(ring) > 1 ||
	    !pool_reserve(ring->pool, SEGMENTS_DIRECT))
		return;
	INIT_LIST_HEAD(&batch.ios);
	list_add(&ring->barrier->list, &batch.ios);
	ring->barrier_submitted = true;
	submit(ring, &batch);
}

/* Take one request out of its slot. */
static void take_request(struct ring *ring, struct batch *batch)
{
	u8 slot[REQUEST_BYTES_MAX] __aligned(8);
	struct io *io = list_first_entry(&ring->free, struct io, list);
	int status;

	memcpy(slot, slot_of(ring, ring->taken++), ring->abi->slot);
	barrier(); /* the copy is what is looked at from here on */
	list_del(&io->list);
	io->indirect = NULL;
	status = request_read(ring->abi, &batch->limits, slot, &io->request, io->segments);
	if (status) {
		io_finish(io, status);
		return;
	}
	if (limits_any(&ring->vbd->rate))
		limits_charge(&ring->vbd->rate, io->request.nr_segments * XEN_PAGE_SIZE);
	if (io->request.op == OP_BARRIER) {
		ring->barrier = io;
		ring->barrier_submitted = false;
		return;
	}
	list_add_tail(&io->list, &batch->ios);
	batch->nr++;
	batch->nr_segments += io->request.nr_segments;
	batch->nr_indirect += io->request.indirect;
}

/*
 * Take a batch of requests and submit it. When some have to wait because of the rate limit,
 * ns is how long.
 */
static enum taken take(struct ring *ring, u64 *ns)
{
	struct batch batch = { .limits = ring->vbd->disk.limits };
	RING_IDX before = ring->taken, end;
	enum taken result = EMPTY;

	if (ring->broken || ring->barrier)
		return WAITING;
	end = READ_ONCE(ring->shared->req_prod);
	virt_rmb(); /* the requests are there before the index says so */
	if (end - ring->answered > ring->size || end - ring->taken > ring->size) {
		ring->broken = true;
		vbd_break(ring->vbd, "more requests than the ring has slots");
		return WAITING;
	}

	INIT_LIST_HEAD(&batch.ios);
	while (ring->taken != end && !ring->barrier && batch.nr < BATCH_REQUESTS &&
	       batch.nr_indirect < BATCH_INDIRECT) {
		result = WAITING;
		if (limits_any(&ring->vbd->rate) && (*ns = limits_wait(&ring->vbd->rate)))
			break;
		if (!pool_reserve(ring->pool, batch.nr_segments + SEGMENTS_MAX)) {
			ring->stats->waits++;
			break;
		}
		take_request(ring, &batch);
	}
	if (ring->taken == before)
		return result;
	ring->useful = true;
	ring->came += ring->taken - before;
	ring->stats->batches++;
	submit(ring, &batch);
	return TOOK;
}

static void count(struct stats *stats, const struct io *io)
{
	switch (io->request.op) {
	case OP_READ:
		stats->reads++;
		stats->sectors_read += io->request.nr_sectors;
		break;
	case OP_WRITE:
	case OP_BARRIER:
		stats->writes++;
		stats->sectors_written += io->request.nr_sectors;
		break;
	case OP_FLUSH:
		stats->flushes++;
		break;
	case OP_DISCARD:
		stats->discards++;
		break;
	}
	if (io->status)
		stats->errors++;
}

/* Put a response into the ring. */
static void answer(struct ring *ring, struct io *io)
{
	struct blkif_response *response = slot_of(ring, ring->answered++);

	/* The same in every layout. */
	response->id = io->request.id;
	response->operation = io->request.op;
	response->status = io->status;
	count(ring->stats, io);
	if (io == ring->barrier)
		ring->barrier = NULL;
}

/* Show the front end the responses, and tell it if it waits for one of them. */
static void push(struct ring *ring)
{
	RING_IDX old = ring->pushed, new = ring->answered;

	if (old == new)
		return;
	virt_wmb(); /* the responses are there before the index says so */
	WRITE_ONCE(ring->shared->rsp_prod, new);
	ring->pushed = new;
	virt_mb(); /* it sees the index, or we see what it waits for */
	if ((RING_IDX)(new - READ_ONCE(ring->shared->rsp_event)) < (RING_IDX)(new - old)) {
		ring->stats->notifications++;
		notify_remote_via_irq(ring->irq);
	}
}

/* Answer what is finished; false if nothing is. */
static bool reap(struct ring *ring)
{
	struct llist_node *node = llist_reverse_order(llist_del_all(&ring->done));
	LIST_HEAD(finished);
	struct io *io, *next;

	list_for_each_entry_safe(io, next, &ring->held, list)
		if (!io_pages_in_use(io))
			list_move_tail(&io->list, &finished);
	llist_for_each_entry_safe(io, next, node, done)
		list_add_tail(&io->list, io_pages_in_use(io) ? &ring->held : &finished);
	if (list_empty(&finished))
		return false;

	list_for_each_entry(io, &finished, list)
		io_release(io);
	pool_unmap(ring->pool);
	list_for_each_entry(io, &finished, list)
		answer(ring, io);
	list_splice(&finished, &ring->free);
	push(ring);
	return true;
}

/*
 * How many requests to wait for: as many as have come since we slept; and twice as many for
 * once, when it was not tried lately, the less often the longer it was of no use.
 */
static void expect(struct ring *ring)
{
	unsigned int most = ring->size / 2;

	if (ring->probing) {
		ring->probing = false;
		if (ring->came >= ring->expected)
			ring->probe_interval = PROBE_MIN;
		else
			ring->probe_interval = min_t(unsigned int, 2 * ring->probe_interval,
						     PROBE_MAX);
		ring->probe_in = ring->probe_interval;
	}
	ring->expected = clamp(ring->came, 1u, most);
	if (ring->came && ring->expected < most && !--ring->probe_in) {
		ring->probing = true;
		ring->expected = min(2 * ring->expected, most);
	}
	ring->came = 0;
}

/* Requests in the ring that are not taken; anything, if the front end says so. */
static unsigned int waiting(const struct ring *ring)
{
	return READ_ONCE(ring->shared->req_prod) - ring->taken;
}

/* Ask for an event with the last request expected; true if that is there already. */
static bool requests_came(struct ring *ring)
{
	WRITE_ONCE(ring->shared->req_event, ring->taken + ring->expected);
	virt_mb(); /* it sees what we wait for, or we see its index */
	return waiting(ring) >= ring->expected;
}

/* Whether the thread may sleep, or sleep on. */
static bool nothing_to_do(struct ring *ring, enum taken taken)
{
	if (!llist_empty(&ring->done) || (kthread_should_stop() && !under_way(ring)))
		return false;
	return taken == WAITING ||
	       (!READ_ONCE(ring->eoi_due) && waiting(ring) < ring->expected);
}

/*
 * Stop the CPU until the next interrupt, without leaving it: most likely that brings the next
 * request, and then neither this thread nor the idle one had to be switched to, nor the tick
 * stopped and started. Only if nothing else wants to run here; and since the tick goes on, not
 * for longer than that. Whoever has something for this ring on another CPU calls ring_wake().
 */
static void halt_for_requests(struct ring *ring)
{
	if (!single_task_running() || kthread_should_stop())
		return;
	local_irq_disable();
	WRITE_ONCE(ring->halted, true);
	smp_mb(); /* ring_wake() sees it, or we see what it brings */
	if (nothing_to_do(ring, EMPTY) && !need_resched())
		safe_halt(); /* with interrupts on */
	else
		local_irq_enable();
	WRITE_ONCE(ring->halted, false);
}

/* Sleep until something is finished, is to be taken if that can be, or ns have passed. */
static void sleep(struct ring *ring, enum taken taken, u64 ns)
{
	unsigned int came;

	if (taken == EMPTY) {
		expect(ring);
		if (requests_came(ring))
			return;
		if (ring->eoi_due) {
			ring->eoi_due = false;
			xen_irq_lateeoi(ring->irq, ring->useful ? 0 : XEN_EOI_FLAG_SPURIOUS);
			ring->useful = false;
		}
		if (ring->expected == 1 && !under_way(ring))
			halt_for_requests(ring);
	}
	if (!list_empty(&ring->held))
		ns = ns ? min_t(u64, ns, HELD_NS) : HELD_NS;

	do {
		ktime_t timeout = ns_to_ktime(ns);

		came = waiting(ring);
		if (taken == EMPTY && ring->expected > 1)
			timeout = ns_to_ktime(NAP_NS);
		set_current_state(TASK_INTERRUPTIBLE);
		if (nothing_to_do(ring, taken))
			schedule_hrtimeout_range(timeout ? &timeout : NULL, timeout / 8,
						 HRTIMER_MODE_REL);
		__set_current_state(TASK_RUNNING);
		/* As long as some come, more may. */
	} while (taken == EMPTY && waiting(ring) != came && nothing_to_do(ring, taken));
}

/* There is something to do. From any context. */
void ring_wake(struct ring *ring)
{
	wake_up_process(ring->thread);
	smp_mb(); /* halt_for_requests() */
	if (READ_ONCE(ring->halted))
		kick_process(ring->thread);
}

static int ring_thread(void *data)
{
	struct ring *ring = data;

	for (;;) {
		enum taken taken = WAITING;
		bool answered;
		u64 ns = 0;

		if (!kthread_should_stop())
			taken = take(ring, &ns);
		else if (!under_way(ring))
			return 0;
		/* An answer may be what something waits for. */
		answered = reap(ring);
		start_barrier(ring);
		if (taken == TOOK || answered)
			cond_resched();
		else
			sleep(ring, taken, ns);
	}
}

static irqreturn_t ring_interrupt(int irq, void *data)
{
	struct ring *ring = data;

	ring->stats->interrupts++;
	ring->eoi_due = true;
	if (READ_ONCE(ring->started))
		ring_wake(ring);
	return IRQ_HANDLED;
}

/* Memory, and the thread, which does not run yet. */
static int ring_allocate(struct ring *ring, unsigned int queue, bool persistent)
{
	struct xenbus_device *dev = ring->vbd->dev;
	struct task_struct *thread;
	unsigned int i;

	ring->pool = pool_create(dev->otherend_id, persistent);
	ring->ios = kvcalloc(ring->size, sizeof(*ring->ios), GFP_KERNEL);
	if (!ring->pool || !ring->ios)
		return -ENOMEM;
	for (i = 0; i < ring->size; i++) {
		io_init(&ring->ios[i], ring);
		list_add_tail(&ring->ios[i].list, &ring->free);
	}
	for (i = 0; i < BATCH_INDIRECT; i++) {
		ring->scratch[i] = (void *)__get_free_page(GFP_KERNEL);
		if (!ring->scratch[i])
			return -ENOMEM;
	}
	thread = kthread_create(ring_thread, ring, "vbd%d-%s-%u", dev->otherend_id,
				kbasename(dev->nodename), queue);
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	ring->thread = get_task_struct(thread);
	return 0;
}

/**
 * ring_create() - connect to a ring of the front end's and start serving it
 * @queue: its number
 * @abi: its layout
 * @grefs: the pages it is in, @nr_grefs of them, a power of two
 * @port: the front end's event channel
 * @persistent: the front end uses the same pages again
 *
 * The ring may have a past: then it goes on where the last answer was. May sleep. Returns an
 * ERR_PTR; -EPROTO if the indexes cannot be.
 */
struct ring *ring_create(struct vbd *vbd, unsigned int queue, const struct request_abi *abi,
			 grant_ref_t *grefs, unsigned int nr_grefs, evtchn_port_t port,
			 bool persistent)
{
	struct ring *ring = kzalloc(sizeof(*ring), GFP_KERNEL);
	void *shared;
	int err;

	if (!ring)
		return ERR_PTR(-ENOMEM);
	ring->vbd = vbd;
	ring->stats = &vbd->stats[queue];
	ring->abi = abi;
	ring->probe_in = ring->probe_interval = PROBE_MIN;
	ring->size = rounddown_pow_of_two((nr_grefs * XEN_PAGE_SIZE - RING_HEADER) / abi->slot);
	INIT_LIST_HEAD(&ring->free);
	INIT_LIST_HEAD(&ring->held);
	init_llist_head(&ring->done);

	err = xenbus_map_ring_valloc(vbd->dev, grefs, nr_grefs, &shared);
	if (err)
		goto fail;
	ring->shared = shared;
	ring->taken = ring->answered = ring->pushed = READ_ONCE(ring->shared->rsp_prod);
	err = -EPROTO;
	if (READ_ONCE(ring->shared->req_prod) - ring->taken > ring->size)
		goto fail;

	err = ring_allocate(ring, queue, persistent);
	if (err)
		goto fail;
	err = bind_interdomain_evtchn_to_irqhandler_lateeoi(vbd->dev, port, ring_interrupt, 0,
							    "blkback", ring);
	if (err < 0)
		goto fail;
	ring->irq = err;
	WRITE_ONCE(ring->started, true);
	wake_up_process(ring->thread);
	return ring;

fail:
	ring_destroy(ring);
	return ERR_PTR(err);
}

/* Wait until all that was taken is answered, and let go of the ring. May sleep long. */
void ring_destroy(struct ring *ring)
{
	unsigned int i;

	if (ring->thread)
		kthread_stop(ring->thread);
	if (ring->irq)
		unbind_from_irqhandler(ring->irq, ring);
	synchronize_rcu(); /* io_finish() */
	if (ring->thread)
		put_task_struct(ring->thread);
	if (ring->shared)
		xenbus_unmap_ring_vfree(ring->vbd->dev, ring->shared);
	if (ring->pool)
		pool_destroy(ring->pool);
	for (i = 0; ring->ios && i < ring->size; i++)
		kfree(ring->ios[i].large);
	kvfree(ring->ios);
	for (i = 0; i < BATCH_INDIRECT; i++)
		free_page((unsigned long)ring->scratch[i]);
	kfree(ring);
}
