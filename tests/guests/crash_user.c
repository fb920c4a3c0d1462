/*
 * A return to user mode with no user page table set: the domain has crashed.
 */
#include "test.h"
#include "user.h"

int test_main(struct start_info *si)
{
	struct regs regs;

	(void)si;
	test_expect("RESET");
	user_regs(&regs);
	user_run(&regs);
	CHECK(!"reached: user mode without a page table");
	return 0;
}
