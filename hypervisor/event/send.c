/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sending: a guest to its peer or to itself, and the hypervisor's virtual and
 * physical interrupts. This is the hot path of everything between domains.
 */
#include <xen/errno.h>

#include "event/internal.h"
#include "irq/pirq.h"

/* Not inlined: an IPI shall not pay for its stack frame. */
static __attribute__((noinline)) int send_locked(struct domain *d, struct channel *c, u32 port)
{
	struct event_domain *ed = d->event;
	int rc = 0;

	spin_lock(&ed->lock);
	if (likely(c->state == EVTCHNSTAT_interdomain)) {
		channel_set_pending(c->peer.domain, c->peer.channel, c->peer.port);
	} else if (c->state == EVTCHNSTAT_ipi) {
		channel_set_pending(d, c, port);
	} else if (c->state != EVTCHNSTAT_unbound) {
		/* Without a peer it goes nowhere, and that is no error. */
		rc = -XEN_EINVAL;
	}
	spin_unlock(&ed->lock);
	return rc;
}

/*
 * Channels stay where they are, so they can be looked up without the lock; what
 * one is bound to cannot. But if it is an IPI and two-level, all that it takes is
 * the domain's own and stays too. At worst the guest closes the port meanwhile on
 * another VCPU, and its next owner finds an event that is none.
 */
int event_send(struct domain *d, u32 port)
{
	struct event_domain *ed = d->event;
	struct channel *c = channel_get(ed, port);

	if (unlikely(!c))
		return -XEN_EINVAL;
	if (READ_ONCE(c->state) != EVTCHNSTAT_ipi || READ_ONCE(ed->fifo))
		return send_locked(d, c, port);
	two_level_set_pending(d, d->vcpu[READ_ONCE(c->vcpu)], port);
	return 0;
}

/* The port bound to a virtual interrupt of v becomes pending; d is locked. */
static void virq_pending(struct vcpu *v, unsigned int virq)
{
	u32 port = v->event->virq_port[virq];

	if (port)
		channel_set_pending(v->domain, channel_get(v->domain->event, port), port);
}

void event_send_virq(struct vcpu *v, unsigned int virq)
{
	struct event_domain *ed = v->domain->event;

	spin_lock(&ed->lock);
	virq_pending(v, virq);
	spin_unlock(&ed->lock);
}

void event_send_pirq(struct domain *d, unsigned int pirq)
{
	struct event_domain *ed = d->event;

	spin_lock(&ed->lock);
	if (ed->pirq_port && pirq < MAX_PIRQS && ed->pirq_port[pirq]) {
		u32 port = ed->pirq_port[pirq];

		channel_set_pending(d, channel_get(ed, port), port);
	}
	spin_unlock(&ed->lock);
}

evtchn_port_t event_pirq_port(struct domain *d, unsigned int pirq)
{
	struct event_domain *ed = d->event;
	evtchn_port_t port = 0;

	spin_lock(&ed->lock);
	if (ed->pirq_port && pirq < MAX_PIRQS)
		port = ed->pirq_port[index_nospec(pirq, MAX_PIRQS)];
	spin_unlock(&ed->lock);
	return port;
}

/*
 * Who gets a global virtual interrupt, when it is not domain 0. The lock is held
 * while sending, so that a domain that dies is not used after it has given its
 * interrupts back. It is outside all event locks.
 */
static struct domain *virq_handler[NR_VIRQS];
static struct spinlock virq_handler_lock = SPINLOCK_INIT;

void event_send_global_virq(unsigned int virq)
{
	struct domain *d;

	spin_lock(&virq_handler_lock);
	d = virq_handler[virq] ? virq_handler[virq] : domain0;
	if (d && d->vcpu[0])
		event_send_virq(d->vcpu[0], virq);
	spin_unlock(&virq_handler_lock);
}

int event_set_virq_handler(struct domain *d, unsigned int virq)
{
	int rc = 0;

	if (virq >= NR_VIRQS || !virq_is_global(virq))
		return -XEN_EINVAL;
	virq = index_nospec(virq, NR_VIRQS);
	spin_lock(&virq_handler_lock);
	if (d == domain0)
		d = NULL;
	if (d && d->is_dying)
		rc = -XEN_EINVAL;
	else if (d && virq_handler[virq] && virq_handler[virq] != d)
		rc = -XEN_EBUSY;
	else
		virq_handler[virq] = d;
	spin_unlock(&virq_handler_lock);
	return rc;
}

void event_virq_handlers_release(struct domain *d)
{
	spin_lock(&virq_handler_lock);
	for (unsigned int i = 0; i < NR_VIRQS; i++)
		if (virq_handler[i] == d)
			virq_handler[i] = NULL;
	spin_unlock(&virq_handler_lock);
}
