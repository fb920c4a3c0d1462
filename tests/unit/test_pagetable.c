/* SPDX-License-Identifier: GPL-2.0-only */
/* Page tables: what makes one valid, what undoes it, every refusal, every way in. */
#include "test.h"

#include "cpu/layout.h"
#include "cpu/traps.h"
#include "mm_ops.h"

static struct domain *d0, *d1;
static struct vcpu *v;

static int setup(void **state)
{
	mm_machine(4 << 20);
	d0 = domain_by_id(0);
	d1 = domain_by_id(1);
	v = d1->vcpu[0];
	return 0;
}

static int teardown(void **state)
{
	mm_machine_end();
	return 0;
}

/* Each level validates all below, and lets go of all of it. */
static void test_validate(void **state)
{
	struct tree t = tree_build(d1);

	for (unsigned int top = 1; top <= 4; top++) {
		assert_int_equal(mm_pin(top, t.level[top]), 0);
		for (unsigned int l = 1; l <= top; l++) {
			assert_int_equal(level_of(t.level[l]), l);
			assert_true(frame_has_type(mfn_to_frame(t.level[l]), table_type(l)));
			assert_int_equal(refs(t.level[l]), 2);
			assert_int_equal(uses(t.level[l]), 1);
		}
		assert_int_equal(level_of(t.level[0]), 6);
		assert_int_equal(refs(t.level[0]), 2);
		mm_checked();
		assert_int_equal(mm_pin(top, t.level[top]), -XEN_EINVAL);
		assert_int_equal(mm_pin(top % 4 + 1, t.level[top]), -XEN_EINVAL);
		assert_int_equal(mm_unpin(t.level[top]), 0);
		assert_int_equal(mm_unpin(t.level[top]), -XEN_EINVAL);
		for (unsigned int l = 0; l <= top; l++)
			assert_plain(t.level[l]);
		mm_checked();
	}
}

/* The same table, shared by several above it. */
static void test_shared_tables(void **state)
{
	struct tree t = tree_build(d1), u = tree_build(d1);

	for (unsigned int l = 2; l <= 4; l++) {
		mm_table(u.level[l])[0] = pte_make(t.level[l - 1], PTE_RDWR);
		mm_table(u.level[l])[511] = pte_make(t.level[l - 1], PTE_RO);
	}
	assert_int_equal(mm_pin(4, t.level[4]), 0);
	assert_int_equal(mm_pin(4, u.level[4]), 0);
	assert_int_equal(uses(t.level[3]), 3);
	assert_int_equal(uses(t.level[1]), 1);
	assert_int_equal(mm_pin(2, u.level[2]), 0);
	assert_int_equal(uses(t.level[1]), 3);
	mm_checked();
	assert_int_equal(mm_unpin(t.level[4]), 0);
	assert_int_equal(uses(t.level[3]), 2);
	mm_checked();
	assert_int_equal(mm_unpin(u.level[4]), 0);
	assert_plain(t.level[3]);
	assert_int_equal(uses(t.level[1]), 2);
	assert_int_equal(mm_unpin(u.level[2]), 0);
	assert_plain(t.level[1]);
	mm_checked();
}

/* The entry as the CPU shall see it. */
static void test_adjusted(void **state)
{
	struct tree t = tree_build(d1);
	pte_t *l1 = mm_table(t.level[1]), *l4 = mm_table(t.level[4]);

	l1[0] = pte_make(t.level[0], PTE_PRESENT | PTE_GLOBAL);
	l4[0] = pte_make(t.level[3], PTE_PRESENT);
	/* Not present: the guest's own business. */
	l1[1] = 0x123456789abcdef0;
	l4[1] = ~1ull;
	/* What it has in our slots does not count. */
	l4[256] = l4[260] = l4[271] = ~0ull;
	assert_int_equal(mm_pin(4, t.level[4]), 0);
	assert_int_equal(l1[0], pte_make(t.level[0], PTE_PRESENT | PTE_USER));
	assert_int_equal(l1[1], 0x123456789abcdef0);
	assert_int_equal(l4[0], pte_make(t.level[3], PTE_PRESENT | PTE_USER));
	assert_true(l4[1] == ~1ull);
	for (unsigned int i = L4_SLOT_FIRST; i <= L4_SLOT_LAST; i++)
		assert_int_equal(pte_mfn(l4[i]), i == 260 ? d1->descriptor_l3 : idle_l4_mfn);
	mm_checked();
	assert_int_equal(mm_set(t.level[4], 256, 0), -XEN_EINVAL);
	assert_int_equal(mm_set(t.level[4], 260, 0), -XEN_EINVAL);
	assert_int_equal(mm_set(t.level[4], 271, pte_make(t.level[3], PTE_RDWR)), -XEN_EINVAL);
	/* None of ours is left to be seen. */
	assert_int_equal(mm_unpin(t.level[4]), 0);
	for (unsigned int i = L4_SLOT_FIRST; i <= L4_SLOT_LAST; i++)
		assert_int_equal(l4[i], 0);
}

/* Entries that must not be, in a new table and as an update of one. */
static void test_refusals(void **state)
{
	struct tree t = tree_build(d1), u = tree_build(d1);
	mfn_t free_mfn = virt_to_mfn(page_alloc()), other = mm_frame(d0);
	const struct {
		unsigned int level;
		pte_t e;
		long rc;
	} bad[] = {
		{ 1, pte_make(other, PTE_RO), -XEN_EBUSY },
		{ 1, pte_make(d0->shared_mfn, PTE_RO), -XEN_EBUSY },
		{ 1, pte_make(idle_l4_mfn, PTE_RO), -XEN_EBUSY },
		{ 1, pte_make(free_mfn, PTE_RO), -XEN_EBUSY },
		{ 1, pte_make(0, PTE_RO), -XEN_EPERM },
		{ 1, pte_make(max_mfn, PTE_RO), -XEN_EPERM },
		{ 1, pte_make(pte_mfn(~0ull), PTE_RO), -XEN_EPERM },
		{ 1, pte_make(u.level[0], PTE_RO | PTE_PWT), -XEN_EINVAL },
		{ 1, pte_make(u.level[0], PTE_RO | PTE_PCD), -XEN_EINVAL },
		{ 1, pte_make(u.level[0], PTE_RO | PTE_PSE), -XEN_EINVAL },
		{ 1, pte_make(u.level[4], PTE_RDWR), -XEN_EBUSY }, /* a table */
		{ 1, pte_make(u.level[1], PTE_RDWR), -XEN_EBUSY },
		{ 2, pte_make(u.level[1], PTE_RDWR | PTE_PSE), -XEN_EINVAL },
		{ 2, pte_make(u.level[1], PTE_RDWR | PTE_GLOBAL), -XEN_EINVAL },
		{ 2, pte_make(u.level[1], PTE_RDWR | PTE_PCD), -XEN_EINVAL },
		{ 2, pte_make(u.level[1], PTE_RDWR | 1ull << 52), -XEN_EINVAL },
		{ 2, pte_make(u.level[0], PTE_RDWR), -XEN_EINVAL }, /* mapped writable */
		{ 2, pte_make(u.level[2], PTE_RDWR), -XEN_EINVAL },
		{ 2, pte_make(u.level[3], PTE_RDWR), -XEN_EINVAL },
		{ 2, pte_make(other, PTE_RDWR), -XEN_EINVAL },
		{ 2, pte_make(max_mfn, PTE_RDWR), -XEN_EINVAL },
		{ 2, pte_make(d1->shared_mfn, PTE_RDWR), -XEN_EINVAL },
		{ 3, pte_make(u.level[1], PTE_RDWR), -XEN_EINVAL },
		{ 3, pte_make(u.level[2], PTE_RDWR | PTE_PSE), -XEN_EINVAL },
		{ 3, pte_make(u.level[3], PTE_RDWR), -XEN_EINVAL },
		{ 3, pte_make(d1->descriptor_l3, PTE_RDWR), -XEN_EINVAL },
		{ 4, pte_make(u.level[4], PTE_RDWR), -XEN_EINVAL },
		{ 4, pte_make(u.level[2], PTE_RDWR), -XEN_EINVAL },
		{ 4, pte_make(idle_l4_mfn, PTE_RDWR), -XEN_EINVAL },
	};

	page_free(map_frame(free_mfn));
	assert_int_equal(mm_pin(4, u.level[4]), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		pte_t *table = mm_table(t.level[bad[i].level]);

		/* The last entry: all before it have to be undone. */
		table[511] = bad[i].e;
		assert_int_equal(mm_pin(4, t.level[4]), bad[i].rc);
		for (unsigned int l = 0; l <= 4; l++)
			assert_plain(t.level[l]);
		table[511] = 0;
		mm_checked();

		assert_int_equal(mm_pin(4, t.level[4]), 0);
		assert_int_equal(mm_set(t.level[bad[i].level], 511, bad[i].e), bad[i].rc);
		assert_int_equal(table[511], 0);
		mm_checked();
		assert_int_equal(mm_unpin(t.level[4]), 0);
	}
	/* No frames at all. */
	assert_int_equal(mm_pin(1, max_mfn), -XEN_EINVAL);
	assert_int_equal(mm_pin(4, ~0ull), -XEN_EINVAL);
	assert_int_equal(mm_unpin(~0ull), -XEN_EINVAL);
	assert_int_equal(mm_pin(1, 0), -XEN_EINVAL);
	assert_int_equal(mm_pin(1, other), -XEN_EINVAL);
	assert_int_equal(mm_pin(1, d1->shared_mfn), -XEN_EINVAL);
	assert_int_equal(mm_update_foreign(~0ull & ~7ull, 0, DOMID_SELF), -XEN_EINVAL);
	assert_int_equal(mm_update_foreign(4, 0, DOMID_SELF), -XEN_ENOSYS);
	assert_int_equal(mm_set(other, 0, 0), -XEN_EINVAL);
	mm_checked();
}

/* Tables that show themselves: read-only by an L1 entry, else not. */
static void test_linear(void **state)
{
	struct tree t = tree_build(d1);

	for (unsigned int l = 0; l < 4; l++)
		mm_table(t.level[1])[l + 1] = pte_make(t.level[l + 1], PTE_RO);
	assert_int_equal(mm_pin(4, t.level[4]), 0);
	for (unsigned int l = 1; l <= 4; l++) {
		assert_int_equal(refs(t.level[l]), 3);
		assert_int_equal(mm_set(t.level[1], l, pte_make(t.level[l], PTE_RDWR)), -XEN_EBUSY);
		if (l > 1)
			assert_int_equal(mm_set(t.level[l], 5, pte_make(t.level[l], PTE_RO)),
					 -XEN_EINVAL);
	}
	mm_checked();
	assert_int_equal(mm_unpin(t.level[4]), 0);
	for (unsigned int l = 1; l <= 4; l++)
		assert_plain(t.level[l]);
}

static void test_update(void **state)
{
	struct tree t = tree_build(d1), u = tree_build(d1);
	mfn_t page = mm_frame(d1);

	assert_int_equal(mm_pin(4, t.level[4]), 0);
	/* L1: what is counted moves with the entry. */
	assert_int_equal(mm_set(t.level[1], 7, pte_make(page, PTE_RDWR)), 0);
	assert_int_equal(refs(page), 2);
	assert_int_equal(uses(page), 1);
	assert_int_equal(mm_set(t.level[1], 7, pte_make(page, PTE_RO)), 0);
	assert_int_equal(uses(page), 0);
	assert_int_equal(mm_set(t.level[1], 7, pte_make(page, PTE_RO | PTE_NX)), 0);
	assert_int_equal(refs(page), 2);
	assert_int_equal(mm_set(t.level[1], 7, pte_make(t.level[0], PTE_RO)), 0);
	assert_plain(page);
	assert_int_equal(mm_set(t.level[1], 7, pte_make(0x1234, 0)), 0);
	mm_checked();
	/* L2 to L4: the table below comes and goes. */
	for (unsigned int l = 2; l <= 4; l++) {
		assert_int_equal(mm_set(t.level[l], 3, pte_make(u.level[l - 1], PTE_RDWR)), 0);
		for (unsigned int i = 1; i < l; i++)
			assert_int_equal(uses(u.level[i]), 1);
		mm_checked();
		/* The same table with other rights. */
		assert_int_equal(mm_set(t.level[l], 3, pte_make(u.level[l - 1], PTE_RO)), 0);
		assert_int_equal(uses(u.level[l - 1]), 1);
		assert_int_equal(mm_set(t.level[l], 3,
					pte_make(u.level[l - 1], PTE_RO | PTE_GLOBAL)),
				 -XEN_EINVAL);
		/* One for another. */
		assert_int_equal(mm_set(t.level[l], 3, pte_make(t.level[l - 1], PTE_RDWR)), 0);
		assert_int_equal(uses(t.level[l - 1]), 2);
		for (unsigned int i = 0; i < l; i++)
			assert_plain(u.level[i]);
		assert_int_equal(mm_set(t.level[l], 3, 0), 0);
		mm_checked();
	}
	/* A frame that is no table is memory. */
	assert_int_equal(mm_set(page, 511, 0x1234), 0);
	assert_int_equal(mm_table(page)[511], 0x1234);
	assert_int_equal(mm_set(d1->shared_mfn, 511, 1), 0);
	assert_int_equal(mm_set(d0->shared_mfn, 511, 1), -XEN_EINVAL);
	/* The CPU's bits survive when asked. */
	mm_table(t.level[1])[0] &= ~(PTE_ACCESSED | PTE_DIRTY);
	mm_table(t.level[1])[0] |= PTE_DIRTY;
	assert_int_equal(mm_update_foreign(t.level[1] << PAGE_SHIFT | MMU_PT_UPDATE_PRESERVE_AD,
					   pte_make(t.level[0], PTE_PRESENT), DOMID_SELF),
			 0);
	assert_int_equal(mm_table(t.level[1])[0],
			 pte_make(t.level[0], PTE_PRESENT | PTE_USER | PTE_DIRTY));
	assert_int_equal(mm_set(t.level[1], 0, pte_make(t.level[0], PTE_PRESENT)), 0);
	assert_int_equal(mm_table(t.level[1])[0], pte_make(t.level[0], PTE_PRESENT | PTE_USER));
	mm_checked();
	/* The machine-to-physical table. */
	assert_int_equal(
		mm_update_foreign(page << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, 77, DOMID_SELF), 0);
	assert_int_equal(machine_to_phys[page], 77);
	assert_int_equal(mm_update_foreign(idle_l4_mfn << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, 77,
					   DOMID_SELF),
			 -XEN_EINVAL);
}

static void test_update_va(void **state)
{
	struct tree t = tree_build(d1);
	mfn_t page = mm_frame(d1);
	u64 mask = 1;

	memcpy(mm_operands() + 1024, &mask, sizeof(mask));
	assert_int_equal(mm_ext(MMUEXT_NEW_BASEPTR, t.level[4], 0), 0);
	for (unsigned int how = 0; how <= 2; how++) {
		assert_int_equal(mm_va(511 << 12, pte_make(page, PTE_RDWR), how), 0);
		assert_int_equal(mm_table(t.level[1])[511], pte_make(page, PTE_RDWR));
		mm_checked();
		assert_int_equal(mm_va(511 << 12, 0, how | UVMF_ALL), 0);
		assert_int_equal(mm_va(511 << 12, 0, how | ((u64)mm_operands() + 1024)), 0);
		assert_int_equal(mm_va(511 << 12, 0, how | 0x5000), how ? -XEN_EFAULT : 0);
		assert_plain(page);
	}
	assert_int_equal(mm_va(0, pte_make(t.level[1], PTE_RDWR), 0), -XEN_EBUSY);
	/* No table there; ours. */
	assert_int_equal(mm_va(1ul << L2_SHIFT, 0, 0), -XEN_EINVAL);
	assert_int_equal(mm_va(1ul << L3_SHIFT, 0, 0), -XEN_EINVAL);
	assert_int_equal(mm_va(1ul << L4_SHIFT, 0, 0), -XEN_EINVAL);
	assert_int_equal(mm_va(HYPERVISOR_START, 0, 0), -XEN_EINVAL);
	assert_int_equal(mm_va(DESCRIPTORS_VIRT, 0, 0), -XEN_EINVAL);
	mm_checked();
}

static void test_roots(void **state)
{
	struct tree t = tree_build(d1), u = tree_build(d1);

	assert_int_equal(mm_ext(MMUEXT_NEW_BASEPTR, t.level[4], 0), 0);
	assert_int_equal(v->cr3, t.level[4] << PAGE_SHIFT);
	assert_int_equal(uses(t.level[4]), 1);
	assert_int_equal(mm_ext(MMUEXT_NEW_BASEPTR, t.level[4], 0), 0);
	assert_int_equal(uses(t.level[4]), 1);
	assert_int_equal(mm_ext(MMUEXT_NEW_BASEPTR, t.level[3], 0), -XEN_EINVAL);
	assert_int_equal(mm_ext(MMUEXT_NEW_BASEPTR, 0, 0), -XEN_EINVAL);
	assert_int_equal(mm_ext(MMUEXT_NEW_BASEPTR, ~0ull, 0), -XEN_EINVAL);
	assert_int_equal(v->cr3, t.level[4] << PAGE_SHIFT);
	assert_int_equal(mm_ext(MMUEXT_NEW_USER_BASEPTR, t.level[4], 0), 0);
	assert_int_equal(uses(t.level[4]), 2);
	mm_checked();
	assert_int_equal(mm_ext(MMUEXT_NEW_USER_BASEPTR, u.level[4], 0), 0);
	assert_int_equal(mm_ext(MMUEXT_NEW_USER_BASEPTR, u.level[1], 0), -XEN_EINVAL);
	assert_int_equal(v->user_l4, u.level[4]);
	assert_int_equal(mm_ext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
	assert_int_equal(v->user_l4, 0);
	assert_plain(u.level[4]);
	/* What the CPU left is no table any more. */
	assert_int_equal(mm_ext(MMUEXT_NEW_BASEPTR, u.level[4], 0), 0);
	for (unsigned int l = 0; l <= 4; l++)
		assert_plain(t.level[l]);
	mm_checked();
	/* A pin holds it. */
	assert_int_equal(mm_pin(4, t.level[4]), 0);
	assert_int_equal(mm_ext(MMUEXT_NEW_BASEPTR, t.level[4], 0), 0);
	assert_int_equal(mm_unpin(t.level[4]), 0);
	assert_int_equal(uses(t.level[4]), 1);
	mm_checked();
}

static void test_pages(void **state)
{
	struct tree t = tree_build(d1);
	mfn_t page = mm_frame(d1), other = mm_frame(d0);

	assert_int_equal(mm_pin(4, t.level[4]), 0);
	mm_table(page)[3] = 3;
	assert_int_equal(mm_ext(MMUEXT_COPY_PAGE, t.level[0], page), 0);
	assert_int_equal(mm_table(t.level[0])[3], 3);
	assert_int_equal(mm_ext(MMUEXT_CLEAR_PAGE, t.level[0], 0), 0);
	assert_int_equal(mm_table(t.level[0])[3], 0);
	assert_int_equal(mm_ext(MMUEXT_COPY_PAGE, page, t.level[1]), 0);
	for (unsigned int l = 1; l <= 4; l++) {
		assert_int_equal(mm_ext(MMUEXT_CLEAR_PAGE, t.level[l], 0), -XEN_EINVAL);
		assert_int_equal(mm_ext(MMUEXT_COPY_PAGE, t.level[l], page), -XEN_EINVAL);
	}
	assert_int_equal(mm_ext(MMUEXT_CLEAR_PAGE, other, 0), -XEN_EINVAL);
	assert_int_equal(mm_ext(MMUEXT_COPY_PAGE, page, other), -XEN_EINVAL);
	assert_int_equal(mm_ext(MMUEXT_COPY_PAGE, page, ~0ull), -XEN_EINVAL);
	assert_int_equal(mm_ext(MMUEXT_CLEAR_PAGE, max_mfn, 0), -XEN_EINVAL);
	mm_checked();
}

/* A table that was: before the guest may write it, no CPU walks through it. */
static void test_stale_walk(void **state)
{
	struct tree t = tree_build(d1);
	mfn_t page = mm_frame(d1);

	mm_table(t.level[1])[2] = pte_make(t.level[1], PTE_RO);
	assert_int_equal(mm_pin(1, t.level[1]), 0);
	assert_int_equal(mm_ext(MMUEXT_NEW_BASEPTR, t.level[4], 0), 0);
	mm_checked(); /* and the CPU has read it all */
	assert_int_equal(mm_set(t.level[2], 1, pte_make(page, PTE_RO)), 0);
	assert_int_equal(mm_set(t.level[2], 0, 0), 0);
	assert_int_equal(mm_unpin(t.level[1]), 0);
	mm_checked();
	/* Now a page that it maps writable. */
	assert_int_equal(mm_set(page, 0, pte_make(t.level[1], PTE_RDWR)), 0);
	mm_checked();
}

/* Stores to L1 tables that fault are updates. */
static void test_writable(void **state)
{
	static const u8 mov[] = { 0x48, 0x89, 0x07 }, movb[] = { 0x88, 0x07 };
	struct tree t = tree_build(d1);
	const u32 error = PF_PRESENT | PF_WRITE | PF_USER;
	char *code = sim_guest_page(d1);
	mfn_t page = mm_frame(d1);

	for (unsigned int l = 1; l <= 4; l++)
		mm_table(t.level[1])[l] = pte_make(t.level[l], PTE_RO);
	assert_int_equal(mm_ext(MMUEXT_NEW_BASEPTR, t.level[4], 0), 0);
	memcpy(code, mov, sizeof(mov));
	v->regs.rip = (u64)code;
	v->regs.rax = pte_make(page, PTE_RDWR);
	assert_true(writable_pt_fault(v, (1 << 12) + 511 * 8, error));
	assert_int_equal(mm_table(t.level[1])[511], pte_make(page, PTE_RDWR));
	assert_int_equal(v->regs.rip, (u64)code + 3);
	mm_checked();
	/* Not what an update could not do; not across entries; not above L1. */
	v->regs.rip = (u64)code;
	v->regs.rax = pte_make(t.level[1], PTE_RDWR);
	assert_false(writable_pt_fault(v, (1 << 12) + 511 * 8, error));
	v->regs.rax = 0;
	assert_false(writable_pt_fault(v, (1 << 12) + 510 * 8 + 4, error));
	assert_false(writable_pt_fault(v, (2 << 12) + 8, error));
	assert_false(writable_pt_fault(v, (9 << 12) + 8, error));
	assert_int_equal(v->regs.rip, (u64)code);
	assert_int_equal(mm_table(t.level[1])[511], pte_make(page, PTE_RDWR));
	/* A byte of it: the frame changes, to one that is not its own. */
	memcpy(code, movb, sizeof(movb));
	v->regs.rax = 0xff;
	assert_false(writable_pt_fault(v, (1 << 12) + 511 * 8 + 4, error));
	v->regs.rax = 0;
	assert_true(writable_pt_fault(v, (1 << 12) + 511 * 8, error));
	assert_plain(page);
	mm_checked();
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		test(validate), test(shared_tables), test(adjusted),  test(refusals),
		test(linear),	test(update),	     test(update_va), test(roots),
		test(pages),	test(stale_walk),    test(writable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
