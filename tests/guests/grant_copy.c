/*
 * Copying by grant: between frames of the guest itself and granted ones, any
 * part of a page, never across its end.
 */
#include "test.h"
#include "grant.h"
#include "mm.h"

static volatile char from[PAGE_SIZE] page_aligned, to[PAGE_SIZE] page_aligned;

static struct gnttab_copy plain(unsigned int offset_from, unsigned int offset_to, unsigned int len)
{
	return (struct gnttab_copy){
		.source = { .u.gmfn = virt_to_mfn(from),
			    .domid = DOMID_SELF,
			    .offset = offset_from },
		.dest = { .u.gmfn = virt_to_mfn(to), .domid = DOMID_SELF, .offset = offset_to },
		.len = len,
		.status = 77,
	};
}

static long copy(struct gnttab_copy *op)
{
	CHECK_EQ(hv_grant_table_op(GNTTABOP_copy, op, 1), 0);
	return op->status;
}

static struct gnttab_copy by_ref(unsigned int from_ref, unsigned int to_ref)
{
	struct gnttab_copy op = plain(0, 0, 8);

	if (from_ref) {
		op.source.u.ref = from_ref;
		op.source.domid = 0;
		op.flags |= GNTCOPY_source_gref;
	}
	if (to_ref) {
		op.dest.u.ref = to_ref;
		op.dest.domid = 0;
		op.flags |= GNTCOPY_dest_gref;
	}
	return op;
}

static void own_frames(void)
{
	struct gnttab_copy op = plain(16, 32, 4);

	memset((void *)to, 0, PAGE_SIZE);
	memcpy((void *)(from + 16), "abcdef", 6);
	CHECK_EQ(copy(&op), GNTST_okay);
	CHECK_EQ(memcmp((void *)(to + 31), "\0abcd\0", 6), 0);
	op = plain(0, 0, PAGE_SIZE);
	CHECK_EQ(copy(&op), GNTST_okay);
	CHECK_EQ(memcmp((void *)from, (void *)to, PAGE_SIZE), 0);
	op = plain(0, 0, 0);
	CHECK_EQ(copy(&op), GNTST_okay);
	/* Across the end of a page. */
	op = plain(1, 0, PAGE_SIZE);
	CHECK_EQ(copy(&op), GNTST_bad_copy_arg);
	op = plain(0, PAGE_SIZE - 1, 2);
	CHECK_EQ(copy(&op), GNTST_bad_copy_arg);
	op = plain(0, 0, PAGE_SIZE + 1);
	CHECK_EQ(copy(&op), GNTST_bad_copy_arg);
	op = plain(0xffff, 0, 1);
	CHECK_EQ(copy(&op), GNTST_bad_copy_arg);
	/* By frame only one's own; a table is not to be written. */
	op = plain(0, 0, 8);
	op.source.domid = 77;
	CHECK_EQ(copy(&op), GNTST_bad_domain);
	op = plain(0, 0, 8);
	op.dest.domid = 0;
	CHECK_EQ(copy(&op), GNTST_permission_denied);
	op = plain(0, 0, 8);
	op.dest.u.gmfn = virt_to_mfn((void *)start_info->pt_base);
	CHECK_EQ(copy(&op), GNTST_general_error);
	op.source.u.gmfn = op.dest.u.gmfn;
	op.dest.u.gmfn = virt_to_mfn(to);
	CHECK_EQ(copy(&op), GNTST_okay);
	op.source.u.gmfn = 0xfffffffff;
	CHECK_EQ(copy(&op), GNTST_bad_page);
}

static void granted(void)
{
	struct gnttab_copy op;

	grant_access(8, 0, virt_to_mfn(from), GTF_readonly);
	grant_access(9, 0, virt_to_mfn(to), 0);
	memset((void *)to, 0, PAGE_SIZE);
	from[0] = 'x';
	op = by_ref(8, 9);
	CHECK_EQ(copy(&op), GNTST_okay);
	CHECK_EQ(to[0], 'x');
	/* Nothing of it stays. */
	CHECK_EQ(grant_v1[8].flags, GTF_permit_access | GTF_readonly);
	CHECK_EQ(grant_v1[9].flags, GTF_permit_access);
	op = by_ref(8, 0);
	CHECK_EQ(copy(&op), GNTST_okay);
	op = by_ref(0, 9);
	CHECK_EQ(copy(&op), GNTST_okay);
	op = by_ref(0, 8); /* granted to be read */
	CHECK_EQ(copy(&op), GNTST_general_error);
	op = by_ref(10, 0);
	CHECK_EQ(copy(&op), GNTST_general_error);
	op = by_ref(1 << 20, 0);
	CHECK_EQ(copy(&op), GNTST_bad_gntref);
	op = by_ref(8, 0);
	op.source.domid = 77;
	CHECK_EQ(copy(&op), GNTST_bad_domain);
	grant_access(10, 77, virt_to_mfn(from), 0);
	op = by_ref(10, 0);
	CHECK_EQ(copy(&op), GNTST_general_error);
	CHECK_EQ(grant_v1[10].flags, GTF_permit_access);
}

static void batch(void)
{
	static struct gnttab_copy op[64];
	int i, good = 0;

	memset((void *)to, 0, PAGE_SIZE);
	for (i = 0; i < 64; i++) {
		from[i] = i;
		op[i] = plain(i, 63 - i, 1);
	}
	op[5] = by_ref(11, 0);
	op[6] = by_ref(8, 9);
	op[6].len = 0;
	CHECK_EQ(hv_grant_table_op(GNTTABOP_copy, op, 64), 0);
	for (i = 0; i < 64; i++)
		good += op[i].status == GNTST_okay && (i == 6 || to[63 - i] == i);
	CHECK_EQ(good, 63);
	CHECK_EQ(op[5].status, GNTST_general_error);
	CHECK_EQ(hv_grant_table_op(GNTTABOP_copy, 0x1000, 1), -EFAULT);
}

int test_main(struct start_info *si)
{
	(void)si;
	grant_init();
	own_frames();
	granted();
	batch();
	return 0;
}
