// SPDX-License-Identifier: GPL-2.0
/* What a device shows in sysfs (Documentation/ABI: sysfs-devices-xenbus, sysfs-bus-xen-backend). */
#include <linux/kernel.h>
#include <linux/sysfs.h>

#include "bus.h"

static ssize_t nodename_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_xenbus_device(dev)->nodename);
}
static DEVICE_ATTR_RO(nodename);

static ssize_t devtype_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_xenbus_device(dev)->devicetype);
}
static DEVICE_ATTR_RO(devtype);

static ssize_t modalias_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct xen_bus *bus = container_of(dev->bus, struct xen_bus, bus);

	return sysfs_emit(buf, "%s:%s\n", bus->alias, to_xenbus_device(dev)->devicetype);
}
static DEVICE_ATTR_RO(modalias);

static ssize_t state_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", xenbus_strstate(to_xenbus_device(dev)->state));
}
static DEVICE_ATTR_RO(state);

static struct attribute *device_attrs[] = {
	&dev_attr_nodename.attr,
	&dev_attr_devtype.attr,
	&dev_attr_modalias.attr,
	&dev_attr_state.attr,
	NULL,
};

static const struct attribute_group device_group = {
	.attrs = device_attrs,
};

#define COUNTER(name)                                                                            \
	static ssize_t name##_show(struct device *dev, struct device_attribute *attr, char *buf) \
	{                                                                                        \
		return sysfs_emit(buf, "%d\n", atomic_read(&to_xenbus_device(dev)->name));       \
	}                                                                                        \
	static DEVICE_ATTR_RO(name)

COUNTER(event_channels);
COUNTER(events);
COUNTER(spurious_events);
COUNTER(jiffies_eoi_delayed);

static ssize_t spurious_threshold_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", to_xenbus_device(dev)->spurious_threshold);
}

static ssize_t spurious_threshold_store(struct device *dev, struct device_attribute *attr,
					const char *buf, size_t count)
{
	unsigned int value;
	int err = kstrtouint(buf, 0, &value);

	if (err)
		return err;
	to_xenbus_device(dev)->spurious_threshold = value;
	return count;
}
static DEVICE_ATTR_RW(spurious_threshold);

static struct attribute *event_attrs[] = {
	&dev_attr_event_channels.attr,	   &dev_attr_events.attr,
	&dev_attr_spurious_events.attr,	   &dev_attr_jiffies_eoi_delayed.attr,
	&dev_attr_spurious_threshold.attr, NULL,
};

static const struct attribute_group event_group = {
	.name = "xenbus",
	.attrs = event_attrs,
};

const struct attribute_group *xen_bus_groups[] = { &device_group, &event_group, NULL };
