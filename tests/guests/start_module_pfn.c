/*
 * A kernel that can find its ram disk by frame number does not need it mapped.
 * It says so in a note, and start info holds the number instead of an address.
 */
#include "test.h"
#include "mm.h"
#include "note.h"

#define SIZE 5000
XEN_NOTE(XEN_ELFNOTE_MOD_START_PFN, 1);

extern char image_end[];
static unsigned char window[2 * PAGE_SIZE] page_aligned;

int test_main(struct start_info *si)
{
	unsigned long i, wrong = 0, pfn = si->mod_start;
	unsigned long up = ((unsigned long)image_end + PAGE_SIZE - 1) & -PAGE_SIZE;

	CHECK_EQ(si->flags & SIF_MOD_START_PFN, SIF_MOD_START_PFN);
	CHECK_EQ(si->mod_len, SIZE);
	REQUIRE(pfn + 1 < si->nr_pages);
	/* Not in the mapping: what follows the image is the list of frames. */
	CHECK_EQ(si->mfn_list, up);
	print("module at pfn %lx of %lx\n", pfn, si->nr_pages);
	for (i = 0; i < 2; i++) {
		CHECK_EQ(m2p[p2m[pfn + i]], pfn + i);
		CHECK_EQ(map_mfn(window + i * PAGE_SIZE, p2m[pfn + i], PTE_RW), 0);
	}
	for (i = 0; i < SIZE; i++)
		wrong += window[i] != (unsigned char)(7 * i);
	CHECK_EQ(wrong, 0);
	return 0;
}
