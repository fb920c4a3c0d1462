// SPDX-License-Identifier: GPL-2.0
/*
 * Watches. Xenstore knows a watch by its token, which is the number of its place in a
 * table, so that an event for a watch that has gone finds nothing.
 *
 * Events are told by a thread of their own (xenwatch), one after the other: who is told
 * may ask xenstore, and that is answered by the thread that reads. An event says that
 * something is different from before, and the callback looks: so one that waits already
 * for the same watch and path need not be told twice. That bounds what another domain
 * can make us keep by writing to what we watch.
 */
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "store.h"

struct event {
	struct list_head list;
	struct xenbus_watch *watch;
	char *path, *token; /* parts of body */
	char *body;
};

/* Watches by token, the events to be told, and whom the thread is telling now. */
static DEFINE_XARRAY_ALLOC1(watches);
static u32 next_token;
static LIST_HEAD(events);
static struct xenbus_watch *telling;
static DEFINE_SPINLOCK(lock);
static DECLARE_WAIT_QUEUE_HEAD(wait); /* for events, and for telling to end */
static struct task_struct *thread;

/* Split an event's body, PATH|TOKEN|. False: it is none. */
static bool parse(struct event *e, u32 len, u32 *token)
{
	u32 path_len = strnlen(e->body, len);

	if (path_len >= len ||
	    strnlen(e->body + path_len + 1, len - path_len - 1) >= len - path_len - 1)
		return false;
	e->path = e->body;
	e->token = e->body + path_len + 1;
	return !kstrtou32(e->token, 10, token);
}

static bool told_soon(const struct event *e)
{
	const struct event *other;

	list_for_each_entry(other, &events, list)
		if (other->watch == e->watch && !strcmp(other->path, e->path))
			return true;
	return false;
}

/* An event came; called by the thread that reads, which gives the body away. */
void store_got_event(struct store_message *m)
{
	struct event *e = kmalloc(sizeof(*e), GFP_NOIO | __GFP_HIGH);
	struct xenbus_watch *w;
	u32 token;

	if (!e || !m->body) {
		pr_err_ratelimited("xenstore: no memory for an event, which is lost\n");
		goto drop;
	}
	e->body = m->body;
	if (!parse(e, m->head.len, &token)) {
		pr_warn_ratelimited("xenstore: an event that is none\n");
		goto drop;
	}
	spin_lock(&lock);
	w = xa_load(&watches, token);
	e->watch = w;
	if (!w || told_soon(e) || (w->will_handle && !w->will_handle(w, e->path, e->token))) {
		spin_unlock(&lock);
		goto drop;
	}
	w->nr_pending++;
	list_add_tail(&e->list, &events);
	spin_unlock(&lock);
	wake_up_all(&wait);
	return;
drop:
	kfree(m->body);
	kfree(e);
}

static struct event *next_event(void)
{
	struct event *e;

	spin_lock(&lock);
	e = list_first_entry_or_null(&events, struct event, list);
	if (e) {
		list_del(&e->list);
		e->watch->nr_pending--;
		telling = e->watch;
	}
	spin_unlock(&lock);
	return e;
}

static int tell(void *unused)
{
	struct event *e;

	while (true) {
		wait_event_idle(wait, (e = next_event()));
		e->watch->callback(e->watch, e->path, e->token);
		/* The watch may not be there any more. */
		spin_lock(&lock);
		telling = NULL;
		spin_unlock(&lock);
		wake_up_all(&wait);
		kfree(e->body);
		kfree(e);
	}
	return 0;
}

static int send(u32 type, struct xenbus_watch *w, u32 token)
{
	char text[12];
	struct kvec vec[] = {
		{ (char *)w->node, strlen(w->node) + 1 },
		{ text, scnprintf(text, sizeof(text), "%u", token) + 1 },
	};
	void *reply = store_call(XBT_NIL, type, vec, ARRAY_SIZE(vec), NULL);

	if (IS_ERR(reply))
		return PTR_ERR(reply);
	kfree(reply);
	return 0;
}

/* Nothing more is told about this watch. Returns its token, 0 if it has none. */
static u32 forget(struct xenbus_watch *w)
{
	struct event *e, *next;
	struct xenbus_watch *other;
	unsigned long token;
	LIST_HEAD(dropped);

	spin_lock(&lock);
	xa_for_each(&watches, token, other)
		if (other == w)
			break;
	if (other)
		xa_erase(&watches, token);
	list_for_each_entry_safe(e, next, &events, list)
		if (e->watch == w)
			list_move(&e->list, &dropped);
	w->nr_pending = 0;
	spin_unlock(&lock);
	list_for_each_entry_safe(e, next, &dropped, list) {
		kfree(e->body);
		kfree(e);
	}
	return other ? token : 0;
}

/*
 * Watch w->node and what is below it: w->callback() is called by the thread xenwatch,
 * once soon and then after every change. w->will_handle(), if there is one, is asked
 * under a spinlock before that. w stays the caller's. For processes.
 */
int register_xenbus_watch(struct xenbus_watch *w)
{
	u32 token;
	int err;

	w->nr_pending = 0;
	INIT_LIST_HEAD(&w->list);
	err = xa_alloc_cyclic(&watches, &token, w, xa_limit_31b, &next_token, GFP_NOIO);
	if (err < 0)
		return err;
	err = send(XS_WATCH, w, token);
	/* It exists if we were restored meanwhile. */
	if (!err || err == -EEXIST)
		return 0;
	forget(w);
	return err;
}
EXPORT_SYMBOL_GPL(register_xenbus_watch);

static bool is_being_told(struct xenbus_watch *w)
{
	bool is;

	spin_lock(&lock);
	is = telling == w;
	spin_unlock(&lock);
	return is;
}

/*
 * The opposite. Afterwards the callback does not run any more, unless it is itself that
 * calls this. Other callers must not hold what the callback waits for. For processes.
 */
void unregister_xenbus_watch(struct xenbus_watch *w)
{
	u32 token = forget(w);
	int err;

	if (WARN(!token, "xenstore: %s is not being watched\n", w->node))
		return;
	err = send(XS_UNWATCH, w, token);
	/* It does not exist if we were restored meanwhile. */
	if (err && err != -ENOENT && err != -EIO)
		pr_warn("xenstore: %s is still being watched (%d)\n", w->node, err);
	if (current != thread)
		wait_event(wait, !is_being_told(w));
}
EXPORT_SYMBOL_GPL(unregister_xenbus_watch);

/* Xenstore is another than before, and knows of no watch. All of them fire. */
void store_watch_again(void)
{
	struct xenbus_watch *w;
	unsigned long token;
	int err;

	xa_for_each(&watches, token, w) {
		err = send(XS_WATCH, w, token);
		if (err && err != -EEXIST)
			pr_err("xenstore: %s cannot be watched any more (%d)\n", w->node, err);
	}
}

int __init store_watch_start(void)
{
	thread = kthread_run(tell, NULL, "xenwatch");
	return PTR_ERR_OR_ZERO(thread);
}
