/* SPDX-License-Identifier: GPL-2.0-only */
/* A privileged domain at other domains' memory; and domains that end meanwhile. */
#include "test.h"

#include "mm/iomem.h"
#include "mm_ops.h"

static struct domain *d0, *d1;
static struct tree t0, t1;

static int setup(void **state)
{
	mm_machine(4 << 20);
	d0 = domain_by_id(0);
	d1 = domain_by_id(1);
	t1 = tree_build(d1);
	assert_int_equal(mm_pin(4, t1.level[4]), 0);
	sim_become(d0->vcpu[0]);
	t0 = tree_build(d0);
	assert_int_equal(mm_pin(4, t0.level[4]), 0);
	assert_int_equal(mm_ext(MMUEXT_NEW_BASEPTR, t0.level[4], 0), 0);
	return 0;
}

static int teardown(void **state)
{
	mm_machine_end();
	return 0;
}

/* In its own tables (pg), or in d1's (pt). */
static long map(u64 foreign, mfn_t table, unsigned int slot, pte_t e)
{
	return mm_update_foreign(table << PAGE_SHIFT | slot * 8, e, foreign);
}

#define TABLES_OF(domid) ((u64)((domid) + 1) << 16)

static void test_map(void **state)
{
	mfn_t page = mm_frame(d1);

	assert_int_equal(map(1, t0.level[1], 5, pte_make(page, PTE_RDWR)), 0);
	assert_int_equal(refs(page), 2);
	assert_int_equal(uses(page), 1);
	mm_checked();
	/* Its owner cannot make a table of it meanwhile. */
	sim_become(d1->vcpu[0]);
	assert_int_equal(mm_pin(1, page), -XEN_EINVAL);
	sim_become(d0->vcpu[0]);
	/* Nor can we write to a table. */
	assert_int_equal(map(1, t0.level[1], 6, pte_make(t1.level[1], PTE_RDWR)), -XEN_EBUSY);
	assert_int_equal(map(1, t0.level[1], 6, pte_make(t1.level[1], PTE_RO)), 0);
	/* Named wrongly. */
	assert_int_equal(map(1, t0.level[1], 7, pte_make(t0.level[0], PTE_RO)), -XEN_EBUSY);
	assert_int_equal(map(DOMID_SELF, t0.level[1], 7, pte_make(page, PTE_RO)), -XEN_EBUSY);
	assert_int_equal(map(0, t0.level[1], 7, pte_make(page, PTE_RO)), -XEN_ESRCH);
	assert_int_equal(map(9, t0.level[1], 7, pte_make(page, PTE_RO)), -XEN_ESRCH);
	assert_int_equal(map(1, t1.level[1], 7, pte_make(page, PTE_RO)), -XEN_EINVAL);
	/* A foreign frame is no table of ours. */
	assert_int_equal(map(1, t0.level[2], 7, pte_make(t1.level[1], PTE_RO)), -XEN_EINVAL);
	mm_checked();
	assert_int_equal(map(DOMID_SELF, t0.level[1], 5, 0), 0);
	assert_plain(page);
	mm_checked();
}

static void test_va(void **state)
{
	mfn_t page = mm_frame(d1);

	assert_int_equal(sim_hypercall(__HYPERVISOR_update_va_mapping_otherdomain, 5 << 12,
				       pte_make(page, PTE_RDWR), 0, 1, 0),
			 0);
	assert_int_equal(refs(page), 2);
	mm_checked();
	assert_int_equal(sim_hypercall(__HYPERVISOR_update_va_mapping_otherdomain, 5 << 12,
				       pte_make(page, PTE_RDWR), 0, 7, 0),
			 -XEN_ESRCH);
	sim_become(d1->vcpu[0]);
	assert_int_equal(sim_hypercall(__HYPERVISOR_update_va_mapping_otherdomain, 5 << 12,
				       pte_make(page, PTE_RDWR), 0, 0, 0),
			 -XEN_EPERM);
	sim_become(d0->vcpu[0]);
}

/* In tables of another: with its own frames, or with ours. */
static void test_tables(void **state)
{
	mfn_t page = mm_frame(d1), mine = mm_frame(d0);

	assert_int_equal(map(TABLES_OF(1) | 1, t1.level[1], 5, pte_make(page, PTE_RDWR)), 0);
	assert_int_equal(uses(page), 1);
	mm_checked();
	sim_reach_allow(mine);
	assert_int_equal(map(TABLES_OF(1) | DOMID_SELF, t1.level[1], 6, pte_make(mine, PTE_RDWR)),
			 0);
	mm_checked();
	assert_int_equal(map(TABLES_OF(1) | 1, t1.level[2], 6, pte_make(mine, PTE_RDWR)),
			 -XEN_EINVAL);
	assert_int_equal(map(TABLES_OF(1) | 1, t1.level[2], 0, 0), 0);
	assert_plain(t1.level[1]);
	assert_plain(mine);
	mm_checked();
	/* Pins are for the domain that is named. */
	assert_int_equal(mm_ext_foreign(MMUEXT_UNPIN_TABLE, t1.level[4], 0, 1), 0);
	assert_plain(t1.level[4]);
	assert_int_equal(mm_ext_foreign(MMUEXT_PIN_L4_TABLE, t1.level[4], 0, 1), 0);
	assert_int_equal(mm_ext_foreign(MMUEXT_PIN_L4_TABLE, t0.level[4], 0, 1), -XEN_EINVAL);
	assert_int_equal(mm_ext_foreign(MMUEXT_NEW_BASEPTR, t1.level[4], 0, 1), -XEN_EPERM);
	mm_checked();
}

static void test_devices(void **state)
{
	/* Frame 0 is no RAM; what is above is not known at all. */
	assert_int_equal(map(DOMID_IO, t0.level[1], 5, pte_make(0, PTE_RDWR)), 0);
	assert_int_equal(map(DOMID_SELF, t0.level[1], 5, pte_make(max_mfn, PTE_RDWR | PTE_PCD)), 0);
	iomem_end = max_mfn + 16;
	assert_int_equal(map(DOMID_SELF, t0.level[1], 6, pte_make(iomem_end - 1, PTE_RO)), 0);
	assert_int_equal(map(DOMID_SELF, t0.level[1], 7, pte_make(iomem_end, PTE_RDWR)),
			 -XEN_EPERM);
	iomem_deny(max_mfn + 3, max_mfn + 3);
	assert_int_equal(map(DOMID_SELF, t0.level[1], 7, pte_make(max_mfn + 3, PTE_RDWR)),
			 -XEN_EPERM);
	/* Less than was asked for, of the frames of either, and until the last goes. */
	assert_int_equal(iomem_protect(max_mfn + 4, max_mfn + 5), 0);
	assert_int_equal(iomem_protect(max_mfn + 5, max_mfn + 6), 0);
	for (unsigned int i = 3; i <= 7; i++)
		assert_int_equal(iomem_is_readonly(max_mfn + i), i >= 4 && i <= 6);
	assert_int_equal(map(DOMID_SELF, t0.level[1], 7, pte_make(max_mfn + 5, PTE_RDWR)), 0);
	assert_int_equal(mm_table(t0.level[1])[7] & PTE_RW, 0);
	iomem_unprotect(max_mfn + 4, max_mfn + 5);
	assert_true(iomem_is_readonly(max_mfn + 5));
	assert_int_equal(map(DOMID_SELF, t0.level[1], 7, pte_make(max_mfn + 4, PTE_RDWR)), 0);
	assert_int_equal(mm_table(t0.level[1])[7] & PTE_RW, PTE_RW);
	iomem_unprotect(max_mfn + 5, max_mfn + 6);
	assert_false(iomem_is_readonly(max_mfn + 5));
	mm_checked();
	/* Not what is ours; not in the tables of another. */
	assert_int_equal(map(DOMID_XEN, t0.level[1], 5, pte_make(idle_l4_mfn, PTE_RO)), -XEN_EBUSY);
	assert_int_equal(map(TABLES_OF(1) | DOMID_IO, t1.level[1], 5, pte_make(0, PTE_RDWR)),
			 -XEN_EPERM);
	assert_int_equal(map(TABLES_OF(1) | 1, t1.level[1], 5, pte_make(max_mfn, PTE_RDWR)),
			 -XEN_EPERM);
	mm_checked();
}

/* The rights to 64 frames, given and taken at random, beside a plain list of them. */
static void test_device_rights(void **state)
{
	bool may[64] = { false };
	mfn_t base = max_mfn + 16;
	struct domain *d = d1;
	u32 seed = 1;

	iomem_end = base + 64;
	assert_false(iomem_has_any(d));
	for (unsigned int round = 0; round < 3000; round++) {
		u32 first = (seed = seed * 1103515245 + 12345) >> 16 & 63;
		u32 last = first + ((seed = seed * 1103515245 + 12345) >> 16 & 15);
		bool allow = (seed = seed * 1103515245 + 12345) >> 20 & 1;

		last = min(last, 63u);
		assert_int_equal(iomem_permit(d, base + first, base + last, allow), 0);
		for (unsigned int i = first; i <= last; i++)
			may[i] = allow;
		for (unsigned int i = 0; i < 64; i++)
			assert_int_equal(iomem_permitted(d, base + i, base + i), may[i]);
		for (last = first; last < 64 && may[last]; last++)
			assert_true(iomem_permitted(d, base + first, base + last));
		if (last < 64)
			assert_false(iomem_permitted(d, base + first, base + last));
	}
	assert_int_equal(iomem_permit(d, base, base + 63, false), 0);
	assert_false(iomem_has_any(d));
	/* So many pieces and no more; the whole is one again. */
	for (unsigned int i = 0; i < 128; i++)
		assert_int_equal(iomem_permit(d, 2 * i, 2 * i, true), 0);
	assert_int_equal(iomem_permit(d, 256, 256, true), -XEN_ENOSPC);
	assert_false(iomem_permitted(d, 256, 256));
	assert_int_equal(iomem_permit(d, 1, 1, true), 0);
	assert_int_equal(iomem_permit(d, 256, 256, true), 0);
	assert_int_equal(iomem_permit(d, 1, 1, false), -XEN_ENOSPC);
	assert_int_equal(iomem_permit(d, 0, 3, false), 0);
	assert_false(iomem_permitted(d, 2, 2));
	assert_true(iomem_permitted(d, 4, 4));
	iomem_domain_destroy(d);
	assert_false(iomem_permitted(d, 0, 0));
	/* Domain 0 has all from the start, and what is taken from it is gone. */
	assert_int_equal(iomem_permit(d0, base + 1, base + 1, false), 0);
	assert_true(iomem_permitted(d0, base, base));
	assert_false(iomem_permitted(d0, base, base + 2));
	assert_int_equal(map(DOMID_SELF, t0.level[1], 5, pte_make(base + 1, PTE_RO)),
			 -XEN_EPERM);
	assert_int_equal(iomem_permit(d1, base + 1, base + 1, true), 0);
	assert_int_equal(map(TABLES_OF(1) | DOMID_IO, t1.level[1], 5,
			     pte_make(base + 1, PTE_RDWR | PTE_PCD)),
			 0);
	mm_checked();
}

static void test_unprivileged(void **state)
{
	static const u64 foreign[] = { 0, DOMID_IO, DOMID_XEN, TABLES_OF(0) | DOMID_SELF,
				       TABLES_OF(0) };

	sim_become(d1->vcpu[0]);
	for (unsigned int i = 0; i < ARRAY_SIZE(foreign); i++) {
		assert_int_equal(map(foreign[i], t1.level[1], 5, pte_make(t0.level[0], PTE_RO)),
				 -XEN_EPERM);
		assert_int_equal(mm_ext_foreign(MMUEXT_UNPIN_TABLE, t0.level[4], 0, foreign[i]),
				 -XEN_EPERM);
	}
	assert_int_equal(map(1, t1.level[1], 5, 0), -XEN_ESRCH);
	mm_checked();
	sim_become(d0->vcpu[0]);
}

/* A TLB of ours may hold a way to their frame, that they make a table or give up. */
static void test_stale(void **state)
{
	u64 page = mm_frame(d1);

	assert_int_equal(map(1, t0.level[1], 5, pte_make(page, PTE_RDWR)), 0);
	mm_checked(); /* and used */
	assert_int_equal(map(1, t0.level[1], 5, 0), 0);
	sim_cpu = 1;
	d1->vcpu[1]->initialised = true;
	sim_become(d1->vcpu[1]);
	assert_int_equal(mm_pin(1, page), 0);
	mm_checked();
	assert_int_equal(mm_unpin(page), 0);
	sim_cpu = 0;
	assert_int_equal(map(1, t0.level[1], 5, pte_make(page, PTE_RO)), 0);
	mm_checked();
	assert_int_equal(map(1, t0.level[1], 5, 0), 0);
	sim_cpu = 1;
	assert_int_equal(mm_extents(XENMEM_decrease_reservation, &page, 1, 0, 0), 1);
	mm_checked();
	sim_cpu = 0;
}

/* It ends; what we have mapped of it stays until we let go. */
static void test_end(void **state)
{
	mfn_t page = mm_frame(d1), seen = mm_frame(d1);
	u64 mine = d0->tot_pages, all;

	assert_int_equal(map(1, t0.level[1], 5, pte_make(page, PTE_RDWR)), 0);
	assert_int_equal(map(1, t0.level[1], 6, pte_make(d1->shared_mfn, PTE_RO)), 0);
	assert_int_equal(map(1, t0.level[1], 7, pte_make(seen, PTE_RO)), 0);
	all = frames_free_count();
	sim_domain_destroy(d1);
	assert_true(frames_free_count() > all);
	/* It is there still, since it has a frame, but nobody can have more of it. */
	assert_ptr_equal(domain_by_id(1), d1);
	assert_int_equal(d1->tot_pages, 2);
	assert_null(domain_frames_alloc(d1, 0, 0));
	assert_int_equal(mm_ext_foreign(MMUEXT_PIN_L1_TABLE, seen, 0, 1), -XEN_EINVAL);
	assert_int_equal(map(DOMID_SELF, t0.level[1], 7, 0), 0);
	mm_table(page)[7] = 7;
	mm_checked();
	all = frames_free_count();
	assert_int_equal(map(DOMID_SELF, t0.level[1], 5, 0), 0);
	assert_null(domain_by_id(1));
	assert_true(frames_free_count() > all);
	assert_int_equal(map(DOMID_SELF, t0.level[1], 6, 0), 0);
	assert_int_equal(d0->tot_pages, mine);
	mm_checked();
}

/* All that it had, mapped by its own tables and seen by others, goes with a few flushes. */
static void test_few_flushes(void **state)
{
	struct tree t = tree_build(d1);
	unsigned int flushes;
	u64 all;

	for (unsigned int i = 1; i < PTES; i++) {
		mfn_t page = mm_frame(d1);

		mfn_to_frame(page)->ref |= FRAME_FOREIGN;
		mm_table(t.level[1])[i] = pte_make(page, PTE_RDWR);
	}
	sim_become(d1->vcpu[0]);
	assert_int_equal(mm_pin(4, t.level[4]), 0);
	sim_become(idle_domain->vcpu[0]);
	flushes = sim_count.flushes;
	all = frames_free_count();
	sim_domain_destroy(d1);
	assert_null(domain_by_id(1));
	assert_true(frames_free_count() >= all + PTES);
	/* Two CPUs, a batch of 64. */
	assert_in_range(sim_count.flushes - flushes, 1, 40);
}

/* A thousand domains, and not a frame less. */
static void test_thousand(void **state)
{
	u64 all;

	sim_become(idle_domain->vcpu[0]);
	sim_domain_destroy(d1);
	all = frames_free_count();
	for (unsigned int n = 0; n < 1000; n++) {
		struct tree t;

		d1 = sim_domain(1, 2, false);
		mm_page[1] = NULL;
		t = tree_build(d1);
		sim_become(d1->vcpu[0]);
		assert_int_equal(mm_pin(4, t.level[4]), 0);
		assert_int_equal(mm_ext(MMUEXT_NEW_BASEPTR, t.level[4], 0), 0);
		if (n % 100 == 0)
			mm_checked();
		sim_become(idle_domain->vcpu[0]);
		sim_domain_destroy(d1);
		assert_int_equal(frames_free_count(), all);
	}
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		test(map),	    test(va),	 test(tables), test(devices),  test(device_rights),
		test(unprivileged), test(stale), test(end),    test(few_flushes), test(thousand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
