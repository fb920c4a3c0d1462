// SPDX-License-Identifier: GPL-2.0
/*
 * Suspension: the domain stops, and goes on later, perhaps on another machine, beside
 * another xenstore and with other back ends.
 *
 * From the outside in: programs and the kernel's own threads are frozen; devices let go
 * of their back ends; xenstore is left; then one CPU runs alone with interrupts off, and
 * what belongs to the hypervisor is put away: grants, time, the page tables' and the
 * p2m's machine frames. All of it in the opposite order when the domain goes on. The
 * hypercall says whether it was suspended at all: not when it was only to be looked at
 * (a checkpoint), or when it failed; then little has to be made anew.
 */
#include <linux/freezer.h>
#include <linux/notifier.h>
#include <linux/pm.h>
#include <linux/stop_machine.h>
#include <linux/suspend.h>
#include <linux/syscore_ops.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/hvc-console.h>
#include <xen/page.h>
#include <xen/xen-ops.h>
#include <xen/xenbus.h>

#include "suspend.h"

static RAW_NOTIFIER_HEAD(chain);

/* Called with nothing else running, after the domain was resumed elsewhere. */
void xen_resume_notifier_register(struct notifier_block *nb)
{
	raw_notifier_chain_register(&chain, nb);
}
EXPORT_SYMBOL_GPL(xen_resume_notifier_register);

void xen_resume_notifier_unregister(struct notifier_block *nb)
{
	raw_notifier_chain_unregister(&chain, nb);
}
EXPORT_SYMBOL_GPL(xen_resume_notifier_unregister);

#ifdef CONFIG_XEN_SAVE_RESTORE

/* All other CPUs spin with interrupts off, and so are they here. */
static int stop(void *data)
{
	bool *cancelled = data;
	int err = syscore_suspend();

	if (err)
		return err;
	gnttab_suspend();
	xen_manage_runstate_time(-1);
	xen_arch_pre_suspend();

	/* 0: it goes on elsewhere; 1: it was not suspended. */
	*cancelled = HYPERVISOR_suspend(virt_to_gfn(xen_start_info)) != 0;

	xen_arch_post_suspend(*cancelled);
	xen_manage_runstate_time(*cancelled);
	gnttab_resume();
	if (!*cancelled) {
		xen_irq_resume();
		xen_timer_resume();
	}
	syscore_resume();
	return 0;
}

/* Devices have been told; leave xenstore, stop, and come back to it. */
static int stop_and_go(bool *cancelled)
{
	int err;

	xs_suspend();
	err = dpm_suspend_end(PMSG_FREEZE);
	if (err)
		goto out;
	xen_arch_suspend();
	err = stop_machine(stop, cancelled, cpumask_of(0));
	if (err)
		*cancelled = true;
	/* The console needs its interrupt's port before it is written to. */
	if (!*cancelled) {
		raw_notifier_call_chain(&chain, 0, NULL);
		xen_console_resume();
	}
	xen_arch_resume();
	dpm_resume_start(*cancelled ? PMSG_THAW : PMSG_RESTORE);
out:
	if (*cancelled)
		xs_suspend_cancel();
	else
		xs_resume();
	return err;
}

void xen_suspend_domain(void)
{
	unsigned int sleep = lock_system_sleep();
	bool cancelled = true;
	int err;

	err = freeze_processes();
	if (err)
		goto unlock;
	err = freeze_kernel_threads();
	if (err)
		goto thaw;
	err = dpm_suspend_start(PMSG_FREEZE);
	if (!err)
		err = stop_and_go(&cancelled);
	dpm_resume_end(cancelled ? PMSG_THAW : PMSG_RESTORE);
thaw:
	thaw_processes();
unlock:
	unlock_system_sleep(sleep);
	if (err)
		pr_err("the domain cannot be suspended (%d)\n", err);
}
#endif
