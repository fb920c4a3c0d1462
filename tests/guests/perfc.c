/*
 * Performance counters: asked how many, read, reset. Xen as Debian builds it has
 * none, and so has ours without perfc=y.
 */
#include "test.h"
#include <xen/sysctl.h>
#include <xen/xen.h>

static struct xen_sysctl op;
static xen_sysctl_perfc_desc_t desc[128];
static xen_sysctl_perfc_val_t val[1024];

static long perfc(unsigned int cmd)
{
	op.cmd = XEN_SYSCTL_perfc_op;
	op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	op.u.perfc_op.cmd = cmd;
	return hypercall(__HYPERVISOR_sysctl, &op);
}

/* The values of the counter with a name. */
static const unsigned int *counter(const char *name)
{
	const unsigned int *v = val;

	for (unsigned int i = 0; i < op.u.perfc_op.nr_counters; i++) {
		if (strcmp(desc[i].name, name) == 0)
			return v;
		v += desc[i].nr_vals;
	}
	REQUIRE(!"such a counter");
	return NULL;
}

int test_main(struct start_info *si)
{
	unsigned int before, counters, vals = 0;

	(void)si;
	if (perfc(XEN_SYSCTL_PERFCOP_query) == -ENOSYS) {
		print("skipped: this hypervisor has no counters (perfc=y)\n");
		CHECK_EQ(perfc(XEN_SYSCTL_PERFCOP_reset), -ENOSYS);
		return 0;
	}
	counters = op.u.perfc_op.nr_counters;
	REQUIRE(counters > 0 && counters <= ARRAY_SIZE(desc));
	REQUIRE(op.u.perfc_op.nr_vals <= ARRAY_SIZE(val));
	op.u.perfc_op.desc.p = desc;
	op.u.perfc_op.val.p = val;
	CHECK_EQ(perfc(XEN_SYSCTL_PERFCOP_query), 0);
	for (unsigned int i = 0; i < counters; i++)
		vals += desc[i].nr_vals;
	CHECK_EQ(op.u.perfc_op.nr_vals, vals);
	before = counter("hypercalls")[__HYPERVISOR_xen_version];
	for (unsigned int i = 0; i < 10; i++)
		hv_xen_version(0, 0);
	CHECK_EQ(perfc(XEN_SYSCTL_PERFCOP_query), 0);
	CHECK_EQ(counter("hypercalls")[__HYPERVISOR_xen_version], before + 10);
	CHECK(counter("hypercalls")[__HYPERVISOR_sysctl] >= 3);
	CHECK_EQ(perfc(XEN_SYSCTL_PERFCOP_reset), 0);
	CHECK_EQ(perfc(XEN_SYSCTL_PERFCOP_query), 0);
	CHECK_EQ(counter("hypercalls")[__HYPERVISOR_xen_version], 0);
	CHECK_EQ(counter("hypercalls")[__HYPERVISOR_sysctl], 1);

	op.u.perfc_op.val.p = (void *)0x1000;
	CHECK_EQ(perfc(XEN_SYSCTL_PERFCOP_query), -EFAULT);
	op.u.perfc_op.desc.p = (void *)0x1000;
	CHECK_EQ(perfc(XEN_SYSCTL_PERFCOP_query), -EFAULT);
	CHECK_EQ(perfc(99), -EINVAL);
	CHECK_EQ(perfc(0), -EINVAL);
	return 0;
}
