// SPDX-License-Identifier: GPL-2.0
/*
 * The irq_chips of events. All are edges: acknowledging one clears the pending bit
 * before the handler looks at what there is to do.
 *
 * Three kinds: events in general; those whose drivers say when they are done, which
 * stay masked from their arrival until then (eoi.c); and those of one CPU (timers,
 * IPIs), which are never masked in between and run without a lock.
 */
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <xen/xen-ops.h>

#include "events.h"

/* How many events are bound to each CPU, to spread them. */
static DEFINE_PER_CPU(atomic_t, bound_events);

/* Mask @event for @reason, MASKED_BY_*. Any context. */
void event_mask(struct xen_event *event, u8 reason)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&event->lock, flags);
	if (!event->masked && event->port)
		event_abi(mask, event->port);
	event->masked |= reason;
	raw_spin_unlock_irqrestore(&event->lock, flags);
}

/* Take a reason back; the last one unmasks it, and it comes if it is pending. */
void event_unmask(struct xen_event *event, u8 reason)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&event->lock, flags);
	if (event->masked & reason) {
		event->masked &= ~reason;
		if (!event->masked && event->port)
			event_abi(unmask, event->port);
	}
	raw_spin_unlock_irqrestore(&event->lock, flags);
}

static void chip_mask(struct irq_data *data)
{
	event_mask(irq_data_get_irq_chip_data(data), MASKED_BY_IRQ);
}

static void chip_unmask(struct irq_data *data)
{
	event_unmask(irq_data_get_irq_chip_data(data), MASKED_BY_IRQ);
}

static void chip_ack(struct irq_data *data)
{
	struct xen_event *event = irq_data_get_irq_chip_data(data);
	evtchn_port_t port = READ_ONCE(event->port);

	if (port)
		event_abi(clear, port);
}

static void chip_mask_ack(struct irq_data *data)
{
	chip_mask(data);
	chip_ack(data);
}

/*
 * From here on it is masked until the driver's xen_irq_lateeoi(). Not so if the
 * handler cannot run now (chip_mask_ack()): that has nothing to do with the driver,
 * and the irq core makes up for it.
 */
static void chip_late_ack(struct irq_data *data)
{
	event_mask(irq_data_get_irq_chip_data(data), MASKED_BY_EOI);
	chip_ack(data);
}

/* Make it pending as if it had come (again). With desc->lock. */
static int chip_retrigger(struct irq_data *data)
{
	struct xen_event *event = irq_data_get_irq_chip_data(data);

	if (!event->port)
		return 0;
	event_mask(event, MASKED_BY_MOVE);
	event_abi(set, event->port);
	event_unmask(event, MASKED_BY_MOVE);
	return 1;
}

/* The CPU of @mask that has the fewest events. */
static unsigned int least_loaded(const struct cpumask *mask)
{
	unsigned int cpu, best = nr_cpu_ids, least = UINT_MAX;

	for_each_cpu_and(cpu, mask, cpu_online_mask) {
		unsigned int load = atomic_read(&per_cpu(bound_events, cpu));

		if (load < least) {
			least = load;
			best = cpu;
		}
	}
	return best;
}

/*
 * While it moves it is masked; the unmasking tells the new CPU of what became pending
 * meanwhile. With desc->lock.
 */
static int chip_set_affinity(struct irq_data *data, const struct cpumask *mask, bool force)
{
	struct xen_event *event = irq_data_get_irq_chip_data(data);
	unsigned int from = event->cpu, cpu;
	struct evtchn_bind_vcpu bind = { .port = event->port };
	int err;

	cpu = least_loaded(mask);
	if (cpu >= nr_cpu_ids)
		return -EINVAL;
	/* It is worth a move only if that makes the load more even. */
	if (cpumask_test_cpu(from, mask) && cpu_online(from) &&
	    atomic_read(&per_cpu(bound_events, from)) <=
		    atomic_read(&per_cpu(bound_events, cpu)) + 1)
		cpu = from;
	if (event->port && cpu != from) {
		bind.vcpu = xen_vcpu_nr(cpu);
		event_mask(event, MASKED_BY_MOVE);
		err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_vcpu, &bind);
		if (!err) {
			event_abi(moved, event->port, from, cpu);
			event->cpu = cpu;
		}
		event_unmask(event, MASKED_BY_MOVE);
		if (err)
			return err;
	}
	if (event->cpu != from && irqd_is_started(data)) {
		atomic_dec(&per_cpu(bound_events, from));
		atomic_inc(&per_cpu(bound_events, cpu));
	}
	irq_data_update_effective_affinity(data, cpumask_of(event->cpu));
	return IRQ_SET_MASK_OK;
}

/* @event has a new port, and those begin on CPU 0. The interrupt does not run. */
void event_to_first_cpu(struct xen_event *event)
{
	if (event->per_cpu)
		return;
	if (irqd_is_started(&event->desc->irq_data)) {
		atomic_dec(&per_cpu(bound_events, event->cpu));
		atomic_inc(&per_cpu(bound_events, 0));
	}
	event->cpu = 0;
	irq_data_update_effective_affinity(&event->desc->irq_data, cpumask_of(0));
}

static unsigned int chip_startup(struct irq_data *data)
{
	struct xen_event *event = irq_data_get_irq_chip_data(data);

	atomic_inc(&per_cpu(bound_events, event->cpu));
	chip_unmask(data);
	return 0;
}

static void chip_shutdown(struct irq_data *data)
{
	struct xen_event *event = irq_data_get_irq_chip_data(data);

	chip_mask(data);
	atomic_dec(&per_cpu(bound_events, event->cpu));
}

/* Disabled events are masked at once: their drivers may poll the pending bit. */
struct irq_chip event_chip __read_mostly = {
	.name = "xen-dyn",
	.irq_startup = chip_startup,
	.irq_shutdown = chip_shutdown,
	.irq_disable = chip_mask,
	.irq_mask = chip_mask,
	.irq_unmask = chip_unmask,
	.irq_ack = chip_ack,
	.irq_mask_ack = chip_mask_ack,
	.irq_set_affinity = chip_set_affinity,
	.irq_retrigger = chip_retrigger,
	.flags = IRQCHIP_SKIP_SET_WAKE,
};

struct irq_chip event_late_chip __read_mostly = {
	.name = "xen-dyn-lateeoi",
	.irq_startup = chip_startup,
	.irq_shutdown = chip_shutdown,
	.irq_disable = chip_mask,
	.irq_mask = chip_mask,
	.irq_unmask = chip_unmask,
	.irq_ack = chip_late_ack,
	.irq_mask_ack = chip_mask_ack,
	.irq_set_affinity = chip_set_affinity,
	.irq_retrigger = chip_retrigger,
	.flags = IRQCHIP_SKIP_SET_WAKE,
};

struct irq_chip event_percpu_chip __read_mostly = {
	.name = "xen-percpu",
	.irq_disable = chip_mask,
	.irq_mask = chip_mask,
	.irq_unmask = chip_unmask,
	.irq_ack = chip_ack,
	.flags = IRQCHIP_SKIP_SET_WAKE,
};
