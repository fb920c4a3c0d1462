// SPDX-License-Identifier: GPL-2.0
/*
 * Events whose drivers say when they are done (xen_irq_lateeoi()): until then their
 * port is masked, so a peer cannot make us do more than the driver is ready for.
 *
 * A peer that sends events for which there is nothing to do, or more of them than can
 * be served in a while, has its port unmasked later: after a time that doubles with
 * each spurious event in a row, or after event_eoi_delay jiffies if the upcall that
 * brought the event took longer than event_loop_timeout.
 *
 * The events that wait are in a list of the CPU on which they came, the earliest
 * first, with a work item that is run when the first one's time has come.
 */
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/workqueue.h>
#include <xen/xenbus.h>

#include "events.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "xen."

static unsigned int event_eoi_delay __read_mostly = 10;
module_param(event_eoi_delay, uint, 0644);
unsigned int event_loop_timeout __read_mostly = 2;
module_param(event_loop_timeout, uint, 0644);

struct eoi_queue {
	spinlock_t lock;
	struct list_head events; /* by eoi_time */
	struct delayed_work work;
};

static DEFINE_PER_CPU(struct eoi_queue, eoi_queues);

/*
 * Put @event into the list of eoi_cpu, unless it is there. The queue's lock is held,
 * interrupts are off.
 */
static void enqueue(struct eoi_queue *queue, struct xen_event *event)
{
	struct xen_event *other;
	u64 now = get_jiffies_64();

	if (!list_empty(&event->eoi_entry))
		return;
	list_for_each_entry_reverse(other, &queue->events, eoi_entry)
		if (other->eoi_time <= event->eoi_time)
			break;
	/* @other is the last one that comes before, or the list's head. */
	list_add(&event->eoi_entry, &other->eoi_entry);
	if (queue->events.next == &event->eoi_entry)
		mod_delayed_work_on(event->eoi_cpu, system_wq, &queue->work,
				    event->eoi_time > now ? event->eoi_time - now : 0);
}

/* Those whose time has come; the work comes again for the next one. */
static void eoi_work(struct work_struct *work)
{
	struct eoi_queue *queue = container_of(to_delayed_work(work), struct eoi_queue, work);
	struct xen_event *event;
	u64 now;

	spin_lock_irq(&queue->lock);
	now = get_jiffies_64();
	while ((event = list_first_entry_or_null(&queue->events, struct xen_event, eoi_entry))) {
		if (event->eoi_time > now) {
			mod_delayed_work(system_wq, &queue->work, event->eoi_time - now);
			break;
		}
		list_del_init(&event->eoi_entry);
		event->eoi_time = 0;
		event_unmask(event, MASKED_BY_EOI);
	}
	spin_unlock_irq(&queue->lock);
}

/* The upcall that brings @event takes too long: its EOI is to wait. Interrupts off. */
void event_eoi_defer(struct xen_event *event)
{
	if (event->late && !event->eoi_time) {
		event->eoi_cpu = smp_processor_id();
		event->eoi_time = get_jiffies_64() + event_eoi_delay;
	}
}

/* How long (jiffies) an event must wait that was one more spurious one in a row. */
static unsigned int spurious_delay(struct xen_event *event)
{
	unsigned int threshold = event->device ? READ_ONCE(event->device->spurious_threshold) : 1;

	if (event->spurious < U16_MAX)
		event->spurious++;
	if (event->spurious <= threshold)
		return 0;
	return min_t(unsigned int, 1u << min(event->spurious - threshold - 1, 15u), HZ);
}

/*
 * The driver is done with what the last event of @irq told, and ready for the next.
 * @flags: XEN_EOI_FLAG_SPURIOUS: there was nothing to do. Any context, once an event.
 */
void xen_irq_lateeoi(unsigned int irq, unsigned int flags)
{
	struct xen_event *event;
	struct eoi_queue *queue;
	unsigned int delay = 0;
	unsigned long irqflags;
	u64 now;

	rcu_read_lock();
	event = event_from_irq(irq);
	if (!event || !event->late)
		goto out;
	if (event->device)
		atomic_inc(&event->device->events);
	if (flags & XEN_EOI_FLAG_SPURIOUS) {
		if (event->device)
			atomic_inc(&event->device->spurious_events);
		delay = spurious_delay(event);
	} else {
		event->spurious = 0;
	}
	if (!delay && !event->eoi_time) {
		event_unmask(event, MASKED_BY_EOI);
		goto out;
	}

	now = get_jiffies_64();
	if (delay && !event->eoi_time)
		event->eoi_cpu = raw_smp_processor_id();
	event->eoi_time = max(event->eoi_time, now + delay);
	if (event->device && event->eoi_time > now)
		atomic_add(event->eoi_time - now, &event->device->jiffies_eoi_delayed);
	queue = per_cpu_ptr(&eoi_queues, event->eoi_cpu);
	spin_lock_irqsave(&queue->lock, irqflags);
	enqueue(queue, event);
	spin_unlock_irqrestore(&queue->lock, irqflags);
out:
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(xen_irq_lateeoi);

/* @event's port is about to be closed: it waits for nothing any more. */
void event_eoi_cancel(struct xen_event *event)
{
	struct eoi_queue *queue = per_cpu_ptr(&eoi_queues, event->eoi_cpu);
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	list_del_init(&event->eoi_entry);
	event->eoi_time = 0;
	spin_unlock_irqrestore(&queue->lock, flags);
}

/* Once for each possible CPU. */
void __init event_eoi_init_cpu(unsigned int cpu)
{
	struct eoi_queue *queue = per_cpu_ptr(&eoi_queues, cpu);

	spin_lock_init(&queue->lock);
	INIT_LIST_HEAD(&queue->events);
	INIT_DELAYED_WORK(&queue->work, eoi_work);
}
