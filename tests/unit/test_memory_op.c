/* SPDX-License-Identifier: GPL-2.0-only */
/* memory_op: frames given back, taken and exchanged; and multicall around it. */
#include "test.h"

#include "mm_ops.h"

static struct domain *d0, *d1;

static int setup(void **state)
{
	mm_machine(4 << 20);
	d0 = domain_by_id(0);
	d1 = domain_by_id(1);
	return 0;
}

static int teardown(void **state)
{
	mm_machine_end();
	return 0;
}

static void test_increase(void **state)
{
	u64 owned = d1->tot_pages, free = frames_free_count(), mfns[8];
	unsigned int flushes;

	assert_int_equal(mm_extents(XENMEM_increase_reservation, mfns, 8, 0, 0), 8);
	assert_int_equal(d1->tot_pages, owned + 8);
	assert_int_equal(frames_free_count(), free - 8);
	for (unsigned int i = 0; i < 8; i++) {
		assert_int_equal(mfn_to_frame(mfns[i])->owner, 1);
		assert_plain(mfns[i]);
	}
	mm_checked();
	flushes = sim_count.flushes;
	assert_int_equal(mm_extents(XENMEM_decrease_reservation, mfns, 8, 0, 0), 8);
	/* One flush for all. */
	assert_int_equal(sim_count.flushes - flushes, 1);
	/* A second time they are nobody's to give. */
	assert_int_equal(mm_extents(XENMEM_decrease_reservation, mfns, 8, 0, 0), 0);
	assert_int_equal(frames_free_count(), free);
	/* Contiguous, and low. */
	assert_int_equal(mm_extents(XENMEM_increase_reservation, mfns, 2, 3, 16), 1);
	assert_int_equal(mfns[0], 8);
	assert_int_equal(d1->tot_pages, owned + 8);
	/* To its limit. */
	d1->max_pages = d1->tot_pages + 5;
	assert_int_equal(mm_extents(XENMEM_increase_reservation, mfns, 8, 0, 0), 5);
	assert_int_equal(mm_extents(XENMEM_increase_reservation, mfns, 8, 0, 0), 0);
	mm_checked();
}

static void test_populate(void **state)
{
	u64 mfns[4] = { 100, 200, 300, ~0ull >> 12 };

	assert_int_equal(mm_extents(XENMEM_populate_physmap, mfns, 4, 1, 0), 4);
	assert_int_equal(machine_to_phys[mfns[0]], 100);
	assert_int_equal(machine_to_phys[mfns[0] + 1], 101);
	assert_int_equal(machine_to_phys[mfns[2] + 1], 301);
	mm_checked();
	assert_int_equal(mm_extents(XENMEM_decrease_reservation, mfns, 4, 1, 0), 4);
	assert_true(machine_to_phys[mfns[0]] == UINT64_MAX);
	/* More than there is. */
	assert_int_equal(mm_extents(XENMEM_populate_physmap, mfns, 4, 18, 0), 0);
	assert_int_equal(mm_extents(XENMEM_populate_physmap, mfns, 4, 19, 0), 0);
	assert_int_equal(mm_extents(XENMEM_populate_physmap, mfns, 4, 64, 0), 0);
	mm_checked();
}

/* What is done at one go is bounded. */
static void test_order(void **state)
{
	u64 mfn = 0;

	mm_machine_end();
	mm_machine(32 << 20);
	d0 = domain_by_id(0);
	d1 = domain_by_id(1);
	assert_int_equal(mm_extents(XENMEM_populate_physmap, &mfn, 1, 10, 0), 0);
	assert_int_equal(mm_extents(XENMEM_populate_physmap, &mfn, 1, 9, 0), 1);
	assert_int_equal(mm_extents(XENMEM_decrease_reservation, &mfn, 1, 10, 0), 0);
	sim_become(d0->vcpu[0]);
	mfn = 0;
	assert_int_equal(mm_extents(XENMEM_populate_physmap, &mfn, 1, 10, 0), 1);
	sim_become(d1->vcpu[0]);
	mm_checked();
}

static void test_decrease(void **state)
{
	struct tree t = tree_build(d1);
	u64 mfns[4], free;

	assert_int_equal(mm_pin(4, t.level[4]), 0);
	free = frames_free_count();
	/* What is in use goes when it is not: the domain has given it up. */
	mfns[0] = t.level[0];
	assert_int_equal(mm_extents(XENMEM_decrease_reservation, mfns, 1, 0, 0), 1);
	assert_int_equal(frames_free_count(), free);
	mm_checked();
	assert_int_equal(mm_extents(XENMEM_decrease_reservation, mfns, 1, 0, 0), 0);
	assert_int_equal(mm_set(t.level[1], 0, 0), 0);
	assert_int_equal(frames_free_count(), free + 1);
	mm_checked();
	/* Tables, too. */
	mfns[0] = t.level[1];
	mfns[1] = t.level[4];
	assert_int_equal(mm_extents(XENMEM_decrease_reservation, mfns, 2, 0, 0), 2);
	mm_checked();
	assert_int_equal(mm_unpin(t.level[4]), 0);
	assert_int_equal(frames_free_count(), free + 3);
	mm_checked();
	/* Not its own, not a frame, not its to give. */
	mfns[0] = virt_to_mfn(sim_guest_page(d0));
	assert_int_equal(mm_extents(XENMEM_decrease_reservation, mfns, 1, 0, 0), 0);
	mfns[0] = ~0ull;
	assert_int_equal(mm_extents(XENMEM_decrease_reservation, mfns, 1, 0, 0), 0);
	mfns[0] = d1->shared_mfn;
	assert_int_equal(mm_extents(XENMEM_decrease_reservation, mfns, 1, 0, 0), 0);
	mfns[0] = idle_l4_mfn;
	assert_int_equal(mm_extents(XENMEM_decrease_reservation, mfns, 1, 0, 0), 0);
	/* The first that fails ends it. */
	mfns[0] = t.level[2];
	mfns[1] = max_mfn;
	mfns[2] = t.level[3];
	assert_int_equal(mm_extents(XENMEM_decrease_reservation, mfns, 3, 0, 0), 1);
	assert_plain(t.level[3]);
	mm_checked();
}

static void test_others(void **state)
{
	struct xen_memory_reservation *r = mm_operands();

	*r = (struct xen_memory_reservation){ .nr_extents = 1, .domid = 0 };
	assert_int_equal(sim_hypercall(__HYPERVISOR_memory_op, XENMEM_increase_reservation, (u64)r,
				       0, 0, 0),
			 0);
	sim_become(d0->vcpu[0]);
	r = mm_operands();
	*r = (struct xen_memory_reservation){ .nr_extents = 1, .domid = 1 };
	assert_int_equal(sim_hypercall(__HYPERVISOR_memory_op, XENMEM_increase_reservation, (u64)r,
				       0, 0, 0),
			 1);
	r->domid = 9;
	assert_int_equal(sim_hypercall(__HYPERVISOR_memory_op, XENMEM_increase_reservation, (u64)r,
				       0, 0, 0),
			 0);
	sim_become(d1->vcpu[0]);
	mm_checked();
}

static long exchange(u64 *in, unsigned int n, unsigned int in_order, u64 *out,
		     unsigned int out_order, u64 *exchanged)
{
	struct xen_memory_exchange *x = mm_operands();
	u64 *lists = (u64 *)(x + 1);
	unsigned int n_out = min((n << in_order) >> out_order, 8u);
	long rc;

	memcpy(lists, in, n * sizeof(*in));
	memcpy(lists + n, out, n_out * sizeof(*out));
	*x = (struct xen_memory_exchange){
		.in = { .extent_start.p = lists,
			.nr_extents = n,
			.extent_order = in_order,
			.domid = DOMID_SELF },
		.out = { .extent_start.p = lists + n,
			 .nr_extents = n_out,
			 .extent_order = out_order,
			 .domid = DOMID_SELF },
	};
	rc = sim_hypercall(__HYPERVISOR_memory_op, XENMEM_exchange, (u64)x, 0, 0, 0);
	memcpy(out, lists + n, n_out * sizeof(*out));
	*exchanged = x->nr_exchanged;
	return rc;
}

static void test_exchange(void **state)
{
	u64 owned = d1->tot_pages, free, in[8], out[8], n, seven;

	assert_int_equal(mm_extents(XENMEM_increase_reservation, in, 8, 0, 0), 8);
	free = frames_free_count();
	/* Eight single ones for one block, and back. */
	out[0] = 1000;
	assert_int_equal(exchange(in, 8, 0, out, 3, &n), 0);
	assert_int_equal(n, 8);
	assert_int_equal(out[0] % 8, 0);
	for (unsigned int i = 0; i < 8; i++) {
		assert_plain(out[0] + i);
		assert_int_equal(machine_to_phys[out[0] + i], 1000 + i);
	}
	assert_int_equal(frames_free_count(), free);
	assert_int_equal(d1->tot_pages, owned + 8);
	mm_checked();
	assert_int_equal(exchange(out, 1, 3, in, 0, &n), 0);
	assert_int_equal(d1->tot_pages, owned + 8);
	mm_checked();
	/* One that is in use: none of its chunk changes hands. */
	seven = in[7];
	in[7] = d1->shared_mfn;
	assert_int_equal(exchange(in, 8, 0, out, 3, &n), -XEN_EINVAL);
	assert_int_equal(n, 0);
	in[7] = in[0]; /* twice */
	assert_int_equal(exchange(in, 8, 0, out, 3, &n), -XEN_EINVAL);
	in[7] = ~0ull;
	assert_int_equal(exchange(in, 8, 0, out, 3, &n), -XEN_EINVAL);
	in[7] = seven;
	for (unsigned int i = 0; i < 8; i++)
		assert_plain(in[i]);
	assert_int_equal(frames_free_count(), free);
	mm_checked();
	/* Sizes that do not fit. */
	assert_int_equal(exchange(in, 7, 0, out, 3, &n), -XEN_EINVAL);
	assert_int_equal(exchange(in, 1, 20, out, 3, &n), -XEN_EINVAL);
	mm_checked();
}

/* Frames come empty, whoever had them before. */
static void test_clean(void **state)
{
	u64 mfns[8];

	assert_int_equal(mm_extents(XENMEM_increase_reservation, mfns, 8, 0, 0), 8);
	for (unsigned int i = 0; i < 8; i++)
		memset(map_frame(mfns[i]), 0xa5, PAGE_SIZE);
	assert_int_equal(mm_extents(XENMEM_decrease_reservation, mfns, 8, 0, 0), 8);
	sim_become(d0->vcpu[0]);
	assert_int_equal(mm_extents(XENMEM_increase_reservation, mfns, 8, 0, 0), 8);
	for (unsigned int i = 0; i < 8; i++)
		for (unsigned int j = 0; j < PTES; j++)
			assert_int_equal(mm_table(mfns[i])[j], 0);
	sim_become(d1->vcpu[0]);
}

static void test_questions(void **state)
{
	u16 *id = mm_operands();

	*id = DOMID_SELF;
	assert_int_equal(sim_hypercall(__HYPERVISOR_memory_op, XENMEM_current_reservation, (u64)id,
				       0, 0, 0),
			 d1->tot_pages);
	*id = 0;
	assert_int_equal(sim_hypercall(__HYPERVISOR_memory_op, XENMEM_current_reservation, (u64)id,
				       0, 0, 0),
			 -XEN_EPERM);
	*id = 9;
	assert_int_equal(sim_hypercall(__HYPERVISOR_memory_op, XENMEM_maximum_reservation, (u64)id,
				       0, 0, 0),
			 -XEN_ESRCH);
	assert_int_equal(sim_hypercall(__HYPERVISOR_memory_op, XENMEM_current_reservation, 0, 0, 0,
				       0),
			 -XEN_EFAULT);
	assert_int_equal(sim_hypercall(__HYPERVISOR_memory_op, 63, (u64)id, 0, 0, 0), -XEN_ENOSYS);
}

/* An entry that fails stops nobody; one that stops half-way is continued. */
static void test_multicall(void **state)
{
	struct multicall_entry *e = mm_operands();
	struct xen_memory_reservation *r = (void *)(e + 4);
	u64 owned = d1->tot_pages, *list = (u64 *)(r + 1);

	for (unsigned int every = 0; every < 5; every++) {
		memset(e, 0, PAGE_SIZE);
		sim_preempt_every = every;
		*r = (struct xen_memory_reservation){ .extent_start.p = list,
						      .nr_extents = 20,
						      .domid = DOMID_SELF };
		for (unsigned int i = 0; i < 4; i++) {
			e[i].op = __HYPERVISOR_memory_op;
			e[i].args[1] = (u64)r;
		}
		e[0].args[0] = XENMEM_increase_reservation;
		e[1].args[0] = 63;
		e[2].args[0] = XENMEM_decrease_reservation;
		e[3].args[0] = XENMEM_decrease_reservation;
		assert_int_equal(sim_hypercall(__HYPERVISOR_multicall, (u64)e, 4, 0, 0, 0), 0);
		assert_int_equal(e[0].result, 20);
		assert_int_equal((long)e[1].result, -XEN_ENOSYS);
		assert_int_equal(e[2].result, 20);
		assert_int_equal(e[3].result, 0);
		assert_int_equal(d1->tot_pages, owned);
	}
	sim_preempt_every = 0;
	assert_int_equal(sim_hypercall(__HYPERVISOR_multicall, 64, 1, 0, 0, 0), -XEN_EFAULT);
	assert_int_equal(sim_hypercall(__HYPERVISOR_multicall, 64, 0, 0, 0, 0), 0);
	mm_checked();
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		test(increase), test(populate), test(order),	 test(decrease),  test(others),
		test(exchange), test(clean),	test(questions), test(multicall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
