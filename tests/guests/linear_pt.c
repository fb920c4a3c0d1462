/*
 * Page tables that show themselves: an entry that names a table of its own level,
 * to see tables as memory. Xen allows it read-only, unless it is told
 * `pv-linear-pt=no`; Xenolith refuses it as Xen does then (docs/interface.md).
 */
#include "test.h"
#include "mm.h"

#define SLOT 300 /* a free slot of the L4 */

static volatile uint64_t table[512] page_aligned;

int test_main(struct start_info *si)
{
	uint64_t *now = (uint64_t *)start_info->pt_base;
	uint64_t slot = virt_to_maddr(now + SLOT);
	unsigned long peer;
	int level;

	(void)si;
	CHECK_EQ(pt_write(slot, mfn_pte(virt_to_mfn(now), PTE_TABLE)), -EINVAL);
	CHECK_EQ(pt_write(slot, mfn_pte(virt_to_mfn(now), PTE_RO)), -EINVAL);
	for (level = 2; level <= 4; level++) {
		unsigned int pin = MMUEXT_PIN_L1_TABLE + level - 1;

		/* Itself, when it is checked. */
		memset((void *)table, 0, PAGE_SIZE);
		table[5] = mfn_pte(virt_to_mfn(table), PTE_RO);
		CHECK_EQ(map_readonly(table), 0);
		CHECK_EQ(mmuext(pin, virt_to_mfn(table)), -EINVAL);
		CHECK_EQ(map_writable(table), 0);
		/* Itself, and another of its level, later. */
		table[5] = 0;
		CHECK_EQ(map_readonly(table), 0);
		CHECK_EQ(mmuext(pin, virt_to_mfn(table)), 0);
		peer = virt_to_mfn(pt_entry((void *)VIRT_BASE, level));
		CHECK_EQ(pt_write(virt_to_maddr(&table[6]), mfn_pte(virt_to_mfn(table), PTE_RO)),
			 -EINVAL);
		CHECK_EQ(pt_write(virt_to_maddr(&table[7]), mfn_pte(peer, PTE_RO)), -EINVAL);
		CHECK_EQ(mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(table)), 0);
		CHECK_EQ(map_writable(table), 0);
	}
	return 0;
}
