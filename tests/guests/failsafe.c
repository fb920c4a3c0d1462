/*
 * The failsafe callback. A VCPU holds a selector whose descriptor is taken
 * away; when the VCPU is put on the processor again the selector cannot be
 * loaded, and the guest is told by this callback, with the selectors it had.
 *
 * The selectors are loaded only when a processor changes from one VCPU to
 * another, so this needs two VCPUs on one processor.
 */
#include "test.h"
#include <xen/sched.h>
#include <xen/vcpu.h>
#include "clock.h"
#include "event.h"
#include "mm.h"
#include "smp.h"
#include "trap.h"

#define DATA3 0x00cff3000000ffffUL
#define SELECTOR (5 << 3 | 3)

extern unsigned long failsafe_selectors[4];
static volatile uint64_t gdt[512] page_aligned;
static volatile unsigned long running, arrived;
static struct regs seen;

static void other(void *arg)
{
	(void)arg;
	for (;;) {
		running++;
		hv_sched_op(SCHEDOP_yield, 0);
	}
}

static bool failsafe(struct regs *regs)
{
	seen = *regs;
	arrived++;
	__asm__ volatile("movw %w0, %%fs" : : "r"(0));
	return true;
}

static void let_other_run(void)
{
	unsigned long before = running;
	uint64_t end = clock_now() + 10 * SECOND;

	while (running < before + 2 && clock_now() < end)
		hv_sched_op(SCHEDOP_yield, 0);
	CHECK(running >= before + 2);
}

int test_main(struct start_info *si)
{
	uint16_t fs;

	(void)si;
	trap_handler(TRAP_FAILSAFE, failsafe);
	REQUIRE(smp_start(1, other, NULL) == 0);
	let_other_run();
	gdt[5] = DATA3;
	CHECK_EQ(map_readonly(gdt), 0);
	CHECK_EQ(hv_set_gdt(&(unsigned long){ virt_to_mfn(gdt) }, 512), 0);
	/* A selector that stays good comes back by itself. */
	__asm__ volatile("movw %w0, %%fs" : : "r"(SELECTOR));
	let_other_run();
	__asm__ volatile("movw %%fs, %0" : "=r"(fs));
	CHECK_EQ(fs, SELECTOR);
	CHECK_EQ(arrived, 0);
	/* And one whose descriptor has gone does not. */
	CHECK_EQ(hv_update_descriptor(virt_to_maddr(&gdt[5]), 0), 0);
	let_other_run();
	CHECK_EQ(arrived, 1);
	CHECK_EQ(failsafe_selectors[2], SELECTOR); /* ds, es, fs, gs */
	CHECK_EQ(failsafe_selectors[0] | failsafe_selectors[1] | failsafe_selectors[3], 0);
	CHECK_EQ(seen.cs, FLAT_KERNEL_CS & ~3);
	CHECK_EQ(seen.ss, FLAT_KERNEL_SS);
	__asm__ volatile("movw %%fs, %0" : "=r"(fs));
	CHECK_EQ(fs, 0);
	return 0;
}
