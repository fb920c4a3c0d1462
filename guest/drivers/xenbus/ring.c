// SPDX-License-Identifier: GPL-2.0
/*
 * The page that we share with xenstore: two rings of bytes, each a stream of messages.
 *
 * Whoever sends a message puts it on the ring himself, and sleeps if it is full. What
 * comes is read by one thread, which puts messages together from whatever bytes are
 * there and passes them on: it never waits for the rest of a message, so that it can be
 * reset at any byte when the domain is restored beside another xenstore.
 *
 * Indices and headers are the other side's: read once, checked, used. If they make no
 * sense there is no way back into the stream; then the connection is closed and every
 * request fails, in place of one that waits for ever.
 */
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/wait.h>
#include <xen/events.h>

#include "store.h"

struct xenstore_domain_interface *xen_store_interface;
EXPORT_SYMBOL_GPL(xen_store_interface);
int xen_store_evtchn;
EXPORT_SYMBOL_GPL(xen_store_evtchn);

static int irq;
static bool broken;
static DEFINE_MUTEX(send_lock); /* one message at a time */
static DEFINE_MUTEX(read_lock); /* the reader's state below */
static DECLARE_WAIT_QUEUE_HEAD(wait);

/* The message that is being read: have bytes of it are here, the header's first. */
static struct store_message in;
static u32 have;

static void break_off(const char *why)
{
	if (xchg(&broken, true))
		return;
	pr_err("xenstore: %s; no more requests\n", why);
	wake_up_all(&wait);
	store_fail_all(-EIO);
}

/* Bytes on a ring between its indices; more than its size if they make no sense. */
static u32 to_read(void)
{
	return READ_ONCE(xen_store_interface->rsp_prod) - xen_store_interface->rsp_cons;
}

static u32 room(void)
{
	u32 used = xen_store_interface->req_prod - READ_ONCE(xen_store_interface->req_cons);

	return used > XENSTORE_RING_SIZE ? U32_MAX : XENSTORE_RING_SIZE - used;
}

/*
 * Put bytes on the ring; sleeps while it is full. They are told to the other side when
 * the message ends, or the ring does. send_lock is held.
 */
static int put(const char *from, u32 len)
{
	struct xenstore_domain_interface *ring = xen_store_interface;

	while (len) {
		u32 at = MASK_XENSTORE_IDX(ring->req_prod), n;

		if (!room())
			notify_remote_via_evtchn(xen_store_evtchn);
		wait_event(wait, (n = room()) || READ_ONCE(broken));
		if (n == U32_MAX)
			break_off("the ring of requests holds more than its size");
		if (READ_ONCE(broken))
			return -EIO;
		virt_mb(); /* the index before the bytes that it frees */
		n = min3(n, len, XENSTORE_RING_SIZE - at);
		memcpy(ring->req + at, from, n);
		virt_wmb(); /* the bytes before the index */
		WRITE_ONCE(ring->req_prod, ring->req_prod + n);
		from += n;
		len -= n;
	}
	return 0;
}

/*
 * Send one message, with the parts of its body. Sleeps for room on the ring, for a lock
 * of others who do, and for nothing else. -EIO: there is no connection any more.
 */
int store_ring_send(const struct xsd_sockmsg *head, const struct kvec *vec, unsigned int n)
{
	unsigned int i;
	int err;

	mutex_lock(&send_lock);
	err = put((const char *)head, sizeof(*head));
	for (i = 0; i < n && !err; i++)
		err = put(vec[i].iov_base, vec[i].iov_len);
	notify_remote_via_evtchn(xen_store_evtchn);
	mutex_unlock(&send_lock);
	return err;
}

/* The header is complete: make room for the body. */
static bool begin_body(void)
{
	if (in.head.len > XENSTORE_PAYLOAD_MAX) {
		break_off("a message longer than the protocol allows came");
		return false;
	}
	/* Without memory the message is read all the same, and its sender gets -ENOMEM. */
	in.body = kmalloc(in.head.len + 1, GFP_NOIO | __GFP_HIGH);
	if (in.body)
		in.body[in.head.len] = 0;
	return true;
}

static void pass_on(void)
{
	struct store_message m = in;

	memset(&in, 0, sizeof(in));
	have = 0;
	if (m.head.type == XS_WATCH_EVENT)
		store_got_event(&m);
	else
		store_got_reply(&m);
}

/* Take the n bytes at from, and complete what they complete. */
static bool take(const char *from, u32 n)
{
	while (n) {
		u32 size = sizeof(in.head), step;

		if (have < size) {
			step = min(n, size - have);
			memcpy((char *)&in.head + have, from, step);
		} else {
			step = min(n, size + in.head.len - have);
			if (in.body)
				memcpy(in.body + have - size, from, step);
		}
		have += step;
		from += step;
		n -= step;
		if (have == size && !begin_body())
			return false;
		if (have >= size && have == size + in.head.len)
			pass_on();
	}
	return true;
}

/* Read what is there. */
static void drain(void)
{
	struct xenstore_domain_interface *ring;
	u32 n, at;

	mutex_lock(&read_lock);
	ring = xen_store_interface;
	while (!broken && (n = to_read())) {
		if (n > XENSTORE_RING_SIZE) {
			break_off("the ring of replies holds more than its size");
			break;
		}
		virt_rmb(); /* the index before the bytes */
		at = MASK_XENSTORE_IDX(ring->rsp_cons);
		n = min_t(u32, n, XENSTORE_RING_SIZE - at);
		if (!take(ring->rsp + at, n))
			break;
		virt_mb(); /* the bytes before their room is given away */
		WRITE_ONCE(ring->rsp_cons, ring->rsp_cons + n);
	}
	notify_remote_via_evtchn(xen_store_evtchn);
	mutex_unlock(&read_lock);
}

static int reader(void *unused)
{
	while (true) {
		wait_event_idle(wait, !READ_ONCE(broken) && to_read());
		drain();
	}
	return 0;
}

static irqreturn_t event(int irq, void *unused)
{
	store_heard();
	wake_up_all(&wait);
	return IRQ_HANDLED;
}

/* Begin: page and port are known. Called once. */
int __init store_ring_start(void)
{
	struct task_struct *task;
	int err;

	err = bind_evtchn_to_irqhandler(xen_store_evtchn, event, 0, "xenbus", &wait);
	if (err < 0)
		return err;
	irq = err;
	task = kthread_run(reader, NULL, "xenbus");
	return PTR_ERR_OR_ZERO(task);
}

/*
 * Page or port are others now, and nothing that was on its way will arrive. No request
 * is being sent. For processes.
 */
void store_ring_reset(void)
{
	mutex_lock(&read_lock);
	kfree(in.body);
	memset(&in, 0, sizeof(in));
	have = 0;
	broken = false;
	mutex_unlock(&read_lock);
	rebind_evtchn_irq(xen_store_evtchn, irq);
	wake_up_all(&wait);
}

/* xenstored is a process of this domain, and processes are being killed. */
void store_ring_stop(void)
{
	break_off("the system goes down with it");
}
