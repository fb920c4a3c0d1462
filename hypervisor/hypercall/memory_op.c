/* SPDX-License-Identifier: GPL-2.0-only */
/* memory_op: a guest's memory, asked about, given back and taken. */
#include <xen/errno.h>
#include <xen/memory.h>

#include "boot/boot_info.h"
#include "cpu/layout.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "hypercall/memory.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/frame.h"
#include "mm/paging.h"

/* A restart keeps how far it got in the upper bits of the command. */
#define PROGRESS_SHIFT 6
#define COMMAND_MASK ((1ul << PROGRESS_SHIFT) - 1)

struct extent_op {
	struct domain *d;
	struct xen_memory_reservation r;
	void *arg;
	u64 done; /* extents */
	struct frame_batch given_back;
};

long memory_op_restart(unsigned int cmd, u64 done, void *arg)
{
	return hypercall_restart(__HYPERVISOR_memory_op, 2,
				 (u64)cmd | done << PROGRESS_SHIFT, (u64)arg);
}

static int read_extent(const struct extent_op *op, u64 i, u64 *value)
{
	return copy_from_guest(value, op->r.extent_start.p + i, sizeof(*value));
}

/* One extent of new frames; its first mfn goes back to the guest. */
static bool extend_one(struct extent_op *op, bool populate)
{
	unsigned int bits = XENMEMF_get_address_bits(op->r.mem_flags);
	u64 gpfn = 0, mfn;
	struct frame *f;

	if (populate && read_extent(op, op->done, &gpfn))
		return false;
	f = domain_frames_alloc(op->d, op->r.extent_order, ALLOC_BITS(bits));
	if (!f)
		return false;
	mfn = frame_to_mfn(f);
	if (populate)
		for (u64 i = 0; i < 1ul << op->r.extent_order; i++)
			machine_to_phys[mfn + i] = gpfn + i;
	if (op->r.extent_start.p &&
	    copy_to_guest(op->r.extent_start.p + op->done, &mfn, sizeof(mfn)))
		return false;
	return true;
}

/* Give one extent's frames back: the domain's own reference goes. */
static bool release_one(struct extent_op *op, bool unused)
{
	u64 mfn;

	if (read_extent(op, op->done, &mfn))
		return false;
	for (u64 i = 0; i < 1ul << op->r.extent_order; i++) {
		struct frame *f;

		if (!mfn_valid(mfn + i))
			return false;
		f = mfn_to_frame(mfn + i);
		if (!frame_get(f, op->d->id))
			return false;
		/* Given back once only, whatever the references still are. */
		if (f->ref & FRAME_SHARED ||
		    !(__atomic_fetch_and(&f->ref, ~FRAME_ALLOCATED,
					 __ATOMIC_ACQ_REL) &
		      FRAME_ALLOCATED)) {
			frame_put(f);
			return false;
		}
		machine_to_phys[mfn + i] = UINT64_MAX;
		frame_put(f);
		frame_batch_put(&op->given_back, f);
	}
	return true;
}

/* An extent is done at one go: 2 MiB of it for whom we do not trust, as Xen. */
static unsigned int max_order(void)
{
	return current->domain->is_privileged ? MAX_ORDER : 9;
}

static long extents(unsigned int cmd, u64 start, void *arg,
		    bool (*one)(struct extent_op *, bool), bool flag)
{
	struct extent_op op;
	long rc;

	op.arg = arg;
	op.done = start;
	op.given_back.nr = 0;
	if (copy_from_guest(&op.r, arg, sizeof(op.r)))
		return start;
	if (op.r.nr_extents > UINT64_MAX >> PROGRESS_SHIFT ||
	    start > op.r.nr_extents || op.r.extent_order > max_order())
		return start;
	if (op.r.domid != DOMID_SELF && !current->domain->is_privileged)
		return start;
	op.d = domain_get(op.r.domid);
	if (!op.d)
		return start;
	for (; op.done < op.r.nr_extents; op.done++) {
		if (op.done > start && preempt_check()) {
			rc = memory_op_restart(cmd, op.done, arg);
			goto out;
		}
		if (!one(&op, flag))
			break;
	}
	rc = op.done;
out:
	frame_batch_end(&op.given_back);
	domain_put(op.d);
	return rc;
}

static long domain_number(unsigned int cmd, void *arg)
{
	u16 domid;
	struct domain *d;
	long rc;

	if (copy_from_guest(&domid, arg, sizeof(domid)))
		return -XEN_EFAULT;
	d = domain_get(domid);
	if (!d)
		return -XEN_ESRCH;
	if (d != current->domain && !current->domain->is_privileged)
		rc = -XEN_EPERM;
	else if (cmd == XENMEM_current_reservation)
		rc = d->tot_pages;
	else if (cmd == XENMEM_maximum_reservation)
		rc = min(d->max_pages, 0xffffffffull);
	else
		rc = d->shared->arch.max_pfn ? d->shared->arch.max_pfn - 1 : 0;
	domain_put(d);
	return rc;
}

static long machine_map(void *arg)
{
	struct xen_memory_map map;
	unsigned int n;

	if (!current->domain->is_privileged)
		return -XEN_EPERM;
	if (copy_from_guest(&map, arg, sizeof(map)))
		return -XEN_EFAULT;
	n = boot_info.nr_machine_regions;
	if (map.nr_entries < n)
		return -XEN_EINVAL;
	for (unsigned int i = 0; i < n; i++) {
		const struct region *r = &boot_info.machine_region[i];
		struct {
			u64 address, size;
			u32 type;
		} __packed e = { r->start, r->end - r->start, r->type };

		if (copy_to_guest((char *)map.buffer.p + i * sizeof(e), &e,
				  sizeof(e)))
			return -XEN_EFAULT;
	}
	map.nr_entries = n;
	return copy_to_guest(arg, &map, sizeof(map)) ? -XEN_EFAULT : 0;
}

static long m2p_location(void *arg)
{
	struct xen_machphys_mapping m = {
		.v_start = M2P_RO_VIRT,
		.v_end = M2P_RO_VIRT + (1ul << L4_SHIFT) / 2,
		.max_mfn = max_mfn - 1,
	};

	return copy_to_guest(arg, &m, sizeof(m)) ? -XEN_EFAULT : 0;
}

/* The frames that hold the table, one for each 2 MiB of it. */
static long m2p_frames(void *arg)
{
	struct xen_machphys_mfn_list list;
	u64 last = 0;
	unsigned int i;

	if (copy_from_guest(&list, arg, sizeof(list)))
		return -XEN_EFAULT;
	for (i = 0; i < list.max_extents; i++) {
		u64 va = M2P_VIRT + ((u64)i << L2_SHIFT);
		u64 mfn;

		if ((va - M2P_VIRT) / sizeof(u64) >= max_mfn)
			break;
		mfn = hypervisor_mfn(va);
		/* A hole: the frame before, as good as any to map there. */
		mfn = mfn ? mfn : last;
		if (copy_to_guest(list.extent_start.p + i, &mfn, sizeof(mfn)))
			return -XEN_EFAULT;
		last = mfn;
	}
	list.nr_extents = i;
	return copy_to_guest(arg, &list, sizeof(list)) ? -XEN_EFAULT : 0;
}

long do_memory_op(u64 cmd, void *arg)
{
	u64 start = cmd >> PROGRESS_SHIFT;

	cmd &= COMMAND_MASK;
	switch (cmd) {
	case XENMEM_increase_reservation:
		return extents(cmd, start, arg, extend_one, false);
	case XENMEM_populate_physmap:
		return extents(cmd, start, arg, extend_one, true);
	case XENMEM_decrease_reservation:
		return extents(cmd, start, arg, release_one, false);
	case XENMEM_maximum_ram_page:
		return max_mfn;
	case XENMEM_current_reservation:
	case XENMEM_maximum_reservation:
	case XENMEM_maximum_gpfn:
		return domain_number(cmd, arg);
	case XENMEM_exchange:
		return memory_exchange(arg);
	case XENMEM_memory_map:
		return memory_map_get(arg);
	case XENMEM_set_memory_map:
		return memory_map_set(arg);
	case XENMEM_claim_pages:
		return memory_claim(arg);
	case XENMEM_acquire_resource:
		return memory_acquire_resource(arg);
	case XENMEM_machine_memory_map:
		return machine_map(arg);
	case XENMEM_machphys_mapping:
		return m2p_location(arg);
	case XENMEM_machphys_mfn_list:
		return m2p_frames(arg);
	default:
		return memory_refused(cmd, arg);
	}
}
