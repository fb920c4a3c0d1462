/*
 * Mapping granted frames. Here the guest grants to itself, by its own number:
 * the hypervisor treats that as any other pair of domains.
 */
#include "test.h"
#include "grant.h"
#include "mm.h"
#include "trap.h"

static volatile unsigned long page[512] page_aligned, window[512] page_aligned;
static volatile unsigned long window2[512] page_aligned;
#define WINDOW ((unsigned long)window)
#define WINDOW2 ((unsigned long)window2)

static void map_and_unmap(void)
{
	uint32_t handle, second;

	grant_access(8, 0, virt_to_mfn(page), 0);
	page[0] = 1;
	CHECK_EQ(grant_map(WINDOW, GNTMAP_host_map, 8, 0, &handle), GNTST_okay);
	CHECK_EQ(mapped_mfn(window), virt_to_mfn(page));
	CHECK_EQ(window[0], 1);
	window[0] = 2;
	CHECK_EQ(page[0], 2);
	CHECK_EQ(grant_v1[8].flags, GTF_permit_access | GTF_reading | GTF_writing);
	/* A second mapping, only to read. */
	CHECK_EQ(grant_map(WINDOW2, GNTMAP_host_map | GNTMAP_readonly, 8, 0, &second), GNTST_okay);
	CHECK(second != handle);
	CHECK_EQ(window2[0], 2);
	CHECK_TRAP(TRAP_PF, 3, "movb $1, (%0)", : "r"(window2));
	CHECK_EQ(grant_unmap(WINDOW, handle), GNTST_okay);
	CHECK_EQ(*pt_entry(window, 1), 0);
	CHECK_TRAP(TRAP_PF, 0, "movb (%0), %%al", : "r"(window) : "rax");
	CHECK_EQ(grant_v1[8].flags, GTF_permit_access | GTF_reading);
	CHECK_EQ(grant_unmap(WINDOW2, second), GNTST_okay);
	CHECK_EQ(grant_v1[8].flags, GTF_permit_access);
	grant_end(8);
	CHECK_EQ(map_writable(window), 0);
	CHECK_EQ(map_writable(window2), 0);
}

/* A grant to read only. */
static void readonly(void)
{
	uint32_t handle;

	grant_access(9, 0, virt_to_mfn(page), GTF_readonly);
	CHECK_EQ(grant_map(WINDOW, GNTMAP_host_map, 9, 0, NULL), GNTST_general_error);
	CHECK_EQ(grant_map(WINDOW, GNTMAP_host_map | GNTMAP_readonly, 9, 0, &handle), GNTST_okay);
	CHECK_EQ(grant_v1[9].flags, GTF_permit_access | GTF_readonly | GTF_reading);
	CHECK_TRAP(TRAP_PF, 3, "movb $1, (%0)", : "r"(window));
	CHECK_EQ(grant_unmap(WINDOW, handle), GNTST_okay);
	CHECK_EQ(map_writable(window), 0);
	grant_end(9);
}

static void refused(void)
{
	uint32_t handle;

	/* Not granted; granted to another; not of access; a frame that is none. */
	CHECK_EQ(grant_map(WINDOW, GNTMAP_host_map, 10, 0, NULL), GNTST_general_error);
	grant_access(10, 77, virt_to_mfn(page), 0);
	CHECK_EQ(grant_map(WINDOW, GNTMAP_host_map, 10, 0, NULL), GNTST_general_error);
	grant_access(10, 0, virt_to_mfn(page), GTF_accept_transfer);
	CHECK_EQ(grant_map(WINDOW, GNTMAP_host_map, 10, 0, NULL), GNTST_general_error);
	grant_access(10, 0, 0xfffffff, 0);
	CHECK_EQ(grant_map(WINDOW, GNTMAP_host_map, 10, 0, NULL), GNTST_bad_page);
	/* A page table cannot be granted to be written. */
	grant_access(10, 0, virt_to_mfn((void *)start_info->pt_base), 0);
	CHECK_EQ(grant_map(WINDOW, GNTMAP_host_map, 10, 0, NULL), GNTST_general_error);
	CHECK_EQ(grant_v1[10].flags, GTF_permit_access);
	/* Domains, references and addresses that are not. */
	grant_access(10, 0, virt_to_mfn(page), 0);
	CHECK_EQ(grant_map(WINDOW, GNTMAP_host_map, 10, 77, NULL), GNTST_bad_domain);
	CHECK_EQ(grant_map(WINDOW, GNTMAP_host_map, 10, DOMID_SELF, NULL), GNTST_bad_domain);
	CHECK_EQ(grant_map(WINDOW, GNTMAP_host_map, 1 << 20, 0, NULL), GNTST_bad_gntref);
	CHECK_EQ(grant_map(WINDOW, 0, 10, 0, NULL), GNTST_bad_gntref);
	CHECK_EQ(grant_map(0x1000, GNTMAP_host_map, 10, 0, NULL), GNTST_general_error);
	CHECK_EQ(grant_map(HYPERVISOR_VIRT_START, GNTMAP_host_map, 10, 0, NULL),
		 GNTST_general_error);
	CHECK_EQ(grant_v1[10].flags, GTF_permit_access);
	/* An address within a page is as good as the page's. */
	CHECK_EQ(grant_map(WINDOW + 8, GNTMAP_host_map, 10, 0, &handle), GNTST_okay);
	CHECK_EQ(mapped_mfn(window), virt_to_mfn(page));
	CHECK_EQ(grant_unmap(WINDOW + 8, handle), GNTST_okay);
	CHECK_EQ(grant_unmap(WINDOW, 12345), GNTST_bad_handle);
	CHECK_EQ(grant_unmap(WINDOW, -1), GNTST_bad_handle);
	/* An unmap at another address than where it is mapped. */
	CHECK_EQ(grant_map(WINDOW, GNTMAP_host_map, 10, 0, &handle), GNTST_okay);
	CHECK_EQ(grant_unmap(WINDOW2, handle), GNTST_general_error);
	CHECK_EQ(grant_unmap(WINDOW, handle), GNTST_okay);
	CHECK_EQ(grant_unmap(WINDOW, handle), GNTST_bad_handle);
	CHECK_EQ(map_writable(window), 0);
	grant_end(10);
}

/* The entry to fill is named by its machine address. */
static void by_entry(void)
{
	uint64_t entry = pt_entry_maddr(window, 1);
	uint32_t handle;

	grant_access(11, 0, virt_to_mfn(page), 0);
	CHECK_EQ(grant_map(entry, GNTMAP_host_map | GNTMAP_contains_pte, 11, 0, &handle),
		 GNTST_okay);
	page[3] = 33;
	CHECK_EQ(window[3], 33);
	CHECK_EQ(grant_unmap(entry, handle), GNTST_okay);
	CHECK_EQ(*pt_entry(window, 1), 0);
	CHECK_EQ(grant_map(entry + 4, GNTMAP_host_map | GNTMAP_contains_pte, 11, 0, NULL),
		 GNTST_general_error);
	CHECK_EQ(grant_map(virt_to_maddr(page), GNTMAP_host_map | GNTMAP_contains_pte, 11, 0, NULL),
		 GNTST_general_error);
	/* Bits that software may use. */
	CHECK_EQ(grant_map(entry, GNTMAP_host_map | GNTMAP_contains_pte | 5 << _GNTMAP_guest_avail0,
			   11, 0, &handle),
		 GNTST_okay);
	CHECK_EQ(*pt_entry(window, 1) >> 9 & 7, 5);
	CHECK_EQ(grant_unmap(entry, handle), GNTST_okay);
	CHECK_EQ(map_writable(window), 0);
	grant_end(11);
}

/* Unmap and put another mapping in its place, which moves there. */
static void replace(void)
{
	struct gnttab_unmap_and_replace op = { .host_addr = WINDOW, .new_addr = WINDOW2 };

	grant_access(12, 0, virt_to_mfn(page), 0);
	window2[0] = 2222;
	CHECK_EQ(grant_map(WINDOW, GNTMAP_host_map, 12, 0, &op.handle), GNTST_okay);
	CHECK_EQ(hv_grant_table_op(GNTTABOP_unmap_and_replace, &op, 1), 0);
	CHECK_EQ(op.status, GNTST_okay);
	CHECK_EQ(window[0], 2222);
	CHECK_EQ(mapped_mfn(window2), 0);
	CHECK_EQ(map_writable(window), 0);
	CHECK_EQ(map_writable(window2), 0);
	grant_end(12);
}

/* Many at once, one of them bad: each has its own status. */
static void batch(void)
{
	static struct gnttab_map_grant_ref map[3];
	static struct gnttab_unmap_grant_ref unmap[2];
	int i;

	grant_access(13, 0, virt_to_mfn(page), 0);
	for (i = 0; i < 3; i++)
		map[i] = (struct gnttab_map_grant_ref){ .host_addr = i == 2 ? WINDOW2 : WINDOW,
							.flags = GNTMAP_host_map,
							.ref = i == 1 ? 1 << 20 : 13 };
	CHECK_EQ(hv_grant_table_op(GNTTABOP_map_grant_ref, map, 3), 0);
	CHECK_EQ(map[0].status, GNTST_okay);
	CHECK_EQ(map[1].status, GNTST_bad_gntref);
	CHECK_EQ(map[2].status, GNTST_okay);
	for (i = 0; i < 2; i++)
		unmap[i] = (struct gnttab_unmap_grant_ref){ .host_addr = map[2 * i].host_addr,
							    .handle = map[2 * i].handle };
	CHECK_EQ(hv_grant_table_op(GNTTABOP_unmap_grant_ref, unmap, 2), 0);
	CHECK_EQ(unmap[0].status | unmap[1].status, GNTST_okay);
	CHECK_EQ(map_writable(window), 0);
	CHECK_EQ(map_writable(window2), 0);
	grant_end(13);
}

static void swap(void)
{
	struct gnttab_swap_grant_ref op = { .ref_a = 14, .ref_b = 15, .status = 77 };

	grant_access(14, 0, 0x1111, 0);
	grant_end(15);
	CHECK_EQ(hv_grant_table_op(GNTTABOP_swap_grant_ref, &op, 1), 0);
	CHECK_EQ(op.status, GNTST_okay);
	CHECK_EQ(grant_v1[15].frame, 0x1111);
	CHECK_EQ(grant_v1[15].flags, GTF_permit_access);
	CHECK_EQ(grant_v1[14].flags, 0);
	op.ref_b = 1 << 20;
	CHECK_EQ(hv_grant_table_op(GNTTABOP_swap_grant_ref, &op, 1), 0);
	CHECK_EQ(op.status, GNTST_bad_gntref);
}

int test_main(struct start_info *si)
{
	(void)si;
	grant_init();
	map_and_unmap();
	readonly();
	refused();
	by_entry();
	replace();
	batch();
	swap();
	return 0;
}
