/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XENBUS_STORE_H
#define XENBUS_STORE_H

/*
 * The parts of the xenstore client, from the bottom up:
 *
 *	ring.c		bytes over the shared page, messages made of them
 *	request.c	a request and its reply; what waits while the domain is suspended
 *	watch.c		watches, and the thread that tells about them
 *	ops.c		read, write, directories, transactions: what drivers call
 *	start.c		how we find xenstore, or it us
 */
#include <linux/list.h>
#include <linux/uio.h>
#include <xen/interface/event_channel.h>
#include <xen/interface/io/xs_wire.h>
#include <xen/xenbus.h>

/* A message that came. The body is kmalloc()ed, and has a 0 after it. */
struct store_message {
	struct xsd_sockmsg head;
	char *body;
};

/* ring.c */
int store_ring_start(void);
void store_ring_reset(void);
void store_ring_stop(void);
int store_ring_send(const struct xsd_sockmsg *head, const struct kvec *vec, unsigned int n);

/*
 * A request on its way. done() is called once, by the thread that reads, and must not
 * sleep for xenstore; afterwards the request is the caller's again. The reply is the
 * message's body, of head.len bytes, or NULL if there was no memory for it; err is what
 * an error reply said.
 */
struct store_request {
	u32 type, tx;
	struct store_message reply;
	int err;
	void (*done)(struct store_request *req);
};

/* request.c */
int store_send(struct store_request *req, const struct kvec *vec, unsigned int n);
void *store_call(struct xenbus_transaction t, u32 type, const struct kvec *vec, unsigned int n,
		 unsigned int *len);
int store_error(const char *name);
const char *store_error_name(int err);
void store_got_reply(struct store_message *m);
void store_fail_all(int err);
void store_begin(void);
void store_end(void);
void store_hold(void);
void store_let_go(bool lost);
u32 store_generation(void);

/* watch.c */
int store_watch_start(void);
void store_watch_again(void);
void store_got_event(struct store_message *m);

/* start.c */
void store_heard(void);

#endif
