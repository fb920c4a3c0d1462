// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/xen/gntdev: programs map pages that other domains grant, and copy to and from
 * them (<uapi/xen/gntdev.h>).
 *
 * An ioctl names the grants and gets an offset; mmap() at that offset maps them, twice:
 * at pages of ours, so that the kernel can do I/O to them, and in the program's page
 * table. The second mapping is the hypervisor's to make and to take back, entry by
 * entry, so it is taken back when Linux says that it is about to change the entries (an
 * MMU notifier). The first one lasts until no I/O uses the pages any more.
 */
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/page.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/xen.h>

#include <uapi/xen/gntdev.h>

#include "gntdev.h"

/* Pages of one ioctl. */
static unsigned int limit = 64 * 1024;
module_param(limit, uint, 0644);
MODULE_PARM_DESC(limit, "Grants that a program may map at once");

struct opened {
	struct mutex mutex;
	struct list_head maps; /* by index */
	unsigned int nr_grants, max_grants;
};

/* The grants of one ioctl. The file has a reference, and the mapping. */
struct map {
	refcount_t users;
	struct list_head entry;
	u64 index; /* the offset, in pages */
	unsigned int count;
	struct ioctl_gntdev_grant_ref *grants;
	struct page **pages;

	/* While it is mapped; mmap_lock. */
	struct vm_area_struct *vma;
	struct mmu_interval_notifier notifier;
	struct gntab_unmap_queue_data unmap_work;

	struct mutex mutex; /* the rest */
	struct gnttab_map_grant_ref *kernel, *user;
	struct gnttab_unmap_grant_ref *kernel_unmap;
	u64 *entries; /* machine addresses of the page-table entries */

	u32 notify; /* UNMAP_NOTIFY_* when it is unmapped */
	unsigned int notify_byte;
	evtchn_port_t notify_port;
};

static void free_map(struct map *map)
{
	if (map->notify & UNMAP_NOTIFY_SEND_EVENT)
		evtchn_put(map->notify_port);
	if (map->pages && map->count && map->pages[0])
		gnttab_free_pages(map->count, map->pages);
	kvfree(map->pages);
	kvfree(map->grants);
	kvfree(map->kernel);
	kvfree(map->user);
	kvfree(map->kernel_unmap);
	kvfree(map->entries);
	kfree(map);
}

static void put_map(struct map *map)
{
	if (refcount_dec_and_test(&map->users))
		free_map(map);
}

static struct map *new_map(unsigned int count)
{
	struct map *map = kzalloc(sizeof(*map), GFP_KERNEL_ACCOUNT);

	if (!map)
		return NULL;
	refcount_set(&map->users, 1);
	mutex_init(&map->mutex);
	map->count = count;
	map->grants = kvcalloc(count, sizeof(*map->grants), GFP_KERNEL_ACCOUNT);
	map->pages = kvcalloc(count, sizeof(*map->pages), GFP_KERNEL_ACCOUNT);
	map->kernel = kvcalloc(count, sizeof(*map->kernel), GFP_KERNEL_ACCOUNT);
	map->user = kvcalloc(count, sizeof(*map->user), GFP_KERNEL_ACCOUNT);
	map->kernel_unmap = kvcalloc(count, sizeof(*map->kernel_unmap), GFP_KERNEL_ACCOUNT);
	map->entries = kvcalloc(count, sizeof(*map->entries), GFP_KERNEL_ACCOUNT);
	if (!map->grants || !map->pages || !map->kernel || !map->user || !map->kernel_unmap ||
	    !map->entries || gnttab_alloc_pages(count, map->pages)) {
		if (map->pages)
			map->pages[0] = NULL;
		free_map(map);
		return NULL;
	}
	return map;
}

/* Put @map where there is room for it, from 0 on. With the file's mutex. */
static void insert_map(struct opened *file, struct map *map)
{
	struct map *other;

	map->index = 0;
	list_for_each_entry(other, &file->maps, entry) {
		if (map->index + map->count <= other->index)
			break;
		map->index = other->index + other->count;
	}
	list_add_tail(&map->entry, &other->entry);
	file->nr_grants += map->count;
}

/* The map that begins at @index; @count of 0: that it is within. With the mutex. */
static struct map *find_map(struct opened *file, u64 index, unsigned int count)
{
	struct map *map;

	list_for_each_entry(map, &file->maps, entry) {
		if (count ? map->index == index && map->count == count :
			    index >= map->index && index < map->index + map->count)
			return map;
	}
	return NULL;
}

static long map_grants(struct opened *file, struct ioctl_gntdev_map_grant_ref __user *arg)
{
	struct ioctl_gntdev_map_grant_ref op;
	struct map *map;
	long err = 0;

	if (copy_from_user(&op, arg, offsetof(typeof(op), refs)))
		return -EFAULT;
	if (!op.count || op.count > READ_ONCE(limit))
		return -EINVAL;
	map = new_map(op.count);
	if (!map)
		return -ENOMEM;
	if (copy_from_user(map->grants, arg->refs, op.count * sizeof(*map->grants))) {
		put_map(map);
		return -EFAULT;
	}
	mutex_lock(&file->mutex);
	if (op.count > file->max_grants - file->nr_grants)
		err = -ENOSPC;
	else
		insert_map(file, map);
	op.index = map->index << PAGE_SHIFT;
	mutex_unlock(&file->mutex);
	if (err)
		put_map(map);
	else if (copy_to_user(arg, &op, offsetof(typeof(op), refs)))
		err = -EFAULT; /* it goes with the file */
	return err;
}

static long unmap_grants(struct opened *file, void __user *arg)
{
	struct ioctl_gntdev_unmap_grant_ref op;
	struct map *map;
	long err = 0;

	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	mutex_lock(&file->mutex);
	map = find_map(file, op.index >> PAGE_SHIFT, op.count);
	if (!op.count || !map) {
		err = -ENOENT;
	} else if (READ_ONCE(map->vma)) {
		err = -EBUSY;
	} else {
		list_del(&map->entry);
		file->nr_grants -= map->count;
		put_map(map);
	}
	mutex_unlock(&file->mutex);
	return err;
}

static const struct vm_operations_struct vma_ops;

static long get_offset(void __user *arg)
{
	struct ioctl_gntdev_get_offset_for_vaddr op;
	struct vm_area_struct *vma;
	struct map *map;
	long err = -EINVAL;

	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	mmap_read_lock(current->mm);
	vma = find_vma(current->mm, op.vaddr);
	if (vma && vma->vm_ops == &vma_ops && vma->vm_start == op.vaddr) {
		map = vma->vm_private_data;
		op.offset = map->index << PAGE_SHIFT;
		op.count = map->count;
		err = 0;
	}
	mmap_read_unlock(current->mm);
	if (!err && copy_to_user(arg, &op, sizeof(op)))
		err = -EFAULT;
	return err;
}

static long set_notify(struct opened *file, void __user *arg)
{
	struct ioctl_gntdev_unmap_notify op;
	struct map *map;
	long err = 0;

	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	if (op.action & ~(UNMAP_NOTIFY_CLEAR_BYTE | UNMAP_NOTIFY_SEND_EVENT))
		return -EINVAL;
	mutex_lock(&file->mutex);
	map = find_map(file, op.index >> PAGE_SHIFT, 0);
	if (!map)
		err = -ENOENT;
	else if ((op.action & UNMAP_NOTIFY_SEND_EVENT) && evtchn_get(op.event_channel_port))
		err = -EINVAL;
	if (!err) {
		mutex_lock(&map->mutex);
		if (map->notify & UNMAP_NOTIFY_SEND_EVENT)
			evtchn_put(map->notify_port);
		map->notify = op.action;
		map->notify_byte = op.index - (map->index << PAGE_SHIFT);
		map->notify_port = op.event_channel_port;
		mutex_unlock(&map->mutex);
	}
	mutex_unlock(&file->mutex);
	return err;
}

static long set_max(struct opened *file, void __user *arg)
{
	struct ioctl_gntdev_set_max_grants op;
	long err = -EBUSY;

	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	mutex_lock(&file->mutex);
	if (list_empty(&file->maps)) {
		file->max_grants = min(op.count, READ_ONCE(limit));
		err = 0;
	}
	mutex_unlock(&file->mutex);
	return err;
}

static long gntdev_ioctl(struct file *f, unsigned int cmd, unsigned long argument)
{
	void __user *arg = (void __user *)argument;

	switch (cmd) {
	case IOCTL_GNTDEV_MAP_GRANT_REF:
		return map_grants(f->private_data, arg);
	case IOCTL_GNTDEV_UNMAP_GRANT_REF:
		return unmap_grants(f->private_data, arg);
	case IOCTL_GNTDEV_GET_OFFSET_FOR_VADDR:
		return get_offset(arg);
	case IOCTL_GNTDEV_SET_MAX_GRANTS:
		return set_max(f->private_data, arg);
	case IOCTL_GNTDEV_SET_UNMAP_NOTIFY:
		return set_notify(f->private_data, arg);
	case IOCTL_GNTDEV_GRANT_COPY:
		return gntdev_copy(arg);
	default:
		return -ENOTTY;
	}
}

/* Take back entries @from to @to of the program's page table. With the map's mutex. */
static void unmap_user(struct map *map, unsigned int from, unsigned int to)
{
	struct gnttab_unmap_grant_ref op;
	unsigned int i;

	for (i = from; i < to; i++) {
		if (map->user[i].status != GNTST_okay)
			continue;
		gnttab_set_unmap_op(&op, map->entries[i], GNTMAP_contains_pte, map->user[i].handle);
		if (HYPERVISOR_grant_table_op(GNTTABOP_unmap_grant_ref, &op, 1) || op.status)
			pr_err("xen-gntdev: grant %u stays mapped: status %d\n", map->grants[i].ref,
			       op.status);
		map->user[i].status = GNTST_general_error;
	}
}

static void kernel_unmapped(int result, struct gntab_unmap_queue_data *work)
{
	struct map *map = work->data;

	if (WARN_ON(result))
		return; /* the pages are lost, as the other domain's may be at them */
	put_map(map);
}

/* Take the kernel's mappings back when no I/O uses them. They have a reference then. */
static void unmap_kernel(struct map *map)
{
	struct gntab_unmap_queue_data *work = &map->unmap_work;
	unsigned int i, n = 0;
	struct page *page;

	/* Those that are mapped go to the front of all three arrays. */
	for (i = 0; i < map->count; i++) {
		if (map->kernel[i].status != GNTST_okay)
			continue;
		page = map->pages[i];
		gnttab_set_unmap_op(&map->kernel_unmap[n], (unsigned long)page_address(page),
				    GNTMAP_host_map, map->kernel[i].handle);
		map->kernel[i].status = GNTST_general_error;
		map->pages[i] = map->pages[n];
		map->pages[n++] = page;
	}
	if (!n)
		return;
	refcount_inc(&map->users);
	work->data = map;
	work->done = kernel_unmapped;
	work->unmap_ops = map->kernel_unmap;
	work->kunmap_ops = NULL;
	work->pages = map->pages;
	work->count = n;
	gnttab_unmap_refs_async(work);
}

/* The other side is told before the pages go. With the map's mutex. */
static void tell(struct map *map)
{
	unsigned int page = map->notify_byte >> PAGE_SHIFT;

	if ((map->notify & UNMAP_NOTIFY_CLEAR_BYTE) && map->kernel[page].status == GNTST_okay &&
	    !(map->kernel[page].flags & GNTMAP_readonly))
		*((u8 *)page_address(map->pages[page]) + (map->notify_byte & ~PAGE_MASK)) = 0;
	if (map->notify & UNMAP_NOTIFY_SEND_EVENT) {
		notify_remote_via_evtchn(map->notify_port);
		evtchn_put(map->notify_port);
	}
	map->notify = 0;
}

static int note_entry(pte_t *pte, unsigned long address, void *data)
{
	u64 **entry = data;

	*(*entry)++ = arbitrary_virt_to_machine(pte).maddr;
	return 0;
}

static bool all_mapped(const struct gnttab_map_grant_ref *ops, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (ops[i].status != GNTST_okay)
			return false;
	return true;
}

/* Map all for @vma. -EINVAL: the hypervisor refused one; what is mapped stays so. */
static int map_all(struct map *map, struct vm_area_struct *vma)
{
	u32 flags = vma->vm_flags & VM_WRITE ? 0 : GNTMAP_readonly;
	u64 *entry = map->entries;
	unsigned int i;
	int err;

	for (i = 0; i < map->count; i++) {
		gnttab_set_map_op(&map->kernel[i], (unsigned long)page_address(map->pages[i]),
				  GNTMAP_host_map | flags, map->grants[i].ref,
				  map->grants[i].domid);
		map->user[i].status = GNTST_general_error;
	}
	err = gnttab_map_refs(map->kernel, NULL, map->pages, map->count);
	if (err || !all_mapped(map->kernel, map->count))
		return err ?: -EINVAL;
	err = apply_to_page_range(vma->vm_mm, vma->vm_start, vma->vm_end - vma->vm_start,
				  note_entry, &entry);
	if (err)
		return err;
	/* The entries are special ones to Linux, which asks us for the page. */
	flags |= GNTMAP_host_map | GNTMAP_application_map | GNTMAP_contains_pte |
		 (1 << _GNTMAP_guest_avail0);
	for (i = 0; i < map->count; i++)
		gnttab_set_map_op(&map->user[i], map->entries[i], flags, map->grants[i].ref,
				  map->grants[i].domid);
	gnttab_batch_map(map->user, map->count);
	return all_mapped(map->user, map->count) ? 0 : -EINVAL;
}

/* The program's mapping is over, or never began. mmap_lock is held for writing. */
static void end_mapping(struct map *map)
{
	mutex_lock(&map->mutex);
	unmap_user(map, 0, map->count);
	tell(map);
	unmap_kernel(map);
	mutex_unlock(&map->mutex);
	WRITE_ONCE(map->vma, NULL);
}

/* Linux is about to change or drop entries. */
static bool invalidate(struct mmu_interval_notifier *notifier,
		       const struct mmu_notifier_range *range, unsigned long seq)
{
	struct map *map = container_of(notifier, struct map, notifier);
	unsigned long start = map->vma->vm_start, end = map->vma->vm_end;

	/* It only takes rights away; the entries stay. */
	if (range->event == MMU_NOTIFY_PROTECTION_VMA || range->event == MMU_NOTIFY_SOFT_DIRTY ||
	    range->event == MMU_NOTIFY_PROTECTION_PAGE)
		return true;
	if (mmu_notifier_range_blockable(range))
		mutex_lock(&map->mutex);
	else if (!mutex_trylock(&map->mutex))
		return false;
	mmu_interval_set_seq(notifier, seq);
	unmap_user(map, (max(range->start, start) - start) >> PAGE_SHIFT,
		   (min(range->end, end) - start) >> PAGE_SHIFT);
	mutex_unlock(&map->mutex);
	return true;
}

static const struct mmu_interval_notifier_ops notifier_ops = {
	.invalidate = invalidate,
};

static void vma_close(struct vm_area_struct *vma)
{
	struct map *map = vma->vm_private_data;

	mmu_interval_notifier_remove(&map->notifier);
	end_mapping(map);
	put_map(map);
}

/* Only all of it can be unmapped, and it stays where it is. */
static int vma_may_split(struct vm_area_struct *vma, unsigned long address)
{
	return -EINVAL;
}

static int vma_mremap(struct vm_area_struct *vma)
{
	return -EINVAL;
}

static struct page *vma_page(struct vm_area_struct *vma, unsigned long address)
{
	struct map *map = vma->vm_private_data;

	return map->pages[(address - vma->vm_start) >> PAGE_SHIFT];
}

static const struct vm_operations_struct vma_ops = {
	.close = vma_close,
	.may_split = vma_may_split,
	.mremap = vma_mremap,
	.find_special_page = vma_page,
};

static int gntdev_mmap(struct file *f, struct vm_area_struct *vma)
{
	struct opened *file = f->private_data;
	struct map *map;
	int err;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	mutex_lock(&file->mutex);
	map = find_map(file, vma->vm_pgoff, vma_pages(vma));
	err = map ? 0 : -EINVAL;
	/* A mapping that is over may still wait for I/O that uses the pages. */
	if (map && (map->vma || refcount_read(&map->users) != 1))
		err = -EBUSY;
	if (!err) {
		refcount_inc(&map->users);
		WRITE_ONCE(map->vma, vma);
	}
	mutex_unlock(&file->mutex);
	if (err)
		return err;

	vma->vm_private_data = map;
	vma->vm_flags |= VM_DONTEXPAND | VM_DONTDUMP | VM_DONTCOPY | VM_MIXEDMAP;
	if (!(vma->vm_flags & VM_WRITE))
		vma->vm_flags &= ~VM_MAYWRITE;
	err = mmu_interval_notifier_insert_locked(&map->notifier, vma->vm_mm, vma->vm_start,
						  vma->vm_end - vma->vm_start, &notifier_ops);
	if (err) {
		WRITE_ONCE(map->vma, NULL);
		put_map(map);
		return err;
	}
	mutex_lock(&map->mutex);
	err = map_all(map, vma);
	mutex_unlock(&map->mutex);
	if (err) {
		vma_close(vma);
		return err;
	}
	vma->vm_ops = &vma_ops;
	return 0;
}

static int gntdev_open(struct inode *inode, struct file *f)
{
	struct opened *file = kzalloc(sizeof(*file), GFP_KERNEL);

	if (!file)
		return -ENOMEM;
	mutex_init(&file->mutex);
	INIT_LIST_HEAD(&file->maps);
	file->max_grants = UINT_MAX;
	f->private_data = file;
	return 0;
}

/* Mappings keep the file open, so nothing is mapped here. */
static int gntdev_release(struct inode *inode, struct file *f)
{
	struct opened *file = f->private_data;
	struct map *map, *next;

	list_for_each_entry_safe(map, next, &file->maps, entry)
		put_map(map);
	kfree(file);
	return 0;
}

static const struct file_operations gntdev_fops = {
	.owner = THIS_MODULE,
	.open = gntdev_open,
	.release = gntdev_release,
	.mmap = gntdev_mmap,
	.unlocked_ioctl = gntdev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice gntdev_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "xen/gntdev",
	.fops = &gntdev_fops,
};

static int __init gntdev_init(void)
{
	return xen_pv_domain() ? misc_register(&gntdev_device) : -ENODEV;
}

static void __exit gntdev_exit(void)
{
	misc_deregister(&gntdev_device);
}

module_init(gntdev_init);
module_exit(gntdev_exit);
MODULE_DESCRIPTION("Xen grants of others for programs");
MODULE_LICENSE("GPL");
