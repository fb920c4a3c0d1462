// SPDX-License-Identifier: GPL-2.0
/*
 * Sleep: Linux prepares the machine, the hypervisor writes the registers. And ACPI's
 * processors are the machine's, not the CPUs that domain 0 has.
 */
#include <linux/acpi.h>
#include <asm/xen/hypercall.h>
#include <xen/acpi.h>
#include <xen/interface/platform.h>
#include <xen/xen.h>

/* Returns 1: ACPI is not to do it itself; or an error. */
static int sleep(u8 state, u32 a, u32 b, u32 flags)
{
	struct xen_platform_op op = {
		.cmd = XENPF_enter_acpi_sleep,
		.u.enter_acpi_sleep = {
			.val_a = a,
			.val_b = b,
			.sleep_state = state,
			.flags = flags,
		},
	};

	/* These registers have 16 bits, those of hardware-reduced ACPI 8. */
	if ((a | b) & (flags & XENPF_ACPI_SLEEP_EXTENDED ? ~0xffu : ~0xffffu)) {
		pr_err("xen: sleep state %u by %#x and %#x: no such values\n", state, a, b);
		return -EINVAL;
	}
	return HYPERVISOR_platform_op(&op) ?: 1;
}

int xen_acpi_notify_hypervisor_sleep(u8 state, u32 pm1a, u32 pm1b)
{
	return sleep(state, pm1a, pm1b, 0);
}

int xen_acpi_notify_hypervisor_extended_sleep(u8 state, u32 a, u32 b)
{
	return sleep(state, a, b, XENPF_ACPI_SLEEP_EXTENDED);
}

/* Is there a processor of this name in the machine? */
bool __init xen_processor_present(uint32_t acpi_id)
{
	struct xen_platform_op op = { .cmd = XENPF_get_cpuinfo };
	uint32_t cpu = 0;

	do {
		op.u.pcpu_info.xen_cpuid = cpu;
		if (HYPERVISOR_platform_op(&op))
			break;
		if (op.u.pcpu_info.acpi_id == acpi_id &&
		    !(op.u.pcpu_info.flags & XEN_PCPU_FLAGS_INVALID))
			return true;
	} while (cpu++ < op.u.pcpu_info.max_present);
	return false;
}
