/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XENBUS_BUS_H
#define XENBUS_BUS_H

#include <linux/device.h>
#include <linux/wait.h>
#include <xen/xenbus.h>

/*
 * One of the two buses. Front ends are at device/TYPE/ID of this domain's part of
 * xenstore, back ends at backend/TYPE/DOMID/ID.
 */
struct xen_bus {
	struct bus_type bus;
	const char *root;	 /* the directory with the devices */
	unsigned int levels;	 /* from there to a device */
	const char *otherend_id; /* names in a device's directory */
	const char *otherend;
	const char *alias;	   /* prefix of the name that modules go by */
	struct xenbus_watch watch; /* of root */
	bool scanned;		   /* devices that were there at first have been found */
	/* A device's other end has another state; in xenwatch, dev has a driver. */
	void (*otherend_changed)(struct xenbus_device *dev, enum xenbus_state state);
};

/* Woken when a bus was scanned, and when a device's state changed. */
extern wait_queue_head_t xen_bus_wait;

int xen_bus_register(struct xen_bus *bus);
void xen_bus_watch(struct xen_bus *bus);
int xen_bus_add_driver(struct xen_bus *bus, struct xenbus_driver *drv, struct module *owner,
		       const char *mod_name);
void xen_bus_otherend_changed(struct xenbus_device *dev, enum xenbus_state state);

/* For struct bus_type. */
int xen_bus_match(struct device *dev, struct device_driver *drv);
int xen_bus_uevent(struct device *dev, struct kobj_uevent_env *env);
int xen_bus_probe(struct device *dev);
void xen_bus_remove(struct device *dev);
extern const struct attribute_group *xen_bus_groups[];
extern const struct dev_pm_ops xen_bus_pm;

#define XEN_BUS_TYPE(bus_name)                                                                  \
	{                                                                                       \
		.name = bus_name, .match = xen_bus_match, .uevent = xen_bus_uevent,             \
		.probe = xen_bus_probe, .remove = xen_bus_remove, .dev_groups = xen_bus_groups, \
		.pm = &xen_bus_pm,                                                              \
	}

#endif
