/*
 * The FPU: fpu_taskswitch sets the bit that makes its next use a #NM, which is
 * how a kernel switches FPU state lazily; its state survives all else.
 */
#include "test.h"
#include <xen/sched.h>
#include <xen/vcpu.h>
#include "clock.h"
#include "event.h"
#include "trap.h"

static unsigned long cr0(void)
{
	unsigned long value;

	__asm__ volatile("movq %%cr0, %0" : "=r"(value));
	return value;
}

#define CR0_MP 2UL
#define CR0_EM 4UL
#define CR0_TS 8UL

static void taskswitch(void)
{
	CHECK_EQ(hv_fpu_taskswitch(0), 0);
	CHECK_EQ(cr0() & CR0_TS, 0);
	CHECK_NO_TRAP("fninit; movq %%rax, %%xmm0");
	CHECK_EQ(hv_fpu_taskswitch(1), 0);
	CHECK_EQ(cr0() & CR0_TS, CR0_TS);
	CHECK_TRAP(TRAP_NM, 0, "fninit");
	CHECK_EQ(trap_seen.regs.rip, trap_seen.insn);
	/* The hypervisor clears the bit before it tells the guest. */
	CHECK_EQ(cr0() & CR0_TS, 0);
	CHECK_NO_TRAP("fninit");
	CHECK_EQ(hv_fpu_taskswitch(1), 0);
	CHECK_EQ(hv_fpu_taskswitch(1), 0);
	CHECK_TRAP(TRAP_NM, 0, "movq %%rax, %%xmm0");
	CHECK_NO_TRAP("movq %%rax, %%xmm0");
	/* Any number but 0 sets it. */
	CHECK_EQ(hv_fpu_taskswitch(8), 0);
	CHECK_TRAP(TRAP_NM, 0, "fninit");
	CHECK_EQ(hv_fpu_taskswitch(1), 0);
	CHECK_EQ(hv_fpu_taskswitch(0), 0);
	CHECK_NO_TRAP("fninit");
}

/* By instructions: clts, and mov to %cr0, of which only TS is the guest's. */
static void instructions(void)
{
	CHECK_EQ(hv_fpu_taskswitch(1), 0);
	CHECK_NO_TRAP("clts");
	CHECK_EQ(cr0() & CR0_TS, 0);
	CHECK_NO_TRAP("fninit");
	CHECK_NO_TRAP("movq %0, %%cr0", : "r"(cr0() | CR0_TS));
	CHECK_EQ(cr0() & CR0_TS, CR0_TS);
	CHECK_TRAP(TRAP_NM, 0, "fninit");
	CHECK_TRAP(TRAP_GP, 0, "movq %0, %%cr0", : "r"(cr0() ^ CR0_EM));
	CHECK_TRAP(TRAP_GP, 0, "movq %0, %%cr0", : "r"(cr0() & ~0x80000000UL));
	CHECK_EQ(cr0() & (CR0_EM | CR0_TS), 0);
}

/* Registers across hypercalls, exceptions, events and sleep. */
static void state(void)
{
	long port = event_bind_virq(VIRQ_TIMER, 0);
	unsigned long value;
	uint32_t mxcsr = 0x3f80, got;

	events_enable();
	__asm__ volatile("movq %0, %%xmm5; ldmxcsr %1" : : "r"(0x123456789abcUL), "m"(mxcsr));
	hv_xen_version(0, 0);
	CHECK_TRAP(TRAP_UD, 0, "ud2");
	CHECK_EQ(hv_set_timer_op(clock_now() + 5 * MILLISECOND), 0);
	CHECK(event_wait(port, 0));
	CHECK_EQ(hv_set_timer_op(clock_now() + 5 * MILLISECOND), 0);
	CHECK_EQ(hv_sched_op(SCHEDOP_block, 0), 0);
	__asm__ volatile("movq %%xmm5, %0; stmxcsr %1" : "=r"(value), "=m"(got));
	CHECK_EQ(value, 0x123456789abc);
	CHECK_EQ(got, mxcsr);
	events_disable();
}

int test_main(struct start_info *si)
{
	(void)si;
	CHECK_EQ(hv_vcpu_op(VCPUOP_stop_periodic_timer, 0, 0), 0);
	taskswitch();
	instructions();
	state();
	return 0;
}
