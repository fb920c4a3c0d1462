/*
 * A second module: the initial ram disk. It lies in the initial mapping behind
 * the image, and everything else moves up. The runner fills it, 5000 bytes,
 * byte n being 7 * n.
 */
#include "test.h"
#include "mm.h"

#define SIZE 5000

extern char image_end[];

int test_main(struct start_info *si)
{
	unsigned char *module = (void *)si->mod_start;
	unsigned long i, wrong = 0;
	unsigned long up = ((unsigned long)image_end + PAGE_SIZE - 1) & -PAGE_SIZE;

	CHECK_EQ(si->mod_len, SIZE);
	CHECK_EQ(si->flags & (SIF_MULTIBOOT_MOD | SIF_MOD_START_PFN), 0);
	CHECK_EQ(si->mod_start, up);
	CHECK_EQ(si->mfn_list, up + 2 * PAGE_SIZE);
	for (i = 0; i < SIZE; i++)
		wrong += module[i] != (unsigned char)(7 * i);
	CHECK_EQ(wrong, 0);
	for (i = SIZE; i < 2 * PAGE_SIZE; i++)
		wrong += module[i] != 0;
	CHECK_EQ(wrong, 0);
	/* Its frames are in the list like all others, and writable. */
	CHECK_EQ(mapped_mfn(module), virt_to_mfn(module));
	CHECK_EQ(m2p[virt_to_mfn(module + PAGE_SIZE)], virt_to_pfn(module) + 1);
	module[0] = 99;
	CHECK_EQ(si->nr_pages, 64 << 20 >> 12);
	return 0;
}
