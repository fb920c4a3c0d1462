/*
 * A trap from user mode with a kernel stack that points nowhere: the frame
 * cannot be written, and the domain has crashed.
 */
#include "test.h"
#include "user.h"

USER_CODE_IS(do_syscall, "syscall");

int test_main(struct start_info *si)
{
	struct regs regs;

	(void)si;
	user_init();
	CHECK_EQ(hv_stack_switch(FLAT_KERNEL_SS, 0x1000), 0);
	test_expect("RESET");
	USER_EXEC(&regs, do_syscall);
	CHECK(!"reached: the system call arrived");
	return 0;
}
