// SPDX-License-Identifier: GPL-2.0
/*
 * DMA of a domain that has devices: these see machine addresses, and pages that are
 * neighbours here need not be so in the machine. What a device can reach and has in one
 * piece is given to it as it is; all else goes through Linux's bounce buffers (swiotlb),
 * which are in one piece as far as one mapping goes. Memory that a driver keeps for its
 * device is exchanged for frames that are in one piece (arch/x86/xen/contiguous.c).
 */
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <asm/xen/page.h>
#include <asm/xen/swiotlb-xen.h>
#include <xen/page.h>
#include <xen/swiotlb-xen.h>

#define LOW_BITS	32	/* below that all devices can reach, but ISA's */

static dma_addr_t to_machine(phys_addr_t phys)
{
	return PFN_PHYS(pfn_to_bfn(PFN_DOWN(phys))) | offset_in_page(phys);
}

/* False: it is no memory of ours (another domain's, or a device's). */
static bool to_own(dma_addr_t dma, phys_addr_t *phys)
{
	unsigned long pfn = bfn_to_local_pfn(PFN_DOWN(dma));

	*phys = PFN_PHYS(pfn) | offset_in_page(dma);
	return pfn_valid(pfn);
}

/* Is it one piece in the machine? */
static bool in_one_piece(phys_addr_t phys, size_t size)
{
	unsigned long pfn = PFN_DOWN(phys), last = PFN_DOWN(phys + size - 1);
	unsigned long frame = pfn_to_bfn(pfn);

	while (pfn++ < last)
		if (pfn_to_bfn(pfn) != ++frame)
			return false;
	return true;
}

static bool is_bounce_buffer(struct device *dev, dma_addr_t dma, phys_addr_t *phys)
{
	return to_own(dma, phys) && is_swiotlb_buffer(dev, *phys);
}

/* Linux has allocated @slabs for its bounce buffers. Returns 0 or -ENOMEM. */
int xen_swiotlb_fixup(void *buffers, unsigned long slabs)
{
	const unsigned long piece = IO_TLB_SEGSIZE << IO_TLB_SHIFT;
	unsigned long size = slabs << IO_TLB_SHIFT, at;
	unsigned int order = get_order(piece);
	dma_addr_t unused;

	/* A mapping never goes beyond a segment of the buffers. */
	for (at = 0; at < size; at += piece)
		if (xen_create_contiguous_region(virt_to_phys(buffers + at), order, LOW_BITS,
						 &unused))
			return -ENOMEM;
	return 0;
}

static dma_addr_t map_page(struct device *dev, struct page *page, unsigned long offset,
			   size_t size, enum dma_data_direction dir, unsigned long attrs)
{
	phys_addr_t phys = page_to_phys(page) + offset, buffer;
	dma_addr_t dma = to_machine(phys);

	if (dma_capable(dev, dma, size, true) && in_one_piece(phys, size) &&
	    !is_swiotlb_force_bounce(dev))
		return dma;
	buffer = swiotlb_tbl_map_single(dev, phys, size, size, 0, dir, attrs);
	if (buffer == (phys_addr_t)DMA_MAPPING_ERROR)
		return DMA_MAPPING_ERROR;
	dma = to_machine(buffer);
	if (likely(dma_capable(dev, dma, size, true)))
		return dma;
	swiotlb_tbl_unmap_single(dev, buffer, size, dir, attrs | DMA_ATTR_SKIP_CPU_SYNC);
	return DMA_MAPPING_ERROR;
}

static void unmap_page(struct device *dev, dma_addr_t dma, size_t size,
		       enum dma_data_direction dir, unsigned long attrs)
{
	phys_addr_t buffer;

	if (is_bounce_buffer(dev, dma, &buffer))
		swiotlb_tbl_unmap_single(dev, buffer, size, dir, attrs);
}

static void sync_for_cpu(struct device *dev, dma_addr_t dma, size_t size,
			 enum dma_data_direction dir)
{
	phys_addr_t buffer;

	if (is_bounce_buffer(dev, dma, &buffer))
		swiotlb_sync_single_for_cpu(dev, buffer, size, dir);
}

static void sync_for_device(struct device *dev, dma_addr_t dma, size_t size,
			    enum dma_data_direction dir)
{
	phys_addr_t buffer;

	if (is_bounce_buffer(dev, dma, &buffer))
		swiotlb_sync_single_for_device(dev, buffer, size, dir);
}

static void unmap_list(struct device *dev, struct scatterlist *list, int nr,
		       enum dma_data_direction dir, unsigned long attrs)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(list, sg, nr, i)
		unmap_page(dev, sg->dma_address, sg_dma_len(sg), dir, attrs);
}

static int map_list(struct device *dev, struct scatterlist *list, int nr,
		    enum dma_data_direction dir, unsigned long attrs)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(list, sg, nr, i) {
		sg->dma_address = map_page(dev, sg_page(sg), sg->offset, sg->length, dir,
					   attrs);
		if (sg->dma_address == DMA_MAPPING_ERROR) {
			unmap_list(dev, list, i, dir, attrs | DMA_ATTR_SKIP_CPU_SYNC);
			sg_dma_len(list) = 0;
			return -EIO;
		}
		sg_dma_len(sg) = sg->length;
	}
	return nr;
}

static void sync_list_for_cpu(struct device *dev, struct scatterlist *list, int nr,
			      enum dma_data_direction dir)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(list, sg, nr, i)
		sync_for_cpu(dev, sg->dma_address, sg->length, dir);
}

static void sync_list_for_device(struct device *dev, struct scatterlist *list, int nr,
				 enum dma_data_direction dir)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(list, sg, nr, i)
		sync_for_device(dev, sg->dma_address, sg->length, dir);
}

static bool suits(struct device *dev, phys_addr_t phys, size_t size)
{
	dma_addr_t end = to_machine(phys) + size - 1;

	return in_one_piece(phys, size) && end <= dev->coherent_dma_mask;
}

static void *alloc(struct device *dev, size_t size, dma_addr_t *dma, gfp_t flags,
		   unsigned long attrs)
{
	unsigned int order = get_order(size);
	phys_addr_t phys;
	void *va;

	va = (void *)__get_free_pages((flags & ~(__GFP_DMA | __GFP_HIGHMEM)) | __GFP_ZERO,
				      order);
	if (!va)
		return NULL;
	phys = virt_to_phys(va);
	if (suits(dev, phys, PAGE_SIZE << order)) {
		*dma = to_machine(phys);
		return va;
	}
	if (xen_create_contiguous_region(phys, order, fls64(dev->coherent_dma_mask), dma)) {
		free_pages((unsigned long)va, order);
		return NULL;
	}
	memset(va, 0, PAGE_SIZE << order);	/* these are other frames */
	SetPageXenRemapped(virt_to_page(va));
	return va;
}

static void release(struct device *dev, size_t size, void *va, dma_addr_t dma,
		    unsigned long attrs)
{
	unsigned int order = get_order(size);

	if (TestClearPageXenRemapped(virt_to_page(va)))
		xen_destroy_contiguous_region(virt_to_phys(va), order);
	free_pages((unsigned long)va, order);
}

/* Devices that do not reach the bounce buffers, reach nothing for sure. */
static int supported(struct device *dev, u64 mask)
{
	return to_machine(io_tlb_default_mem.end - 1) <= mask;
}

const struct dma_map_ops xen_swiotlb_dma_ops = {
	.alloc			= alloc,
	.free			= release,
	.map_page		= map_page,
	.unmap_page		= unmap_page,
	.map_sg			= map_list,
	.unmap_sg		= unmap_list,
	.sync_single_for_cpu	= sync_for_cpu,
	.sync_single_for_device	= sync_for_device,
	.sync_sg_for_cpu	= sync_list_for_cpu,
	.sync_sg_for_device	= sync_list_for_device,
	.map_resource		= dma_direct_map_resource,
	.dma_supported		= supported,
	.mmap			= dma_common_mmap,
	.get_sgtable		= dma_common_get_sgtable,
	.alloc_pages		= dma_common_alloc_pages,
	.free_pages		= dma_common_free_pages,
	.max_mapping_size	= swiotlb_max_mapping_size,
};
