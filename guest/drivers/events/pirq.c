// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts of devices (physical interrupts, PIRQs), which domain 0 and domains with
 * devices of their own have: lines, by number (GSI), and messages (MSI).
 *
 * A PIRQ gets its port when a driver asks for the interrupt, and gives it back with it.
 * The hypervisor says for each whether it must be told that the interrupt has been
 * served: those of lines that are level-triggered.
 */
#include <linux/interrupt.h>
#include <linux/msi.h>
#include <linux/pci.h>
#include <asm/i8259.h>
#include <xen/interface/xen.h>
#include <xen/interface/physdev.h>
#include <xen/xen.h>
#include <xen/xen-ops.h>

#include "events.h"

/* Tell the hypervisor that @event has been served, if it wants to know. */
static void pirq_eoi(struct xen_event *event)
{
	struct physdev_eoi eoi = { .irq = event->pirq.pirq };

	if (event->pirq.needs_eoi)
		WARN_ON_ONCE(HYPERVISOR_physdev_op(PHYSDEVOP_eoi, &eoi));
}

/* Get a port for @event's PIRQ. An errno of the hypervisor's. */
int pirq_rebind(struct xen_event *event, evtchn_port_t *port)
{
	struct evtchn_bind_pirq bind = {
		.pirq = event->pirq.pirq,
		.flags = event->pirq.line_shared ? BIND_PIRQ__WILL_SHARE : 0,
	};
	struct physdev_irq_status_query query = { .irq = event->pirq.pirq };
	int err;

	err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_pirq, &bind);
	if (err)
		return err;
	*port = bind.port;
	if (HYPERVISOR_physdev_op(PHYSDEVOP_irq_status_query, &query))
		query.flags = 0;
	event->pirq.needs_eoi = query.flags & XENIRQSTAT_needs_eoi;
	return 0;
}

/* A driver asks for the interrupt; may sleep. */
static int chip_request(struct irq_data *data)
{
	struct xen_event *event = irq_data_get_irq_chip_data(data);
	evtchn_port_t port;
	int err;

	mutex_lock(&events_mutex);
	err = pirq_rebind(event, &port);
	if (!err) {
		err = event_set_port(event, port);
		if (err)
			close_port(port);
	}
	mutex_unlock(&events_mutex);
	return err;
}

static void chip_release(struct irq_data *data)
{
	struct xen_event *event = irq_data_get_irq_chip_data(data);
	evtchn_port_t port = event->port;

	mutex_lock(&events_mutex);
	if (port) {
		event_abi(clear, port);
		event_set_port(event, 0);
		close_port(port);
	}
	event_to_first_cpu(event);
	mutex_unlock(&events_mutex);
}

/* What came before there was a handler is served by this. */
static unsigned int chip_startup(struct irq_data *data)
{
	struct xen_event *event = irq_data_get_irq_chip_data(data);

	event_chip.irq_startup(data);
	pirq_eoi(event);
	return 0;
}

/* For edges before the handler runs, for levels after that. */
static void chip_eoi(struct irq_data *data)
{
	struct xen_event *event = irq_data_get_irq_chip_data(data);

	event_chip.irq_ack(data);
	pirq_eoi(event);
}

struct irq_chip event_pirq_chip __read_mostly = {
	.name = "xen-pirq",
	.irq_request_resources = chip_request,
	.irq_release_resources = chip_release,
	.irq_startup = chip_startup,
	.irq_ack = chip_eoi,
	.irq_eoi = chip_eoi,
	.flags = IRQCHIP_SKIP_SET_WAKE,
};

/* The rest of the chip is that of all events; from xen_init_IRQ(). */
void __init pirq_init(void)
{
	struct irq_chip *chip = &event_pirq_chip;

	chip->irq_shutdown = event_chip.irq_shutdown;
	chip->irq_disable = event_chip.irq_disable;
	chip->irq_mask = event_chip.irq_mask;
	chip->irq_unmask = event_chip.irq_unmask;
	chip->irq_set_affinity = event_chip.irq_set_affinity;
	chip->irq_retrigger = event_chip.irq_retrigger;
}

/* What an interrupt is looked for by. With events_mutex. */
static struct xen_event *find(bool by_gsi, unsigned int number)
{
	struct xen_event *event, *found = NULL;
	unsigned int irq;

	rcu_read_lock();
	for_each_active_irq(irq) {
		event = event_from_irq(irq);
		if (!event || event->type != EVENT_PIRQ)
			continue;
		if (by_gsi ? event->pirq.is_line && event->pirq.gsi == number :
			     event->pirq.pirq == number)
			found = event;
	}
	rcu_read_unlock();
	return found;
}

/*
 * The number of an interrupt for line @gsi. Drivers of old devices know theirs by heart, so
 * these lines have their own numbers.
 */
static int line_irq(unsigned int gsi)
{
	if (gsi >= nr_legacy_irqs())
		return irq_alloc_desc_from(1, -1);
	return irq_to_desc(gsi) ? gsi : irq_alloc_desc_at(gsi, -1);
}

/*
 * The interrupt of line @gsi, which is @pirq to the hypervisor; lines that are shared
 * are levels. Negative: an error.
 */
int xen_bind_pirq_gsi_to_irq(unsigned int gsi, unsigned int pirq, int shareable, char *name)
{
	struct physdev_irq vector = { .irq = gsi };
	struct xen_event *event;
	int irq;

	mutex_lock(&events_mutex);
	event = find(true, gsi);
	if (event) {
		irq = event->irq;
		goto out;
	}
	/* Have it routed, and its trigger mode set. */
	if (xen_initial_domain() && HYPERVISOR_physdev_op(PHYSDEVOP_alloc_irq_vector, &vector)) {
		irq = -ENOSPC;
		goto out;
	}
	irq = line_irq(gsi);
	if (irq < 0)
		goto out;
	event = event_create_at(irq, EVENT_PIRQ, 0, 0);
	if (IS_ERR(event)) {
		irq = PTR_ERR(event);
		goto out;
	}
	event->pirq.pirq = pirq;
	event->pirq.gsi = gsi;
	event->pirq.is_line = true;
	event->pirq.line_shared = shareable;
	event->pirq.domain = DOMID_SELF;
	irq_set_chip_and_handler_name(irq, &event_pirq_chip,
				      shareable ? handle_fasteoi_irq : handle_edge_irq, name);
out:
	mutex_unlock(&events_mutex);
	return irq;
}

#ifdef CONFIG_PCI_MSI
/* A PIRQ for a message. Negative: an error. */
int xen_allocate_pirq_msi(struct pci_dev *dev, struct msi_desc *desc)
{
	struct physdev_get_free_pirq get = { .type = MAP_PIRQ_TYPE_MSI };
	int err = HYPERVISOR_physdev_op(PHYSDEVOP_get_free_pirq, &get);

	return err ?: get.pirq;
}

/*
 * The interrupts of @nvec messages from @pirq on, which the hypervisor has mapped for
 * @domid; the first one is returned.
 */
int xen_bind_pirq_msi_to_irq(struct pci_dev *dev, struct msi_desc *desc, int pirq, int nvec,
			     const char *name, domid_t domid)
{
	struct xen_event *event;
	int first, i, err = 0;

	mutex_lock(&events_mutex);
	first = irq_alloc_descs(-1, 1, nvec, -1);
	for (i = 0; first > 0 && i < nvec; i++) {
		event = event_create_at(first + i, EVENT_PIRQ, 0, 0);
		if (IS_ERR(event)) {
			err = PTR_ERR(event);
			break;
		}
		event->pirq.pirq = pirq + i;
		event->pirq.domain = domid;
		/* The first one alone was mapped, and is unmapped. */
		event->pirq.mapped = i == 0;
		irq_set_chip_and_handler_name(first + i, &event_pirq_chip, handle_edge_irq, name);
		err = irq_set_msi_desc_off(first, i, desc);
		if (err) {
			event_destroy(event);
			break;
		}
	}
	if (err) {
		/* Those from the one that failed on have no event and, but for it, a number. */
		irq_free_descs(first + i + 1, nvec - i - 1);
		while (i--)
			event_destroy(event_from_irq(first + i));
		first = err;
	}
	mutex_unlock(&events_mutex);
	return first;
}
#endif

/* @irq, which has no handler, goes; a message's PIRQ too. -EINVAL: it is none of these. */
int xen_destroy_irq(int irq)
{
	struct physdev_unmap_pirq unmap;
	struct xen_event *event;
	int err = -EINVAL;

	mutex_lock(&events_mutex);
	event = event_from_irq(irq);
	if (event && event->type == EVENT_PIRQ) {
		err = 0;
		if (xen_initial_domain() && event->pirq.mapped) {
			unmap.pirq = event->pirq.pirq;
			unmap.domid = event->pirq.domain;
			err = HYPERVISOR_physdev_op(PHYSDEVOP_unmap_pirq, &unmap);
			/* The domain has gone, and with it the mapping. */
			if (err == -ESRCH)
				err = 0;
			else if (err)
				pr_warn("xen: PIRQ %u stays mapped: error %d\n", unmap.pirq, err);
		}
		event_destroy(event);
	}
	mutex_unlock(&events_mutex);
	return err;
}

int xen_irq_from_pirq(unsigned int pirq)
{
	struct xen_event *event;

	mutex_lock(&events_mutex);
	event = find(false, pirq);
	mutex_unlock(&events_mutex);
	return event ? event->irq : -1;
}

int xen_irq_from_gsi(unsigned int gsi)
{
	struct xen_event *event;

	mutex_lock(&events_mutex);
	event = find(true, gsi);
	mutex_unlock(&events_mutex);
	return event ? event->irq : -1;
}
EXPORT_SYMBOL_GPL(xen_irq_from_gsi);

int xen_pirq_from_irq(unsigned int irq)
{
	struct xen_event *event = event_from_irq(irq);

	return event && event->type == EVENT_PIRQ ? event->pirq.pirq : -1;
}
EXPORT_SYMBOL_GPL(xen_pirq_from_irq);

/* Do other domains use the line too? */
int xen_test_irq_shared(int irq)
{
	struct physdev_irq_status_query query = { .irq = xen_pirq_from_irq(irq) };

	if (HYPERVISOR_physdev_op(PHYSDEVOP_irq_status_query, &query))
		return 0;
	return !!(query.flags & XENIRQSTAT_shared);
}
EXPORT_SYMBOL_GPL(xen_test_irq_shared);
