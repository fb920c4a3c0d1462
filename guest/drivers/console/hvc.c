// SPDX-License-Identifier: GPL-2.0
/*
 * Consoles as hvc sees them: Linux's driver for hypervisors' consoles makes terminals
 * and printk()'s console of a function that reads and one that writes.
 *
 * Events come with a late end of interrupt: an event after which there was nothing to
 * read and nothing had been written is spurious, and too many of those are slowed down.
 */
#include <linux/interrupt.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <xen/events.h>

#include "hvc_console.h"
#include "console.h"

/* Consoles by vtermno, but the first. Readers are in RCU; consoles_lock for the rest. */
static LIST_HEAD(consoles);
static DEFINE_SPINLOCK(consoles_lock);

/* hvc knows numbers only. Under rcu_read_lock(), which keeps the console. */
static struct xc *find(u32 vtermno)
{
	struct xc *c;

	if (vtermno == xc_first.vtermno)
		return &xc_first;
	list_for_each_entry_rcu(c, &consoles, list) {
		if (c->vtermno == vtermno)
			return c;
	}
	return NULL;
}

static int get_chars(u32 vtermno, char *buf, int len)
{
	struct xc *c;
	int n;

	rcu_read_lock();
	c = find(vtermno);
	n = c ? xc_read(c, buf, len) : -EPIPE;
	rcu_read_unlock();
	return n;
}

static int put_chars(u32 vtermno, const char *buf, int len)
{
	struct xc *c;
	int n;

	rcu_read_lock();
	c = find(vtermno);
	n = c ? xc_write(c, buf, len) : -EPIPE;
	rcu_read_unlock();
	return n;
}

/* hvc calls this after writing, and before it tries again. */
static int flush(u32 vtermno, bool wait)
{
	struct xc *c;
	bool full;

	rcu_read_lock();
	c = find(vtermno);
	full = c && READ_ONCE(c->full_since);
	rcu_read_unlock();
	if (full)
		xc_yield();
	return 0;
}

static irqreturn_t event(int irq, void *hp)
{
	struct xc *c;

	if (hvc_poll(hp))
		hvc_kick();
	rcu_read_lock();
	c = find(((struct hvc_struct *)hp)->vtermno);
	if (!c || c->ring)
		xen_irq_lateeoi(irq, c && xchg(&c->busy, false) ? 0 : XEN_EOI_FLAG_SPURIOUS);
	rcu_read_unlock();
	return IRQ_HANDLED;
}

static int open(struct hvc_struct *hp, int irq)
{
	int err = irq ? request_irq(irq, event, 0, "hvc_console", hp) : 0;

	hp->irq_requested = irq && !err;
	return err;
}

static void close(struct hvc_struct *hp, int irq)
{
	if (hp->irq_requested)
		free_irq(irq, hp);
	hp->irq_requested = 0;
}

static const struct hv_ops ops = {
	.get_chars = get_chars,
	.put_chars = put_chars,
	.flush = flush,
	.notifier_add = open,
	.notifier_del = close,
	.notifier_hangup = close,
};

/* Make c hvc's. c->irq may be 0: polled. Returns an error; for processes. */
int xc_hvc_add(struct xc *c)
{
	if (c != &xc_first) {
		spin_lock(&consoles_lock);
		list_add_tail_rcu(&c->list, &consoles);
		spin_unlock(&consoles_lock);
	}
	c->hvc = hvc_alloc(c->vtermno, c->irq, &ops, 256);
	if (!IS_ERR(c->hvc))
		return 0;
	xc_hvc_remove(c);
	return PTR_ERR(c->hvc);
}

/* The opposite, but not of the first; nobody uses c any more. For processes. */
void xc_hvc_remove(struct xc *c)
{
	if (c == &xc_first)
		return;
	if (!IS_ERR_OR_NULL(c->hvc))
		hvc_remove(c->hvc);
	spin_lock(&consoles_lock);
	list_del_rcu(&c->list);
	spin_unlock(&consoles_lock);
	synchronize_rcu();
}

/* console_initcall: hvc0 is the first console, and printk() can have it. */
int __init xc_hvc_console(void)
{
	return hvc_instantiate(xc_first.vtermno, 0, &ops);
}
