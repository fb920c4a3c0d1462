/*
 * dom0 shuts down to power off, with SCHEDOP_shutdown alone: Xen halts the machine,
 * Xenolith switches it off.
 */
#include "test.h"
#include <xen/sched.h>

int test_main(struct start_info *si)
{
	struct sched_shutdown op = { .reason = SHUTDOWN_poweroff };

	(void)si;
	test_expect("OFF");
	hv_sched_op(SCHEDOP_shutdown, &op);
	CHECK(!"reached: shutdown returned");
	return 0;
}
