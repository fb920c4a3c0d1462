// SPDX-License-Identifier: GPL-2.0
/*
 * What drivers call (<xen/events.h>): bind a port, a virtual interrupt or an IPI to an
 * interrupt, with or without a handler, and unbind it, which closes the port.
 *
 * Who binds what is bound already gets the same interrupt; it is closed when the last
 * one has unbound it. All of these may sleep, and return the interrupt, which is
 * positive, or a negative error.
 */
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <xen/xen-ops.h>
#include <xen/xenbus.h>

#include "events.h"

DEFINE_MUTEX(events_mutex);

/* Close a port. Its pending bit must not be seen by who has it next. */
void close_port(evtchn_port_t port)
{
	struct evtchn_close close = { .port = port };

	if (HYPERVISOR_event_channel_op(EVTCHNOP_close, &close))
		BUG();
}

/* Take off one user. With events_mutex. */
static void put_locked(struct xen_event *event)
{
	evtchn_port_t port = event->port;

	if (--event->users)
		return;
	if (event->type == EVENT_IPI)
		per_cpu(ipi_ports, event->cpu)[event->ipi] = 0;
	if (event->late)
		event_eoi_cancel(event);
	if (port) {
		event_mask(event, MASKED_BY_IRQ);
		event_abi(clear, port);
		event_set_port(event, 0);
		close_port(port);
	}
	if (event->device)
		atomic_dec(&event->device->event_channels);
	event_destroy(event);
}

void events_put(struct xen_event *event)
{
	mutex_lock(&events_mutex);
	put_locked(event);
	mutex_unlock(&events_mutex);
}

/*
 * The interrupt of @port with @chip; a new one for @device if it has none. With
 * events_mutex.
 */
static int bind_port(evtchn_port_t port, struct irq_chip *chip, struct xenbus_device *device)
{
	struct xen_event *event = event_from_port(port);

	if (event) {
		/* Only what was bound in the same way can be shared. */
		if (event->type != EVENT_INTERDOMAIN || irq_get_chip(event->irq) != chip ||
		    event->device != device)
			return -EBUSY;
		event->users++;
		return event->irq;
	}
	event = event_create(EVENT_INTERDOMAIN, port, 0);
	if (IS_ERR(event))
		return PTR_ERR(event);
	event->late = chip == &event_late_chip;
	event->device = device;
	if (device)
		atomic_inc(&device->event_channels);
	irq_set_chip_and_handler_name(event->irq, chip, handle_edge_irq, "event");
	return event->irq;
}

static int bind_port_locked(evtchn_port_t port, struct irq_chip *chip, struct xenbus_device *device)
{
	int irq;

	mutex_lock(&events_mutex);
	irq = bind_port(port, chip, device);
	mutex_unlock(&events_mutex);
	return irq;
}

int bind_evtchn_to_irq(evtchn_port_t port)
{
	return bind_port_locked(port, &event_chip, NULL);
}
EXPORT_SYMBOL_GPL(bind_evtchn_to_irq);

int bind_evtchn_to_irq_lateeoi(evtchn_port_t port)
{
	return bind_port_locked(port, &event_late_chip, NULL);
}
EXPORT_SYMBOL_GPL(bind_evtchn_to_irq_lateeoi);

/* Connect a port of ours to the peer's @remote_port, which waits for us. */
int bind_interdomain_evtchn_to_irq_lateeoi(struct xenbus_device *device, evtchn_port_t remote_port)
{
	struct evtchn_bind_interdomain bind = {
		.remote_dom = device->otherend_id,
		.remote_port = remote_port,
	};
	int irq;

	irq = HYPERVISOR_event_channel_op(EVTCHNOP_bind_interdomain, &bind);
	if (irq)
		return irq;
	irq = bind_port_locked(bind.local_port, &event_late_chip, device);
	if (irq < 0)
		close_port(bind.local_port);
	return irq;
}
EXPORT_SYMBOL_GPL(bind_interdomain_evtchn_to_irq_lateeoi);

/* Interrupts of one CPU: handled without a lock, and never moved. */
static void set_percpu(struct xen_event *event)
{
	event->per_cpu = true;
	irq_set_chip_and_handler_name(event->irq, &event_percpu_chip, handle_percpu_irq,
				      event->type == EVENT_IPI ? "ipi" : "virq");
	irq_set_status_flags(event->irq, IRQ_NO_BALANCING | IRQ_PER_CPU);
	irq_data_update_effective_affinity(irq_get_irq_data(event->irq), cpumask_of(event->cpu));
}

/*
 * The event of an IPI or a VIRQ of @cpu, or of a VIRQ that there is only once. NULL:
 * none. With events_mutex.
 */
static struct xen_event *event_of_cpu(enum event_type type, unsigned int number, unsigned int cpu)
{
	struct xen_event *event, *found = NULL;
	unsigned int irq;

	rcu_read_lock();
	for_each_active_irq(irq) {
		event = event_from_irq(irq);
		if (event && event->type == type && (event->cpu == cpu || !event->per_cpu) &&
		    (type == EVENT_IPI ? event->ipi == number : event->virq == number))
			found = event;
	}
	rcu_read_unlock();
	return found;
}

int bind_port_virq(unsigned int virq, unsigned int cpu, evtchn_port_t *port)
{
	struct evtchn_bind_virq bind = {
		.virq = virq,
		.vcpu = xen_vcpu_nr(cpu),
	};
	int err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_virq, &bind);

	*port = bind.port;
	return err;
}

int bind_port_ipi(unsigned int cpu, evtchn_port_t *port)
{
	struct evtchn_bind_ipi bind = { .vcpu = xen_vcpu_nr(cpu) };
	int err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_ipi, &bind);

	*port = bind.port;
	return err;
}

/* @percpu: each CPU has its own of this interrupt (VIRQ_TIMER and the like). */
int bind_virq_to_irq(unsigned int virq, unsigned int cpu, bool percpu)
{
	struct xen_event *event;
	evtchn_port_t port;
	int ret;

	mutex_lock(&events_mutex);
	event = event_of_cpu(EVENT_VIRQ, virq, cpu);
	if (event) {
		event->users++;
		ret = event->irq;
		goto out;
	}
	ret = bind_port_virq(virq, cpu, &port);
	if (ret)
		goto out;
	event = event_create(EVENT_VIRQ, port, cpu);
	if (IS_ERR(event)) {
		close_port(port);
		ret = PTR_ERR(event);
		goto out;
	}
	event->virq = virq;
	if (percpu)
		set_percpu(event);
	else
		irq_set_chip_and_handler_name(event->irq, &event_chip, handle_edge_irq, "virq");
	ret = event->irq;
out:
	mutex_unlock(&events_mutex);
	return ret;
}

static int bind_ipi_to_irq(enum ipi_vector ipi, unsigned int cpu)
{
	struct xen_event *event;
	evtchn_port_t port;
	int ret;

	mutex_lock(&events_mutex);
	event = event_of_cpu(EVENT_IPI, ipi, cpu);
	if (event) {
		event->users++;
		ret = event->irq;
		goto out;
	}
	ret = bind_port_ipi(cpu, &port);
	if (ret)
		goto out;
	event = event_create(EVENT_IPI, port, cpu);
	if (IS_ERR(event)) {
		close_port(port);
		ret = PTR_ERR(event);
		goto out;
	}
	event->ipi = ipi;
	set_percpu(event);
	per_cpu(ipi_ports, cpu)[ipi] = port;
	ret = event->irq;
out:
	mutex_unlock(&events_mutex);
	return ret;
}

/* Take off one user of @irq, an event's; there may be no handler left if it is the last. */
static void unbind_irq(unsigned int irq)
{
	struct xen_event *event;

	mutex_lock(&events_mutex);
	event = event_from_irq(irq);
	if (!WARN_ON(!event))
		put_locked(event);
	mutex_unlock(&events_mutex);
}

/* Ask for the interrupt @irq, which was just bound, and unbind it if that fails. */
static int with_handler(int irq, irq_handler_t handler, unsigned long flags, const char *name,
			void *dev_id)
{
	int err;

	if (irq < 0)
		return irq;
	err = request_irq(irq, handler, flags, name, dev_id);
	if (!err)
		return irq;
	unbind_irq(irq);
	return err;
}

int bind_evtchn_to_irqhandler(evtchn_port_t port, irq_handler_t handler, unsigned long flags,
			      const char *name, void *dev_id)
{
	return with_handler(bind_evtchn_to_irq(port), handler, flags, name, dev_id);
}
EXPORT_SYMBOL_GPL(bind_evtchn_to_irqhandler);

int bind_evtchn_to_irqhandler_lateeoi(evtchn_port_t port, irq_handler_t handler,
				      unsigned long flags, const char *name, void *dev_id)
{
	return with_handler(bind_evtchn_to_irq_lateeoi(port), handler, flags, name, dev_id);
}
EXPORT_SYMBOL_GPL(bind_evtchn_to_irqhandler_lateeoi);

int bind_interdomain_evtchn_to_irqhandler_lateeoi(struct xenbus_device *device,
						  evtchn_port_t remote_port, irq_handler_t handler,
						  unsigned long flags, const char *name,
						  void *dev_id)
{
	return with_handler(bind_interdomain_evtchn_to_irq_lateeoi(device, remote_port), handler,
			    flags, name, dev_id);
}
EXPORT_SYMBOL_GPL(bind_interdomain_evtchn_to_irqhandler_lateeoi);

int bind_virq_to_irqhandler(unsigned int virq, unsigned int cpu, irq_handler_t handler,
			    unsigned long flags, const char *name, void *dev_id)
{
	return with_handler(bind_virq_to_irq(virq, cpu, flags & IRQF_PERCPU), handler, flags, name,
			    dev_id);
}
EXPORT_SYMBOL_GPL(bind_virq_to_irqhandler);

/* IPIs come at any time, also while the system is suspended. */
int bind_ipi_to_irqhandler(enum ipi_vector ipi, unsigned int cpu, irq_handler_t handler,
			   unsigned long flags, const char *name, void *dev_id)
{
	flags |= IRQF_NO_SUSPEND | IRQF_FORCE_RESUME | IRQF_EARLY_RESUME | IRQF_PERCPU;
	return with_handler(bind_ipi_to_irq(ipi, cpu), handler, flags, name, dev_id);
}

/* The handler of @dev_id goes, and with the last user the port. */
void unbind_from_irqhandler(unsigned int irq, void *dev_id)
{
	if (WARN_ON(!irq_get_irq_data(irq)))
		return;
	free_irq(irq, dev_id);
	unbind_irq(irq);
}
EXPORT_SYMBOL_GPL(unbind_from_irqhandler);

/* @port may be had by others than who bound it, with evtchn_get(). */
int evtchn_make_refcounted(evtchn_port_t port)
{
	struct xen_event *event;

	mutex_lock(&events_mutex);
	event = event_from_port(port);
	if (event)
		event->shared = true;
	mutex_unlock(&events_mutex);
	return event ? 0 : -ENOENT;
}
EXPORT_SYMBOL_GPL(evtchn_make_refcounted);

/* Keep @port open. -ENOENT: it is not bound; -EINVAL: not to be shared. */
int evtchn_get(evtchn_port_t port)
{
	struct xen_event *event;
	int err = -ENOENT;

	mutex_lock(&events_mutex);
	event = event_from_port(port);
	if (event) {
		err = event->shared ? 0 : -EINVAL;
		event->users += event->shared;
	}
	mutex_unlock(&events_mutex);
	return err;
}
EXPORT_SYMBOL_GPL(evtchn_get);

void evtchn_put(evtchn_port_t port)
{
	struct xen_event *event;

	mutex_lock(&events_mutex);
	event = event_from_port(port);
	if (!WARN_ON(!event))
		put_locked(event);
	mutex_unlock(&events_mutex);
}
EXPORT_SYMBOL_GPL(evtchn_put);

/* The interrupt of @cpu's @virq, and its port; negative: it is not bound. */
int irq_evtchn_from_virq(unsigned int cpu, unsigned int virq, evtchn_port_t *port)
{
	struct xen_event *event;
	int irq = -ENOENT;

	mutex_lock(&events_mutex);
	event = event_of_cpu(EVENT_VIRQ, virq, cpu);
	if (event) {
		*port = event->port;
		irq = event->irq;
	}
	mutex_unlock(&events_mutex);
	return irq;
}

/* An interrupt that lost its port on resumption, or gives it up, gets another. */
void rebind_evtchn_irq(evtchn_port_t port, int irq)
{
	struct xen_event *event;
	bool unmask;

	/* Nothing may come while the port changes. */
	disable_irq(irq);
	mutex_lock(&events_mutex);
	event = event_from_irq(irq);
	if (!WARN_ON(!event || event_from_port(port))) {
		event_set_port(event, 0);
		event_to_first_cpu(event);
		if (event_set_port(event, port))
			pr_err("xen: interrupt %d: no room for port %u\n", irq, port);
		raw_spin_lock_irq(&event->lock);
		unmask = event->port && !event->masked;
		raw_spin_unlock_irq(&event->lock);
		if (unmask)
			event_abi(unmask, port);
	}
	mutex_unlock(&events_mutex);
	enable_irq(irq);
}

/* How soon @irq is served: 0 the soonest, 15 the last. -EINVAL or an errno of Xen's. */
int xen_set_irq_priority(unsigned int irq, unsigned int priority)
{
	struct xen_event *event = event_from_irq(irq);
	struct evtchn_set_priority set = { .priority = priority };

	if (!event || !event->port)
		return -EINVAL;
	set.port = event->port;
	return HYPERVISOR_event_channel_op(EVTCHNOP_set_priority, &set);
}
EXPORT_SYMBOL_GPL(xen_set_irq_priority);

/* How many ports there can be. */
unsigned int xen_evtchn_nr_channels(void)
{
	return event_abi(ports);
}
EXPORT_SYMBOL_GPL(xen_evtchn_nr_channels);
