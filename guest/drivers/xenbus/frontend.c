// SPDX-License-Identifier: GPL-2.0
/*
 * The bus of front ends: device/TYPE/ID.
 *
 * At boot, and when a module with a driver is loaded, we wait until the devices that
 * the driver has are connected: the root file system may be on one of them. A device
 * that is not ready after a minute is not waited for any longer.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <xen/xen.h>

#include "bus.h"

#define PATIENCE (60 * HZ)
#define CLOSING_PATIENCE (5 * HZ)

/* The machine goes down: let the back end finish with the device. */
static void shutdown(struct device *_dev)
{
	struct xenbus_device *dev = to_xenbus_device(_dev);

	if (!_dev->driver || dev->state != XenbusStateConnected)
		return;
	reinit_completion(&dev->down);
	if (xenbus_switch_state(dev, XenbusStateClosing))
		return;
	if (!wait_for_completion_timeout(&dev->down, CLOSING_PATIENCE))
		dev_info(_dev, "its back end does not close\n");
}

static struct xen_bus frontends = {
	.bus = XEN_BUS_TYPE("xen"),
	.root = "device",
	.levels = 2,
	.otherend_id = "backend-id",
	.otherend = "backend",
	.alias = "xen",
	.otherend_changed = xen_bus_otherend_changed,
};

/* Stops at the first device that has to be waited for; data: the one driver, or NULL. */
static int is_not_ready(struct device *_dev, void *data)
{
	struct xenbus_device *dev = to_xenbus_device(_dev);
	struct xenbus_driver *drv;

	if (!_dev->driver || (data && _dev->driver != data))
		return 0;
	drv = to_xenbus_driver(_dev->driver);
	if (drv->not_essential)
		return 0;
	if (dev->state == XenbusStateConnected)
		return drv->is_ready && !drv->is_ready(dev);
	return dev->state < XenbusStateConnected;
}

static bool all_ready(struct device_driver *drv)
{
	return frontends.scanned && !bus_for_each_dev(&frontends.bus, NULL, drv, is_not_ready);
}

static int complain(struct device *dev, void *drv)
{
	if (is_not_ready(dev, drv))
		dev_warn(dev, "not connected (%s): going on without it\n",
			 xenbus_strstate(to_xenbus_device(dev)->state));
	return 0;
}

/* is_ready() may change without a state that does; so look once a second, too. */
static void wait_for_devices(struct device_driver *drv)
{
	unsigned long end = jiffies + PATIENCE;

	while (!all_ready(drv)) {
		if (time_after(jiffies, end)) {
			bus_for_each_dev(&frontends.bus, NULL, drv, complain);
			return;
		}
		wait_event_timeout(xen_bus_wait, all_ready(drv), HZ);
	}
}

int __xenbus_register_frontend(struct xenbus_driver *drv, struct module *owner,
			       const char *mod_name)
{
	int err = xen_bus_add_driver(&frontends, drv, owner, mod_name);

	/* Drivers in the kernel are waited for together, below. */
	if (!err && owner && xenstored_ready)
		wait_for_devices(&drv->driver);
	return err;
}
EXPORT_SYMBOL_GPL(__xenbus_register_frontend);

static int store_ready(struct notifier_block *nb, unsigned long event, void *data)
{
	xen_bus_watch(&frontends);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = store_ready };

static int __init frontend_init(void)
{
	int err;

	if (!xen_domain())
		return 0;
	frontends.bus.shutdown = shutdown;
	err = xen_bus_register(&frontends);
	return err ?: register_xenstore_notifier(&notifier);
}
subsys_initcall(frontend_init);

static int __init wait_at_boot(void)
{
	if (xen_domain() && !xen_initial_domain() && xenstored_ready)
		wait_for_devices(NULL);
	return 0;
}
late_initcall(wait_at_boot);
