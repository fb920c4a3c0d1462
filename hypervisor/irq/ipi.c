/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From one CPU to another: run a softirq, look at events, flush, stop.
 *
 * Why no wake-up is lost. A softirq's bit is set before the interrupt is sent,
 * and interrupts are off in the hypervisor from the last look at the bits until
 * the guest runs or, when idle, until the `hlt` behind `sti`. So the interrupt
 * either comes before the look, or stays pending until the CPU is in its guest
 * or in hlt, and takes it out of there. Whoever finds the bit set already need
 * not send: the bit was set by the CPU itself, which then is in the hypervisor,
 * or by one that has sent, and the CPU looks again after that.
 */
#include "irq/irq.h"
#include "irq/lapic.h"
#include "machine.h"

void cpu_raise_softirq(unsigned int cpu, unsigned int nr)
{
	u32 bit = 1u << nr;
	u32 old = __atomic_fetch_or(&cpus[cpu]->softirq_pending, bit,
				    __ATOMIC_SEQ_CST);

	if (!(old & bit) && cpu != this_cpu_id())
		ipi_send(cpu, VECTOR_EVENT_CHECK);
}

void cpu_kick(unsigned int cpu)
{
	if (cpu != this_cpu_id())
		ipi_send(cpu, VECTOR_EVENT_CHECK);
}

/* Being out of the guest is all it takes: softirqs and events come next. */
static void event_check(u8 vector, void *data)
{
}

static void flush_tlb(u8 vector, void *data)
{
	tlb_serve_requests();
}

/* Whatever is in its caches would be lost if the machine slept. */
static void stop(u8 vector, void *data)
{
	__asm__ volatile("wbinvd" : : : "memory");
	__atomic_store_n(&this_cpu()->online, false, __ATOMIC_RELEASE);
	for (;;)
		__asm__ volatile("cli; hlt");
}

void ipi_init(void)
{
	irq_register(VECTOR_EVENT_CHECK, event_check, NULL);
	irq_register(VECTOR_FLUSH_TLB, flush_tlb, NULL);
	irq_register(VECTOR_STOP, stop, NULL);
}

void ipi_stop_others(void)
{
	/* A crash before CPUs are set up finds nobody here. */
	for (unsigned int cpu = 0; cpu < cpu_count; cpu++) {
		if ((READ_ONCE(cpus_online) & cpumask_of(cpu)) &&
		    cpu != this_cpu_id())
			ipi_send(cpu, VECTOR_STOP);
	}
}
