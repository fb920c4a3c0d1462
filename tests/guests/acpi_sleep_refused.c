/*
 * platform_op enter_acpi_sleep with states that Xen 4.17 would try: one that the
 * machine does not have, those that a PV domain 0 cannot come back from, and the type
 * of power off given for S3.
 */
#include "test.h"
#include <xen/platform.h>

#define SLP_EN 0x2000
#define SLP_TYP(n) ((n) << 10)

static long enter(unsigned int state, unsigned int a, unsigned int b, unsigned int flags)
{
	static struct xen_platform_op op;

	memset(&op, 0, sizeof(op));
	op.cmd = XENPF_enter_acpi_sleep;
	op.interface_version = XENPF_INTERFACE_VERSION;
	op.u.enter_acpi_sleep.sleep_state = state;
	op.u.enter_acpi_sleep.val_a = a;
	op.u.enter_acpi_sleep.val_b = b;
	op.u.enter_acpi_sleep.flags = flags;
	return hv_platform_op(&op);
}

int test_main(struct start_info *si)
{
	(void)si;
	CHECK_EQ(enter(1, SLP_TYP(1) | SLP_EN, 0, 0), -EOPNOTSUPP);
	CHECK_EQ(enter(2, SLP_TYP(1) | SLP_EN, 0, 0), -EOPNOTSUPP);
	CHECK_EQ(enter(4, SLP_TYP(2) | SLP_EN, 0, 0), -EOPNOTSUPP);
	CHECK_EQ(enter(3, SLP_EN, 0, 0), -EINVAL);
	return 0;
}
