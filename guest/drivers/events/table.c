// SPDX-License-Identifier: GPL-2.0
/*
 * The table of events: each has an interrupt, whose chip data it is, and by its port
 * it is in an array of arrays, which grows with the ports.
 *
 * Who found an event in an RCU reader may use it until the reader's end; its port may
 * be closed and its interrupt free by then.
 */
#include <linux/irq.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "events.h"

#define ROW (PAGE_SIZE / sizeof(struct xen_event *))

static struct xen_event __rcu **rows[EVTCHN_FIFO_NR_CHANNELS / ROW];

/* The event of @port or NULL. In an RCU reader, or with events_mutex. */
struct xen_event *event_from_port(evtchn_port_t port)
{
	struct xen_event __rcu **row;

	if (port >= EVTCHN_FIFO_NR_CHANNELS)
		return NULL;
	row = READ_ONCE(rows[port / ROW]);
	return row ? rcu_dereference_raw(row[port % ROW]) : NULL;
}

static bool is_pirq_chip(const struct irq_chip *chip)
{
#ifdef CONFIG_PCI
	return chip == &event_pirq_chip;
#else
	return false;
#endif
}

/* The event of @irq, NULL if it is no event's. As above. */
struct xen_event *event_from_irq(unsigned int irq)
{
	struct irq_desc *desc = irq_to_desc(irq);
	struct irq_chip *chip;

	if (!desc)
		return NULL;
	chip = irq_desc_get_chip(desc);
	if (chip != &event_chip && chip != &event_late_chip && chip != &event_percpu_chip &&
	    !is_pirq_chip(chip))
		return NULL;
	return READ_ONCE(desc->irq_data.chip_data);
}

static int enter(evtchn_port_t port, struct xen_event *event)
{
	struct xen_event __rcu **row = rows[port / ROW];

	if (!row) {
		row = (void *)get_zeroed_page(GFP_ATOMIC);
		if (!row)
			return -ENOMEM;
		smp_store_release(&rows[port / ROW], row);
	}
	rcu_assign_pointer(row[port % ROW], event);
	return 0;
}

/*
 * Give @event another port, none with 0. It is masked. With events_mutex (or, on
 * resumption, alone). 0; -ENOMEM or an error of the hypervisor: it has none.
 */
int event_set_port(struct xen_event *event, evtchn_port_t port)
{
	int err = 0;

	if (event->port) {
		event_abi(moved, event->port, event->cpu, 0);
		enter(event->port, NULL);
	}
	WRITE_ONCE(event->port, 0);
	if (!port)
		return 0;
	if (port >= event_abi(ports))
		return -EINVAL;
	err = event_abi(add_port, port);
	if (!err)
		err = enter(port, event);
	if (err)
		return err;
	WRITE_ONCE(event->port, port);
	event_abi(moved, port, 0, event->cpu);
	return 0;
}

/*
 * An event with an interrupt and one user for @port, which is bound to @cpu and stays
 * the caller's if this fails. The caller sets chip and handler; the port is masked
 * until the interrupt is started. With events_mutex. An ERR_PTR.
 */
struct xen_event *event_create(enum event_type type, evtchn_port_t port, unsigned int cpu)
{
	int irq = irq_alloc_desc_from(1, -1); /* 0 is nobody's */

	return irq < 0 ? ERR_PTR(irq) : event_create_at(irq, type, port, cpu);
}

/* The same for the interrupt @irq, which is allocated, and is freed if this fails. */
struct xen_event *event_create_at(int irq, enum event_type type, evtchn_port_t port,
				  unsigned int cpu)
{
	struct xen_event *event = kzalloc(sizeof(*event), GFP_KERNEL);
	int err;

	if (!event) {
		irq_free_desc(irq);
		return ERR_PTR(-ENOMEM);
	}
	event->irq = irq;
	event->desc = irq_to_desc(irq);
	event->type = type;
	event->cpu = cpu;
	event->masked = MASKED_BY_IRQ;
	event->users = 1;
	raw_spin_lock_init(&event->lock);
	INIT_LIST_HEAD(&event->eoi_entry);
	err = event_set_port(event, port);
	if (err) {
		irq_free_desc(irq);
		kfree(event);
		return ERR_PTR(err);
	}
	irq_set_chip_data(irq, event);
	return event;
}

/* Free @event, which has no port any more, and its interrupt. With events_mutex. */
void event_destroy(struct xen_event *event)
{
	WARN_ON(event->port || !list_empty(&event->eoi_entry));
	irq_set_chip_data(event->irq, NULL);
	irq_set_chip_and_handler(event->irq, NULL, NULL);
	irq_free_desc(event->irq);
	kfree_rcu(event, rcu);
}

/* Call @fn for each event, also for those without a port. With events_mutex or alone. */
void events_each(void (*fn)(struct xen_event *event))
{
	struct xen_event *event;
	unsigned int irq;

	for_each_active_irq(irq) {
		event = event_from_irq(irq);
		if (event)
			fn(event);
	}
}

/* The interrupt of @port; 0: it has none. */
unsigned int irq_from_evtchn(evtchn_port_t port)
{
	struct xen_event *event;
	unsigned int irq;

	rcu_read_lock();
	event = event_from_port(port);
	irq = event ? event->irq : 0;
	rcu_read_unlock();
	return irq;
}
EXPORT_SYMBOL_GPL(irq_from_evtchn);
