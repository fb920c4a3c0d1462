/*
 * platform_op enter_acpi_sleep with states that Xen 4.17 would try: one that the
 * machine does not have, those that a PV domain 0 cannot come back from, and the type
 * of power off given for S3.
 */
#include "sleep.h"

int test_main(struct start_info *si)
{
	(void)si;
	CHECK_EQ(enter(1, SLP_TYP(1) | SLP_EN, 0, 0), -EOPNOTSUPP);
	CHECK_EQ(enter(2, SLP_TYP(1) | SLP_EN, 0, 0), -EOPNOTSUPP);
	CHECK_EQ(enter(4, SLP_TYP(2) | SLP_EN, 0, 0), -EOPNOTSUPP);
	CHECK_EQ(enter(3, SLP_EN, 0, 0), -EINVAL);
	return 0;
}
