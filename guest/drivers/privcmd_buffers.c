// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/xen/hypercall: memory for the arguments of hypercalls. Programs map it, and it
 * stays where it is: Xen sees page tables as they are, and a page that the kernel has
 * just swapped or moved would be a fault to it, where a program would only be late.
 */
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "privcmd.h"

#define MAX_PAGES 4096 /* of all mappings of an open file */

struct buffer {
	unsigned int nr;
	struct page *pages[];
};

static void free_buffer(struct buffer *b)
{
	while (b->nr)
		__free_page(b->pages[--b->nr]);
	kvfree(b);
}

static struct buffer *make_buffer(unsigned int nr)
{
	struct buffer *b = kvzalloc(struct_size(b, pages, nr), GFP_KERNEL);

	if (!b)
		return NULL;
	while (b->nr < nr) {
		b->pages[b->nr] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!b->pages[b->nr]) {
			free_buffer(b);
			return NULL;
		}
		b->nr++;
	}
	return b;
}

/* The file's private data is the number of pages that it has mapped. */
static void account(struct vm_area_struct *vma, long pages)
{
	atomic_long_add(pages, (atomic_long_t *)&vma->vm_file->private_data);
}

static void close_buffer(struct vm_area_struct *vma)
{
	struct buffer *b = vma->vm_private_data;

	account(vma, -(long)b->nr);
	free_buffer(b);
}

static int may_split(struct vm_area_struct *vma, unsigned long address)
{
	return -EINVAL;
}

static vm_fault_t fault(struct vm_fault *vmf)
{
	return VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct vm_ops = {
	.close = close_buffer,
	.may_split = may_split,
	.fault = fault,
};

static int map_buffer(struct file *file, struct vm_area_struct *vma)
{
	unsigned long nr = vma_pages(vma), left;
	struct buffer *b;
	int err;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (nr > MAX_PAGES)
		return -ENOSPC;
	account(vma, nr);
	err = -ENOSPC;
	if ((unsigned long)file->private_data > MAX_PAGES)
		goto fail;
	b = make_buffer(nr);
	err = -ENOMEM;
	if (!b)
		goto fail;
	vma->vm_flags |= VM_IO | VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP;
	left = nr;
	err = vm_insert_pages(vma, vma->vm_start, b->pages, &left);
	if (err) {
		free_buffer(b);
		goto fail;
	}
	vma->vm_ops = &vm_ops;
	vma->vm_private_data = b;
	return 0;
fail:
	account(vma, -(long)nr);
	return err;
}

/* What is there is the device's, of misc_open(). */
static int open(struct inode *inode, struct file *file)
{
	file->private_data = NULL;
	return nonseekable_open(inode, file);
}

const struct file_operations xen_privcmdbuf_fops = {
	.owner = THIS_MODULE,
	.open = open,
	.mmap = map_buffer,
};
EXPORT_SYMBOL_GPL(xen_privcmdbuf_fops);

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "xen/hypercall",
	.fops = &xen_privcmdbuf_fops,
};

int privcmd_buffers_init(void)
{
	return misc_register(&device);
}

void privcmd_buffers_exit(void)
{
	misc_deregister(&device);
}
