// SPDX-License-Identifier: GPL-2.0
/*
 * What the tools ask of the domain, in its directory of xenstore:
 *
 *     control/shutdown	"poweroff", "halt", "reboot", "suspend"
 *     control/sysrq		a key of the magic SysRq
 *
 * A request is taken by writing an empty value over it, in a transaction, so that it is
 * done once. control/feature-... says what is understood.
 */
#include <linux/init.h>
#include <linux/notifier.h>
#include <linux/reboot.h>
#include <linux/slab.h>
#include <linux/sysrq.h>
#include <xen/xen.h>
#include <xen/xen-ops.h>
#include <xen/xenbus.h>

#include "suspend.h"

static bool going_down; /* and nothing more is begun; xenwatch's */

/* Take what is written at control/NODE: it is "" now. NULL: nothing is. Kept by the caller. */
static char *take(const char *node)
{
	struct xenbus_transaction t;
	char *text;
	int err;

	do {
		if (xenbus_transaction_start(&t))
			return NULL;
		text = xenbus_read(t, "control", node, NULL);
		if (XENBUS_IS_ERR_READ(text)) {
			xenbus_transaction_end(t, 1);
			return NULL;
		}
		err = xenbus_write(t, "control", node, "");
		err = xenbus_transaction_end(t, err != 0) ?: err;
		if (err)
			kfree(text);
	} while (err == -EAGAIN);
	if (err) {
		pr_err("control/%s: the request cannot be taken (%d)\n", node, err);
		return NULL;
	}
	return text;
}

static void power_off(void)
{
	going_down = true;
	/* Before there is an init it cannot be asked; then it is done at once. */
	orderly_poweroff(system_state < SYSTEM_RUNNING);
}

static void reboot(void)
{
	going_down = true;
	orderly_reboot();
}

static void suspend(void)
{
#ifdef CONFIG_XEN_SAVE_RESTORE
	xen_suspend_domain();
#endif
}

static const struct {
	const char *name;
	void (*act)(void);
	bool there;
} commands[] = {
	{ "poweroff", power_off, true },
	{ "halt", power_off, true },
	{ "reboot", reboot, true },
	{ "suspend", suspend, IS_ENABLED(CONFIG_XEN_SAVE_RESTORE) },
};

static void shutdown_event(struct xenbus_watch *watch, const char *path, const char *token)
{
	char *text;
	int i;

	if (going_down)
		return;
	text = take("shutdown");
	if (!text)
		return;
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (commands[i].there && !strcmp(text, commands[i].name)) {
			pr_info("control/shutdown: %s\n", text);
			commands[i].act();
			break;
		}
	}
	if (i == ARRAY_SIZE(commands))
		pr_err("control/shutdown: %.20s is nothing that can be done\n", text);
	kfree(text);
}

static struct xenbus_watch shutdown_watch = {
	.node = "control/shutdown",
	.callback = shutdown_event,
};

#ifdef CONFIG_MAGIC_SYSRQ
static void sysrq_event(struct xenbus_watch *watch, const char *path, const char *token)
{
	char *text = take("sysrq");

	if (!text)
		return;
	handle_sysrq(*text);
	kfree(text);
}

static struct xenbus_watch sysrq_watch = {
	.node = "control/sysrq",
	.callback = sysrq_event,
};
#endif

/* Tools need not let us write these; that is no error. */
static void tell_features(void)
{
	char node[32];
	int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		snprintf(node, sizeof(node), "feature-%s", commands[i].name);
		if (commands[i].there)
			xenbus_write(XBT_NIL, "control", node, "1");
	}
}

static int store_ready(struct notifier_block *nb, unsigned long event, void *data)
{
	if (register_xenbus_watch(&shutdown_watch))
		pr_err("control/shutdown cannot be watched\n");
#ifdef CONFIG_MAGIC_SYSRQ
	if (register_xenbus_watch(&sysrq_watch))
		pr_err("control/sysrq cannot be watched\n");
#endif
	tell_features();
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = store_ready };

/* For start of day, once. */
int xen_setup_shutdown_event(void)
{
	if (!xen_domain())
		return -ENODEV;
	return register_xenstore_notifier(&notifier);
}
EXPORT_SYMBOL_GPL(xen_setup_shutdown_event);

static int __init control_init(void)
{
	return xen_domain() ? xen_setup_shutdown_event() : 0;
}
subsys_initcall_sync(control_init);
