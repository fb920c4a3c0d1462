// SPDX-License-Identifier: GPL-2.0
/*
 * Suspension: what the port does around SCHEDOP_shutdown(SHUTDOWN_suspend), for
 * guest/drivers' control. Save and restore are not complete: after a restore a domain has
 * other frames, which the parts of memory have no hooks for yet. A suspension that is
 * cancelled works.
 */
#include <linux/clockchips.h>
#include <linux/cpu.h>
#include <linux/tick.h>
#include <asm/cpu.h>
#include <xen/xen-ops.h>

#include "cpu.h"
#include "mm.h"
#include "time.h"

/* Only the boot CPU runs, interrupts off, from here to xen_arch_post_suspend(). */
void xen_arch_pre_suspend(void)
{
	xen_time_suspend();
	/* The tools look for these two frames in the new domain and fill them in. */
	xen_start_info->store_mfn = mfn_to_pfn(xen_start_info->store_mfn);
	xen_start_info->console.domU.mfn = mfn_to_pfn(xen_start_info->console.domU.mfn);
}

void xen_arch_post_suspend(int cancelled)
{
	if (cancelled) {
		xen_start_info->store_mfn = pfn_to_mfn(xen_start_info->store_mfn);
		xen_start_info->console.domU.mfn =
			pfn_to_mfn(xen_start_info->console.domU.mfn);
		return;
	}
	xen_vcpu_register(0);
	xen_callbacks_register();
	xen_io_allow_kernel();
}

static void tick_stop(void *unused)
{
	tick_suspend_local();
}

static void tick_start(void *unused)
{
	if (smp_processor_id() != 0)
		tick_resume_local();
}

/* With all CPUs up. */
void xen_arch_suspend(void)
{
	on_each_cpu(tick_stop, NULL, 1);
}

void xen_arch_resume(void)
{
	on_each_cpu(tick_start, NULL, 1);
}

#ifdef CONFIG_HOTPLUG_CPU
void xen_arch_register_cpu(int cpu)
{
	arch_register_cpu(cpu);
}

void xen_arch_unregister_cpu(int cpu)
{
	arch_unregister_cpu(cpu);
}
#endif
