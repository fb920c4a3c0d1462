/* dom0 shuts down to suspend, which nobody can wake it from: the machine halts. */
#include "test.h"
#include <xen/sched.h>

int test_main(struct start_info *si)
{
	struct sched_shutdown op = { .reason = SHUTDOWN_suspend };

	(void)si;
	test_expect("SUSPEND");
	hv_sched_op(SCHEDOP_shutdown, &op);
	CHECK(!"reached: shutdown returned");
	return 0;
}
