// SPDX-License-Identifier: GPL-2.0
/*
 * The bus of back ends: backend/TYPE/DOMID/ID. The other end is another domain, which
 * need not mean well; it sees states, grants and events, and can make us spend time.
 *
 * When memory is short, drivers are asked for what they keep for front ends.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/semaphore.h>
#include <linux/shrinker.h>
#include <xen/xen.h>

#include "bus.h"

static struct xen_bus backends = {
	.bus = XEN_BUS_TYPE("xen-backend"),
	.root = "backend",
	.levels = 3,
	.otherend_id = "frontend-id",
	.otherend = "frontend",
	.alias = "xen-backend",
	.otherend_changed = xen_bus_otherend_changed,
};

int __xenbus_register_backend(struct xenbus_driver *drv, struct module *owner, const char *mod_name)
{
	return xen_bus_add_driver(&backends, drv, owner, mod_name);
}
EXPORT_SYMBOL_GPL(__xenbus_register_backend);

/* Whether the tools want the device to be there: if not, it closes for good. */
int xenbus_dev_is_online(struct xenbus_device *dev)
{
	return xenbus_read_unsigned(dev->nodename, "online", 0) != 0;
}
EXPORT_SYMBOL_GPL(xenbus_dev_is_online);

static int reclaim(struct device *_dev, void *data)
{
	struct xenbus_device *dev = to_xenbus_device(_dev);
	struct xenbus_driver *drv;

	/* Held while the driver is bound and unbound. */
	if (down_trylock(&dev->reclaim_sem))
		return 0;
	drv = _dev->driver ? to_xenbus_driver(_dev->driver) : NULL;
	if (drv && drv->reclaim_memory)
		drv->reclaim_memory(dev);
	up(&dev->reclaim_sem);
	return 0;
}

/* How much there is to reclaim only the drivers know; they free what they can, at once. */
static unsigned long reclaim_count(struct shrinker *shrinker, struct shrink_control *control)
{
	bus_for_each_dev(&backends.bus, NULL, NULL, reclaim);
	return 0;
}

static struct shrinker shrinker = {
	.count_objects = reclaim_count,
	.seeks = DEFAULT_SEEKS,
};

static int store_ready(struct notifier_block *nb, unsigned long event, void *data)
{
	xen_bus_watch(&backends);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = store_ready };

static int __init backend_init(void)
{
	int err;

	if (!xen_domain())
		return 0;
	err = xen_bus_register(&backends);
	if (err)
		return err;
	if (register_shrinker(&shrinker, "xen-backend"))
		pr_warn("xenbus: back ends keep their memory when it is short\n");
	return register_xenstore_notifier(&notifier);
}
subsys_initcall(backend_init);
