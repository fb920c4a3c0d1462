/* dom0 shuts down to reboot: the machine is reset. */
#include "test.h"
#include <xen/sched.h>

int test_main(struct start_info *si)
{
	struct sched_shutdown op = { .reason = SHUTDOWN_reboot };

	(void)si;
	test_expect("RESET");
	hv_sched_op(SCHEDOP_shutdown, &op);
	CHECK(!"reached: shutdown returned");
	return 0;
}
