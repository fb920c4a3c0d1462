/*
 * A kernel may say where its list of frames is to be mapped, so that the list
 * of a large domain does not fill the image's 2 GB. Every Linux does.
 */
#include "test.h"
#include "mm.h"
#include "note.h"

#define LIST 0x8000000000
XEN_NOTE(XEN_ELFNOTE_INIT_P2M, LIST);

extern char image_end[];
static char window[PAGE_SIZE] page_aligned;

static unsigned long pages_up(unsigned long bytes)
{
	return (bytes + PAGE_SIZE - 1) / PAGE_SIZE;
}

int test_main(struct start_info *si)
{
	unsigned long i, wrong = 0, data, tables = 0, others = 0;
	long rc;
	unsigned long end = (unsigned long)image_end;

	CHECK_EQ(si->mfn_list, LIST);
	for (i = 0; i < si->nr_pages; i++)
		wrong += m2p[p2m[i]] != i;
	CHECK_EQ(wrong, 0);
	/* Start info and page tables follow the image at once. */
	CHECK_EQ(si, (end + PAGE_SIZE - 1) & -PAGE_SIZE);
	CHECK_EQ(si->pt_base, (unsigned long)si + PAGE_SIZE);
	/* The list and its page tables are frames of their own, said here. */
	data = pages_up(si->nr_pages * sizeof(long));
	print("p2m pfn %lx + %lx, list %lx pages\n", si->first_p2m_pfn, si->nr_p2m_frames, data);
	CHECK_EQ(si->nr_p2m_frames, data + 3); /* and one table of each level below L4 */
	CHECK(si->first_p2m_pfn + si->nr_p2m_frames <= si->nr_pages);
	/* They are outside the initial mapping. Tables cannot be mapped to write. */
	for (i = 0; i < si->nr_p2m_frames; i++) {
		rc = map_mfn(window, p2m[si->first_p2m_pfn + i], PTE_RW);
		tables += rc == -EBUSY;
		others += rc == 0 && !memcmp(window, p2m + others * 512, PAGE_SIZE);
	}
	CHECK_EQ(tables, 3);
	CHECK_EQ(others, data);
	CHECK_EQ(map_writable(window), 0);
	/* It is the guest's, to write. */
	p2m[0] = p2m[0];
	CHECK_EQ(((uint64_t *)si->pt_base)[1] & (PTE_P | PTE_W | PTE_U), PTE_P | PTE_W | PTE_U);
	return 0;
}
