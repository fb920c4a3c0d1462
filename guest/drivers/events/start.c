// SPDX-License-Identifier: GPL-2.0
/*
 * The beginning: the way in which ports are shared with the hypervisor is chosen once,
 * each CPU gets its part of it before it comes up; and after suspension, when the
 * hypervisor knows of no port any more, all is told again.
 */
#include <linux/cpuhotplug.h>
#include <linux/init.h>
#include <linux/pci.h>
#include <linux/moduleparam.h>
#include <asm/xen/pci.h>
#include <xen/xen.h>

#include "events.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "xen."

DEFINE_STATIC_KEY_TRUE(events_are_fifo);

static bool fifo_events = true;
module_param(fifo_events, bool, 0444);

static int cpu_prepare(unsigned int cpu)
{
	int err = event_abi(start_cpu, cpu);

	if (err)
		pr_err("xen: CPU %u cannot get events: error %d\n", cpu, err);
	return err;
}

static int cpu_dead(unsigned int cpu)
{
	event_abi(end_cpu, cpu);
	return 0;
}

/* Once, on CPU 0, interrupts off, when memory can be allocated and VCPU 0 is known. */
void __init xen_init_IRQ(void)
{
	unsigned int cpu;

	if (!fifo_events || fifo_start()) {
		static_branch_disable(&events_are_fifo);
		twolevel_start();
	}
	pr_info("xen: events by %s\n", static_key_enabled(&events_are_fifo) ? "queues" : "bits");
	for_each_possible_cpu(cpu)
		event_eoi_init_cpu(cpu);
	cpuhp_setup_state_nocalls(CPUHP_XEN_EVTCHN_PREPARE, "xen/events:prepare", cpu_prepare,
				  cpu_dead);
	pirq_init();
#ifdef CONFIG_PCI
	if (xen_initial_domain())
		pci_xen_initial_domain();
#endif
}

/* No event has a port. */
static void forget_port(struct xen_event *event)
{
	event_set_port(event, 0);
	event_to_first_cpu(event);
}

/*
 * What the hypervisor itself sends is bound again; ports of peers stay closed until
 * their drivers bring new ones (rebind_evtchn_irq()).
 */
static void resume_event(struct xen_event *event)
{
	evtchn_port_t port;
	int err = 0;

	switch (event->type) {
	case EVENT_VIRQ:
		err = bind_port_virq(event->virq, event->cpu, &port);
		break;
	case EVENT_IPI:
		err = bind_port_ipi(event->cpu, &port);
		break;
	case EVENT_PIRQ:
		err = pirq_rebind(event, &port);
		break;
	default:
		return;
	}
	if (!err)
		err = event_set_port(event, port);
	if (err) {
		pr_err("xen: interrupt %u is lost: error %d after resumption\n", event->irq, err);
		return;
	}
	if (event->type == EVENT_IPI)
		per_cpu(ipi_ports, event->cpu)[event->ipi] = port;
	if (!event->masked)
		event_abi(unmask, port);
}

/* After suspension that was not cancelled; one CPU runs, interrupts off. */
void xen_irq_resume(void)
{
	events_each(forget_port);
	event_abi(resume);
	events_each(resume_event);
}
