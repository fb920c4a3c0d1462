/*
 * FPU registers when VCPUs take turns on a processor, looked at with XSAVE: QEMU's
 * does not fault on CR0.TS, so a hypervisor that switches lazily there shows one
 * VCPU the registers of another. (Xen 4.17 is told not to.)
 */
#include "test.h"
#include <xen/sched.h>
#include "clock.h"
#include "smp.h"
#include "trap.h"

#define MINE 0x123456789abcUL
#define OTHERS 0xdeadbeefUL
#define SSE 2UL
#define CR4_OSXSAVE (1UL << 18)

static unsigned char area[4096] __attribute__((aligned(64)));
static volatile unsigned long running;

static void other(void *arg)
{
	(void)arg;
	for (;;) {
		__asm__ volatile("movq %0, %%xmm5" : : "r"(OTHERS));
		running++;
		hv_sched_op(SCHEDOP_yield, 0);
	}
}

static void let_other_run(void)
{
	unsigned long before = running;
	uint64_t end = clock_now() + 10 * SECOND;

	while (running < before + 2 && clock_now() < end)
		hv_sched_op(SCHEDOP_yield, 0);
	CHECK(running >= before + 2);
}

/* XMM5 by XSAVE: XMM0 is at 160. */
static uint64_t saved(void)
{
	__asm__ volatile("xsave64 (%0)" : : "r"(area), "a"(SSE), "d"(0) : "memory");
	return *(uint64_t *)(area + 160 + 5 * 16);
}

int test_main(struct start_info *si)
{
	unsigned long cr4;

	(void)si;
	__asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
	CHECK_NO_TRAP("movq %0, %%cr4", : "r"(cr4 | CR4_OSXSAVE));
	CHECK_NO_TRAP("xsetbv", : "c"(0), "a"(1 | SSE), "d"(0));
	REQUIRE(smp_start(1, other, NULL) == 0);
	__asm__ volatile("movq %0, %%xmm5" : : "r"(MINE));
	for (int i = 0; i < 10; i++) {
		let_other_run();
		CHECK_EQ(saved(), MINE);
	}
	/* XRSTOR, then others run, then a plain use. */
	*(uint64_t *)(area + 160 + 5 * 16) = ~MINE;
	let_other_run();
	__asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"(SSE), "d"(0) : "memory");
	let_other_run();
	CHECK_EQ(saved(), ~MINE);
	return 0;
}
