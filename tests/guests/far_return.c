/*
 * lretq and iretq, executed by the guest's kernel in ring 3. No hypervisor takes
 * part on a real CPU. QEMU (7.2) applies SMAP to the stack that they read, as if
 * the CPU read it for ring 0, and the fault comes to the hypervisor: there
 * Xen 4.17 gives up, which is why Debian's kernel does not start on it with
 * `-cpu max`. The hypervisor must make up for it.
 */
#include "test.h"
#include "trap.h"

static unsigned long lret_to(unsigned long cs)
{
	unsigned long done = 0;

	__asm__ volatile("pushq %1\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "lretq\n\t"
			 "1: movq $1, %0"
			 : "+r"(done) : "r"(cs) : "rax", "memory");
	return done;
}

static unsigned long iret_with(unsigned long rflags)
{
	unsigned long got;

	__asm__ volatile("movq %%rsp, %%rcx\n\t"
			 "pushq %2\n\t"
			 "pushq %%rcx\n\t"
			 "pushq %1\n\t"
			 "pushq %3\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "iretq\n\t"
			 "1: pushfq; popq %0"
			 : "=r"(got)
			 : "r"(rflags), "i"(0xe02b), "r"(0xe033UL)
			 : "rax", "rcx", "memory");
	return got;
}

int test_main(struct start_info *si)
{
	unsigned long flags;

	(void)si;
	CHECK_EQ(lret_to(0xe033), 1);
	flags = iret_with(FLAG_IF | FLAG_CF | FLAG_DF | FLAG_ID | 2);
	__asm__ volatile("cld");
	CHECK_EQ(flags & (FLAG_IF | FLAG_CF | FLAG_DF | FLAG_ID), FLAG_IF | FLAG_CF | FLAG_DF | FLAG_ID);
	/* In ring 3 it cannot take interrupts away, nor give itself ports. */
	flags = iret_with(FLAG_IOPL | 2);
	CHECK_EQ(flags & (FLAG_IF | FLAG_IOPL | FLAG_CF), FLAG_IF);
	return 0;
}
