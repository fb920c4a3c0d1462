// SPDX-License-Identifier: GPL-2.0
/*
 * Devices come and go as directories of xenstore do. A watch on the directory of all
 * devices tells of every change below it; what a changed path means is decided by how
 * many names deep it is:
 *
 *     as deep as a device, or deeper	this device may be new or gone
 *     less deep			any device below the path may be
 *
 * Only the thread xenwatch adds and removes devices.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "bus.h"

DECLARE_WAIT_QUEUE_HEAD(xen_bus_wait);

static struct xen_bus *bus_of(struct xenbus_device *dev)
{
	return container_of(dev->dev.bus, struct xen_bus, bus);
}

/* Drivers. */

static const struct xenbus_device_id *find_id(const struct xenbus_driver *drv,
					      const struct xenbus_device *dev)
{
	const struct xenbus_device_id *id;

	for (id = drv->ids; id && *id->devicetype; id++)
		if (!strcmp(id->devicetype, dev->devicetype))
			return id;
	return NULL;
}

int xen_bus_match(struct device *dev, struct device_driver *drv)
{
	return find_id(to_xenbus_driver(drv), to_xenbus_device(dev)) != NULL;
}

int xen_bus_uevent(struct device *_dev, struct kobj_uevent_env *env)
{
	struct xenbus_device *dev = to_xenbus_device(_dev);
	struct xen_bus *bus = bus_of(dev);

	if (add_uevent_var(env, "XENBUS_TYPE=%s", dev->devicetype) ||
	    add_uevent_var(env, "XENBUS_PATH=%s", dev->nodename) ||
	    add_uevent_var(env, "XENBUS_BASE_PATH=%s", bus->root) ||
	    add_uevent_var(env, "MODALIAS=%s:%s", bus->alias, dev->devicetype))
		return -ENOMEM;
	if (_dev->driver && to_xenbus_driver(_dev->driver)->uevent)
		return to_xenbus_driver(_dev->driver)->uevent(dev, env);
	return 0;
}

static int read_otherend(struct xenbus_device *dev)
{
	struct xen_bus *bus = bus_of(dev);
	char *path;
	int id, err;

	err = xenbus_gather(XBT_NIL, dev->nodename, bus->otherend_id, "%i", &id, bus->otherend,
			    NULL, &path, NULL);
	if (err) {
		xenbus_dev_fatal(dev, err, "no %s and %s", bus->otherend_id, bus->otherend);
		return err;
	}
	if (!*path || !xenbus_exists(XBT_NIL, path, "")) {
		kfree(path);
		xenbus_dev_fatal(dev, -ENOENT, "its %s is not there", bus->otherend);
		return -ENOENT;
	}
	dev->otherend_id = id;
	dev->otherend = path;
	return 0;
}

static int find_otherend(struct xenbus_device *dev)
{
	struct xenbus_driver *drv = to_xenbus_driver(dev->dev.driver);

	kfree(dev->otherend);
	dev->otherend = NULL;
	dev->otherend_id = -1;
	return drv->read_otherend_details ? drv->read_otherend_details(dev) : read_otherend(dev);
}

/* Its state changed, or the watch is new. By xenwatch. */
static void otherend_event(struct xenbus_watch *watch, const char *path, const char *token)
{
	struct xenbus_device *dev = container_of(watch, struct xenbus_device, otherend_watch);

	bus_of(dev)->otherend_changed(dev, xenbus_read_driver_state(dev->otherend));
}

/* Tell the driver. */
void xen_bus_otherend_changed(struct xenbus_device *dev, enum xenbus_state state)
{
	struct xenbus_driver *drv = to_xenbus_driver(dev->dev.driver);

	if (drv->otherend_changed)
		drv->otherend_changed(dev, state);
}

static int watch_otherend(struct xenbus_device *dev)
{
	return xenbus_watch_pathfmt(dev, &dev->otherend_watch, NULL, otherend_event, "%s/state",
				    dev->otherend);
}

static void unwatch_otherend(struct xenbus_device *dev)
{
	if (!dev->otherend_watch.node)
		return;
	unregister_xenbus_watch(&dev->otherend_watch);
	kfree(dev->otherend_watch.node);
	dev->otherend_watch.node = NULL;
}

static void let_go(struct xenbus_device *dev)
{
	struct xenbus_driver *drv = to_xenbus_driver(dev->dev.driver);

	unwatch_otherend(dev);
	if (drv->remove) {
		down(&dev->reclaim_sem);
		drv->remove(dev);
		up(&dev->reclaim_sem);
	}
	kfree(dev->otherend);
	dev->otherend = NULL;
}

int xen_bus_probe(struct device *_dev)
{
	struct xenbus_device *dev = to_xenbus_device(_dev);
	struct xenbus_driver *drv = to_xenbus_driver(_dev->driver);
	int err;

	err = find_otherend(dev);
	if (err)
		return err;
	down(&dev->reclaim_sem);
	err = drv->probe ? drv->probe(dev, find_id(drv, dev)) : -ENODEV;
	up(&dev->reclaim_sem);
	if (err) {
		kfree(dev->otherend);
		dev->otherend = NULL;
		return err;
	}
	err = watch_otherend(dev);
	if (err)
		let_go(dev);
	return err;
}

void xen_bus_remove(struct device *_dev)
{
	struct xenbus_device *dev = to_xenbus_device(_dev);
	struct xenbus_driver *drv = to_xenbus_driver(_dev->driver);

	let_go(dev);
	/* A driver that may come back leaves the device as it is, unless it is to go. */
	if (!drv->allow_rebind || xenbus_read_driver_state(dev->nodename) == XenbusStateClosing)
		xenbus_switch_state(dev, XenbusStateClosed);
}

int xen_bus_add_driver(struct xen_bus *bus, struct xenbus_driver *drv, struct module *owner,
		       const char *mod_name)
{
	drv->driver.name = drv->name ?: drv->ids[0].devicetype;
	drv->driver.bus = &bus->bus;
	drv->driver.owner = owner;
	drv->driver.mod_name = mod_name;
	return driver_register(&drv->driver);
}

void xenbus_unregister_driver(struct xenbus_driver *drv)
{
	driver_unregister(&drv->driver);
}
EXPORT_SYMBOL_GPL(xenbus_unregister_driver);

/* Devices. */

/*
 * Names below bus->root that lead to a device, or to a directory of them: parts[0] is
 * the type. Parts of text, which a caller keeps.
 */
struct place {
	char *text;
	char *parts[3];
	unsigned int n;	  /* bus->levels: it is a device */
	const char *rest; /* what of the path is below the device; NULL: nothing */
};

/* False: path is not below the root. */
static bool parse(struct xen_bus *bus, const char *path, struct place *place)
{
	size_t len = strlen(bus->root);
	char *rest, *part;

	if (strncmp(path, bus->root, len) || (path[len] && path[len] != '/'))
		return false;
	place->n = 0;
	place->text = rest = kstrdup(path + len, GFP_KERNEL);
	if (!rest)
		return false;
	while (place->n < bus->levels && (part = strsep(&rest, "/")))
		if (*part)
			place->parts[place->n++] = part;
	place->rest = rest;
	return true;
}

/* The path of a place: root/part/part. The caller frees it. */
static char *path_of(struct xen_bus *bus, const struct place *p)
{
	switch (p->n) {
	case 0:
		return kstrdup(bus->root, GFP_KERNEL);
	case 1:
		return kasprintf(GFP_KERNEL, "%s/%s", bus->root, p->parts[0]);
	case 2:
		return kasprintf(GFP_KERNEL, "%s/%s/%s", bus->root, p->parts[0], p->parts[1]);
	default:
		return kasprintf(GFP_KERNEL, "%s/%s/%s/%s", bus->root, p->parts[0], p->parts[1],
				 p->parts[2]);
	}
}

static void release(struct device *dev)
{
	kfree(to_xenbus_device(dev));
}

static void add_device(struct xen_bus *bus, const struct place *p, const char *path)
{
	size_t path_size = strlen(path) + 1, type_size = strlen(p->parts[0]) + 1;
	struct xenbus_device *dev;
	char *text;
	int err;

	/* Any other state is of a device that is being taken away. */
	if (xenbus_read_driver_state(path) != XenbusStateInitialising)
		return;
	dev = kzalloc(sizeof(*dev) + path_size + type_size, GFP_KERNEL);
	if (!dev)
		return;
	text = (char *)(dev + 1);
	dev->nodename = memcpy(text, path, path_size);
	dev->devicetype = memcpy(text + path_size, p->parts[0], type_size);
	dev->state = XenbusStateInitialising;
	dev->otherend_id = -1;
	init_completion(&dev->down);
	sema_init(&dev->reclaim_sem, 1);
	dev->spurious_threshold = 1;
	dev->dev.bus = &bus->bus;
	dev->dev.release = release;
	device_initialize(&dev->dev);
	err = bus->levels == 2 ?
		      dev_set_name(&dev->dev, "%s-%s", p->parts[0], p->parts[1]) :
		      dev_set_name(&dev->dev, "%s-%s-%s", p->parts[0], p->parts[1], p->parts[2]);
	if (!err)
		err = device_add(&dev->dev);
	if (err) {
		pr_err("xenbus: %s: no device (%d)\n", path, err);
		put_device(&dev->dev);
	}
}

struct below {
	const char *path;
	size_t len;
};

static int is_below(struct device *_dev, const void *data)
{
	const char *name = to_xenbus_device(_dev)->nodename;
	const struct below *b = data;

	return !strncmp(name, b->path, b->len) && (!name[b->len] || name[b->len] == '/');
}

/* A device whose path is, or is below, path. The caller puts it. */
static struct device *find_below(struct xen_bus *bus, const char *path)
{
	struct below b = { path, strlen(path) };

	return bus_find_device(&bus->bus, NULL, &b, is_below);
}

static int is_gone(struct device *dev, const void *data)
{
	return is_below(dev, data) && !xenbus_exists(XBT_NIL, to_xenbus_device(dev)->nodename, "");
}

/* Devices at or below path that xenstore does not have any more. */
static void remove_gone(struct xen_bus *bus, const char *path)
{
	struct below b = { path, strlen(path) };
	struct device *dev;

	while ((dev = bus_find_device(&bus->bus, NULL, &b, is_gone))) {
		device_unregister(dev);
		put_device(dev);
	}
}

static int resume(struct device *_dev);

/*
 * A domain that served a device has ended, and another that took its place serves it now:
 * begin again, with that one.
 */
static void follow(struct xen_bus *bus, struct xenbus_device *dev)
{
	char *path = xenbus_read(XBT_NIL, dev->nodename, bus->otherend, NULL);

	if (IS_ERR(path))
		return;
	device_lock(&dev->dev);
	if (dev->otherend && strcmp(path, dev->otherend))
		resume(&dev->dev);
	device_unlock(&dev->dev);
	kfree(path);
}

/*
 * There is a device at path. One that we had closed, and that begins again, is another
 * one that came after it.
 */
static void look_at_device(struct xen_bus *bus, const struct place *p, const char *path)
{
	struct device *dev = find_below(bus, path);

	if (dev && READ_ONCE(to_xenbus_device(dev)->state) == XenbusStateClosed &&
	    xenbus_read_driver_state(path) == XenbusStateInitialising) {
		device_unregister(dev);
		put_device(dev);
		dev = NULL;
	}
	if (!dev)
		add_device(bus, p, path);
	else if (p->rest && !strcmp(p->rest, bus->otherend))
		follow(bus, to_xenbus_device(dev));
	put_device(dev);
}

static void look(struct xen_bus *bus, struct place *p);

/* All that is in a directory of devices, or of directories of them. */
static void look_inside(struct xen_bus *bus, const struct place *p, const char *path)
{
	struct place child = *p;
	unsigned int i, num;
	char **names;

	names = xenbus_directory(XBT_NIL, path, "", &num);
	if (IS_ERR(names))
		return;
	child.n++;
	child.rest = NULL;
	for (i = 0; i < num; i++) {
		child.parts[p->n] = names[i];
		look(bus, &child);
	}
	kfree(names);
}

/* What is at this place? Make it so. */
static void look(struct xen_bus *bus, struct place *p)
{
	char *path = path_of(bus, p);

	if (!path)
		return;
	remove_gone(bus, path);
	if (xenbus_exists(XBT_NIL, path, "")) {
		if (p->n < bus->levels)
			look_inside(bus, p, path);
		else
			look_at_device(bus, p, path);
	}
	kfree(path);
}

static void root_event(struct xenbus_watch *watch, const char *path, const char *token)
{
	struct xen_bus *bus = container_of(watch, struct xen_bus, watch);
	struct place p;

	if (!parse(bus, path, &p))
		return;
	look(bus, &p);
	kfree(p.text);
	if (!bus->scanned) {
		bus->scanned = true;
		wake_up_all(&xen_bus_wait);
	}
}

/* For a process at boot, before there are devices. */
int __init xen_bus_register(struct xen_bus *bus)
{
	return bus_register(&bus->bus);
}

/* Xenstore is there. The watch's first event is for all devices that exist. */
void xen_bus_watch(struct xen_bus *bus)
{
	bus->watch.node = bus->root;
	bus->watch.callback = root_event;
	if (register_xenbus_watch(&bus->watch))
		pr_err("xenbus: %s cannot be watched: no devices\n", bus->root);
}

/* Suspension of the domain. */

static int suspend(struct device *_dev)
{
	struct xenbus_device *dev = to_xenbus_device(_dev);

	if (_dev->driver && to_xenbus_driver(_dev->driver)->suspend)
		return to_xenbus_driver(_dev->driver)->suspend(dev);
	return 0;
}

/* It was not suspended after all; there is nothing that drivers are told then. */
static int cancel(struct device *dev)
{
	return 0;
}

/* The device has another other end: the tools made it anew. It begins again. */
static int resume(struct device *_dev)
{
	struct xenbus_device *dev = to_xenbus_device(_dev);
	struct xenbus_driver *drv;
	int err;

	if (!_dev->driver)
		return 0;
	drv = to_xenbus_driver(_dev->driver);
	unwatch_otherend(dev);
	err = find_otherend(dev);
	if (err)
		return err;
	dev->state = XenbusStateInitialising;
	if (drv->resume)
		err = drv->resume(dev);
	if (!err)
		err = watch_otherend(dev);
	if (err)
		dev_err(_dev, "not resumed (%d)\n", err);
	return err;
}

const struct dev_pm_ops xen_bus_pm = {
	.suspend = suspend,
	.resume = resume,
	.freeze = suspend,
	.thaw = cancel,
	.restore = resume,
};
