// SPDX-License-Identifier: GPL-2.0
/*
 * The domain's reservation: give frames back to the hypervisor, and get new ones, with
 * what that means for the mapping of all memory.
 */
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>
#include <asm/xen/page.h>
#include <xen/interface/memory.h>
#include <xen/mem-reservation.h>

bool __read_mostly xen_scrub_pages = IS_ENABLED(CONFIG_XEN_SCRUB_PAGES_DEFAULT);
core_param(xen_scrub_pages, xen_scrub_pages, bool, 0);
EXPORT_SYMBOL_GPL(xen_scrub_pages);

/* @frames are behind @pages now: enter them in the list, and map them. */
void __xenmem_reservation_va_mapping_update(unsigned long count, struct page **pages,
					    xen_pfn_t *frames)
{
	unsigned long i;

	for (i = 0; i < count; i++) {
		set_phys_to_machine(page_to_pfn(pages[i]), frames[i]);
		if (HYPERVISOR_update_va_mapping((unsigned long)page_address(pages[i]),
						 mfn_pte(frames[i], PAGE_KERNEL), 0))
			BUG();
	}
}
EXPORT_SYMBOL_GPL(__xenmem_reservation_va_mapping_update);

/* Nothing is behind @pages any more. No CPU has a translation left afterwards. */
void __xenmem_reservation_va_mapping_reset(unsigned long count, struct page **pages)
{
	unsigned long i;

	for (i = 0; i < count; i++) {
		if (HYPERVISOR_update_va_mapping((unsigned long)page_address(pages[i]),
						 __pte_ma(0),
						 i == count - 1 ? UVMF_TLB_FLUSH | UVMF_ALL : 0))
			BUG();
		__set_phys_to_machine(page_to_pfn(pages[i]), INVALID_P2M_ENTRY);
	}
}
EXPORT_SYMBOL_GPL(__xenmem_reservation_va_mapping_reset);

static int reserve(unsigned int command, int count, xen_pfn_t *frames)
{
	struct xen_memory_reservation reservation = {
		.nr_extents = count,
		.domid = DOMID_SELF,
	};

	set_xen_guest_handle(reservation.extent_start, frames);
	return HYPERVISOR_memory_op(command, &reservation);
}

/*
 * Get frames for @count places, @frames, which then holds them. Returns how many there
 * were, which may be fewer; negative: an error.
 */
int xenmem_reservation_increase(int count, xen_pfn_t *frames)
{
	return reserve(XENMEM_populate_physmap, count, frames);
}
EXPORT_SYMBOL_GPL(xenmem_reservation_increase);

/* Give @count machine frames back. Nothing maps them. Returns how many went. */
int xenmem_reservation_decrease(int count, xen_pfn_t *frames)
{
	return reserve(XENMEM_decrease_reservation, count, frames);
}
EXPORT_SYMBOL_GPL(xenmem_reservation_decrease);
