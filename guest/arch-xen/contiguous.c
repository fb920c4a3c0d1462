// SPDX-License-Identifier: GPL-2.0
/*
 * Memory for devices. Frames that are neighbours here are not so in the machine: for a
 * device that reads or writes more than a page, they are exchanged for others that are,
 * and that are as low as it needs. What the pages held is lost.
 */
#include <linux/dma-mapping.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/page.h>
#include <asm/xen/swiotlb-xen.h>
#include <xen/interface/memory.h>

#include "mm.h"

#define MAX_ORDER_EXCHANGED	9	/* 2 MiB, as many frames as a page has room for */

static DEFINE_SPINLOCK(exchange_lock);
static xen_pfn_t frames[1 << MAX_ORDER_EXCHANGED];

/* Take pages out of the mapping of all memory, and their frames out of the list. */
static void take(unsigned long va, unsigned int count, xen_pfn_t *mfns)
{
	unsigned int i;

	for (i = 0; i < count; i++, va += PAGE_SIZE) {
		unsigned long pfn = virt_to_pfn(va);

		mfns[i] = pfn_to_mfn(pfn);
		if (HYPERVISOR_update_va_mapping(va, __pte_ma(0),
						 i == count - 1 ? UVMF_TLB_FLUSH | UVMF_ALL : 0))
			BUG();
		set_phys_to_machine(pfn, INVALID_P2M_ENTRY);
	}
}

static void give(unsigned long va, unsigned int count, const xen_pfn_t *mfns, bool run)
{
	unsigned int i;

	for (i = 0; i < count; i++, va += PAGE_SIZE) {
		unsigned long mfn = run ? mfns[0] + i : mfns[i];

		set_phys_to_machine(virt_to_pfn(va), mfn);
		if (HYPERVISOR_update_va_mapping(va, mfn_pte(mfn, PAGE_KERNEL), 0))
			BUG();
	}
}

/*
 * Exchange what @in has, 2^@in_order frames an entry, for @out's orders. @out has the
 * frames' places here, and gets machine frames. All or nothing, as an exchange of one
 * entry on either side is.
 */
static bool exchange(xen_pfn_t *in, unsigned int in_order, xen_pfn_t *out,
		     unsigned int out_order, unsigned int order, unsigned int address_bits)
{
	struct xen_memory_exchange op = {
		.in = {
			.nr_extents = 1UL << (order - in_order),
			.extent_order = in_order,
			.domid = DOMID_SELF,
		},
		.out = {
			.nr_extents = 1UL << (order - out_order),
			.extent_order = out_order,
			.address_bits = address_bits,
			.domid = DOMID_SELF,
		},
	};

	set_xen_guest_handle(op.in.extent_start, in);
	set_xen_guest_handle(op.out.extent_start, out);
	return !HYPERVISOR_memory_op(XENMEM_exchange, &op) &&
	       op.nr_exchanged == op.in.nr_extents;
}

/*
 * Make 2^@order pages from @pstart on neighbours in the machine, below 2^@address_bits.
 * Returns 0 and where in @dma_handle, or -ENOMEM: the pages then have what they had.
 */
int xen_create_contiguous_region(phys_addr_t pstart, unsigned int order,
				 unsigned int address_bits, dma_addr_t *dma_handle)
{
	unsigned long va = (unsigned long)phys_to_virt(pstart), flags;
	xen_pfn_t out = PFN_DOWN(pstart);
	bool done;

	if (order > MAX_ORDER_EXCHANGED)
		return -ENOMEM;
	memset((void *)va, 0, PAGE_SIZE << order);
	spin_lock_irqsave(&exchange_lock, flags);
	take(va, 1U << order, frames);
	done = exchange(frames, 0, &out, order, order, address_bits);
	give(va, 1U << order, done ? &out : frames, done);
	spin_unlock_irqrestore(&exchange_lock, flags);
	*dma_handle = virt_to_machine(va).maddr;
	return done ? 0 : -ENOMEM;
}

/* Give such a region back for frames wherever they are. */
void xen_destroy_contiguous_region(phys_addr_t pstart, unsigned int order)
{
	unsigned long va = (unsigned long)phys_to_virt(pstart), flags;
	static xen_pfn_t out[1 << MAX_ORDER_EXCHANGED];
	xen_pfn_t in;
	unsigned int i;
	bool done;

	if (order > MAX_ORDER_EXCHANGED)
		return;
	memset((void *)va, 0, PAGE_SIZE << order);
	spin_lock_irqsave(&exchange_lock, flags);
	take(va, 1U << order, frames);
	in = frames[0];
	for (i = 0; i < 1U << order; i++)
		out[i] = PFN_DOWN(pstart) + i;
	done = exchange(&in, order, out, 0, order, 0);
	give(va, 1U << order, done ? out : frames, false);
	spin_unlock_irqrestore(&exchange_lock, flags);
}
