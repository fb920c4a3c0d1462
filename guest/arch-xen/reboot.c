// SPDX-License-Identifier: GPL-2.0
/*
 * The end: the hypervisor is told why the domain stops, and its tools act on it.
 */
#include <linux/init.h>
#include <linux/kexec.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/pm.h>
#include <linux/reboot.h>
#include <asm/reboot.h>
#include <xen/interface/sched.h>

#include "cpu.h"

void xen_reboot(int reason)
{
	struct sched_shutdown shutdown = { .reason = reason };

	HYPERVISOR_sched_op(SCHEDOP_shutdown, &shutdown);
	BUG();
}

static void restart(char *command)
{
	xen_reboot(SHUTDOWN_reboot);
}

static void emergency_restart_now(void)
{
	xen_reboot(SHUTDOWN_reboot);
}

static void stop(void)
{
	xen_reboot(SHUTDOWN_poweroff);
}

/* In domain 0 ACPI comes first, which has registers of the firmware's written, too. */
static void power_off(void)
{
	do_kernel_power_off();
	stop();
}

/* Before restart and halt Linux stops its devices by this; that of a guest are virtual. */
static void shut_down(void)
{
	stop_other_cpus();
}

static void crash(struct pt_regs *regs)
{
	xen_reboot(SHUTDOWN_crash);
}

/* The last to be told of a panic: the message is out by now. */
static int panicked(struct notifier_block *nb, unsigned long event, void *message)
{
	if (!kexec_crash_loaded())
		xen_reboot(SHUTDOWN_crash);
	return NOTIFY_DONE;
}

static struct notifier_block panic_block = {
	.notifier_call = panicked,
	.priority = INT_MIN,
};

void __init xen_reboot_init(void)
{
	machine_ops.restart = restart;
	machine_ops.emergency_restart = emergency_restart_now;
	machine_ops.halt = stop;
	machine_ops.power_off = power_off;
	machine_ops.shutdown = shut_down;
	machine_ops.crash_shutdown = crash;
	pm_power_off = stop;
	atomic_notifier_chain_register(&panic_notifier_list, &panic_block);
}
