// SPDX-License-Identifier: GPL-2.0
/*
 * What one sees of a vbd in sysfs, in the directory of its xenbus device:
 *
 *	physical_device, mode	what is behind it
 *	statistics/		what it did; the names of the first six are those that
 *				xentop reads
 *	limit/			bytes and requests a second, to be read and written; 0 is
 *				no limit
 */
#include <linux/device.h>
#include "blkback.h"

static struct vbd *vbd_of(struct device *dev)
{
	return dev_get_drvdata(dev);
}

static ssize_t physical_device_show(struct device *dev, struct device_attribute *attribute,
				    char *buffer)
{
	dev_t device = vbd_of(dev)->disk.device;

	return sysfs_emit(buffer, "%x:%x\n", MAJOR(device), MINOR(device));
}
static DEVICE_ATTR_RO(physical_device);

static ssize_t mode_show(struct device *dev, struct device_attribute *attribute, char *buffer)
{
	return sysfs_emit(buffer, "%s\n", vbd_of(dev)->disk.writable ? "w" : "r");
}
static DEVICE_ATTR_RO(mode);

static struct attribute *vbd_attributes[] = {
	&dev_attr_physical_device.attr,
	&dev_attr_mode.attr,
	NULL,
};

static const struct attribute_group vbd_group = {
	.attrs = vbd_attributes,
};

/* A field of all queues' struct stats, added up. */
struct counter {
	struct device_attribute attribute;
	size_t offset;
};

static ssize_t counter_show(struct device *dev, struct device_attribute *attribute, char *buffer)
{
	size_t offset = container_of(attribute, struct counter, attribute)->offset;
	struct vbd *vbd = vbd_of(dev);
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < vbd->nr_queues_max; i++)
		sum += READ_ONCE(*(u64 *)((char *)&vbd->stats[i] + offset));
	return sysfs_emit(buffer, "%llu\n", sum);
}

#define COUNTER(_name, _field)                                                                 \
	static struct counter counter_##_name = {                                              \
		.attribute = __ATTR(_name, 0444, counter_show, NULL),                          \
		.offset = offsetof(struct stats, _field),                                      \
	}

COUNTER(oo_req, waits);
COUNTER(rd_req, reads);
COUNTER(wr_req, writes);
COUNTER(f_req, flushes);
COUNTER(rd_sect, sectors_read);
COUNTER(wr_sect, sectors_written);
COUNTER(ds_req, discards);
COUNTER(errors, errors);
COUNTER(batches, batches);
COUNTER(interrupts, interrupts);
COUNTER(notifications, notifications);

static struct attribute *statistics_attributes[] = {
	&counter_oo_req.attribute.attr,
	&counter_rd_req.attribute.attr,
	&counter_wr_req.attribute.attr,
	&counter_f_req.attribute.attr,
	&counter_rd_sect.attribute.attr,
	&counter_wr_sect.attribute.attr,
	&counter_ds_req.attribute.attr,
	&counter_errors.attribute.attr,
	&counter_batches.attribute.attr,
	&counter_interrupts.attribute.attr,
	&counter_notifications.attribute.attr,
	NULL,
};

static const struct attribute_group statistics_group = {
	.name = "statistics",
	.attrs = statistics_attributes,
};

static ssize_t bytes_show(struct device *dev, struct device_attribute *attribute, char *buffer)
{
	return sysfs_emit(buffer, "%llu\n", READ_ONCE(vbd_of(dev)->rate.bytes.rate));
}

static ssize_t requests_show(struct device *dev, struct device_attribute *attribute,
			     char *buffer)
{
	return sysfs_emit(buffer, "%llu\n", READ_ONCE(vbd_of(dev)->rate.ops.rate));
}

static ssize_t set_limit(struct limits *limits, struct limit *limit, const char *buffer,
			 size_t size)
{
	u64 rate;
	int err = kstrtou64(buffer, 10, &rate);

	if (err)
		return err;
	limits_set(limits, limit, rate);
	return size;
}

static ssize_t bytes_store(struct device *dev, struct device_attribute *attribute,
			   const char *buffer, size_t size)
{
	struct limits *limits = &vbd_of(dev)->rate;

	return set_limit(limits, &limits->bytes, buffer, size);
}

static ssize_t requests_store(struct device *dev, struct device_attribute *attribute,
			      const char *buffer, size_t size)
{
	struct limits *limits = &vbd_of(dev)->rate;

	return set_limit(limits, &limits->ops, buffer, size);
}
static DEVICE_ATTR_RW(bytes);
static DEVICE_ATTR_RW(requests);

static struct attribute *limit_attributes[] = {
	&dev_attr_bytes.attr,
	&dev_attr_requests.attr,
	NULL,
};

static const struct attribute_group limit_group = {
	.name = "limit",
	.attrs = limit_attributes,
};

const struct attribute_group *vbd_groups[] = {
	&vbd_group,
	&statistics_group,
	&limit_group,
	NULL,
};
