/* SPDX-License-Identifier: GPL-2.0-only */
/* Performance counters, as tools see them. Their source is a part of this file. */
#include "test.h"

#include <string.h>

#define CONFIG_PERFC
#include "debug/perfc.c"

#include "sim/sim.h"

static struct domain *d0;
static xen_sysctl_perfc_desc_t *desc;
static u32 *val;
static void (*key_p)(unsigned char key), (*key_P)(unsigned char key);

void key_register(char key, void (*fn)(unsigned char key), const char *help)
{
	*(key == 'p' ? &key_p : &key_P) = fn;
}

static int setup(void **state)
{
	sim_init_cpus(64 << 20, 3, NULL);
	d0 = sim_domain(0, 1, false);
	sim_become(d0->vcpu[0]);
	desc = sim_guest_page(d0);
	val = sim_guest_page(d0);
	reset();
	return 0;
}

static int teardown(void **state)
{
	sim_exit();
	return 0;
}

static struct xen_sysctl_perfc_op ask(u32 cmd)
{
	struct xen_sysctl_perfc_op op = { .cmd = cmd, .desc.p = desc, .val.p = val };

	assert_int_equal(perfc_control(&op), 0);
	return op;
}

/* The values of the counter that is called so. */
static u32 *named(const struct xen_sysctl_perfc_op *op, const char *name, u32 *n)
{
	u32 *v = val;

	for (u32 i = 0; i < op->nr_counters; v += desc[i++].nr_vals) {
		*n = desc[i].nr_vals;
		if (strcmp(desc[i].name, name) == 0)
			return v;
	}
	fail();
	return NULL;
}

static void test_query(void **state)
{
	struct xen_sysctl_perfc_op op;
	u32 n, total = 0, *v;

	perfc_incr(context_switch);
	perfc_incr_at(exception, 14);
	sim_cpu = 2;
	perfc_incr(context_switch);
	perfc_incr(context_switch);
	perfc_incr_at(exception, 14);
	perfc_incr_at(exception, 31);
	sim_cpu = 0;
	op = ask(XEN_SYSCTL_PERFCOP_query);
	for (u32 i = 0; i < op.nr_counters; i++)
		total += desc[i].nr_vals;
	assert_int_equal(op.nr_vals, total);
	/* One for each CPU; of an array the sum for each element. */
	v = named(&op, "context switches", &n);
	assert_int_equal(n, 3);
	assert_int_equal(v[0], 1);
	assert_int_equal(v[1], 0);
	assert_int_equal(v[2], 2);
	v = named(&op, "exceptions from guests", &n);
	assert_int_equal(n, 32);
	assert_int_equal(v[14], 2);
	assert_int_equal(v[31], 1);
	assert_int_equal(v[0], 0);
	/* What was there, and then nothing. */
	op = ask(XEN_SYSCTL_PERFCOP_reset);
	assert_int_equal(named(&op, "context switches", &n)[2], 2);
	op = ask(XEN_SYSCTL_PERFCOP_query);
	for (u32 i = 0; i < op.nr_vals; i++)
		assert_int_equal(val[i], 0);
}

static void test_operands(void **state)
{
	struct xen_sysctl_perfc_op op = { .cmd = XEN_SYSCTL_PERFCOP_query }, all;

	/* How many, without a place for them. */
	assert_int_equal(perfc_control(&op), 0);
	all = ask(XEN_SYSCTL_PERFCOP_query);
	assert_int_equal(op.nr_counters, all.nr_counters);
	assert_int_equal(op.nr_vals, all.nr_vals);
	op.cmd = 0;
	assert_int_equal(perfc_control(&op), -XEN_EINVAL);
	op.cmd = 3;
	assert_int_equal(perfc_control(&op), -XEN_EINVAL);
	op.cmd = XEN_SYSCTL_PERFCOP_reset;
	op.val.p = (void *)d0; /* not the guest's */
	perfc_incr(timer);
	assert_int_equal(perfc_control(&op), -XEN_EFAULT);
	assert_int_equal(sum(PERFC_timer), 1);
}

static void test_keys(void **state)
{
	perfc_init();
	perfc_incr(timer);
	key_p('p');
	assert_int_equal(sum(PERFC_timer), 1);
	key_P('P');
	assert_int_equal(sum(PERFC_timer), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_query, setup, teardown),
		cmocka_unit_test_setup_teardown(test_operands, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
