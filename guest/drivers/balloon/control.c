// SPDX-License-Identifier: GPL-2.0
/*
 * Who tells the balloon its size: the tools, by memory/target in xenstore; root, by
 * /sys/devices/system/xen_memory/xen_memory0, whose files are those that
 * Documentation/ABI/stable/sysfs-devices-system-xen_memory describes.
 */
#include <linux/capability.h>
#include <linux/device.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <xen/balloon.h>
#include <xen/mem-reservation.h>
#include <xen/page.h>
#include <xen/xen.h>
#include <xen/xenbus.h>

#define KIB_PAGES(pages)	((pages) << (PAGE_SHIFT - 10))

static struct bus_type memory_bus = {
	.name = "xen_memory",
	.dev_name = "xen_memory",
};
static struct device memory_device;

/*
 * Tools count what the hypervisor gives a domain; some of that is no page of ours (video
 * memory of other kinds of guests): what differs at the start differs for ever.
 */
static void target_changed(struct xenbus_watch *watch, const char *path, const char *token)
{
	static bool known;
	static long differ;
	unsigned long long kib;

	if (xenbus_scanf(XBT_NIL, "memory", "target", "%llu", &kib) != 1)
		return;		/* it is optional */
	if (!known) {
		unsigned long long maximum;

		known = true;
		if (xenbus_scanf(XBT_NIL, "memory", "static-max", "%llu", &maximum) != 1 ||
		    kib == maximum)
			differ = (long)(kib >> (PAGE_SHIFT - 10)) -
				 (long)balloon_stats.target_pages;
	}
	balloon_set_new_target((kib >> (PAGE_SHIFT - 10)) - differ);
}

static struct xenbus_watch target_watch = {
	.node = "memory/target",
	.callback = target_changed,
};

static int xenstore_is_there(struct notifier_block *nb, unsigned long event, void *data)
{
	if (register_xenbus_watch(&target_watch))
		pr_err("xen_balloon: memory/target cannot be watched\n");
	return NOTIFY_DONE;
}

static struct notifier_block xenstore_notifier = { .notifier_call = xenstore_is_there };

/* A number of bytes, with a suffix of K, M and so on, in whole pages of @unit. */
static ssize_t set_target(const char *buf, size_t count, unsigned int shift)
{
	char *end;
	u64 value;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (shift) {
		value = simple_strtoull(buf, &end, 0) << shift;
	} else {
		value = memparse(buf, &end);
	}
	if (end == buf || (*end && *end != '\n'))
		return -EINVAL;
	balloon_set_new_target(value >> PAGE_SHIFT);
	return count;
}

static ssize_t target_kb_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lu\n", KIB_PAGES(balloon_stats.target_pages));
}

static ssize_t target_kb_store(struct device *dev, struct device_attribute *attr,
			       const char *buf, size_t count)
{
	return set_target(buf, count, 10);
}
static DEVICE_ATTR_RW(target_kb);

static ssize_t target_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", (u64)balloon_stats.target_pages << PAGE_SHIFT);
}

static ssize_t target_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t count)
{
	return set_target(buf, count, 0);
}
static DEVICE_ATTR_RW(target);

static DEVICE_ULONG_ATTR(schedule_delay, 0644, balloon_stats.schedule_delay);
static DEVICE_ULONG_ATTR(max_schedule_delay, 0644, balloon_stats.max_schedule_delay);
static DEVICE_ULONG_ATTR(retry_count, 0644, balloon_stats.retry_count);
static DEVICE_ULONG_ATTR(max_retry_count, 0644, balloon_stats.max_retry_count);
static DEVICE_BOOL_ATTR(scrub_pages, 0644, xen_scrub_pages);

static struct attribute *balloon_attributes[] = {
	&dev_attr_target_kb.attr,
	&dev_attr_target.attr,
	&dev_attr_schedule_delay.attr.attr,
	&dev_attr_max_schedule_delay.attr.attr,
	&dev_attr_retry_count.attr.attr,
	&dev_attr_max_retry_count.attr.attr,
	&dev_attr_scrub_pages.attr.attr,
	NULL
};
static const struct attribute_group balloon_group = { .attrs = balloon_attributes };

#define INFO(name, pages)								\
	static ssize_t name##_show(struct device *dev, struct device_attribute *attr,	\
				   char *buf)						\
	{										\
		return sysfs_emit(buf, "%lu\n", KIB_PAGES(pages));			\
	}										\
	static DEVICE_ATTR_RO(name)

INFO(current_kb, balloon_stats.current_pages);
INFO(low_kb, balloon_stats.balloon_low);
INFO(high_kb, balloon_stats.balloon_high);

static struct attribute *info_attributes[] = {
	&dev_attr_current_kb.attr,
	&dev_attr_low_kb.attr,
	&dev_attr_high_kb.attr,
	NULL
};
static const struct attribute_group info_group = {
	.name = "info",
	.attrs = info_attributes,
};

static const struct attribute_group *groups[] = { &balloon_group, &info_group, NULL };

void xen_balloon_init(void)
{
	if (subsys_system_register(&memory_bus, NULL))
		return;
	memory_device.bus = &memory_bus;
	memory_device.groups = groups;
	if (device_register(&memory_device))
		put_device(&memory_device);
	register_xenstore_notifier(&xenstore_notifier);
}
EXPORT_SYMBOL_GPL(xen_balloon_init);
