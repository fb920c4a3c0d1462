/*
 * platform_op enter_acpi_sleep with what must not put the machine to sleep: states
 * that there are not, flags, values that contradict each other. The right operands
 * are tests/system/test_sleep.py's.
 */
#include "sleep.h"

static void states(void)
{
	CHECK_EQ(enter(0, 0, 0, 0), -EINVAL);
	CHECK_EQ(enter(6, 0, 0, 0), -EINVAL);
	CHECK_EQ(enter(0x103, SLP_TYP(1) | SLP_EN, 0, 0), -EINVAL);
	CHECK_EQ(enter(-1, 0, 0, 0), -EINVAL);
}

/* One block is told to enter the state and the other one is not. */
static void values(void)
{
	for (unsigned int state = 1; state <= 5; state++) {
		CHECK_EQ(enter(state, 0, SLP_EN, 0), -EINVAL);
		CHECK_EQ(enter(state, SLP_TYP(1) | SLP_EN, SLP_TYP(1), 0), -EINVAL);
	}
}

/* This machine has no sleep registers, which comes before all else. */
static void flags(void)
{
	CHECK_EQ(enter(3, SLP_TYP(1) | SLP_EN, 0, 2), -EINVAL);
	CHECK_EQ(enter(3, 0, 0, XENPF_ACPI_SLEEP_EXTENDED), -EPERM);
	CHECK_EQ(enter(3, 9, 9, XENPF_ACPI_SLEEP_EXTENDED), -EPERM);
	CHECK_EQ(enter(3, 1, 0, XENPF_ACPI_SLEEP_EXTENDED | 2), -EPERM);
	CHECK_EQ(enter(0, 1, 0, XENPF_ACPI_SLEEP_EXTENDED), -EPERM);
}

int test_main(struct start_info *si)
{
	(void)si;
	states();
	values();
	flags();
	return 0;
}
