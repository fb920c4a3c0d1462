/* SPDX-License-Identifier: GPL-2.0-only */
/* Frames of descriptors: checked when they become such, and never writable then. */
#include "test.h"

#include "cpu/descriptors.h"
#include "mm_ops.h"

#define DATA3 0x00cff3000000ffffull
#define DATA0 0x00cf93000000ffffull
#define CODE0 0x00af9b000000ffffull
#define LDT 0x0000820000000000ull
#define TSS 0x0000890000000000ull
#define INTERRUPT_GATE 0x00008e0000080000ull
#define CALL_GATE_OURS 0x0000ec00e0080000ull /* to the hypervisor's code */
#define CALL_GATE_OWN 0x0000ec0000080000ull

static struct domain *d1;
static struct vcpu *v;
static struct tree t;

static int setup(void **state)
{
	mm_machine(4 << 20);
	d1 = domain_by_id(1);
	v = d1->vcpu[0];
	t = tree_build(d1);
	assert_int_equal(mm_ext(MMUEXT_NEW_BASEPTR, t.level[4], 0), 0);
	return 0;
}

static int teardown(void **state)
{
	mm_machine_end();
	return 0;
}

static long set_gdt(const u64 *mfns, unsigned int n, unsigned int entries)
{
	memcpy(mm_operands(), mfns, n * sizeof(*mfns));
	return sim_hypercall(__HYPERVISOR_set_gdt, (u64)mm_operands(), entries, 0, 0, 0);
}

static long update(mfn_t mfn, unsigned int slot, u64 desc)
{
	return sim_hypercall(__HYPERVISOR_update_descriptor, mfn << PAGE_SHIFT | slot * 8, desc, 0,
			     0, 0);
}

static void test_gdt(void **state)
{
	u64 mfns[15];

	for (unsigned int i = 0; i < 15; i++)
		mfns[i] = mm_frame(d1);
	mm_table(mfns[0])[1] = DATA0;
	mm_table(mfns[0])[2] = CALL_GATE_OWN;
	assert_int_equal(set_gdt(mfns, 14, 14 * 512), 0);
	/* For ring 3, whatever the guest wrote. */
	assert_int_equal(mm_table(mfns[0])[1], DATA3);
	for (unsigned int i = 0; i < 14; i++) {
		assert_int_equal(level_of(mfns[i]), FRAME_SEGDESC >> FRAME_TYPE_SHIFT);
		assert_int_equal(pte_mfn(v->descriptor_ptes[i]), mfns[i]);
		assert_int_equal(mm_set(t.level[1], 5, pte_make(mfns[i], PTE_RDWR)), -XEN_EBUSY);
	}
	assert_int_equal(mm_set(t.level[1], 5, pte_make(mfns[0], PTE_RO)), 0);
	assert_int_equal(mm_pin(1, mfns[0]), -XEN_EINVAL);
	mm_checked();
	assert_int_equal(set_gdt(mfns, 15, 14 * 512 + 1), -XEN_EINVAL);
	/* The same frame twice, fewer of them, none. */
	mfns[1] = mfns[0];
	assert_int_equal(set_gdt(mfns, 2, 1024), 0);
	assert_int_equal(uses(mfns[0]), 2);
	assert_plain(mfns[13]);
	mm_checked();
	assert_int_equal(set_gdt(mfns, 0, 0), 0);
	assert_int_equal(uses(mfns[0]), 0);
	/* Written to meanwhile: checked again. */
	assert_int_equal(mm_set(t.level[1], 5, pte_make(mfns[0], PTE_RDWR)), 0);
	mm_table(mfns[0])[5] = LDT;
	assert_int_equal(set_gdt(mfns, 1, 512), -XEN_EINVAL);
	assert_int_equal(mm_set(t.level[1], 5, 0), 0);
	assert_int_equal(set_gdt(mfns, 1, 512), -XEN_EINVAL);
	mm_checked();
}

static void test_refusals(void **state)
{
	static const u64 bad[] = { LDT, TSS, INTERRUPT_GATE, CALL_GATE_OURS };
	u64 mfns[2] = { mm_frame(d1), mm_frame(d1) };

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		mm_table(mfns[1])[511] = bad[i];
		assert_int_equal(set_gdt(mfns, 2, 1024), -XEN_EINVAL);
		assert_plain(mfns[0]);
		assert_plain(mfns[1]);
		assert_int_equal(update(mfns[0], 0, bad[i]), -XEN_EINVAL);
	}
	mm_table(mfns[1])[511] = 0;
	mfns[1] = t.level[1];
	assert_int_equal(set_gdt(mfns, 2, 1024), -XEN_EINVAL);
	mfns[1] = t.level[0]; /* mapped writable */
	assert_int_equal(set_gdt(mfns, 2, 1024), -XEN_EINVAL);
	mfns[1] = max_mfn;
	assert_int_equal(set_gdt(mfns, 2, 1024), -XEN_EINVAL);
	mfns[1] = domain_by_id(0)->shared_mfn;
	assert_int_equal(set_gdt(mfns, 2, 1024), -XEN_EINVAL);
	mm_checked();
}

static void test_update(void **state)
{
	u64 mfn = mm_frame(d1);

	assert_int_equal(set_gdt(&mfn, 1, 512), 0);
	assert_int_equal(update(mfn, 7, CODE0), 0);
	assert_int_equal(mm_table(mfn)[7], CODE0 | DESC_DPL3);
	assert_int_equal(update(mfn, 7, CALL_GATE_OWN), 0);
	assert_int_equal(mm_table(mfn)[7], CALL_GATE_OWN | 3 << 16);
	assert_int_equal(update(mfn, 7, LDT), -XEN_EINVAL);
	assert_int_equal(update(t.level[1], 7, DATA3), -XEN_EINVAL);
	assert_int_equal(update(max_mfn, 7, DATA3), -XEN_EINVAL);
	assert_int_equal(update(domain_by_id(0)->shared_mfn, 7, DATA3), -XEN_EINVAL);
	assert_int_equal(sim_hypercall(__HYPERVISOR_update_descriptor, mfn << PAGE_SHIFT | 4, 0, 0,
				       0, 0),
			 -XEN_EINVAL);
	/* By another way it is no memory. */
	assert_int_equal(mm_set(mfn, 7, DATA0), -XEN_EINVAL);
	assert_int_equal(mm_ext(MMUEXT_CLEAR_PAGE, mfn, 0), -XEN_EINVAL);
	mm_checked();
}

static void test_ldt(void **state)
{
	u64 page = mm_frame(d1), at = vcpu_ldt_virt(v), seen = 0;

	assert_int_equal(mm_set(t.level[1], 5, pte_make(page, PTE_RO)), 0);
	assert_int_equal(mm_ext(MMUEXT_SET_LDT, 5 << 12 | 8, 1), -XEN_EINVAL);
	assert_int_equal(mm_ext(MMUEXT_SET_LDT, 5 << 12, 8193), -XEN_EINVAL);
	assert_int_equal(mm_ext(MMUEXT_SET_LDT, HYPERVISOR_START, 1), -XEN_EINVAL);
	assert_int_equal(mm_ext(MMUEXT_SET_LDT, 5 << 12, 1024), 0);
	assert_int_equal(uses(page), 0);
	/* The CPU goes for it. */
	assert_true(descriptors_fault(v, at + 40, &seen));
	assert_int_equal(uses(page), 1);
	mm_checked();
	/* And found it: that is no fault. */
	seen = 0;
	assert_false(descriptors_fault(v, at + 40, &seen));
	assert_int_equal(seen, 0);
	assert_int_equal(uses(page), 1);
	/* No second page; nothing of the LDT's. */
	assert_false(descriptors_fault(v, at + PAGE_SIZE, &seen));
	assert_int_equal(seen, 6 << 12);
	seen = 0;
	assert_false(descriptors_fault(v, at + 16 * PAGE_SIZE, &seen));
	assert_false(descriptors_fault(v, at - 8, &seen));
	assert_int_equal(seen, 0);
	/* Mapped writable, or not descriptors. */
	assert_int_equal(mm_set(t.level[1], 6, pte_make(t.level[0], PTE_RO)), 0);
	assert_false(descriptors_fault(v, at + PAGE_SIZE, &seen));
	mm_checked();
	assert_int_equal(mm_ext(MMUEXT_SET_LDT, 0, 0), 0);
	assert_int_equal(uses(page), 0);
	mm_checked();
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
	const struct CMUnitTest tests[] = { test(gdt), test(refusals), test(update), test(ldt) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
