/* Setting up the grant table and the operations that most guests need. */
#include "grant.h"
#include "mm.h"
#include "test.h"

volatile struct grant_entry_v1 *grant_v1;

long grant_setup(unsigned int frames, unsigned long *mfns)
{
	struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = frames, .status = 77 };

	set_xen_guest_handle(op.frame_list, mfns);
	CHECK_EQ(hv_grant_table_op(GNTTABOP_setup_table, &op, 1), 0);
	return op.status;
}

void grant_init(void)
{
	unsigned long mfn;

	REQUIRE(grant_setup(1, &mfn) == GNTST_okay);
	grant_v1 = page_alloc();
	REQUIRE(map_mfn(grant_v1, mfn, PTE_RW) == 0);
}

void grant_access(unsigned int ref, unsigned int domid, unsigned long mfn, unsigned int flags)
{
	grant_v1[ref].domid = domid;
	grant_v1[ref].frame = mfn;
	barrier();
	grant_v1[ref].flags = flags & GTF_type_mask ? flags : GTF_permit_access | flags;
}

void grant_end(unsigned int ref)
{
	grant_v1[ref].flags = 0;
}

long grant_map(uint64_t addr, unsigned int flags, unsigned int ref, unsigned int domid,
	       uint32_t *handle)
{
	struct gnttab_map_grant_ref op = {
		.host_addr = addr, .flags = flags, .ref = ref, .dom = domid, .status = 77
	};

	CHECK_EQ(hv_grant_table_op(GNTTABOP_map_grant_ref, &op, 1), 0);
	if (handle)
		*handle = op.handle;
	return op.status;
}

long grant_unmap(uint64_t addr, uint32_t handle)
{
	struct gnttab_unmap_grant_ref op = { .host_addr = addr, .handle = handle, .status = 77 };

	CHECK_EQ(hv_grant_table_op(GNTTABOP_unmap_grant_ref, &op, 1), 0);
	return op.status;
}
