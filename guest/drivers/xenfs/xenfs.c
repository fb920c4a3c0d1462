// SPDX-License-Identifier: GPL-2.0
/*
 * xenfs, which old tools expect at /proc/xen: the devices of /dev/xen under other names,
 * what kind of domain this is, its balloon, and in domain 0 the page and the port that
 * xenstored and the kernel meet at.
 */
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/init.h>
#include <linux/magic.h>
#include <linux/module.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <xen/balloon.h>
#include <xen/page.h>
#include <xen/xen.h>
#include <xen/xenbus.h>

#include "../privcmd.h"

/* "control_d" in the domain that controls the others. */
static ssize_t capabilities_read(struct file *file, char __user *to, size_t size, loff_t *off)
{
	const char *text = xen_initial_domain() ? "control_d\n" : "";

	return simple_read_from_buffer(to, size, off, text, strlen(text));
}

static const struct file_operations capabilities_fops = {
	.read = capabilities_read,
	.llseek = default_llseek,
};

/* The lines and units are those of the first Linux for Xen. */
static ssize_t balloon_read(struct file *file, char __user *to, size_t size, loff_t *off)
{
	char text[160];
	int len = scnprintf(text, sizeof(text),
			    "Current allocation: %8lu kB\n"
			    "Requested target:   %8lu kB\n"
			    "Low-mem balloon:    %8lu kB\n"
			    "High-mem balloon:   %8lu kB\n",
			    balloon_stats.current_pages << (PAGE_SHIFT - 10),
			    balloon_stats.target_pages << (PAGE_SHIFT - 10),
			    balloon_stats.balloon_low << (PAGE_SHIFT - 10),
			    balloon_stats.balloon_high << (PAGE_SHIFT - 10));

	return simple_read_from_buffer(to, size, off, text, len);
}

/* A new target: bytes, or K, M and so on. */
static ssize_t balloon_write(struct file *file, const char __user *from, size_t size, loff_t *off)
{
	char text[32], *end;
	unsigned long long bytes;

	if (size >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, size))
		return -EFAULT;
	text[size] = '\0';
	bytes = memparse(text, &end);
	if (end == text || *skip_spaces(end))
		return -EINVAL;
	balloon_set_new_target(bytes >> PAGE_SHIFT);
	return size;
}

static const struct file_operations balloon_fops = {
	.read = balloon_read,
	.write = balloon_write,
	.llseek = default_llseek,
};

static ssize_t port_read(struct file *file, char __user *to, size_t size, loff_t *off)
{
	char text[12];
	int len = scnprintf(text, sizeof(text), "%d", xen_store_evtchn);

	return simple_read_from_buffer(to, size, off, text, len);
}

static const struct file_operations port_fops = {
	.read = port_read,
	.llseek = default_llseek,
};

static int page_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (vma->vm_end - vma->vm_start != PAGE_SIZE || vma->vm_pgoff)
		return -EINVAL;
	return remap_pfn_range(vma, vma->vm_start, virt_to_pfn(xen_store_interface), PAGE_SIZE,
			       vma->vm_page_prot);
}

static const struct file_operations page_fops = {
	.mmap = page_mmap,
};

/* The first two are the root's and unused. */
static const struct tree_descr files[] = {
	[2] = { "capabilities", &capabilities_fops, 0444 },
	{ "xenbus", &xen_xenbus_fops, 0600 },
	{ "privcmd", &xen_privcmd_fops, 0600 },
	{ "balloon", &balloon_fops, 0644 },
	{ "" },
};

static const struct tree_descr files_of_domain0[] = {
	[2] = { "capabilities", &capabilities_fops, 0444 },
	{ "xenbus", &xen_xenbus_fops, 0600 },
	{ "privcmd", &xen_privcmd_fops, 0600 },
	{ "balloon", &balloon_fops, 0644 },
	{ "xsd_kva", &page_fops, 0600 },
	{ "xsd_port", &port_fops, 0600 },
	{ "" },
};

static int fill(struct super_block *sb, struct fs_context *fc)
{
	return simple_fill_super(sb, XENFS_SUPER_MAGIC,
				 xen_initial_domain() ? files_of_domain0 : files);
}

static int get_tree(struct fs_context *fc)
{
	return get_tree_single(fc, fill);
}

static const struct fs_context_operations context_ops = {
	.get_tree = get_tree,
};

static int init_context(struct fs_context *fc)
{
	fc->ops = &context_ops;
	return 0;
}

static struct file_system_type xenfs_type = {
	.owner = THIS_MODULE,
	.name = "xenfs",
	.init_fs_context = init_context,
	.kill_sb = kill_litter_super,
};
MODULE_ALIAS_FS("xenfs");

static int __init xenfs_init(void)
{
	return xen_domain() ? register_filesystem(&xenfs_type) : 0;
}
module_init(xenfs_init);

static void __exit xenfs_exit(void)
{
	if (xen_domain())
		unregister_filesystem(&xenfs_type);
}
module_exit(xenfs_exit);

MODULE_DESCRIPTION("The file system of /proc/xen");
MODULE_LICENSE("GPL");
