/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame table: owners, references, types, and when a type change flushes. */
#include "test.h"

#include "mm_ops.h"
#include "mm/tlb.h"

static struct domain *d0, *d1;
static struct frame *f;
static mfn_t mfn;

static int setup(void **state)
{
	mm_machine(4 << 20);
	d0 = domain_by_id(0);
	d1 = domain_by_id(1);
	mfn = mm_frame(d1);
	f = mfn_to_frame(mfn);
	return 0;
}

static int teardown(void **state)
{
	mm_machine_end();
	return 0;
}

static void test_references(void **state)
{
	u64 owned = d1->tot_pages;

	assert_false(frame_get(f, 0));
	assert_false(frame_get(f, DOMID_INVALID));
	assert_true(frame_get(f, 1));
	frame_get_again(f);
	assert_int_equal(refs(mfn), 3);
	frame_put(f);
	frame_put(f);
	assert_int_equal(d1->tot_pages, owned);
	frame_put(f); /* its owner's */
	assert_int_equal(d1->tot_pages, owned - 1);
	assert_false(frame_get(f, 1));
	assert_false(frame_get(f, DOMID_INVALID));
	assert_int_equal(f->owner, DOMID_INVALID);
	/* One of ours is nobody's to have. */
	assert_false(frame_get(mfn_to_frame(idle_l4_mfn), 1));
}

/* Counts end where they are full, and do not wrap. */
static void test_limits(void **state)
{
	u64 ref = f->ref, type;

	f->ref |= FRAME_REF_MASK;
	assert_false(frame_get(f, 1));
	assert_int_equal(f->ref & FRAME_REF_MASK, FRAME_REF_MASK);
	assert_int_equal(mm_va(0, 0, 0), -XEN_EINVAL); /* no tables at all */
	f->ref = ref;

	assert_int_equal(frame_get_type(f, FRAME_WRITABLE), 0);
	type = f->type;
	f->type |= FRAME_TYPE_COUNT;
	assert_int_equal(frame_get_type(f, FRAME_WRITABLE), -XEN_EINVAL);
	assert_int_equal(frame_get_type(f, FRAME_L1), -XEN_EINVAL);
	assert_true(f->type == (type | FRAME_TYPE_COUNT));
	f->type = type;
	frame_put_type(f);
}

static void test_types(void **state)
{
	static const u64 tables[] = { FRAME_L1, FRAME_L2, FRAME_L3, FRAME_L4, FRAME_SEGDESC };

	for (unsigned int i = 0; i < ARRAY_SIZE(tables); i++) {
		/* Not without being looked at. */
		assert_int_equal(frame_get_type(f, tables[i]), -XEN_EINVAL);
		assert_int_equal(frame_change_type(f, tables[i]), 0);
		assert_int_equal(frame_get_type(f, tables[i]), -XEN_EINVAL);
		assert_int_equal(frame_get_type(f, FRAME_WRITABLE), -XEN_EBUSY);
		assert_int_equal(frame_change_type(f, FRAME_L1), -XEN_EBUSY);
		assert_false(frame_has_type(f, tables[i]));
		f->type |= FRAME_VALIDATED;
		assert_true(frame_has_type(f, tables[i]));
		assert_int_equal(frame_get_type(f, tables[i]), 0);
		frame_put_type(f);
		frame_put_type(f);
		assert_int_equal(uses(mfn), 0);
		/* Not in use: it can be anything. */
		assert_int_equal(frame_get_type(f, FRAME_WRITABLE), 0);
		assert_int_equal(frame_get_type(f, FRAME_WRITABLE), 0);
		assert_int_equal(frame_change_type(f, tables[i]), -XEN_EBUSY);
		assert_int_equal(frame_get_type(f, tables[i]), -XEN_EBUSY);
		frame_put_type(f);
		frame_put_type(f);
	}
}

static u64 flushes(unsigned int cpu)
{
	static u64 last[2];
	u64 n = sim_tlb_epoch[cpu] - last[cpu];

	last[cpu] = sim_tlb_epoch[cpu];
	return n;
}

/* What was writable may be in a TLB when it becomes a table, and the other way. */
static void test_flushes(void **state)
{
	flushes(0);
	assert_int_equal(frame_change_type(f, FRAME_L1), 0);
	frame_put_type(f);
	flushes(0);
	assert_int_equal(frame_get_type(f, FRAME_WRITABLE), 0);
	assert_int_equal(flushes(0), 1);
	assert_int_equal(flushes(1), 0);
	frame_put_type(f);
	/* The same again needs none. */
	assert_int_equal(frame_get_type(f, FRAME_WRITABLE), 0);
	frame_put_type(f);
	assert_int_equal(flushes(0), 0);
	assert_int_equal(frame_change_type(f, FRAME_L1), 0);
	assert_int_equal(flushes(0), 1);
	frame_put_type(f);
	/* It has flushed since, by itself. */
	tlb_note_flush(0);
	assert_int_equal(frame_get_type(f, FRAME_WRITABLE), 0);
	assert_int_equal(flushes(0), 0);
	frame_put_type(f);
	/* The domain does not run anywhere. */
	sim_become(d0->vcpu[0]);
	flushes(0);
	assert_int_equal(frame_change_type(f, FRAME_L2), 0);
	frame_put_type(f);
	assert_int_equal(flushes(0), 0);
	sim_become(d1->vcpu[0]);
}

/* A guest that makes the clock tick for days does not make old news young. */
static void test_clock_wraps(void **state)
{
	static const u64 ticks[] = {
		1,	    1ull << 31,	      (1ull << 31) + 1, (1ull << 32) - 1,
		1ull << 32, (1ull << 32) + 1, 3ull << 31
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(ticks); i++) {
		tlb_note_flush(0);
		tlb_note_flush(0);
		assert_int_equal(frame_get_type(f, FRAME_WRITABLE), 0);
		tlb_clock += ticks[i];
		frame_put_type(f);
		flushes(0);
		assert_int_equal(frame_change_type(f, FRAME_L1), 0);
		assert_int_equal(flushes(0), 1);
		frame_put_type(f);
	}
}

/* Freed: nobody may still have a way to it. */
static void test_free_flushes(void **state)
{
	flushes(0);
	frame_put(f);
	assert_true(flushes(0) > 0);
	assert_int_equal(flushes(1), 0);
	/* Mapped by another domain once: it may be in any TLB. */
	mfn = mm_frame(d1);
	f = mfn_to_frame(mfn);
	f->ref |= FRAME_FOREIGN;
	flushes(0);
	frame_put(f);
	assert_true(flushes(0) > 0);
	assert_true(flushes(1) > 0);
}

static void test_shared(void **state)
{
	struct tree t = tree_build(d1);
	mfn_t shared = virt_to_mfn(page_alloc());
	u64 owned = d1->tot_pages, free, one;

	frame_share(mfn_to_frame(shared), d1);
	assert_int_equal(d1->tot_pages, owned);
	assert_int_equal(mm_pin(1, shared), -XEN_EINVAL);
	mm_table(t.level[1])[1] = pte_make(shared, PTE_RDWR);
	assert_int_equal(mm_pin(4, t.level[4]), 0);
	assert_int_equal(refs(shared), 2);
	/* Not the guest's to give away. */
	one = shared;
	assert_int_equal(mm_extents(XENMEM_decrease_reservation, &one, 1, 0, 0), 0);
	assert_int_equal(refs(shared), 2);
	assert_false(domain_frame_steal(d1, mfn_to_frame(shared)));
	/* Ours no more: it goes when the guest lets go of it. */
	frame_unshare(mfn_to_frame(shared), d1);
	assert_int_equal(refs(shared), 1);
	free = frames_free_count();
	assert_int_equal(mm_set(t.level[1], 1, 0), 0);
	assert_int_equal(frames_free_count(), free + 1);
	assert_int_equal(d1->tot_pages, owned);
	mm_checked();
}

static void test_steal(void **state)
{
	u64 owned = d1->tot_pages;

	assert_false(domain_frame_steal(d0, f));
	assert_true(frame_get(f, 1));
	assert_false(domain_frame_steal(d1, f));
	frame_put(f);
	assert_true(domain_frame_steal(d1, f));
	assert_int_equal(d1->tot_pages, owned - 1);
	assert_int_equal(f->owner, DOMID_INVALID);
	assert_int_equal(f->ref, FRAME_ALLOCATED | 1);
	domain_frame_add(d0, f);
	mm_checked();
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		test(references),  test(limits),       test(types),  test(flushes),
		test(clock_wraps), test(free_flushes), test(shared), test(steal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
