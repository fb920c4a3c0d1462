// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/xen/xenbus (and xenbus in xenfs): programs write xenstore's messages and read the
 * replies, in whatever pieces they like.
 *
 * The stream to xenstore is one for the whole domain, so messages are not just passed
 * through. Watches are ours, with tokens of our own, for a program's might be another's.
 * Transactions belong to the file that began them, and are undone when it is closed.
 * Answers that xenstore need not give we write ourselves.
 *
 * A file outlives its being closed until what was on its way for it has come back; what
 * is left to clean up then is done by a work item.
 */
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include <xen/xen.h>

#include "store.h"

#define MAX_UNREAD 4096 /* messages; events beyond that are lost, and it is told */

/* Bytes to be read by the program. */
struct chunk {
	struct list_head list;
	u32 len, done;
	char data[];
};

struct transaction {
	struct list_head list;
	u32 id;
	u32 generation; /* another one now: it is lost */
};

struct client {
	struct kref kref;	 /* one of the open file, one of each request on its way */
	struct mutex write_lock; /* one message at a time: in, have; and watches */
	union {
		struct xsd_sockmsg head;
		char bytes[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
	} in;
	size_t have;
	struct list_head watches;

	struct mutex read_lock; /* one reader at a time */
	spinlock_t lock;	/* all below */
	struct list_head chunks;
	unsigned int nr_chunks;
	bool lost; /* events, and it was told */
	struct list_head transactions;
	wait_queue_head_t wait;
	struct work_struct cleanup;
};

struct user_watch {
	struct list_head list;
	struct xenbus_watch watch;
	struct client *user;
	char *token; /* the program's */
};

/* A program's request at xenstore. */
struct user_request {
	struct store_request req;
	struct client *user;
	u32 req_id;		 /* the program's */
	struct transaction *new; /* to be, of XS_TRANSACTION_START */
};

/* Replies. */

static struct chunk *new_chunk(const struct xsd_sockmsg *head, const char *body)
{
	struct chunk *c = kmalloc(sizeof(*c) + sizeof(*head) + head->len, GFP_NOIO | __GFP_HIGH);

	if (!c)
		return NULL;
	c->len = sizeof(*head) + head->len;
	c->done = 0;
	memcpy(c->data, head, sizeof(*head));
	memcpy(c->data + sizeof(*head), body, head->len);
	return c;
}

static void queue_chunk(struct client *u, struct chunk *c)
{
	spin_lock(&u->lock);
	list_add_tail(&c->list, &u->chunks);
	u->nr_chunks++;
	spin_unlock(&u->lock);
	wake_up_all(&u->wait);
}

static int reply(struct client *u, u32 type, u32 req_id, u32 tx, const char *body, u32 len)
{
	struct xsd_sockmsg head = { .type = type, .req_id = req_id, .tx_id = tx, .len = len };
	struct chunk *c = new_chunk(&head, body);

	if (!c)
		return -ENOMEM;
	queue_chunk(u, c);
	return 0;
}

/* Answer the message in u->in. */
static int reply_ok(struct client *u)
{
	struct xsd_sockmsg *m = &u->in.head;

	return reply(u, m->type, m->req_id, m->tx_id, "OK", 3);
}

static int reply_error(struct client *u, int err)
{
	struct xsd_sockmsg *m = &u->in.head;
	const char *name = store_error_name(err);

	return reply(u, XS_ERROR, m->req_id, m->tx_id, name, strlen(name) + 1);
}

/* Watches. */

/* Is the same event waiting to be read already? u->lock is held. */
static bool will_be_read(struct client *u, const struct chunk *c)
{
	const struct chunk *other;

	list_for_each_entry(other, &u->chunks, list)
		if (!other->done && other->len == c->len && !memcmp(other->data, c->data, c->len))
			return true;
	return false;
}

/* By xenwatch. */
static void event(struct xenbus_watch *watch, const char *path, const char *token)
{
	struct user_watch *w = container_of(watch, struct user_watch, watch);
	size_t path_size = strlen(path) + 1, token_size = strlen(w->token) + 1;
	struct xsd_sockmsg head = { .type = XS_WATCH_EVENT, .len = path_size + token_size };
	struct client *u = w->user;
	char *body = kmalloc(head.len, GFP_KERNEL);
	struct chunk *c = NULL;

	if (body) {
		memcpy(body, path, path_size);
		memcpy(body + path_size, w->token, token_size);
		c = new_chunk(&head, body);
		kfree(body);
	}
	spin_lock(&u->lock);
	if (c && u->nr_chunks < MAX_UNREAD && !will_be_read(u, c)) {
		list_add_tail(&c->list, &u->chunks);
		u->nr_chunks++;
		c = NULL;
	} else if ((!c || u->nr_chunks >= MAX_UNREAD) && !u->lost) {
		u->lost = true;
		pr_warn("xenbus: a program does not read its events; some are lost\n");
	}
	spin_unlock(&u->lock);
	wake_up_all(&u->wait);
	kfree(c);
}

static void free_watch(struct user_watch *w)
{
	kfree(w->watch.node);
	kfree(w->token);
	kfree(w);
}

static struct user_watch *find_watch(struct client *u, const char *path, const char *token)
{
	struct user_watch *w;

	list_for_each_entry(w, &u->watches, list)
		if (!strcmp(w->watch.node, path) && !strcmp(w->token, token))
			return w;
	return NULL;
}

static int do_watch(struct client *u, const char *path, const char *token)
{
	struct user_watch *w;
	int err;

	if (find_watch(u, path, token))
		return -EEXIST;
	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	w->user = u;
	w->token = kstrdup(token, GFP_KERNEL);
	w->watch.node = kstrdup(path, GFP_KERNEL);
	w->watch.callback = event;
	err = w->token && w->watch.node ? register_xenbus_watch(&w->watch) : -ENOMEM;
	if (err)
		free_watch(w);
	else
		list_add(&w->list, &u->watches);
	return err;
}

static int do_unwatch(struct client *u, const char *path, const char *token)
{
	struct user_watch *w = find_watch(u, path, token);

	if (!w)
		return -ENOENT;
	unregister_xenbus_watch(&w->watch);
	list_del(&w->list);
	free_watch(w);
	return 0;
}

/* XS_WATCH or XS_UNWATCH: PATH|TOKEN|. */
static int watch_message(struct client *u)
{
	const struct xsd_sockmsg *m = &u->in.head;
	const char *path = u->in.bytes + sizeof(*m), *token = path + strnlen(path, m->len) + 1;
	const char *end = path + m->len;
	int err;

	if (token >= end || token + strnlen(token, end - token) >= end)
		err = -EINVAL;
	else if (m->type == XS_WATCH)
		err = do_watch(u, path, token);
	else
		err = do_unwatch(u, path, token);
	return err ? reply_error(u, err) : reply_ok(u);
}

/* Transactions. u->lock is held. */

static struct transaction *find_transaction(struct client *u, u32 id)
{
	struct transaction *t;

	list_for_each_entry(t, &u->transactions, list)
		if (t->id == id)
			return t;
	return NULL;
}

/* May the message in u->in be sent as part of its transaction? It may end that. */
static int check_transaction(struct client *u)
{
	const struct xsd_sockmsg *m = &u->in.head;
	struct transaction *t;
	int err = 0;

	if (!m->tx_id)
		return m->type == XS_TRANSACTION_END ? -ENOENT : 0;
	spin_lock(&u->lock);
	t = find_transaction(u, m->tx_id);
	if (!t)
		err = -ENOENT;
	else if (t->generation != store_generation())
		err = -EAGAIN;
	if (t && m->type == XS_TRANSACTION_END) {
		list_del(&t->list);
		kfree(t);
	}
	spin_unlock(&u->lock);
	return err;
}

/* What is left when nobody has the file, and nothing is on its way. */
static void cleanup(struct work_struct *work)
{
	struct client *u = container_of(work, struct client, cleanup);
	struct transaction *t, *next_t;
	struct user_watch *w, *next_w;
	struct chunk *c, *next_c;

	list_for_each_entry_safe(w, next_w, &u->watches, list) {
		unregister_xenbus_watch(&w->watch);
		free_watch(w);
	}
	list_for_each_entry_safe(t, next_t, &u->transactions, list) {
		struct kvec vec = { "F", 2 };
		struct xenbus_transaction id = { t->id };
		void *body = NULL;

		if (t->generation == store_generation())
			body = store_call(id, XS_TRANSACTION_END, &vec, 1, NULL);
		if (!IS_ERR(body))
			kfree(body);
		kfree(t);
	}
	list_for_each_entry_safe(c, next_c, &u->chunks, list)
		kfree(c);
	kfree(u);
}

/* By whoever is last: who closes the file, or the thread that reads replies. */
static void put_user_file(struct kref *kref)
{
	schedule_work(&container_of(kref, struct client, kref)->cleanup);
}

/* Requests that xenstore answers. */

/* By the thread that reads. */
static void request_done(struct store_request *req)
{
	struct user_request *r = container_of(req, struct user_request, req);
	struct client *u = r->user;
	const struct store_message *m = &req->reply;
	const char *name = store_error_name(req->err);

	if (!req->err && r->new && !kstrtou32(m->body, 10, &r->new->id)) {
		r->new->generation = store_generation();
		spin_lock(&u->lock);
		list_add(&r->new->list, &u->transactions);
		spin_unlock(&u->lock);
		r->new = NULL;
	}
	if (m->body)
		reply(u, m->head.type, r->req_id, m->head.tx_id, m->body, m->head.len);
	else
		reply(u, XS_ERROR, r->req_id, req->tx, name, strlen(name) + 1);
	kfree(m->body);
	kfree(r->new);
	kfree(r);
	kref_put(&u->kref, put_user_file);
}

static int forward(struct client *u)
{
	const struct xsd_sockmsg *m = &u->in.head;
	struct kvec vec = { u->in.bytes + sizeof(*m), m->len };
	struct user_request *r;
	int err;

	err = check_transaction(u);
	if (err)
		return reply_error(u, err);
	r = kzalloc(sizeof(*r), GFP_KERNEL);
	if (!r)
		return -ENOMEM;
	r->req = (struct store_request){ .type = m->type, .tx = m->tx_id, .done = request_done };
	r->req_id = m->req_id;
	r->user = u;
	if (m->type == XS_TRANSACTION_START) {
		r->new = kzalloc(sizeof(*r->new), GFP_KERNEL);
		if (!r->new) {
			kfree(r);
			return -ENOMEM;
		}
	}
	kref_get(&u->kref);
	err = store_send(&r->req, &vec, 1);
	if (err) {
		kfree(r->new);
		kfree(r);
		kref_put(&u->kref, put_user_file);
	}
	return err;
}

/* A whole message is in u->in. */
static int message(struct client *u)
{
	switch (u->in.head.type) {
	case XS_WATCH:
	case XS_UNWATCH:
		return watch_message(u);
	case XS_RESET_WATCHES: /* the kernel's would go, too */
		return reply_error(u, -EACCES);
	case XS_WATCH_EVENT:
	case XS_ERROR:
		return reply_error(u, -ENOSYS);
	default:
		return u->in.head.type < XS_TYPE_COUNT ? forward(u) : reply_error(u, -ENOSYS);
	}
}

/* The file. */

/* Take up to len bytes of the message that is being written; how many, or an error. */
static ssize_t write_some(struct client *u, const char __user *from, size_t len)
{
	size_t size = sizeof(u->in.head), n;
	int err;

	n = min(len, u->have < size ? size - u->have : size + u->in.head.len - u->have);
	if (copy_from_user(u->in.bytes + u->have, from, n))
		return -EFAULT;
	u->have += n;
	if (u->have < size)
		return n;
	if (u->in.head.len > XENSTORE_PAYLOAD_MAX) {
		u->have = 0;
		return -E2BIG;
	}
	if (u->have == size + u->in.head.len) {
		u->have = 0;
		err = message(u);
		if (err)
			return err;
	}
	return n;
}

static ssize_t xenbus_file_write(struct file *file, const char __user *from, size_t len,
				 loff_t *pos)
{
	struct client *u = file->private_data;
	size_t done = 0;
	ssize_t n = 0;

	mutex_lock(&u->write_lock);
	while (done < len) {
		n = write_some(u, from + done, len - done);
		if (n < 0)
			break;
		done += n;
	}
	mutex_unlock(&u->write_lock);
	return n < 0 ? n : done;
}

static struct chunk *first_chunk(struct client *u)
{
	struct chunk *c;

	spin_lock(&u->lock);
	c = list_first_entry_or_null(&u->chunks, struct chunk, list);
	spin_unlock(&u->lock);
	return c;
}

/* Copy what there is; read_lock is held. */
static ssize_t read_chunks(struct client *u, char __user *to, size_t len)
{
	size_t done = 0, n;
	struct chunk *c;

	while (done < len && (c = first_chunk(u))) {
		n = min_t(size_t, len - done, c->len - c->done);
		if (copy_to_user(to + done, c->data + c->done, n))
			return done ?: -EFAULT;
		done += n;
		spin_lock(&u->lock);
		c->done += n;
		if (c->done == c->len) {
			list_del(&c->list);
			u->nr_chunks--;
		} else {
			c = NULL;
		}
		spin_unlock(&u->lock);
		kfree(c);
	}
	return done;
}

static ssize_t xenbus_file_read(struct file *file, char __user *to, size_t len, loff_t *pos)
{
	struct client *u = file->private_data;
	ssize_t n;

	if (!len)
		return 0;
	do {
		if (!first_chunk(u) && file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(u->wait, first_chunk(u)) ||
		    mutex_lock_interruptible(&u->read_lock))
			return -ERESTARTSYS;
		n = read_chunks(u, to, len);
		mutex_unlock(&u->read_lock);
	} while (!n);
	return n;
}

static __poll_t xenbus_file_poll(struct file *file, poll_table *wait)
{
	struct client *u = file->private_data;

	poll_wait(file, &u->wait, wait);
	return first_chunk(u) ? EPOLLIN | EPOLLRDNORM : 0;
}

static int xenbus_file_open(struct inode *inode, struct file *file)
{
	struct client *u;

	if (!xen_store_evtchn)
		return -ENOENT;
	u = kzalloc(sizeof(*u), GFP_KERNEL);
	if (!u)
		return -ENOMEM;
	kref_init(&u->kref);
	mutex_init(&u->write_lock);
	mutex_init(&u->read_lock);
	spin_lock_init(&u->lock);
	INIT_LIST_HEAD(&u->chunks);
	INIT_LIST_HEAD(&u->watches);
	INIT_LIST_HEAD(&u->transactions);
	init_waitqueue_head(&u->wait);
	INIT_WORK(&u->cleanup, cleanup);
	file->private_data = u;
	return stream_open(inode, file);
}

static int xenbus_file_release(struct inode *inode, struct file *file)
{
	struct client *u = file->private_data;

	kref_put(&u->kref, put_user_file);
	return 0;
}

const struct file_operations xen_xenbus_fops = {
	.owner = THIS_MODULE,
	.read = xenbus_file_read,
	.write = xenbus_file_write,
	.poll = xenbus_file_poll,
	.open = xenbus_file_open,
	.release = xenbus_file_release,
	.llseek = no_llseek,
};
EXPORT_SYMBOL_GPL(xen_xenbus_fops);

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "xen/xenbus",
	.fops = &xen_xenbus_fops,
};

static int __init xenbus_device_init(void)
{
	return xen_domain() ? misc_register(&device) : 0;
}
device_initcall(xenbus_device_init);
