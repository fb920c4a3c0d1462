/*
 * An exception with a stack pointer that points nowhere: the frame cannot be
 * written, and the domain has crashed.
 */
#include "test.h"

int test_main(struct start_info *si)
{
	(void)si;
	test_expect("RESET");
	__asm__ volatile("movq $0x1000, %rsp; ud2");
	CHECK(!"reached: ud2 was survived");
	return 0;
}
