// SPDX-License-Identifier: GPL-2.0
/*
 * A local APIC by name only. Linux knows processors by APIC identifiers and sends some
 * interrupts by its APIC driver, so there is one: the identifier is the CPU's number,
 * registers read as nothing, and what Linux would send by a vector goes by event channel.
 */
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/smp.h>
#include <asm/apic.h>
#include <asm/irq_vectors.h>
#include <asm/io_apic.h>
#include <asm/x86_init.h>
#include <asm/xen/hypercall.h>
#include <xen/events.h>
#include <xen/interface/physdev.h>
#include <xen/xen.h>

#include "cpu.h"

#define FAKE_LVR	0x14	/* an integrated APIC, in APIC_LVR */

static u32 read(u32 reg)
{
	switch (reg) {
	case APIC_ID:
		return smp_processor_id() << 24;
	case APIC_LVR:
		return FAKE_LVR;
	}
	return 0;
}

static void write(u32 reg, u32 value)
{
}

static u64 icr_read(void)
{
	return 0;
}

static void icr_write(u32 low, u32 id)
{
}

static void wait_idle(void)
{
}

static u32 safe_wait_idle(void)
{
	return 0;
}

static u32 get_id(unsigned long value)
{
	return value >> 24 & 0xff;
}

static u32 set_id(unsigned int id)
{
	return id << 24;
}

static int id_valid(u32 id)
{
	return 1;
}

static int id_registered(void)
{
	return 1;
}

/* Linux would choose another, as the machine's tables say. */
static int probe(void)
{
	return xen_pv_domain();
}

static int madt_check(char *oem, char *table)
{
	return xen_pv_domain();
}

static int cpu_to_id(int cpu)
{
	return cpu;
}

/* No two VCPUs share a package. */
static int package(int id, int index_msb)
{
	return id;
}

static u32 destination(unsigned int cpu)
{
	return cpu;
}

#ifdef CONFIG_SMP
static void send(int cpu, int vector)
{
	switch (vector) {
	case RESCHEDULE_VECTOR:
		xen_send_IPI_one(cpu, XEN_RESCHEDULE_VECTOR);
		break;
	case CALL_FUNCTION_VECTOR:
		xen_send_IPI_one(cpu, XEN_CALL_FUNCTION_VECTOR);
		break;
	case CALL_FUNCTION_SINGLE_VECTOR:
		xen_send_IPI_one(cpu, XEN_CALL_FUNCTION_SINGLE_VECTOR);
		break;
	case IRQ_WORK_VECTOR:
		xen_send_IPI_one(cpu, XEN_IRQ_WORK_VECTOR);
		break;
	case NMI_VECTOR:
		HYPERVISOR_vcpu_op(VCPUOP_send_nmi, xen_vcpu_nr(cpu), NULL);
		break;
	default:
		pr_warn_once("xen: vector %#x sent to CPU %d has no event\n", vector, cpu);
	}
}

static void send_mask(const struct cpumask *mask, int vector)
{
	int cpu;

	for_each_cpu_and(cpu, mask, cpu_online_mask)
		send(cpu, vector);
}

static void send_mask_others(const struct cpumask *mask, int vector)
{
	int cpu, self = smp_processor_id();

	for_each_cpu_and(cpu, mask, cpu_online_mask)
		if (cpu != self)
			send(cpu, vector);
}

static void send_others(int vector)
{
	send_mask_others(cpu_online_mask, vector);
}

static void send_all(int vector)
{
	send_mask(cpu_online_mask, vector);
}

static void send_self(int vector)
{
	send(smp_processor_id(), vector);
}
#endif

#ifdef CONFIG_X86_IO_APIC
/* The IO-APIC is the hypervisor's, which lets domain 0 look. */
static unsigned int hypervisors_io_apic_read(unsigned int number, unsigned int reg)
{
	struct physdev_apic op = { .apic_physbase = mpc_ioapic_addr(number), .reg = reg };

	if (!HYPERVISOR_physdev_op(PHYSDEVOP_apic_read, &op))
		return op.value;
	/* One that has entries, and that is of today. */
	return reg == 1 ? 0x00170020 : 0xfd;
}
#endif

static struct apic xen_apic __ro_after_init = {
	.name			= "Xen PV",
	.probe			= probe,
	.acpi_madt_oem_check	= madt_check,
	.apic_id_valid		= id_valid,
	.apic_id_registered	= id_registered,
	.check_apicid_used	= default_check_apicid_used,
	.init_apic_ldr		= x86_init_noop,
	.cpu_present_to_apicid	= cpu_to_id,
	.phys_pkg_id		= package,
	.get_apic_id		= get_id,
	.set_apic_id		= set_id,
	.calc_dest_apicid	= destination,
	.read			= read,
	.write			= write,
	.eoi_write		= write,
	.icr_read		= icr_read,
	.icr_write		= icr_write,
	.wait_icr_idle		= wait_idle,
	.safe_wait_icr_idle	= safe_wait_idle,
#ifdef CONFIG_SMP
	.send_IPI		= send,
	.send_IPI_mask		= send_mask,
	.send_IPI_mask_allbutself = send_mask_others,
	.send_IPI_allbutself	= send_others,
	.send_IPI_all		= send_all,
	.send_IPI_self		= send_self,
#endif
};

apic_driver(xen_apic);

void __init xen_apic_init(void)
{
	apic = &xen_apic;
#ifdef CONFIG_X86_IO_APIC
	x86_apic_ops.io_apic_read = hypervisors_io_apic_read;
#endif
}
