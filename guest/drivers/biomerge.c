// SPDX-License-Identifier: GPL-2.0
/*
 * Whether two pieces of a block request can be one for a device: what is consecutive in
 * our eyes need not be in the machine's.
 */
#include <linux/bvec.h>
#include <linux/export.h>
#include <xen/page.h>
#include <xen/xen.h>

bool xen_biovec_phys_mergeable(const struct bio_vec *vec1, const struct page *page)
{
	unsigned long last = pfn_to_bfn(page_to_pfn(vec1->bv_page));
	unsigned long next = pfn_to_bfn(page_to_pfn(page));

	return last + PFN_DOWN(vec1->bv_offset + vec1->bv_len) == next;
}
