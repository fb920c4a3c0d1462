/* dom0 starts a watchdog and does not feed it: the machine is reset. */
#include "test.h"
#include <xen/sched.h>

int test_main(struct start_info *si)
{
	struct sched_watchdog op = { .timeout = 1 };

	(void)si;
	CHECK_EQ(hv_sched_op(SCHEDOP_watchdog, &op), 1);
	test_expect("RESET");
	for (;;)
		hv_sched_op(SCHEDOP_yield, 0);
	return 0;
}
