// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes to and from a console. In a domain they go over two rings on a page that the
 * console daemon shares; domain 0 has the hypervisor's console instead, by hypercall.
 *
 * Output must not be lost because the daemon is slow, and the domain must not stop
 * because it is dead: who writes is told to try again as long as something is taken
 * once a second, and that nothing was written after that.
 */
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/sched/clock.h>
#include <linux/time64.h>
#include <xen/events.h>
#include <asm/xen/hypercall.h>
#include <xen/interface/sched.h>

#include "console.h"

/* A printk() from under the lock, by this CPU, must not wait for it. */
static bool lock(struct xc *c, unsigned long *flags)
{
	if (!oops_in_progress) {
		raw_spin_lock_irqsave(&c->lock, *flags);
		return true;
	}
	return raw_spin_trylock_irqsave(&c->lock, *flags);
}

/*
 * Bytes between two indices of a ring. What the other side wrote may be anything; a
 * ring that holds more than its size holds nothing for us.
 */
static u32 held(struct xc *c, u32 prod, u32 cons, u32 size)
{
	if (prod - cons <= size)
		return prod - cons;
	c->lied = true;
	return U32_MAX;
}

static int ring_read(struct xc *c, char *buf, u32 len)
{
	struct xencons_interface *ring = c->ring;
	u32 cons = ring->in_cons, n, i;

	n = held(c, READ_ONCE(ring->in_prod), cons, sizeof(ring->in));
	if (n == 0 || n == U32_MAX)
		return 0;
	virt_rmb(); /* the index before the bytes */
	n = min(n, len);
	for (i = 0; i < n; i++)
		buf[i] = READ_ONCE(ring->in[MASK_XENCONS_IDX(cons + i, ring->in)]);
	virt_mb(); /* the bytes before their room is given away */
	WRITE_ONCE(ring->in_cons, cons + n);
	notify_remote_via_evtchn(c->port);
	return n;
}

static int ring_write(struct xc *c, const char *buf, u32 len)
{
	struct xencons_interface *ring = c->ring;
	u32 prod = ring->out_prod, n, i;

	n = held(c, prod, READ_ONCE(ring->out_cons), sizeof(ring->out));
	if (n == U32_MAX)
		return 0;
	virt_mb(); /* the index before the bytes it frees */
	n = min_t(u32, sizeof(ring->out) - n, len);
	if (!n)
		return 0;
	for (i = 0; i < n; i++)
		ring->out[MASK_XENCONS_IDX(prod + i, ring->out)] = buf[i];
	virt_wmb(); /* the bytes before the index */
	WRITE_ONCE(ring->out_prod, prod + n);
	notify_remote_via_evtchn(c->port);
	return n;
}

/* Bytes that came, as many as there are; 0 if none. */
int xc_read(struct xc *c, char *buf, int len)
{
	unsigned long flags;
	int n;

	if (len <= 0 || !lock(c, &flags))
		return 0;
	if (c->ring)
		n = ring_read(c, buf, len);
	else
		n = max(HYPERVISOR_console_io(CONSOLEIO_read, len, buf), 0);
	if (n)
		c->busy = true;
	raw_spin_unlock_irqrestore(&c->lock, flags);
	return n;
}

/*
 * Bytes out. Returns how many went; -EAGAIN: none, try again soon; 0: none, and nobody
 * has taken any for a second.
 */
int xc_write(struct xc *c, const char *buf, int len)
{
	unsigned long flags;
	int n;

	if (len <= 0 || !lock(c, &flags))
		return 0;
	if (c->ring) {
		n = ring_write(c, buf, len);
	} else {
		n = HYPERVISOR_console_io(CONSOLEIO_write, len, (char *)buf);
		n = n < 0 ? 0 : len;
	}
	if (n) {
		c->full_since = 0;
		c->busy = true;
	} else if (!c->full_since) {
		c->full_since = local_clock() | 1;
		n = -EAGAIN;
	} else if (local_clock() - c->full_since < NSEC_PER_SEC) {
		n = -EAGAIN;
	}
	raw_spin_unlock_irqrestore(&c->lock, flags);
	return n;
}

/* How much xc_write() would take now. */
unsigned int xc_room(struct xc *c)
{
	unsigned long flags;
	u32 n;

	if (!c->ring)
		return sizeof(c->ring->out);
	if (!lock(c, &flags))
		return 0;
	n = held(c, c->ring->out_prod, READ_ONCE(c->ring->out_cons), sizeof(c->ring->out));
	raw_spin_unlock_irqrestore(&c->lock, flags);
	return n == U32_MAX ? 0 : sizeof(c->ring->out) - n;
}

/* Let whoever empties the ring run. Any context. */
void xc_yield(void)
{
	HYPERVISOR_sched_op(SCHEDOP_yield, NULL);
}
