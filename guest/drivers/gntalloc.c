// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/xen/gntalloc: programs grant pages to other domains (<uapi/xen/gntalloc.h>).
 *
 * An ioctl allocates pages and their references, which are the file's at an offset
 * that mmap() takes; another gives them up. A page goes when neither the file nor a
 * mapping has it, and the other domain has let go of it.
 */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include <xen/xen.h>

#include <uapi/xen/gntalloc.h>

/* How many pages all programs together may have granted. */
static unsigned int limit = 1024;
module_param(limit, uint, 0644);
MODULE_PARM_DESC(limit, "Pages that programs may grant in all");

static DEFINE_MUTEX(grants_mutex); /* everything here */
static unsigned int nr_granted;

/* A granted page, of a file, of mappings, or of both. */
struct granted {
	struct list_head entry; /* in the file's list, by offset; else empty */
	unsigned int users;	/* the file, and each mapping */
	u64 offset;
	grant_ref_t ref;
	struct page *page;
	/* What to do when it goes. */
	u32 notify; /* UNMAP_NOTIFY_* */
	unsigned int notify_byte;
	evtchn_port_t notify_port;
};

struct opened {
	struct list_head pages;
	u64 next_offset;
};

/* What a mapping has. */
struct mapped {
	unsigned int users;
	unsigned int count;
	struct granted *pages[];
};

/* Tell the other side, and leave the page to it if it still needs it. With the mutex. */
static void put_granted(struct granted *granted)
{
	if (--granted->users)
		return;
	if (granted->notify & UNMAP_NOTIFY_CLEAR_BYTE)
		*((u8 *)page_address(granted->page) + granted->notify_byte) = 0;
	if (granted->notify & UNMAP_NOTIFY_SEND_EVENT) {
		notify_remote_via_evtchn(granted->notify_port);
		evtchn_put(granted->notify_port);
	}
	gnttab_end_foreign_access(granted->ref, granted->page);
	nr_granted--;
	kfree(granted);
}

static struct granted *new_granted(domid_t domain, bool readonly)
{
	struct granted *granted = kzalloc(sizeof(*granted), GFP_KERNEL_ACCOUNT);
	int ref;

	if (!granted)
		return ERR_PTR(-ENOMEM);
	granted->page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!granted->page) {
		kfree(granted);
		return ERR_PTR(-ENOMEM);
	}
	ref = gnttab_grant_foreign_access(domain, xen_page_to_gfn(granted->page), readonly);
	if (ref < 0) {
		__free_page(granted->page);
		kfree(granted);
		return ERR_PTR(ref);
	}
	granted->ref = ref;
	granted->users = 1;
	return granted;
}

static void put_list(struct list_head *list)
{
	struct granted *granted, *next;

	list_for_each_entry_safe(granted, next, list, entry) {
		list_del_init(&granted->entry);
		put_granted(granted);
	}
}

static long alloc_grefs(struct opened *file, struct ioctl_gntalloc_alloc_gref __user *arg)
{
	struct ioctl_gntalloc_alloc_gref op;
	struct granted *granted;
	LIST_HEAD(pages);
	long err = 0;
	u32 *refs;
	u32 i;

	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	if (!op.count || op.flags & ~GNTALLOC_FLAG_WRITABLE)
		return -EINVAL;
	if (op.count > READ_ONCE(limit))
		return -ENOSPC;
	refs = kvmalloc_array(op.count, sizeof(*refs), GFP_KERNEL_ACCOUNT);
	if (!refs)
		return -ENOMEM;

	mutex_lock(&grants_mutex);
	if (nr_granted + op.count > READ_ONCE(limit))
		err = -ENOSPC;
	for (i = 0; !err && i < op.count; i++) {
		granted = new_granted(op.domid, !(op.flags & GNTALLOC_FLAG_WRITABLE));
		if (IS_ERR(granted)) {
			err = PTR_ERR(granted);
			break;
		}
		granted->offset = file->next_offset + (u64)i * PAGE_SIZE;
		refs[i] = granted->ref;
		list_add_tail(&granted->entry, &pages);
		nr_granted++;
	}
	op.index = file->next_offset;
	if (!err && (copy_to_user(arg, &op, offsetof(typeof(op), gref_ids)) ||
		     copy_to_user(arg->gref_ids, refs, op.count * sizeof(*refs))))
		err = -EFAULT;
	if (err) {
		put_list(&pages);
	} else {
		file->next_offset += (u64)op.count * PAGE_SIZE;
		list_splice_tail(&pages, &file->pages);
	}
	mutex_unlock(&grants_mutex);
	kvfree(refs);
	return err;
}

/* The first of @count pages in a row from @offset on; NULL: not all are the file's. */
static struct granted *find(struct opened *file, u64 offset, unsigned int count)
{
	struct granted *granted, *first = NULL;

	list_for_each_entry(granted, &file->pages, entry) {
		if (!first && granted->offset == offset)
			first = granted;
		if (!first)
			continue;
		if (granted->offset != offset)
			return NULL;
		if (!--count)
			return first;
		offset += PAGE_SIZE;
	}
	return NULL;
}

static long dealloc_grefs(struct opened *file, void __user *arg)
{
	struct ioctl_gntalloc_dealloc_gref op;
	struct granted *granted, *next;
	long err = 0;

	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	if (!op.count)
		return -EINVAL;
	mutex_lock(&grants_mutex);
	granted = find(file, op.index, op.count);
	if (!granted)
		err = -EINVAL;
	for (; !err && op.count; op.count--, granted = next) {
		next = list_next_entry(granted, entry);
		list_del_init(&granted->entry);
		put_granted(granted);
	}
	mutex_unlock(&grants_mutex);
	return err;
}

static long set_notify(struct opened *file, void __user *arg)
{
	struct ioctl_gntalloc_unmap_notify op;
	struct granted *granted;
	long err = 0;

	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	if (op.action & ~(UNMAP_NOTIFY_CLEAR_BYTE | UNMAP_NOTIFY_SEND_EVENT))
		return -EINVAL;
	mutex_lock(&grants_mutex);
	granted = find(file, op.index & PAGE_MASK, 1);
	if (!granted)
		err = -ENOENT;
	/* The new port before the old one: it may be the same. */
	else if ((op.action & UNMAP_NOTIFY_SEND_EVENT) && evtchn_get(op.event_channel_port))
		err = -EINVAL;
	if (!err) {
		if (granted->notify & UNMAP_NOTIFY_SEND_EVENT)
			evtchn_put(granted->notify_port);
		granted->notify = op.action;
		granted->notify_byte = op.index & ~PAGE_MASK;
		granted->notify_port = op.event_channel_port;
	}
	mutex_unlock(&grants_mutex);
	return err;
}

static long gntalloc_ioctl(struct file *f, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case IOCTL_GNTALLOC_ALLOC_GREF:
		return alloc_grefs(f->private_data, (void __user *)arg);
	case IOCTL_GNTALLOC_DEALLOC_GREF:
		return dealloc_grefs(f->private_data, (void __user *)arg);
	case IOCTL_GNTALLOC_SET_UNMAP_NOTIFY:
		return set_notify(f->private_data, (void __user *)arg);
	default:
		return -ENOTTY;
	}
}

static void vma_open(struct vm_area_struct *vma)
{
	struct mapped *mapped = vma->vm_private_data;

	mutex_lock(&grants_mutex);
	mapped->users++;
	mutex_unlock(&grants_mutex);
}

static void vma_close(struct vm_area_struct *vma)
{
	struct mapped *mapped = vma->vm_private_data;
	unsigned int i;

	mutex_lock(&grants_mutex);
	if (!--mapped->users) {
		for (i = 0; i < mapped->count; i++)
			put_granted(mapped->pages[i]);
		kfree(mapped);
	}
	mutex_unlock(&grants_mutex);
}

static const struct vm_operations_struct vma_ops = {
	.open = vma_open,
	.close = vma_close,
};

static int gntalloc_mmap(struct file *f, struct vm_area_struct *vma)
{
	struct opened *file = f->private_data;
	unsigned int count = vma_pages(vma), i;
	struct granted *granted;
	struct mapped *mapped;
	int err;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	mapped = kzalloc(struct_size(mapped, pages, count), GFP_KERNEL_ACCOUNT);
	if (!mapped)
		return -ENOMEM;
	mutex_lock(&grants_mutex);
	granted = find(file, (u64)vma->vm_pgoff << PAGE_SHIFT, count);
	if (!granted) {
		mutex_unlock(&grants_mutex);
		kfree(mapped);
		return -ENOENT;
	}
	for (i = 0; i < count; i++, granted = list_next_entry(granted, entry)) {
		granted->users++;
		mapped->pages[i] = granted;
	}
	mapped->users = 1;
	mapped->count = count;
	mutex_unlock(&grants_mutex);

	vma->vm_private_data = mapped;
	vma->vm_flags |= VM_DONTEXPAND | VM_DONTDUMP;
	for (i = 0, err = 0; !err && i < count; i++)
		err = vm_insert_page(vma, vma->vm_start + i * PAGE_SIZE, mapped->pages[i]->page);
	if (err)
		vma_close(vma);
	else
		vma->vm_ops = &vma_ops;
	return err;
}

static int gntalloc_open(struct inode *inode, struct file *f)
{
	struct opened *file = kzalloc(sizeof(*file), GFP_KERNEL);

	if (!file)
		return -ENOMEM;
	INIT_LIST_HEAD(&file->pages);
	f->private_data = file;
	return 0;
}

static int gntalloc_release(struct inode *inode, struct file *f)
{
	struct opened *file = f->private_data;

	mutex_lock(&grants_mutex);
	put_list(&file->pages);
	mutex_unlock(&grants_mutex);
	kfree(file);
	return 0;
}

static const struct file_operations gntalloc_fops = {
	.owner = THIS_MODULE,
	.open = gntalloc_open,
	.release = gntalloc_release,
	.mmap = gntalloc_mmap,
	.unlocked_ioctl = gntalloc_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice gntalloc_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "xen/gntalloc",
	.fops = &gntalloc_fops,
};

static int __init gntalloc_init(void)
{
	return xen_domain() ? misc_register(&gntalloc_device) : -ENODEV;
}

static void __exit gntalloc_exit(void)
{
	misc_deregister(&gntalloc_device);
}

module_init(gntalloc_init);
module_exit(gntalloc_exit);
MODULE_DESCRIPTION("Xen grants by programs");
MODULE_LICENSE("GPL");
