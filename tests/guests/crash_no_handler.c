/* An exception for which the trap table has no entry: the domain has crashed. */
#include "test.h"

int test_main(struct start_info *si)
{
	(void)si;
	test_expect("RESET");
	hv_set_trap_table(0);
	__asm__ volatile("ud2");
	CHECK(!"reached: ud2 was survived");
	return 0;
}
