// SPDX-License-Identifier: GPL-2.0
/*
 * Requests and replies. Any number may be on their way; a reply finds its request by
 * the number that we gave it.
 *
 * A domain may be suspended only when no request is on its way and no transaction of
 * the kernel is open, for neither survives it: store_hold() waits for that, and
 * store_let_go() lets those go on who came meanwhile. Transactions that programs have
 * open are lost, and the program is told to try again (xenbus_dev.c).
 */
#include <linux/completion.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "store.h"

static DEFINE_XARRAY_ALLOC1(pending); /* struct store_request by number */
static u32 next_id;

/* How many requests are on their way, and transactions open; -1: suspended. */
static int busy;
static u32 generation;
static DEFINE_SPINLOCK(busy_lock);
static DECLARE_WAIT_QUEUE_HEAD(busy_wait);

static bool get_busy(void)
{
	bool ok;

	spin_lock(&busy_lock);
	ok = busy >= 0;
	if (ok)
		busy++;
	spin_unlock(&busy_lock);
	return ok;
}

static void put_busy(void)
{
	spin_lock(&busy_lock);
	busy--;
	spin_unlock(&busy_lock);
	wake_up_all(&busy_wait);
}

/*
 * The kernel begins a transaction, or ended it: between the two the domain is not
 * suspended. For processes; the first may sleep.
 */
void store_begin(void)
{
	wait_event(busy_wait, get_busy());
}

void store_end(void)
{
	put_busy();
}

static bool try_hold(void)
{
	bool ok;

	spin_lock(&busy_lock);
	ok = busy == 0;
	if (ok)
		busy = -1;
	spin_unlock(&busy_lock);
	return ok;
}

/* Wait until nothing is on its way, and let nothing begin. For processes. */
void store_hold(void)
{
	wait_event(busy_wait, try_hold());
}

/* Let requests begin again. lost: transactions of before do not exist any more. */
void store_let_go(bool lost)
{
	spin_lock(&busy_lock);
	generation += lost;
	busy = 0;
	spin_unlock(&busy_lock);
	wake_up_all(&busy_wait);
}

/* A number that changes when open transactions are lost. */
u32 store_generation(void)
{
	return READ_ONCE(generation);
}

static int name_to_error(const char *name)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(xsd_errors); i++)
		if (!strcmp(name, xsd_errors[i].errstring))
			return -xsd_errors[i].errnum;
	pr_warn_ratelimited("xenstore: an unknown error, %.20s\n", name);
	return -EINVAL;
}

/* The name that xenstore gives an error (negative); EINVAL if it has none. */
const char *store_error_name(int err)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(xsd_errors); i++)
		if (xsd_errors[i].errnum == -err)
			return xsd_errors[i].errstring;
	return "EINVAL";
}

static void finish(struct store_request *req)
{
	req->done(req);
	put_busy();
}

/* A reply came; called by the thread that reads, which gives the body away. */
void store_got_reply(struct store_message *m)
{
	struct store_request *req = xa_erase(&pending, m->head.req_id);

	if (!req) {
		pr_warn_ratelimited("xenstore: a reply to nothing (%u)\n", m->head.req_id);
		kfree(m->body);
		return;
	}
	req->reply = *m;
	if (!m->body)
		req->err = -ENOMEM;
	else if (m->head.type == XS_ERROR)
		req->err = name_to_error(m->body);
	else if (m->head.type != req->type)
		req->err = -EIO;
	finish(req);
}

/* There will be no reply to anything. */
void store_fail_all(int err)
{
	struct store_request *req;
	unsigned long id;

	xa_for_each(&pending, id, req) {
		if (xa_erase(&pending, id) != req)
			continue;
		req->err = err;
		finish(req);
	}
}

/*
 * Send a request; req->done() is called when there is a reply, or none will come. An
 * error means that it was not sent, and done() is not called. Sleeps for room on the
 * ring, and while the domain is suspended.
 */
int store_send(struct store_request *req, const struct kvec *vec, unsigned int n)
{
	struct xsd_sockmsg head = { .type = req->type, .tx_id = req->tx };
	size_t len = 0;
	unsigned int i;
	int err;

	for (i = 0; i < n; i++)
		len += vec[i].iov_len;
	if (len > XENSTORE_PAYLOAD_MAX)
		return -E2BIG;
	head.len = len;
	req->err = 0;
	req->reply = (struct store_message){};
	store_begin();
	err = xa_alloc_cyclic(&pending, &head.req_id, req, xa_limit_32b, &next_id, GFP_NOIO);
	if (err < 0)
		goto out;
	err = store_ring_send(&head, vec, n);
	/* If it is gone already, it has been told. */
	if (!err || !xa_erase(&pending, head.req_id))
		return 0;
out:
	store_end();
	return err;
}

struct call {
	struct store_request req;
	struct completion done;
};

static void call_done(struct store_request *req)
{
	complete(&container_of(req, struct call, req)->done);
}

/*
 * A request whose reply is waited for. Returns the reply's body, which the caller
 * kfree()s and which has a 0 after it, and in *len (may be NULL) its length; or an
 * ERR_PTR(). For processes that may sleep until xenstore answers.
 */
void *store_call(struct xenbus_transaction t, u32 type, const struct kvec *vec, unsigned int n,
		 unsigned int *len)
{
	struct call call = {
		.req = { .type = type, .tx = t.id, .done = call_done },
		.done = COMPLETION_INITIALIZER_ONSTACK(call.done),
	};
	int err = store_send(&call.req, vec, n);

	if (err)
		return ERR_PTR(err);
	wait_for_completion(&call.done);
	if (call.req.err) {
		kfree(call.req.reply.body);
		return ERR_PTR(call.req.err);
	}
	if (len)
		*len = call.req.reply.head.len;
	return call.req.reply.body;
}
