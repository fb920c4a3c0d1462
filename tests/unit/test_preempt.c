/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Long operations stop, and are continued, at every point where they can be
 * stopped: the end is the same, and all is counted in between. Or they are never
 * continued, and the domain's end brings everything back all the same.
 */
#include "test.h"

#include "mm_ops.h"
#include "xen/vcpu.h"

static struct domain *d1;
static struct vcpu *v;

static int setup(void **state)
{
	mm_machine(8 << 20);
	d1 = domain_by_id(1);
	v = d1->vcpu[0];
	return 0;
}

static int teardown(void **state)
{
	mm_machine_end();
	return 0;
}

/* Stop at calls number stop_at to stop_at + stops - 1. */
static unsigned int asked, stop_at, stops;

static bool stop(void)
{
	unsigned int n = asked++;

	return n >= stop_at && n - stop_at < stops;
}

/* Several tables at each level: width of them in each but the lowest. */
#define WIDTH 3
static mfn_t root[2], tables[2][1 + WIDTH + WIDTH * WIDTH + WIDTH * WIDTH * WIDTH];

static mfn_t grow(unsigned int which, unsigned int level, unsigned int *n)
{
	mfn_t mfn = mm_frame(d1);

	tables[which][(*n)++] = mfn;
	for (unsigned int i = 0; level > 1 && i < WIDTH; i++)
		mm_table(mfn)[i * 100] = pte_make(grow(which, level - 1, n), PTE_RDWR);
	/* The data page is mapped read-only by all, and so is the root. */
	if (level == 1)
		mm_table(mfn)[511] = pte_make(root[which] ? root[which] : mfn, PTE_RO);
	return mfn;
}

static void grow_both(void)
{
	for (unsigned int i = 0; i < 2; i++) {
		unsigned int n = 0;

		root[i] = 0;
		root[i] = grow(i, 4, &n);
		assert_int_equal(n, ARRAY_SIZE(tables[i]));
	}
}

/* What can be seen of it all. */
static u64 digest(long rc)
{
	u64 x = (u64)rc;

	for (unsigned int i = 0; i < 2; i++)
		for (unsigned int n = 0; n < ARRAY_SIZE(tables[i]); n++) {
			x = x * 31 + refs(tables[i][n]);
			x = x * 31 + (mfn_to_frame(tables[i][n])->type & ~FRAME_VALIDATED);
		}
	return x;
}

/* The operations; each starts from two trees that are no tables, and ends so. */

static u64 pin_unpin(void)
{
	u64 x = digest(mm_pin(4, root[0]));

	return x ^ digest(mm_unpin(root[0])) * 3;
}

static u64 bad_pin(void)
{
	/* The very last entry of the very last table. */
	mfn_t last = tables[0][ARRAY_SIZE(tables[0]) - 1];
	long rc;

	mm_table(last)[511] = pte_make(idle_l4_mfn, PTE_RO);
	rc = mm_pin(4, root[0]);
	/* What is left to undo goes with the next operation. */
	mm_ext(MMUEXT_CLEAR_PAGE, ~0ull, 0);
	mm_table(last)[511] = 0;
	return digest(rc);
}

static u64 switch_roots(void)
{
	u64 x = digest(mm_ext(MMUEXT_NEW_BASEPTR, root[0], 0));

	x ^= digest(mm_ext(MMUEXT_NEW_BASEPTR, root[1], 0)) * 3;
	x ^= digest(mm_ext(MMUEXT_NEW_USER_BASEPTR, root[0], 0)) * 5;
	x ^= digest(mm_ext(MMUEXT_NEW_USER_BASEPTR, 0, 0)) * 7;
	return x;
}

static u64 update_l4(void)
{
	mfn_t l4 = mm_frame(d1);
	u64 x = digest(mm_pin(4, l4));

	x ^= digest(mm_set(l4, 1, pte_make(pte_mfn(mm_table(root[0])[0]), PTE_RDWR))) * 3;
	x ^= digest(mm_set(l4, 1, pte_make(pte_mfn(mm_table(root[1])[0]), PTE_RDWR))) * 5;
	x ^= digest(mm_set(l4, 1, 0)) * 7;
	assert_int_equal(mm_unpin(l4), 0);
	return x;
}

static u64 long_list(void)
{
	struct mmu_update *u = mm_operands();
	u32 *done = mm_operands() + PAGE_SIZE - 8;
	u64 x = digest(mm_pin(4, root[0]));
	long rc;

	for (unsigned int i = 0; i < 200; i++)
		u[i] = (struct mmu_update){
			.ptr = tables[0][3 + i % 3] << PAGE_SHIFT | i * 8,
			.val = i % 7 ? pte_make(root[1], PTE_RO) : 0,
		};
	rc = sim_hypercall(__HYPERVISOR_mmu_update, (u64)u, 200, (u64)done, DOMID_SELF, 0);
	x ^= digest(rc) * 3;
	assert_int_equal(*done, 200);
	return x ^ digest(mm_unpin(root[0])) * 5;
}

static u64 in_multicall(void)
{
	struct multicall_entry *e = mm_operands();
	struct mmuext_op *op = (void *)(e + 20);
	u64 x = 0;

	memset(e, 0, 20 * sizeof(*e));
	for (unsigned int i = 0; i < 10; i++) {
		op[i] = (struct mmuext_op){ .cmd = i & 1 ? MMUEXT_UNPIN_TABLE : MMUEXT_PIN_L4_TABLE,
					    .arg1.mfn = root[i / 2 % 2] };
		e[i].op = __HYPERVISOR_mmuext_op;
		e[i].args[0] = (u64)&op[i];
		e[i].args[1] = 1;
		e[i].args[3] = DOMID_SELF;
	}
	e[10].op = 9999;
	e[11].op = __HYPERVISOR_multicall;
	x = digest(sim_hypercall(__HYPERVISOR_multicall, (u64)e, 12, 0, 0, 0));
	for (unsigned int i = 0; i < 10; i++)
		assert_int_equal(e[i].result, 0);
	assert_int_equal(e[10].result, -XEN_ENOSYS);
	assert_int_equal(e[11].result, -XEN_EINVAL);
	return x;
}

static u64 initialise(void)
{
	struct vcpu_guest_context *c = frame_to_virt(domain_frames_alloc(d1, 1, 0));
	mfn_t not_descriptors = mm_frame(d1);
	long rc;

	/* Both roots are fine, the descriptors are not: both have to go again. */
	memset(c, 0, sizeof(*c));
	c->flags = VGCF_in_kernel;
	c->ctrlreg[3] = root[0] << PAGE_SHIFT;
	c->ctrlreg[1] = root[1] << PAGE_SHIFT;
	c->gdt_ents = 512;
	c->gdt_frames[0] = not_descriptors;
	mm_table(not_descriptors)[9] = 0x0000820000000000; /* an LDT */
	rc = sim_hypercall(__HYPERVISOR_vcpu_op, VCPUOP_initialise, 1, (u64)c, 0, 0);
	assert_int_equal(rc, -XEN_EINVAL);
	/* Or the second root, which is found out at its very end. */
	mm_table(tables[1][ARRAY_SIZE(tables[1]) - 1])[510] = pte_make(idle_l4_mfn, PTE_RO);
	rc = sim_hypercall(__HYPERVISOR_vcpu_op, VCPUOP_initialise, 1, (u64)c, 0, 0);
	assert_int_equal(rc, -XEN_EBUSY);
	/* User mode without tables for it. */
	c->flags = c->ctrlreg[1] = c->gdt_ents = 0;
	rc = sim_hypercall(__HYPERVISOR_vcpu_op, VCPUOP_initialise, 1, (u64)c, 0, 0);
	assert_int_equal(rc, -XEN_EINVAL);
	c->flags = VGCF_in_kernel;
	rc = sim_hypercall(__HYPERVISOR_vcpu_op, VCPUOP_initialise, 1, (u64)c, 0, 0);
	return digest(rc);
}

static u64 memory(void)
{
	u64 mfns[40], x = 0;

	x ^= mm_extents(XENMEM_increase_reservation, mfns, 40, 0, 0);
	x ^= mm_extents(XENMEM_decrease_reservation, mfns, 40, 0, 0) * 100;
	return digest(x ^ d1->tot_pages << 32);
}

static u64 (*const operations[])(void) = {
	pin_unpin, bad_pin, switch_roots, update_l4, long_list, in_multicall, initialise, memory,
};

static u64 run(u64 (*operation)(void), unsigned int at, unsigned int times)
{
	u64 x;

	mm_machine_end();
	setup(NULL);
	grow_both();
	asked = 0;
	stop_at = at;
	stops = times;
	sim_preempt = stop;
	x = operation();
	mm_checked();
	return x;
}

static void test_everywhere(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(operations); i++) {
		u64 expected = run(operations[i], 0, 0);
		unsigned int points = asked;

		assert_true(points > 2);
		for (unsigned int k = 0; k < points; k++)
			if (run(operations[i], k, 1) != expected)
				fail_msg("operation %u, stopped at %u of %u", i, k, points);
		/* At each that comes, and at each but the first few. */
		for (unsigned int k = 0; k < 5; k++)
			if (run(operations[i], k, ~0u) != expected)
				fail_msg("operation %u, always stopped after %u", i, k);
	}
}

/* Stopped, counted, and left so. */
static void abandon(unsigned int nr, u64 a1, u64 a2, u64 a3, u64 a4, unsigned int at)
{
	struct guest_regs *r = &current->regs;
	long rc;

	asked = 0;
	stop_at = at;
	stops = ~0u;
	sim_preempt = stop;
	r->rdi = a1;
	r->rsi = a2;
	r->rdx = a3;
	r->r10 = a4;
	sim_hypercall_step(&nr, &rc);
	mm_checked();
}

static void test_abandoned(void **state)
{
	for (unsigned int k = 0; k < 60; k++) {
		struct mmuext_op *op;
		u64 free;

		mm_machine_end();
		setup(NULL);
		grow_both();
		op = mm_operands();
		*op = (struct mmuext_op){ .cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = root[k & 1] };
		if (k & 2)
			assert_int_equal(mm_pin(4, root[k & 1]), 0);
		if (k & 2)
			*op = (struct mmuext_op){ .cmd = MMUEXT_UNPIN_TABLE,
						  .arg1.mfn = root[k & 1] };
		abandon(__HYPERVISOR_mmuext_op, (u64)op, 1, 0, DOMID_SELF, k / 2);
		/* The domain goes, stopped all the way, and so does all that it had. */
		sim_preempt = NULL;
		sim_become(idle_domain->vcpu[0]);
		free = frames_free_count() + d1->tot_pages;
		stop_at = asked = 0;
		stops = k & 1 ? ~0u : 0;
		sim_preempt = stop;
		sim_domain_destroy(d1);
		sim_preempt = NULL;
		assert_true(frames_free_count() > free);
		assert_int_equal(audit(), 0);
	}
}

/* Another VCPU goes on with what the first one left. */
static void test_taken_over(void **state)
{
	for (unsigned int k = 0; k < 80; k++) {
		struct mmuext_op *op;
		struct vcpu *w;
		bool undo = k & 1, done;

		mm_machine_end();
		setup(NULL);
		grow_both();
		w = d1->vcpu[1];
		w->initialised = true;
		if (undo)
			assert_int_equal(mm_pin(4, root[0]), 0);
		op = mm_operands();
		*op = (struct mmuext_op){ .cmd = undo ? MMUEXT_UNPIN_TABLE : MMUEXT_PIN_L4_TABLE,
					  .arg1.mfn = root[0] };
		abandon(__HYPERVISOR_mmuext_op, (u64)op, 1, 0, DOMID_SELF, k / 2);
		done = asked <= k / 2;
		sim_preempt = NULL;
		sim_cpu = 1;
		sim_become(w);
		assert_int_equal(mm_pin(4, root[0]), done && !undo ? -XEN_EINVAL : 0);
		mm_checked();
		assert_int_equal(mm_unpin(root[0]), 0);
		mm_checked();
		/* It may have become a table of another level meanwhile. */
		memset(mm_table(root[0]), 0, PAGE_SIZE);
		assert_int_equal(mm_pin(2, root[0]), 0);
		sim_cpu = 0;
		/* Whatever the first one had still noted does no harm. */
		assert_int_equal(mm_ext(MMUEXT_CLEAR_PAGE, ~0ull, 0), -XEN_EINVAL);
		mm_checked();
		assert_int_equal(mm_unpin(root[0]), 0);
		mm_checked();
		sim_cpu = 1;
		sim_become(idle_domain->vcpu[1]);
		sim_cpu = 0;
	}
}

/*
 * A table is half undone and noted by one VCPU; another finishes it, and begins to
 * undo it as a table of another level.
 */
static void test_undone_as_another(void **state)
{
	struct mmuext_op *op = mm_operands();
	struct vcpu *w = d1->vcpu[1];
	mfn_t l3;

	grow_both();
	w->initialised = true;
	l3 = pte_mfn(mm_table(root[0])[0]);
	assert_int_equal(mm_pin(3, l3), 0);
	*op = (struct mmuext_op){ .cmd = MMUEXT_UNPIN_TABLE, .arg1.mfn = l3 };
	abandon(__HYPERVISOR_mmuext_op, (u64)op, 1, 0, DOMID_SELF, 0);
	assert_true(v->mm_unfinished[1] != NULL);

	sim_preempt = NULL;
	sim_cpu = 1;
	sim_become(w);
	assert_int_equal(mm_pin(3, l3), 0);
	assert_int_equal(mm_unpin(l3), 0);
	memset(mm_table(l3), 0, PAGE_SIZE);
	for (unsigned int i = 0; i < WIDTH; i++)
		mm_table(l3)[i] = pte_make(tables[1][3 + i], PTE_RDWR);
	assert_int_equal(mm_pin(2, l3), 0);
	op = mm_operands();
	*op = (struct mmuext_op){ .cmd = MMUEXT_UNPIN_TABLE, .arg1.mfn = l3 };
	abandon(__HYPERVISOR_mmuext_op, (u64)op, 1, 0, DOMID_SELF, 0);
	sim_preempt = NULL;
	sim_cpu = 0;
	assert_int_equal(mm_ext(MMUEXT_CLEAR_PAGE, ~0ull, 0), -XEN_EINVAL);
	mm_checked();
	sim_cpu = 1;
	assert_int_equal(mm_ext(MMUEXT_CLEAR_PAGE, ~0ull, 0), -XEN_EINVAL);
	assert_plain(l3);
	mm_checked();
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		test(everywhere),
		test(abandoned),
		test(taken_over),
		test(undone_as_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
