/*
 * The grant table itself: its size, its frames, its versions.
 */
#include "test.h"
#include "grant.h"
#include "mm.h"

static unsigned long frames[80];

static void sizes(void)
{
	struct gnttab_query_size size = { .dom = DOMID_SELF, .status = 77 };

	CHECK_EQ(hv_grant_table_op(GNTTABOP_query_size, &size, 1), 0);
	CHECK_EQ(size.status, GNTST_okay);
	print("frames %u of %u\n", size.nr_frames, size.max_nr_frames);
	CHECK_EQ(size.nr_frames, 1);
	CHECK_EQ(size.max_nr_frames, 64);
	size.dom = 0;
	CHECK_EQ(hv_grant_table_op(GNTTABOP_query_size, &size, 1), 0);
	CHECK_EQ(size.status, GNTST_okay);
	size.dom = 77;
	CHECK_EQ(hv_grant_table_op(GNTTABOP_query_size, &size, 1), 0);
	CHECK_EQ(size.status, GNTST_bad_domain);
	CHECK_EQ(hv_grant_table_op(GNTTABOP_query_size, 0x1000, 1), -EFAULT);
	CHECK_EQ(hv_grant_table_op(GNTTABOP_query_size, &size, 2), -EINVAL);
}

static void setup(void)
{
	struct gnttab_setup_table op = { .dom = 77, .nr_frames = 1 };
	volatile struct grant_entry_v1 *table = page_alloc();
	unsigned long first;
	int i;

	CHECK_EQ(grant_setup(1, frames), GNTST_okay);
	first = frames[0];
	CHECK(first);
	CHECK_EQ(map_mfn(table, first, PTE_RW), 0);
	for (i = 0; i < 512; i++)
		if (!CHECK_EQ(table[i].flags | table[i].domid | table[i].frame, 0))
			break;
	table[511].frame = 0x1234;
	/* It grows, and what was there stays. */
	CHECK_EQ(grant_setup(4, frames), GNTST_okay);
	CHECK_EQ(frames[0], first);
	CHECK(frames[3] && frames[3] != frames[2]);
	CHECK_EQ(table[511].frame, 0x1234);
	CHECK_EQ(grant_setup(0, frames), GNTST_okay);
	CHECK_EQ(grant_setup(2, frames), GNTST_okay); /* it does not shrink */
	CHECK_EQ(grant_setup(65, frames), GNTST_general_error);
	CHECK_EQ(grant_setup(-1, frames), GNTST_general_error);
	set_xen_guest_handle(op.frame_list, frames);
	CHECK_EQ(hv_grant_table_op(GNTTABOP_setup_table, &op, 1), 0);
	CHECK_EQ(op.status, GNTST_bad_domain);
	CHECK_EQ(hv_grant_table_op(GNTTABOP_setup_table, &op, 2), -EINVAL);
	op.dom = DOMID_SELF;
	set_xen_guest_handle(op.frame_list, (unsigned long *)0x1000);
	CHECK_EQ(hv_grant_table_op(GNTTABOP_setup_table, &op, 1), 0);
	CHECK_EQ(op.status, GNTST_bad_virt_addr);
	/* The table is shared with the guest: it is writable, and can be nothing else. */
	CHECK_EQ(map_readonly(table), 0);
	CHECK_EQ(mmuext(MMUEXT_PIN_L1_TABLE, first), -EINVAL);
}

static long set_version(uint32_t version)
{
	struct gnttab_set_version op = { .version = version };

	return hv_grant_table_op(GNTTABOP_set_version, &op, 1);
}

static uint32_t get_version(void)
{
	struct gnttab_get_version op = { .dom = DOMID_SELF, .version = 77 };

	CHECK_EQ(hv_grant_table_op(GNTTABOP_get_version, &op, 1), 0);
	return op.version;
}

static void versions(void)
{
	struct gnttab_get_version get = { .dom = 77 };
	struct gnttab_get_status_frames status = { .dom = DOMID_SELF, .nr_frames = 1 };
	volatile union grant_entry_v2 *table = page_alloc();
	volatile grant_status_t *words = page_alloc();
	static uint64_t status_frames[4];

	CHECK_EQ(get_version(), 1);
	CHECK_EQ(set_version(1), 0);
	CHECK_EQ(set_version(0), -EINVAL);
	CHECK_EQ(set_version(3), -EINVAL);
	CHECK_EQ(hv_grant_table_op(GNTTABOP_get_version, &get, 1), -ESRCH);
	CHECK_EQ(hv_grant_table_op(GNTTABOP_set_version, 0x1000, 1), -EFAULT);
	set_xen_guest_handle(status.frame_list, status_frames);
	CHECK_EQ(hv_grant_table_op(GNTTABOP_get_status_frames, &status, 1), 0);
	CHECK_EQ(status.status, GNTST_general_error); /* version 1 has none */
	CHECK_EQ(set_version(2), 0);
	CHECK_EQ(get_version(), 2);
	CHECK_EQ(hv_grant_table_op(GNTTABOP_get_status_frames, &status, 1), 0);
	CHECK_EQ(status.status, GNTST_okay);
	CHECK_EQ(grant_setup(1, frames), GNTST_okay);
	CHECK_EQ(map_mfn(table, frames[0], PTE_RW), 0);
	CHECK_EQ(map_mfn(words, status_frames[0], PTE_RW), 0);
	CHECK_EQ(words[9], 0);
	/* A grant in use shows in the status word, not in the entry. */
	table[9].full_page.hdr.domid = 0;
	table[9].full_page.frame = virt_to_mfn(page_alloc());
	table[9].full_page.hdr.flags = GTF_permit_access;
	{
		char *window = page_alloc();
		uint32_t handle;

		CHECK_EQ(grant_map((unsigned long)window, GNTMAP_host_map, 9, 0, &handle),
			 GNTST_okay);
		CHECK_EQ(table[9].hdr.flags, GTF_permit_access);
		CHECK_EQ(words[9], GTF_reading | GTF_writing);
		CHECK_EQ(set_version(1), -EBUSY);
		CHECK_EQ(grant_unmap((unsigned long)window, handle), GNTST_okay);
		CHECK_EQ(words[9], 0);
	}
	table[9].full_page.hdr.flags = 0;
	/* Back: status frames must not be mapped any more. */
	CHECK_EQ(set_version(1), -EBUSY);
	CHECK_EQ(map_writable(words), 0);
	CHECK_EQ(set_version(1), 0);
	CHECK_EQ(get_version(), 1);
}

static void others(void)
{
	struct gnttab_dump_table dump = { .dom = DOMID_SELF };
	struct gnttab_cache_flush flush = { 0 };

	CHECK_EQ(hv_grant_table_op(GNTTABOP_dump_table, &dump, 1), -ENOSYS);
	CHECK_EQ(hv_grant_table_op(GNTTABOP_cache_flush, &flush, 1), 0);
	CHECK_EQ(hv_grant_table_op(13, 0, 0), -ENOSYS);
	CHECK_EQ(hv_grant_table_op(13, 0, 1), -ENOSYS);
	CHECK_EQ(hv_grant_table_op(GNTTABOP_map_grant_ref, 0x1000, 0), 0);
	CHECK_EQ(hv_grant_table_op(GNTTABOP_map_grant_ref, 0x1000, 1), -EFAULT);
	CHECK_EQ(hv_grant_table_op(GNTTABOP_map_grant_ref, 0x1000, 1U << 31), -EINVAL);
}

int test_main(struct start_info *si)
{
	(void)si;
	sizes();
	setup();
	versions();
	others();
	return 0;
}
