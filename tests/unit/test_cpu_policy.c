/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU policies over a CPU that is a table here, with every feature bit set. The
 * source is a part of this file: its header of instructions is ours.
 */
#include "test.h"

#include <string.h>

#include "lib/types.h"

#define CPU_ASM_H
#define CPU_CPU_H

static struct {
	bool fsgsbase;
} cpu_features = { .fsgsbase = true };

/* Leaves 0 to 0x10 and to 0x80000008, caches of three levels, XSAVE with four. */
static void cpuid(u32 leaf, u32 sub, u32 *a, u32 *b, u32 *c, u32 *d)
{
	*a = *b = *c = *d = ~0u;
	switch (leaf) {
	case 0:
		*a = 0x10;
		break;
	case 0x80000000:
		*a = 0x80000008;
		break;
	case 4:
		*a = sub < 3 ? sub + 1 : 0;
		break;
	case 7:
		*a = sub ? ~0u : 2;
		break;
	case 0xd:
		if (sub == 0) {
			*a = 0x3ff;
			*b = 1234;
			*d = 0;
		} else if (sub > 1) {
			*a = 64;
			*b = 576 + 64 * (sub - 2);
		}
		break;
	}
}

#include "cpu/cpu_policy.c"

#include "sim/sim.h"

u64 fpu_xcr0_mask(void)
{
	return 7;
}

static struct domain *d1;

static int setup(void **state)
{
	sim_init(64 << 20);
	d1 = sim_domain(1, 1, false);
	cpu_policy_init();
	return 0;
}

static int teardown(void **state)
{
	sim_exit();
	return 0;
}

static xen_cpuid_leaf_t policy(enum cpu_policy_which which, u32 leaf, u32 subleaf)
{
	xen_cpuid_leaf_t l = { .leaf = leaf, .subleaf = subleaf };

	cpu_policy_leaf(which, &l);
	return l;
}

static void test_leaves(void **state)
{
	xen_cpuid_leaf_t l;

	assert_int_equal(policy(CPU_POLICY_PV, 0, 0).a, 0xd);
	l = policy(CPU_POLICY_PV, 1, 0);
	assert_int_equal(l.b >> 24, 0);
	assert_int_equal(l.c, PV_1_ECX);
	assert_int_equal(l.d, PV_1_EDX);
	assert_int_equal(policy(CPU_POLICY_RAW, 1, 0).c, ~0u);
	l = policy(CPU_POLICY_PV, 7, 0);
	assert_int_equal(l.a, 1);
	assert_int_equal(l.b, PV_7_EBX);
	cpu_features.fsgsbase = false;
	assert_int_equal(policy(CPU_POLICY_PV, 7, 0).b, PV_7_EBX & ~1u);
	cpu_features.fsgsbase = true;
	assert_int_equal(policy(CPU_POLICY_PV, 7, 1).a, PV_7_1_EAX);
	assert_int_equal(policy(CPU_POLICY_PV, 7, 2).d, 0);
	l = policy(CPU_POLICY_PV, 0xd, 0);
	assert_int_equal(l.a, 7);
	assert_int_equal(l.c, 576 + 64);
	assert_int_equal(policy(CPU_POLICY_PV, 0xd, 2).b, 576);
	assert_int_equal(policy(CPU_POLICY_PV, 0xd, 3).b, 0);
	assert_int_equal(policy(CPU_POLICY_PV, 0xd, 1000).b, 0);
	assert_int_equal(policy(CPU_POLICY_PV, 0x80000008, 0).a >> 8 & 0xff, 48);
	/* Beyond the last, in between, and what nobody has thought about. */
	assert_int_equal(policy(CPU_POLICY_PV, 0x10, 0).a, 0);
	assert_int_equal(policy(CPU_POLICY_RAW, 0x80000009, 0).a, 0);
	assert_int_equal(policy(CPU_POLICY_PV, 0x20000000, 0).d, 0);
	assert_int_equal(policy(CPU_POLICY_PV, 6, 0).a, 0);
}

static unsigned int count(enum cpu_policy_which which, const struct domain *d)
{
	xen_cpuid_leaf_t l = CPU_POLICY_START, last = { 0 };
	unsigned int n;

	for (n = 0; cpu_policy_next(which, d, &l); n++) {
		assert_true(n < CPU_POLICY_LEAVES);
		if (n)
			assert_true(l.leaf > last.leaf ||
				    (l.leaf == last.leaf && l.subleaf == last.subleaf + 1));
		last = l;
	}
	return n;
}

static void test_list(void **state)
{
	/* 0-d, three caches and the end of them, 7.0-7.2, b.0-1, d.0-d.9; two
	 * empty places; 80000000-8. */
	assert_int_equal(count(CPU_POLICY_RAW, NULL), 14 + 3 + 2 + 1 + 9 + 2 + 9);
	/* 7.0-7.1, b.0, d.0-d.2. */
	assert_int_equal(count(CPU_POLICY_PV, NULL), 14 + 3 + 1 + 0 + 2 + 2 + 9);
	assert_int_equal(count(CPU_POLICY_PV, d1), count(CPU_POLICY_PV, NULL));
}

static xen_cpuid_leaf_t seen(u32 leaf, u32 subleaf)
{
	xen_cpuid_leaf_t l = { .leaf = leaf, .subleaf = subleaf };

	cpu_policy_domain_leaf(d1, &l);
	return l;
}

static int set(u32 leaf, u32 subleaf, u32 a, u32 b, u32 c, u32 d)
{
	xen_cpuid_leaf_t l = { leaf, subleaf, a, b, c, d };

	return cpu_policy_domain_set(d1, &l);
}

static void test_own(void **state)
{
	u32 no = XEN_CPUID_NO_SUBLEAF;

	assert_int_equal(seen(1, 0).d, PV_1_EDX);
	assert_null(d1->cpu_policy);
	assert_int_equal(set(1, no, 0x123, 0, BIT(25), BIT(4) | BIT(3)), 0);
	assert_int_equal(seen(1, 5).a, 0x123); /* it has no subleaves */
	assert_int_equal(seen(1, 0).c, BIT(25));
	assert_int_equal(seen(1, 0).d, BIT(4)); /* PSE is not to be had */
	/* The others are as they were, and so is the list. */
	assert_int_equal(seen(7, 0).b, PV_7_EBX);
	assert_int_equal(count(CPU_POLICY_PV, d1), count(CPU_POLICY_PV, NULL));
	assert_int_equal(policy(CPU_POLICY_PV, 1, 0).d, PV_1_EDX);
	assert_int_equal(set(7, 0, 5, BIT(7) | BIT(3), ~0u, 0), 0);
	assert_int_equal(seen(7, 0).a, 1);
	assert_int_equal(seen(7, 0).b, BIT(3));
	assert_int_equal(seen(7, 0).c, PV_7_ECX);
	assert_int_equal(set(0, no, 0x20, 1, 2, 3), 0);
	assert_int_equal(seen(0, 0).a, 0xd);
	assert_int_equal(seen(0, 0).b, 1);
	/* XSAVE: no component that there is not; the size now is the CPU's. */
	assert_int_equal(set(0xd, 0, 0xff, 99, 640, 0), 0);
	assert_int_equal(seen(0xd, 0).a, 7);
	assert_int_equal(seen(0xd, 0).b, 1234);
	/* Leaves that there are not: empty is fine, anything else is not. */
	assert_int_equal(set(0x15, no, 0, 0, 0, 0), 0);
	assert_int_equal(set(0x15, no, 1, 0, 0, 0), -XEN_ERANGE);
	assert_int_equal(set(1, 0, 1, 0, 0, 0), -XEN_ERANGE);
	assert_int_equal(set(0xd, 9, 1, 0, 0, 0), -XEN_ERANGE);
	assert_int_equal(seen(0x15, 0).a, 0);
	assert_int_equal(seen(0xd, 9).a, 0);
}

static void test_features(void **state)
{
	u32 raw[CPU_FEATURE_WORDS], pv[CPU_FEATURE_WORDS];

	cpu_policy_features(CPU_POLICY_RAW, raw);
	cpu_policy_features(CPU_POLICY_PV, pv);
	assert_int_equal(pv[0], PV_1_EDX);
	assert_int_equal(pv[1], PV_1_ECX);
	assert_int_equal(pv[3], PV_E1_ECX);
	assert_int_equal(pv[4], PV_D_1_EAX);
	assert_int_equal(pv[9], PV_7_EDX);
	for (unsigned int i = 0; i < CPU_FEATURE_WORDS; i++)
		assert_int_equal(pv[i] & ~raw[i], 0);
	assert_int_equal(pv[16] | pv[17] | pv[18], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_leaves, setup, teardown),
		cmocka_unit_test_setup_teardown(test_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_own, setup, teardown),
		cmocka_unit_test_setup_teardown(test_features, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
