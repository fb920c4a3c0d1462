// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/hypervisor: what the hypervisor says of itself and of this domain
 * (Documentation/ABI/{stable,testing}/sysfs-hypervisor-xen).
 */
#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>
#include <xen/features.h>
#include <xen/interface/version.h>
#include <xen/xen.h>
#include <xen/xenbus.h>

#define MAX_BUILD_ID 128 /* bytes; they are 20 */

#define FILE_RO(name)                                                                             \
	static ssize_t name##_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf); \
	static struct kobj_attribute name##_attr = __ATTR_RO(name);                               \
	static ssize_t name##_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)

FILE_RO(type)
{
	return sysfs_emit(buf, "xen\n");
}

FILE_RO(guest_type)
{
	return sysfs_emit(buf, "PV\n");
}

/*
 * The domain's UUID. Hypervisors of before 3.x do not tell; xenstore does, as the last
 * part of the path in vm.
 */
FILE_RO(uuid)
{
	xen_domain_handle_t uuid;
	char *vm, *id;
	ssize_t len;

	if (!HYPERVISOR_xen_version(XENVER_guest_handle, uuid))
		return sysfs_emit(buf, "%pU\n", uuid);
	if (!xenstored_ready)
		return -EBUSY;
	vm = xenbus_read(XBT_NIL, "vm", "", NULL);
	if (IS_ERR(vm))
		return PTR_ERR(vm);
	id = strrchr(vm, '/');
	len = sysfs_emit(buf, "%s\n", id ? id + 1 : vm);
	kfree(vm);
	return len;
}

/* version/ */

FILE_RO(major)
{
	return sysfs_emit(buf, "%d\n", HYPERVISOR_xen_version(XENVER_version, NULL) >> 16);
}

FILE_RO(minor)
{
	return sysfs_emit(buf, "%d\n", HYPERVISOR_xen_version(XENVER_version, NULL) & 0xffff);
}

/* A text that the hypervisor puts into an array, which need not end with a 0. */
static ssize_t emit(char *buf, const char *text, size_t size)
{
	return sysfs_emit(buf, "%.*s\n", (int)size, text);
}

FILE_RO(extra)
{
	char text[XEN_EXTRAVERSION_LEN];
	int err = HYPERVISOR_xen_version(XENVER_extraversion, text);

	return err ?: emit(buf, text, sizeof(text));
}

/* compilation/ */

static int compile_info(struct xen_compile_info *info)
{
	return HYPERVISOR_xen_version(XENVER_compile_info, info);
}

FILE_RO(compiler)
{
	struct xen_compile_info info;

	return compile_info(&info) ?: emit(buf, info.compiler, sizeof(info.compiler));
}

FILE_RO(compiled_by)
{
	struct xen_compile_info info;

	return compile_info(&info) ?: emit(buf, info.compile_by, sizeof(info.compile_by));
}

FILE_RO(compile_date)
{
	struct xen_compile_info info;

	return compile_info(&info) ?: emit(buf, info.compile_date, sizeof(info.compile_date));
}

/* properties/ */

FILE_RO(capabilities)
{
	struct xen_capabilities_info *info = kzalloc(sizeof(*info), GFP_KERNEL);
	ssize_t n;

	if (!info)
		return -ENOMEM;
	n = HYPERVISOR_xen_version(XENVER_capabilities, info);
	if (!n)
		n = emit(buf, info->info, sizeof(info->info));
	kfree(info);
	return n;
}

FILE_RO(changeset)
{
	struct xen_changeset_info info;
	int err = HYPERVISOR_xen_version(XENVER_changeset, &info);

	return err ?: emit(buf, info.info, sizeof(info.info));
}

FILE_RO(virtual_start)
{
	struct xen_platform_parameters parameters;
	int err = HYPERVISOR_xen_version(XENVER_platform_parameters, &parameters);

	return err ?: sysfs_emit(buf, "%lx\n", (unsigned long)parameters.virt_start);
}

FILE_RO(pagesize)
{
	int size = HYPERVISOR_xen_version(XENVER_pagesize, NULL);

	return size < 0 ? size : sysfs_emit(buf, "%x\n", size);
}

/* The highest first; all of them are one number. */
FILE_RO(features)
{
	struct xen_feature_info info;
	ssize_t len = 0;
	int i, err;

	for (i = XENFEAT_NR_SUBMAPS - 1; i >= 0; i--) {
		info.submap_idx = i;
		err = HYPERVISOR_xen_version(XENVER_get_features, &info);
		if (err)
			return err;
		len += sysfs_emit_at(buf, len, "%0*x", len ? 8 : 0, info.submap);
	}
	return len + sysfs_emit_at(buf, len, "\n");
}

FILE_RO(buildid)
{
	struct {
		struct xen_build_id id;
		u8 bytes[MAX_BUILD_ID];
	} info = { .id.len = MAX_BUILD_ID };
	int len = HYPERVISOR_xen_version(XENVER_build_id, &info);

	if (len == -EPERM)
		return sysfs_emit(buf, "<denied>\n");
	if (len < 0)
		return len;
	return sysfs_emit(buf, "%*phN\n", min(len, 64), info.bytes);
}

static struct attribute *top[] = { &type_attr.attr, &guest_type_attr.attr, &uuid_attr.attr, NULL };
static struct attribute *version[] = { &major_attr.attr, &minor_attr.attr, &extra_attr.attr, NULL };
static struct attribute *compilation[] = { &compiler_attr.attr, &compiled_by_attr.attr,
					   &compile_date_attr.attr, NULL };
static struct attribute *properties[] = { &capabilities_attr.attr,
					  &changeset_attr.attr,
					  &virtual_start_attr.attr,
					  &pagesize_attr.attr,
					  &features_attr.attr,
					  &buildid_attr.attr,
					  NULL };

static const struct attribute_group top_group = { .attrs = top };
static const struct attribute_group version_group = { .name = "version", .attrs = version };
static const struct attribute_group compilation_group = { .name = "compilation",
							  .attrs = compilation };
static const struct attribute_group properties_group = { .name = "properties",
							 .attrs = properties };
static const struct attribute_group *groups[] = { &top_group, &version_group, &compilation_group,
						  &properties_group, NULL };

static int __init hypervisor_sysfs_init(void)
{
	return xen_domain() ? sysfs_create_groups(hypervisor_kobj, groups) : 0;
}
device_initcall(hypervisor_sysfs_init);
