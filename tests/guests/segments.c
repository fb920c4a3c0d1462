/*
 * Segment bases and selectors: set_segment_base, the bases of FS and GS across
 * traps and hypercalls, stack_switch.
 */
#include "test.h"
#include "mm.h"
#include "trap.h"

static volatile unsigned long area[4] = { 0x1111, 0x2222, 0x3333, 0x4444 };
static uint16_t selector;

static unsigned long read_fs(void)
{
	unsigned long value;

	__asm__ volatile("movq %%fs:0, %0" : "=r"(value));
	return value;
}

static unsigned long read_gs(void)
{
	unsigned long value;

	__asm__ volatile("movq %%gs:0, %0" : "=r"(value));
	return value;
}

static void bases(void)
{
	CHECK_EQ(hv_set_segment_base(SEGBASE_FS, &area[0]), 0);
	CHECK_EQ(read_fs(), 0x1111);
	CHECK_EQ(hv_set_segment_base(SEGBASE_GS_KERNEL, &area[1]), 0);
	CHECK_EQ(read_gs(), 0x2222);
	/* The user's base is another one. */
	CHECK_EQ(hv_set_segment_base(SEGBASE_GS_USER, &area[2]), 0);
	CHECK_EQ(read_gs(), 0x2222);
	/* Traps and hypercalls keep them. */
	CHECK_TRAP(TRAP_UD, 0, "ud2");
	CHECK_EQ(read_fs(), 0x1111);
	CHECK_EQ(read_gs(), 0x2222);
	/* Loading a null selector clears the base, or not, by the processor's make. */
	CHECK_NO_TRAP("movw %w0, %%fs", : "r"(0));
	CHECK_EQ(hv_set_segment_base(SEGBASE_FS, &area[3]), 0);
	CHECK_EQ(read_fs(), 0x4444);
}

static void bad_bases(void)
{
	/* Not canonical. */
	CHECK_EQ(hv_set_segment_base(SEGBASE_FS, 0x1234567812345678), -EINVAL);
	CHECK_EQ(hv_set_segment_base(SEGBASE_GS_KERNEL, 0x800000000000), -EINVAL);
	CHECK_EQ(hv_set_segment_base(SEGBASE_GS_USER, 0xffff7fffffffffff), -EINVAL);
	CHECK_EQ(hv_set_segment_base(4, 0), -EINVAL);
	CHECK_EQ(hv_set_segment_base(-1, 0), -EINVAL);
	CHECK_EQ(read_fs(), 0x4444);
	CHECK_EQ(read_gs(), 0x2222);
	/* The hypervisor's own range is no danger: it cannot be read from ring 3. */
	CHECK_EQ(hv_set_segment_base(SEGBASE_FS, 0xffff830000000000), 0);
	CHECK_TRAP(TRAP_PF, trap_seen.error, "movq %%fs:0, %%rax", : : "rax");
	CHECK_EQ(hv_set_segment_base(SEGBASE_FS, 0), 0);
}

/* The user's GS selector. One that cannot be loaded becomes null. */
static void selectors(void)
{
	CHECK_EQ(hv_set_segment_base(SEGBASE_GS_USER_SEL, 0), 0);
	CHECK_EQ(hv_set_segment_base(SEGBASE_GS_USER_SEL, FLAT_RING3_DS32), 0);
	CHECK_EQ(hv_set_segment_base(SEGBASE_GS_USER_SEL, 0xfffb), 0);
	CHECK_EQ(hv_set_segment_base(SEGBASE_GS_USER_SEL, 0x1ffff), 0);
	__asm__ volatile("movw %%gs, %0" : "=r"(selector));
	CHECK_EQ(selector, 0);
	CHECK_EQ(read_gs(), 0x2222);
}

/* The MSRs of the bases, emulated. */
static void msrs(void)
{
	uint32_t lo, hi;

	CHECK_NO_TRAP("wrmsr",
		      : "c"(0xc0000100), "a"((uint32_t)(unsigned long)&area[0]),
			"d"((uint32_t)((unsigned long)&area[0] >> 32)));
	CHECK_EQ(read_fs(), 0x1111);
	CHECK_NO_TRAP("rdmsr", "=a"(lo), "=d"(hi) : "c"(0xc0000100));
	CHECK_EQ((uint64_t)hi << 32 | lo, (unsigned long)&area[0]);
	CHECK_NO_TRAP("wrmsr",
		      : "c"(0xc0000101), "a"((uint32_t)(unsigned long)&area[2]),
			"d"((uint32_t)((unsigned long)&area[2] >> 32)));
	CHECK_EQ(read_gs(), 0x3333);
	/* What the processor calls the kernel's GS base is here the user's. */
	CHECK_EQ(hv_set_segment_base(SEGBASE_GS_USER, &area[2]), 0);
	CHECK_NO_TRAP("rdmsr", "=a"(lo), "=d"(hi) : "c"(0xc0000102));
	CHECK_EQ((uint64_t)hi << 32 | lo, (unsigned long)&area[2]);
	CHECK_TRAP(TRAP_GP, 0, "wrmsr", : "c"(0xc0000100), "a"(0x12345678), "d"(0x12345678));
	CHECK_EQ(read_fs(), 0x1111);
}

static void stack_switch(void)
{
	/* Only remembered for the next entry from user mode. */
	CHECK_EQ(hv_stack_switch(FLAT_KERNEL_SS, (unsigned long)area), 0);
	CHECK_EQ(hv_stack_switch(0, 0), 0);
	CHECK_EQ(hv_stack_switch(FLAT_KERNEL_SS & ~3, 8), 0);
	CHECK_EQ(hv_stack_switch(FLAT_KERNEL_SS, 0x1234567812345678), 0);
	CHECK_TRAP(TRAP_UD, 0, "ud2");
}

int test_main(struct start_info *si)
{
	(void)si;
	bases();
	bad_bases();
	selectors();
	msrs();
	stack_switch();
	return 0;
}
