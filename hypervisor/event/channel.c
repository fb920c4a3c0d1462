/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ports: a domain's table of them, and what they are bound to.
 *
 * The table grows by buckets of channels and never shrinks, so a channel stays
 * where it is for as long as its domain exists, and a peer may point at it. The
 * lowest free port is taken first, as guests expect.
 */
#include <xen/errno.h>

#include "event/internal.h"
#include "irq/pirq.h"
#include "mm/alloc.h"

/* A bucket of channels more, unless one is left from before a reset. */
static bool bucket_add(struct event_domain *ed)
{
	struct bucket *b = &ed->bucket[ed->nr_ports >> BUCKET_SHIFT];

	if (!b->channel)
		b->channel = heap_alloc(BUCKET_CHANNELS * sizeof(struct channel));
	if (!b->channel)
		return false;
	__atomic_store_n(&ed->nr_ports, ed->nr_ports + BUCKET_CHANNELS, __ATOMIC_RELEASE);
	return true;
}

int event_domain_init(struct domain *d)
{
	struct event_domain *ed = new (struct event_domain);

	if (!ed)
		return -XEN_ENOMEM;
	spin_lock_init(&ed->lock);
	ed->bucket = ed->small;
	/* The first bucket is there from the start, and with it port 0. */
	if (!bucket_add(ed)) {
		heap_free(ed);
		return -XEN_ENOMEM;
	}
	ed->bucket[0].used = 1;
	ed->max_ports = EVTCHN_2L_NR_CHANNELS;
	ed->max_port = UINT32_MAX;
	ed->free_hint = 1;
	d->event = ed;
	return 0;
}

void event_domain_destroy(struct domain *d)
{
	struct event_domain *ed = d->event;

	if (!ed)
		return;
	d->event = NULL;
	for (u32 i = 0; i < (ed->bucket == ed->small ? SMALL_BUCKETS : FIFO_BUCKETS); i++)
		heap_free(ed->bucket[i].channel);
	if (ed->bucket != ed->small)
		heap_free(ed->bucket);
	heap_free(ed->pirq_port);
	heap_free(ed);
}

int event_vcpu_init(struct vcpu *v)
{
	struct event_vcpu *ev = new (struct event_vcpu);

	if (!ev)
		return -XEN_ENOMEM;
	v->event = ev;
	if (v->id < XEN_LEGACY_MAX_VCPUS)
		v->info = &v->domain->shared->vcpu_info[v->id];
	else
		v->info = &ev->private_info;
	return 0;
}

void event_vcpu_destroy(struct vcpu *v)
{
	heap_free(v->event);
	v->event = NULL;
}

void event_set_max_port(struct domain *d, u32 max_port)
{
	spin_lock(&d->event->lock);
	d->event->max_port = max_port;
	spin_unlock(&d->event->lock);
}

/*
 * The old flags first, then the pointer, then everything that a sender could
 * have marked in the old place meanwhile: all words, and the upcall. A sender
 * sets its port's bit before it reads the pointer, so if it still found the old
 * one, the guest finds the port by the words we mark here.
 */
void event_move_vcpu_info(struct vcpu *v, struct vcpu_info *info)
{
	info->evtchn_upcall_pending = v->info->evtchn_upcall_pending;
	info->evtchn_upcall_mask = v->info->evtchn_upcall_mask;
	info->evtchn_pending_sel = v->info->evtchn_pending_sel;
	info->arch = v->info->arch;
	info->time = v->info->time;
	__atomic_store_n(&v->info, info, __ATOMIC_SEQ_CST);
	__atomic_store_n(&info->evtchn_pending_sel, ~0ul, __ATOMIC_SEQ_CST);
	__atomic_store_n(&info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST);
	sched_event(v);
}

void event_reset_vcpu_info(struct vcpu *v)
{
	__atomic_store_n(&v->info, &v->event->private_info, __ATOMIC_SEQ_CST);
}

bool event_info_is_private(const struct vcpu *v)
{
	return v->info == &v->event->private_info;
}

/* Both domains' event locks, in an order that does not depend on the caller. */
static void lock_both(struct domain *a, struct domain *b)
{
	if (a == b) {
		spin_lock(&a->event->lock);
	} else {
		spin_lock(&min(a, b)->event->lock);
		spin_lock(&max(a, b)->event->lock);
	}
}

static void unlock_both(struct domain *a, struct domain *b)
{
	spin_unlock(&a->event->lock);
	if (a != b)
		spin_unlock(&b->event->lock);
}

/*
 * Take the lowest free port and leave it closed: the caller binds it or gives it
 * back by channel_free(). The port, or -ENOSPC, -ENOMEM, -EINVAL (dying).
 */
static int channel_alloc(struct domain *d)
{
	struct event_domain *ed = d->event;
	u32 b = ed->free_hint >> BUCKET_SHIFT, port;
	struct channel *c;

	if (d->is_dying)
		return -XEN_EINVAL;
	/* Full buckets are stepped over; port 0 is in use from the start. */
	while (b < ed->nr_ports >> BUCKET_SHIFT && ed->bucket[b].used == BUCKET_CHANNELS)
		b++;
	port = max(b << BUCKET_SHIFT, ed->free_hint);
	if (port >= ed->max_ports || port > ed->max_port)
		return -XEN_ENOSPC;
	if (port >= ed->nr_ports && !bucket_add(ed))
		return -XEN_ENOMEM;
	while (channel_get(ed, port)->state != EVTCHNSTAT_closed)
		port++;
	if (port > ed->max_port)
		return -XEN_ENOSPC;
	c = channel_get(ed, port);
	c->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
	ed->bucket[b].used++;
	ed->used++;
	ed->free_hint = port + 1;
	return port;
}

static void channel_free(struct domain *d, struct channel *c, u32 port)
{
	struct event_domain *ed = d->event;

	c->state = EVTCHNSTAT_closed;
	c->vcpu = 0;
	/* The next owner of the port must not find our event. */
	c->pending = false;
	if (ed->fifo)
		fifo_clear_pending(d, port);
	else
		two_level_clear_pending(d, port);
	ed->bucket[port >> BUCKET_SHIFT].used--;
	ed->used--;
	ed->free_hint = min(ed->free_hint, port);
}

int event_alloc_unbound(struct domain *d, u16 remote, evtchn_port_t *out)
{
	struct event_domain *ed = d->event;
	struct channel *c;
	int port;

	spin_lock(&ed->lock);
	port = channel_alloc(d);
	if (port > 0) {
		c = channel_get(ed, port);
		c->state = EVTCHNSTAT_unbound;
		c->remote_dom = remote;
		*out = port;
	}
	spin_unlock(&ed->lock);
	return min(port, 0);
}

int event_bind_interdomain(struct domain *d, struct evtchn_bind_interdomain *op)
{
	struct domain *rd = domain_get(op->remote_dom);
	struct channel *c, *rc;
	int port;

	if (!rd)
		return -XEN_ESRCH;
	lock_both(d, rd);
	port = channel_alloc(d);
	if (port < 0)
		goto out;
	c = channel_get(d->event, port);
	rc = channel_get(rd->event, op->remote_port);
	if (!rc || rc->state != EVTCHNSTAT_unbound || rc->remote_dom != d->id) {
		channel_free(d, c, port);
		port = -XEN_EINVAL;
		goto out;
	}
	rc->state = c->state = EVTCHNSTAT_interdomain;
	c->peer.channel = rc;
	c->peer.domain = rd;
	c->peer.port = op->remote_port;
	rc->peer.channel = c;
	rc->peer.domain = d;
	rc->peer.port = port;
	op->local_port = port;
	/* The peer may have sent before we were there. */
	channel_set_pending(d, c, port);
out:
	unlock_both(d, rd);
	domain_put(rd);
	return min(port, 0);
}

int event_bind_virq(struct domain *d, struct evtchn_bind_virq *op)
{
	struct event_domain *ed = d->event;
	u32 virq = op->virq;
	struct channel *c;
	struct vcpu *v;
	int port;

	if (virq >= NR_VIRQS)
		return -XEN_EINVAL;
	virq = index_nospec(virq, NR_VIRQS);
	if (virq_is_global(virq) && op->vcpu != 0)
		return -XEN_EINVAL;
	v = domain_vcpu(d, op->vcpu);
	if (!v)
		return -XEN_ENOENT;
	spin_lock(&ed->lock);
	port = v->event->virq_port[virq] ? -XEN_EEXIST : channel_alloc(d);
	if (port > 0) {
		c = channel_get(ed, port);
		c->state = EVTCHNSTAT_virq;
		c->virq = virq;
		c->vcpu = v->id;
		v->event->virq_port[virq] = port;
		op->port = port;
	}
	spin_unlock(&ed->lock);
	return min(port, 0);
}

int event_bind_ipi(struct domain *d, struct evtchn_bind_ipi *op)
{
	struct event_domain *ed = d->event;
	struct vcpu *v = domain_vcpu(d, op->vcpu);
	struct channel *c;
	int port;

	if (!v)
		return -XEN_ENOENT;
	spin_lock(&ed->lock);
	port = channel_alloc(d);
	if (port > 0) {
		c = channel_get(ed, port);
		c->state = EVTCHNSTAT_ipi;
		c->vcpu = v->id;
		op->port = port;
	}
	spin_unlock(&ed->lock);
	return min(port, 0);
}

int event_bind_pirq(struct domain *d, struct evtchn_bind_pirq *op)
{
	struct event_domain *ed = d->event;
	u32 pirq = op->pirq;
	struct channel *c;
	int port, rc;

	if (pirq >= MAX_PIRQS)
		return -XEN_EINVAL;
	pirq = index_nospec(pirq, MAX_PIRQS);
	spin_lock(&ed->lock);
	if (!ed->pirq_port)
		ed->pirq_port = heap_alloc(MAX_PIRQS * sizeof(u32));
	if (!ed->pirq_port)
		port = -XEN_ENOMEM;
	else
		port = ed->pirq_port[pirq] ? -XEN_EEXIST : channel_alloc(d);
	if (port > 0) {
		c = channel_get(ed, port);
		c->state = EVTCHNSTAT_pirq;
		c->pirq = pirq;
		rc = pirq_bind(d, pirq, port, op->flags & BIND_PIRQ__WILL_SHARE);
		if (rc == 0) {
			ed->pirq_port[pirq] = op->port = port;
		} else {
			channel_free(d, c, port);
			port = rc;
		}
	}
	spin_unlock(&ed->lock);
	return min(port, 0);
}

int event_bind_vcpu(struct domain *d, const struct evtchn_bind_vcpu *op)
{
	struct event_domain *ed = d->event;
	struct vcpu *v = domain_vcpu(d, op->vcpu);
	struct channel *c;
	int rc = -XEN_EINVAL;

	if (!v)
		return -XEN_ENOENT;
	spin_lock(&ed->lock);
	c = channel_get(ed, op->port);
	if (c && (c->state == EVTCHNSTAT_unbound || c->state == EVTCHNSTAT_interdomain ||
		  c->state == EVTCHNSTAT_pirq ||
		  (c->state == EVTCHNSTAT_virq && virq_is_global(c->virq)))) {
		WRITE_ONCE(c->vcpu, v->id);
		if (c->state == EVTCHNSTAT_pirq)
			pirq_follow(d, c->pirq, v);
		rc = 0;
	}
	spin_unlock(&ed->lock);
	return rc;
}

int event_status(struct domain *d, struct evtchn_status *op)
{
	struct event_domain *ed = d->event;
	struct channel *c;
	int rc = -XEN_EINVAL;

	spin_lock(&ed->lock);
	c = channel_get(ed, op->port);
	if (c) {
		rc = 0;
		op->status = c->state;
		op->vcpu = c->vcpu;
		if (c->state == EVTCHNSTAT_unbound) {
			op->u.unbound.dom = c->remote_dom;
		} else if (c->state == EVTCHNSTAT_interdomain) {
			op->u.interdomain.dom = c->peer.domain->id;
			op->u.interdomain.port = c->peer.port;
		} else if (c->state == EVTCHNSTAT_pirq) {
			op->u.pirq = c->pirq;
		} else if (c->state == EVTCHNSTAT_virq) {
			op->u.virq = c->virq;
		}
	}
	spin_unlock(&ed->lock);
	return rc;
}

/*
 * Lock a domain, and the domain of port's peer if it has one: NULL if not. The
 * peer is known only under our own lock, and it may be its turn to be first. To
 * try its lock then is safe, since it stays while we hold ours; and of two who
 * close a pair from both ends, one has the order on its side and simply waits.
 */
static struct domain *lock_with_peer(struct domain *d, u32 port)
{
	for (;;) {
		struct channel *c;
		struct domain *rd;

		spin_lock(&d->event->lock);
		c = channel_get(d->event, port);
		if (!c || c->state != EVTCHNSTAT_interdomain || c->peer.domain == d)
			return NULL;
		rd = c->peer.domain;
		if (rd > d) {
			spin_lock(&rd->event->lock);
			return rd;
		}
		if (spin_trylock(&rd->event->lock))
			return rd;
		spin_unlock(&d->event->lock);
	}
}

int event_close(struct domain *d, u32 port)
{
	struct domain *rd = lock_with_peer(d, port);
	struct event_domain *ed = d->event;
	struct channel *c = channel_get(ed, port);
	int rc = 0;

	if (!c || c->state == EVTCHNSTAT_closed) {
		rc = -XEN_EINVAL;
		goto out;
	}
	switch (c->state) {
	case EVTCHNSTAT_interdomain:
		c->peer.channel->state = EVTCHNSTAT_unbound;
		c->peer.channel->remote_dom = d->id;
		break;
	case EVTCHNSTAT_virq:
		/* A global one is VCPU 0's whoever is notified. */
		d->vcpu[virq_is_global(c->virq) ? 0 : c->vcpu]->event->virq_port[c->virq] = 0;
		break;
	case EVTCHNSTAT_pirq:
		ed->pirq_port[c->pirq] = 0;
		pirq_unbind(d, c->pirq);
		break;
	}
	channel_free(d, c, port);
out:
	if (rd)
		spin_unlock(&rd->event->lock);
	spin_unlock(&ed->lock);
	return rc;
}

int event_close_all(struct domain *d)
{
	struct event_domain *ed = d->event;

	while (ed->close_next < READ_ONCE(ed->nr_ports)) {
		event_close(d, ed->close_next++);
		if (ed->close_next % 64 == 0 && preempt_check())
			return -XEN_ERESTART;
	}
	ed->close_next = 0;
	return 0;
}

int event_reset(struct domain *d)
{
	struct event_domain *ed = d->event;
	int rc = event_close_all(d);

	if (rc)
		return rc;
	spin_lock(&ed->lock);
	/* A port that was opened meanwhile may be in use: by its peer even now. */
	if (ed->used)
		rc = -XEN_EAGAIN;
	else if (ed->fifo)
		fifo_destroy(d);
	spin_unlock(&ed->lock);
	return rc;
}

int event_domain_kill(struct domain *d)
{
	struct event_domain *ed = d->event;
	int rc = event_close_all(d);

	if (rc)
		return rc;
	event_virq_handlers_release(d);
	spin_lock(&ed->lock);
	/* Nothing is opened any more, but a reset may have run across us. */
	if (ed->used)
		rc = -XEN_ERESTART;
	else if (ed->fifo)
		fifo_destroy(d);
	spin_unlock(&ed->lock);
	return rc;
}

int event_unmask(struct domain *d, evtchn_port_t port)
{
	struct event_domain *ed = d->event;
	struct channel *c;
	int rc = 0;

	spin_lock(&ed->lock);
	c = channel_get(ed, port);
	if (!c)
		rc = -XEN_EINVAL;
	else if (c->state == EVTCHNSTAT_closed)
		; /* accepted, as on Xen */
	else if (ed->fifo)
		fifo_unmask(d, c, port);
	else
		two_level_unmask(d, d->vcpu[c->vcpu], port);
	spin_unlock(&ed->lock);
	return rc;
}

static bool is_pending(struct domain *d, const struct channel *c, u32 port)
{
	return d->event->fifo ? fifo_is_pending(d, c, port) : two_level_is_pending(d, port);
}

int event_port_pending(struct domain *d, evtchn_port_t port)
{
	struct event_domain *ed = d->event;
	struct channel *c;
	int rc = -XEN_EINVAL;

	spin_lock(&ed->lock);
	c = channel_get(ed, port);
	if (c && c->state != EVTCHNSTAT_closed)
		rc = is_pending(d, c, port);
	spin_unlock(&ed->lock);
	return rc;
}

void event_dump(struct domain *d)
{
	static const char *const names[] = { "closed", "unbound", "interdomain",
					     "pirq",   "virq",	  "ipi" };
	struct event_domain *ed = d->event;

	spin_lock(&ed->lock);
	log_info("d%u: %u ports, %s", d->id, ed->used, ed->fifo ? "FIFO" : "2-level");
	for (u32 port = 1; port < ed->nr_ports; port++) {
		struct channel *c = channel_get(ed, port);

		if (c->state == EVTCHNSTAT_closed)
			continue;
		log_info("  %5u %s%s v%u %-11s %u %u", port, is_pending(d, c, port) ? "p" : "-",
			 (ed->fifo ? fifo_is_masked(d, port) : two_level_is_masked(d, port)) ? "m" :
											       "-",
			 c->vcpu, names[c->state],
			 c->state == EVTCHNSTAT_interdomain ? c->peer.domain->id :
			 c->state == EVTCHNSTAT_unbound	    ? c->remote_dom :
			 c->state == EVTCHNSTAT_ipi	    ? 0 :
							      c->virq,
			 c->state == EVTCHNSTAT_interdomain ? c->peer.port : 0);
	}
	spin_unlock(&ed->lock);
}
