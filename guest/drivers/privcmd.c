// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/xen/privcmd: programs of a privileged domain make hypercalls, and map memory of
 * other domains. The hypervisor decides what the domain may; we, what the program may:
 * a file can be restricted to one domain, and is from the start where this domain does
 * not control others, to the one that it was made for (a device model's) if any. Then
 * there are no hypercalls, and no memory but that domain's.
 *
 * Memory is mapped in two steps: mmap() makes a place, an ioctl puts foreign frames
 * there. A place is filled once.
 *
 * PV alone: there is no interface for device models (dm_op), which serve HVM domains.
 */
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/xen/hypercall.h>
#include <xen/interface/memory.h>
#include <xen/page.h>
#include <xen/privcmd.h>
#include <xen/xen.h>
#include <xen/xen-ops.h>
#include <xen/xenbus.h>

#include "privcmd.h"

#define BATCH (PAGE_SIZE / sizeof(xen_pfn_t)) /* frames mapped at a time */
#define MAX_FRAMES 65536		      /* of a resource */

/* What an open file may: only this domain; or NOTHING, or EVERYTHING. */
struct rights {
	u32 only;
};

#define EVERYTHING U32_MAX
#define NOTHING (U32_MAX - 1)

static int check_domain(const struct rights *r, domid_t domid)
{
	return r->only == EVERYTHING || r->only == domid ? 0 : -EPERM;
}

static long do_hypercall(const struct rights *r, void __user *arg)
{
	struct privcmd_hypercall call;
	long ret;

	if (r->only != EVERYTHING)
		return -EPERM;
	if (copy_from_user(&call, arg, sizeof(call)))
		return -EFAULT;
	/* It may take long; the scheduler may have the CPU when an interrupt came. */
	xen_preemptible_hcall_begin();
	ret = privcmd_call(call.op, call.arg[0], call.arg[1], call.arg[2], call.arg[3],
			   call.arg[4]);
	xen_preemptible_hcall_end();
	return ret;
}

static long do_restrict(struct rights *r, void __user *arg)
{
	domid_t domid;

	if (copy_from_user(&domid, arg, sizeof(domid)))
		return -EFAULT;
	if (check_domain(r, domid))
		return -EINVAL;
	r->only = domid;
	return 0;
}

/* Places. */

static vm_fault_t fault(struct vm_fault *vmf)
{
	return VM_FAULT_SIGBUS; /* not filled, or not with this frame */
}

static const struct vm_operations_struct vm_ops = {
	.fault = fault,
};

static int privcmd_mmap(struct file *file, struct vm_area_struct *vma)
{
	/* Nobody else has it: no child, and it is not copied when written. */
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	vma->vm_flags |= VM_IO | VM_PFNMAP | VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP;
	vma->vm_ops = &vm_ops;
	return 0;
}

static int is_empty(pte_t *pte, unsigned long address, void *data)
{
	return pte_none(*pte) ? 0 : -EBUSY;
}

/* The place that has nr pages from address on, all empty. mmap_lock is held for writing. */
static struct vm_area_struct *find_place(unsigned long address, unsigned long nr)
{
	struct vm_area_struct *vma;
	int err;

	if (address & ~PAGE_MASK || !nr)
		return ERR_PTR(-EINVAL);
	vma = vma_lookup(current->mm, address);
	if (!vma || vma->vm_ops != &vm_ops || nr > (vma->vm_end - address) >> PAGE_SHIFT)
		return ERR_PTR(-EINVAL);
	err = apply_to_page_range(current->mm, address, nr << PAGE_SHIFT, is_empty, NULL);
	return err ? ERR_PTR(err) : vma;
}

/* Old: ranges of consecutive frames. */
static long do_mmap_ranges(const struct rights *r, void __user *arg)
{
	struct privcmd_mmap map;
	struct privcmd_mmap_entry e;
	struct vm_area_struct *vma;
	long n;
	int i;

	if (copy_from_user(&map, arg, sizeof(map)))
		return -EFAULT;
	if (map.num <= 0)
		return -EINVAL;
	if (check_domain(r, map.dom))
		return -EPERM;
	for (i = 0; i < map.num; i++) {
		if (copy_from_user(&e, map.entry + i, sizeof(e)))
			return -EFAULT;
		if (e.npages > INT_MAX)
			return -EINVAL;
		mmap_write_lock(current->mm);
		vma = find_place(e.va, e.npages);
		n = IS_ERR(vma) ? PTR_ERR(vma) :
				  xen_remap_domain_gfn_range(vma, e.va, e.mfn, e.npages,
							     vma->vm_page_prot, map.dom, NULL);
		mmap_write_unlock(current->mm);
		if (n < 0)
			return n;
	}
	return 0;
}

/* Map up to BATCH frames. errs[] says which are not mapped, and why. */
static long map_batch(domid_t dom, unsigned long address, xen_pfn_t *frames, unsigned int nr,
		      int *errs)
{
	struct vm_area_struct *vma;
	long n;

	memset(errs, 0, nr * sizeof(*errs));
	mmap_write_lock(current->mm);
	vma = find_place(address, nr);
	n = IS_ERR(vma) ? PTR_ERR(vma) :
			  xen_remap_domain_gfn_array(vma, address, frames, nr, errs,
						     vma->vm_page_prot, dom, NULL);
	mmap_write_unlock(current->mm);
	/* If all of it failed, errs[] has it; else it is the place that is not right. */
	return n < 0 && IS_ERR(vma) ? n : 0;
}

/* How the old form tells: by the top bits of the frame's number. */
static int tell_old(xen_pfn_t __user *frames, unsigned int nr, const int *errs)
{
	unsigned int i;
	xen_pfn_t frame;

	for (i = 0; i < nr; i++) {
		if (!errs[i])
			continue;
		if (get_user(frame, frames + i))
			return -EFAULT;
		frame |= errs[i] == -ENOENT ? PRIVCMD_MMAPBATCH_PAGED_ERROR :
					      PRIVCMD_MMAPBATCH_MFN_ERROR;
		if (put_user(frame, frames + i))
			return -EFAULT;
	}
	return 0;
}

struct batch {
	xen_pfn_t frames[BATCH];
	int errs[BATCH];
};

/* -ENOENT: all is done but frames that are paged out. old: m->err is not there. */
static long map_batches(const struct privcmd_mmapbatch_v2 *m, bool old, struct batch *b)
{
	unsigned int done, nr, i;
	bool paged_out = false;
	long err;

	for (done = 0; done < m->num; done += nr) {
		nr = min_t(unsigned int, m->num - done, BATCH);
		if (copy_from_user(b->frames, m->arr + done, nr * sizeof(*b->frames)))
			return -EFAULT;
		err = map_batch(m->dom, m->addr + ((unsigned long)done << PAGE_SHIFT), b->frames,
				nr, b->errs);
		if (err)
			return err;
		for (i = 0; i < nr; i++)
			paged_out |= b->errs[i] == -ENOENT;
		if (old)
			err = tell_old((xen_pfn_t __user *)m->arr + done, nr, b->errs);
		else if (copy_to_user(m->err + done, b->errs, nr * sizeof(*b->errs)))
			err = -EFAULT;
		if (err)
			return err;
		cond_resched();
	}
	return paged_out ? -ENOENT : 0;
}

static long do_mmap_batch(const struct rights *r, void __user *arg, bool old)
{
	struct privcmd_mmapbatch_v2 m;
	struct privcmd_mmapbatch o;
	struct batch *b;
	long ret;

	if (old) {
		if (copy_from_user(&o, arg, sizeof(o)))
			return -EFAULT;
		m = (struct privcmd_mmapbatch_v2){
			.num = o.num, .dom = o.dom, .addr = o.addr, .arr = o.arr
		};
	} else if (copy_from_user(&m, arg, sizeof(m))) {
		return -EFAULT;
	}
	if (!m.num || m.num > INT_MAX)
		return -EINVAL;
	if (check_domain(r, m.dom))
		return -EPERM;
	b = kmalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	ret = map_batches(&m, old, b);
	kfree(b);
	return ret;
}

/* Map what belongs to a domain but is not its memory, its grant table for example. */
static long map_resource(const struct privcmd_mmap_resource *res, xen_pfn_t *frames, int *errs)
{
	struct xen_mem_acquire_resource acquire = {
		.domid = res->dom,
		.type = res->type,
		.id = res->id,
		.nr_frames = res->num,
		.frame = res->idx,
	};
	struct vm_area_struct *vma;
	long n;

	set_xen_guest_handle(acquire.frame_list, frames);
	n = HYPERVISOR_memory_op(XENMEM_acquire_resource, &acquire);
	if (n)
		return n;
	mmap_write_lock(current->mm);
	vma = find_place(res->addr, res->num);
	n = IS_ERR(vma) ?
		    PTR_ERR(vma) :
		    xen_remap_domain_mfn_array(
			    vma, res->addr, frames, res->num, errs, vma->vm_page_prot,
			    acquire.flags & XENMEM_rsrc_acq_caller_owned ? DOMID_SELF : res->dom);
	mmap_write_unlock(current->mm);
	if (n < 0)
		return n;
	return n == res->num ? 0 : -EFAULT;
}

static long do_resource(const struct rights *r, void __user *arg)
{
	struct privcmd_mmap_resource __user *user = arg;
	struct privcmd_mmap_resource res;
	struct xen_mem_acquire_resource size = {};
	xen_pfn_t *frames;
	int *errs;
	long ret;

	if (copy_from_user(&res, arg, sizeof(res)))
		return -EFAULT;
	if (check_domain(r, res.dom))
		return -EPERM;
	if (!res.num && !res.addr) { /* how many are there? */
		size.domid = res.dom;
		size.type = res.type;
		size.id = res.id;
		ret = HYPERVISOR_memory_op(XENMEM_acquire_resource, &size);
		return ret ?: put_user((__u64)size.nr_frames, &user->num);
	}
	if (!res.num || res.num > MAX_FRAMES)
		return -EINVAL;
	frames = kvcalloc(res.num, sizeof(*frames), GFP_KERNEL);
	errs = kvcalloc(res.num, sizeof(*errs), GFP_KERNEL);
	ret = frames && errs ? map_resource(&res, frames, errs) : -ENOMEM;
	kvfree(frames);
	kvfree(errs);
	return ret;
}

static long privcmd_ioctl(struct file *file, unsigned int cmd, unsigned long data)
{
	struct rights *r = file->private_data;
	void __user *arg = (void __user *)data;

	switch (cmd) {
	case IOCTL_PRIVCMD_HYPERCALL:
		return do_hypercall(r, arg);
	case IOCTL_PRIVCMD_MMAP:
		return do_mmap_ranges(r, arg);
	case IOCTL_PRIVCMD_MMAPBATCH:
		return do_mmap_batch(r, arg, true);
	case IOCTL_PRIVCMD_MMAPBATCH_V2:
		return do_mmap_batch(r, arg, false);
	case IOCTL_PRIVCMD_MMAP_RESOURCE:
		return do_resource(r, arg);
	case IOCTL_PRIVCMD_RESTRICT:
		return do_restrict(r, arg);
	default:
		return -ENOTTY;
	}
}

/* The domain that this one was made to serve, if any. */
static u32 find_target(void)
{
	u32 domid;

	if (xenstored_ready && xenbus_scanf(XBT_NIL, "target", "", "%u", &domid) == 1 &&
	    domid < DOMID_FIRST_RESERVED)
		return domid;
	return NOTHING;
}

static int privcmd_open(struct inode *inode, struct file *file)
{
	struct rights *r = kmalloc(sizeof(*r), GFP_KERNEL);

	if (!r)
		return -ENOMEM;
	r->only = xen_initial_domain() ? EVERYTHING : find_target();
	file->private_data = r;
	return nonseekable_open(inode, file);
}

static int privcmd_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

const struct file_operations xen_privcmd_fops = {
	.owner = THIS_MODULE,
	.open = privcmd_open,
	.release = privcmd_release,
	.mmap = privcmd_mmap,
	.unlocked_ioctl = privcmd_ioctl,
};
EXPORT_SYMBOL_GPL(xen_privcmd_fops);

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "xen/privcmd",
	.fops = &xen_privcmd_fops,
};

static int __init privcmd_init(void)
{
	int err;

	if (!xen_domain())
		return -ENODEV;
	err = misc_register(&device);
	if (err)
		return err;
	err = privcmd_buffers_init();
	if (err)
		misc_deregister(&device);
	return err;
}
module_init(privcmd_init);

static void __exit privcmd_exit(void)
{
	privcmd_buffers_exit();
	misc_deregister(&device);
}
module_exit(privcmd_exit);

MODULE_DESCRIPTION("Hypercalls and foreign memory for programs");
MODULE_LICENSE("GPL");
