// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/xen/xenbus_backend: how xenstored, a process of this domain, gets at the page and
 * the port that the kernel talks to it by: it maps the page, and asks for the port.
 *
 * Or it makes a domain of its own xenstore's: then the page is granted to that domain.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <asm/xen/hypercall.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include <xen/xen.h>
#include <xen/xenbus_dev.h>

#include "store.h"

static int backend_open(struct inode *inode, struct file *file)
{
	return capable(CAP_SYS_ADMIN) ? nonseekable_open(inode, file) : -EPERM;
}

/*
 * Let xenstore be in domain domid from now on: returns the port that it is to bind to.
 * Requests wait until it does.
 */
static long move_to(domid_t domid)
{
	struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = domid };
	int err;

	if (xenstored_ready) {
		pr_err("xenbus_backend: xenstore runs already, in this domain\n");
		return -EBUSY;
	}
	err = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &alloc);
	if (err)
		return err;
	gnttab_grant_foreign_access_ref(GNTTAB_RESERVED_XENSTORE, domid,
					virt_to_gfn(xen_store_interface), 0);
	store_hold();
	xen_store_evtchn = alloc.port;
	store_ring_reset();
	store_let_go(true);
	store_watch_again();
	return alloc.port;
}

static long backend_ioctl(struct file *file, unsigned int cmd, unsigned long data)
{
	switch (cmd) {
	case IOCTL_XENBUS_BACKEND_EVTCHN:
		return xen_store_evtchn > 0 ? xen_store_evtchn : -ENODEV;
	case IOCTL_XENBUS_BACKEND_SETUP:
		return data < DOMID_FIRST_RESERVED ? move_to(data) : -EINVAL;
	default:
		return -ENOTTY;
	}
}

static int backend_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (vma->vm_end - vma->vm_start != PAGE_SIZE || vma->vm_pgoff)
		return -EINVAL;
	return remap_pfn_range(vma, vma->vm_start, virt_to_pfn(xen_store_interface), PAGE_SIZE,
			       vma->vm_page_prot);
}

static const struct file_operations backend_fops = {
	.owner = THIS_MODULE,
	.open = backend_open,
	.mmap = backend_mmap,
	.unlocked_ioctl = backend_ioctl,
	.llseek = no_llseek,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "xen/xenbus_backend",
	.fops = &backend_fops,
};

static int __init backend_device_init(void)
{
	return xen_initial_domain() && xen_store_evtchn ? misc_register(&device) : 0;
}
device_initcall(backend_device_init);
