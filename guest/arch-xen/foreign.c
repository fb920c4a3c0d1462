// SPDX-License-Identifier: GPL-2.0
/*
 * Other domains' frames in a process's address space, for its tools. Only a domain that
 * controls others may.
 */
#include <linux/export.h>
#include <linux/mm.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>
#include <asm/xen/page.h>
#include <asm/tlbflush.h>
#include <xen/xen-ops.h>

#include "mm.h"

#define BATCH	32

struct remap {
	xen_pfn_t *frame;
	bool contiguous;	/* one frame was given, and those behind it are meant */
	pgprot_t prot;
	u64 how;		/* MMU_NORMAL_PT_UPDATE or MMU_PT_UPDATE_NO_TRANSLATE */
	struct mmu_update update[BATCH];
	unsigned int count;
};

static int collect(pte_t *ptep, unsigned long addr, void *data)
{
	struct remap *remap = data;
	struct mmu_update *update = &remap->update[remap->count++];

	update->ptr = virt_to_machine(ptep).maddr | remap->how;
	update->val = mfn_pte(*remap->frame, remap->prot).pte | _PAGE_SPECIAL;
	if (remap->contiguous)
		(*remap->frame)++;
	else
		remap->frame++;
	return 0;
}

/*
 * Map @nr frames of @domid at @addr: those at @pfn, or, without @err_ptr, @nr from *@pfn on.
 * @err_ptr, which may be @pfn itself, gets each one's error. Returns how many are mapped,
 * or, without @err_ptr, the first error.
 */
int xen_remap_pfn(struct vm_area_struct *vma, unsigned long addr, xen_pfn_t *pfn, int nr,
		  int *err_ptr, pgprot_t prot, unsigned int domid, bool no_translate)
{
	xen_pfn_t first = *pfn;
	struct remap remap = {
		.frame = err_ptr ? pfn : &first,
		.contiguous = !err_ptr,
		.prot = prot,
		.how = no_translate ? MMU_PT_UPDATE_NO_TRANSLATE : MMU_NORMAL_PT_UPDATE,
	};
	int mapped = 0, ret = 0;

	BUG_ON(!((vma->vm_flags & (VM_PFNMAP | VM_IO)) == (VM_PFNMAP | VM_IO)));
	while (nr) {
		int batch = min(nr, BATCH), at = 0;

		remap.count = 0;
		ret = apply_to_page_range(vma->vm_mm, addr, (unsigned long)batch << PAGE_SHIFT,
					  collect, &remap);
		if (ret)
			break;
		while (at < batch) {
			int done = 0, i;

			ret = HYPERVISOR_mmu_update(&remap.update[at], batch - at, &done,
						    domid);
			if (ret && !err_ptr)
				goto out;
			for (i = 0; err_ptr && i < done; i++)
				*err_ptr++ = 0;
			mapped += done;
			at += done;
			if (ret) {
				*err_ptr++ = ret;
				at++;
			}
		}
		ret = 0;
		addr += (unsigned long)batch << PAGE_SHIFT;
		nr -= batch;
		cond_resched();
	}
out:
	flush_tlb_all();
	return ret < 0 ? ret : mapped;
}
EXPORT_SYMBOL_GPL(xen_remap_pfn);

/* Nothing to do but for guests whose frames are translated, which we are not. */
int xen_unmap_domain_gfn_range(struct vm_area_struct *vma, int numpgs, struct page **pages)
{
	return pages ? -EINVAL : 0;
}
EXPORT_SYMBOL_GPL(xen_unmap_domain_gfn_range);
