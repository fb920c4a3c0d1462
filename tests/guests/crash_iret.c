/*
 * The iret hypercall with its frame where nothing can be read: there is no
 * state to go on with, and the domain has crashed.
 */
#include "test.h"

int test_main(struct start_info *si)
{
	(void)si;
	test_expect("RESET");
	__asm__ volatile("movq $0x1000, %%rsp; movl %0, %%eax; syscall"
			 :
			 : "i"(__HYPERVISOR_iret)
			 : "memory");
	CHECK(!"reached: iret was survived");
	return 0;
}
