// SPDX-License-Identifier: GPL-2.0
/*
 * The hypervisor's call that something is pending for this VCPU, and the other way
 * round: telling other CPUs (IPIs), and polling for events.
 */
#include <linux/hardirq.h>
#include <linux/irq.h>
#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <xen/interface/sched.h>
#include <xen/xen-ops.h>

#include "events.h"

DEFINE_PER_CPU(evtchn_port_t[XEN_NR_IPIS], ipi_ports);

/* Run the handler of @port, which is pending, not masked and this CPU's. */
void event_deliver(evtchn_port_t port, struct upcall *upcall)
{
	struct xen_event *event = event_from_port(port);

	if (unlikely(!event)) {
		/* It was closed when it was queued already. */
		event_abi(mask, port);
		return;
	}
	/* The time is not asked for at each event. */
	if (unlikely(!(++upcall->events % 256)) && !upcall->slow)
		upcall->slow = time_after(jiffies, upcall->begun + event_loop_timeout);
	if (unlikely(upcall->slow))
		event_eoi_defer(event);
	generic_handle_irq_desc(event->desc);
}

/*
 * From the arch's upcall, between irq_enter and irq_exit, interrupts off. Returns
 * IRQ_HANDLED, IRQ_NONE if there was nothing.
 */
int xen_evtchn_do_upcall(void)
{
	struct vcpu_info *vcpu = __this_cpu_read(xen_vcpu);
	struct upcall upcall = { .begun = jiffies };
	unsigned int cpu = smp_processor_id();
	int ret = vcpu->evtchn_upcall_pending ? IRQ_HANDLED : IRQ_NONE;

	do {
		WRITE_ONCE(vcpu->evtchn_upcall_pending, 0);
		/* What becomes pending after this look calls again. */
		virt_mb();
		event_abi(handle, cpu, &upcall);
		virt_rmb();
	} while (READ_ONCE(vcpu->evtchn_upcall_pending));
	return ret;
}

/* Wake @cpu, or make it do what belongs to @vector. Any context. */
void xen_send_IPI_one(unsigned int cpu, enum ipi_vector vector)
{
	evtchn_port_t port;

	if (vector == XEN_NMI_VECTOR) {
		HYPERVISOR_vcpu_op(VCPUOP_send_nmi, xen_vcpu_nr(cpu), NULL);
		return;
	}
	port = READ_ONCE(per_cpu(ipi_ports, cpu)[vector]);
	if (port)
		notify_remote_via_evtchn(port);
}

/* Tell the other end of an interrupt's event channel. Any context. */
void notify_remote_via_irq(int irq)
{
	struct xen_event *event;
	evtchn_port_t port;

	rcu_read_lock();
	event = event_from_irq(irq);
	port = event ? READ_ONCE(event->port) : 0;
	rcu_read_unlock();
	if (port)
		notify_remote_via_evtchn(port);
}
EXPORT_SYMBOL_GPL(notify_remote_via_irq);

/*
 * The pending bit of an interrupt that is disabled, and waiting for it. The caller
 * owns the interrupt, so that it stays while this lasts. Any context.
 */
static evtchn_port_t port_of(int irq)
{
	struct xen_event *event = event_from_irq(irq);

	return event ? READ_ONCE(event->port) : 0;
}

void xen_clear_irq_pending(int irq)
{
	evtchn_port_t port = port_of(irq);

	if (port)
		event_abi(clear, port);
}
EXPORT_SYMBOL(xen_clear_irq_pending);

void xen_set_irq_pending(int irq)
{
	evtchn_port_t port = port_of(irq);

	if (port)
		event_abi(set, port);
}

bool xen_test_irq_pending(int irq)
{
	evtchn_port_t port = port_of(irq);

	return port && event_abi(pending, port);
}

/* Sleep until @irq is pending or, unless it is 0, until system time @timeout (ns). */
void xen_poll_irq_timeout(int irq, u64 timeout)
{
	evtchn_port_t port = port_of(irq);
	struct sched_poll poll = {
		.nr_ports = 1,
		.timeout = timeout,
	};

	if (!port)
		return;
	set_xen_guest_handle(poll.ports, &port);
	if (HYPERVISOR_sched_op(SCHEDOP_poll, &poll))
		BUG();
}
EXPORT_SYMBOL(xen_poll_irq_timeout);

void xen_poll_irq(int irq)
{
	xen_poll_irq_timeout(irq, 0);
}
