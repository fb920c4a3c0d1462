// SPDX-License-Identifier: GPL-2.0
/*
 * The tools say which of the domain's VCPUs are to run: cpu/N/availability in xenstore
 * is "online" or "offline". We follow, at once and at any change; a CPU that is offline
 * for the tools is not present, so that nobody here can start it by himself.
 */
#include <linux/cpu.h>
#include <linux/device.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <asm/xen/hypervisor.h>
#include <xen/xen.h>
#include <xen/xenbus.h>

/* Start a CPU that does not run. */
static void start(unsigned int cpu)
{
	int err;

	lock_device_hotplug();
	if (!cpu_present(cpu)) {
		set_cpu_present(cpu, true);
		xen_arch_register_cpu(cpu);
	}
	err = get_cpu_device(cpu) ? device_online(get_cpu_device(cpu)) : -ENODEV;
	unlock_device_hotplug();
	if (err < 0)
		pr_err("VCPU %u cannot be started (%d)\n", cpu, err);
}

/* Stop one that does. The first runs for as long as the domain. */
static void stop(unsigned int cpu)
{
	int err = 0;

	lock_device_hotplug();
	if (cpu_online(cpu))
		err = device_offline(get_cpu_device(cpu));
	if (err >= 0) {
		xen_arch_unregister_cpu(cpu);
		set_cpu_present(cpu, false);
	}
	unlock_device_hotplug();
	if (err < 0)
		pr_err("VCPU %u cannot be stopped (%d)\n", cpu, err);
}

static void follow(unsigned int cpu)
{
	char node[32], *text;

	snprintf(node, sizeof(node), "cpu/%u", cpu);
	text = xenbus_read(XBT_NIL, node, "availability", NULL);
	if (IS_ERR(text))
		return;
	if (!strcmp(text, "online")) {
		if (!cpu_online(cpu))
			start(cpu);
	} else if (!strcmp(text, "offline")) {
		if (cpu_present(cpu) && cpu)
			stop(cpu);
		else if (!cpu)
			pr_err("VCPU 0 cannot be stopped\n");
	} else {
		pr_err("%s/availability is '%.20s'; allowed is online, offline\n", node, text);
	}
	kfree(text);
}

/* Changed: cpu/N/availability, or all of it. */
static void event(struct xenbus_watch *watch, const char *path, const char *token)
{
	unsigned int cpu;

	if (sscanf(path, "cpu/%u", &cpu) == 1) {
		if (cpu < nr_cpu_ids && cpu_possible(cpu))
			follow(cpu);
		return;
	}
	for_each_possible_cpu(cpu)
		follow(cpu);
}

static struct xenbus_watch watch = {
	.node = "cpu",
	.callback = event,
};

static int store_ready(struct notifier_block *nb, unsigned long event, void *data)
{
	if (register_xenbus_watch(&watch))
		pr_err("cpu cannot be watched: VCPUs stay as they are\n");
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = store_ready };

static int __init vcpus_init(void)
{
	return xen_pv_domain() ? register_xenstore_notifier(&notifier) : 0;
}
device_initcall(vcpus_init);
