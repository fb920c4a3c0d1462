/*
 * Debug registers: breakpoints on the guest's own addresses work, those on the
 * hypervisor's are refused. Also by mov, which is emulated.
 */
#include "test.h"
#include "mm.h"
#include "trap.h"

#define DR7_L0 1UL
#define DR7_L2 16UL
#define DR7_GD 0x2000UL
#define DR7_WRITE0 (1UL << 16)
#define DR7_RW0 (3UL << 16)
#define DR7_LEN8 (2UL << 18)
#define DR7_DEFAULT 0x400UL
#define DR6_DEFAULT 0xffff0ff0UL

static volatile unsigned long word __attribute__((aligned(8)));

static void values(void)
{
	CHECK_EQ(hv_get_debugreg(0), 0);
	CHECK_EQ(hv_get_debugreg(3), 0);
	CHECK_EQ(hv_get_debugreg(6), DR6_DEFAULT);
	CHECK_EQ(hv_get_debugreg(7), DR7_DEFAULT);
	CHECK_EQ(hv_set_debugreg(0, &word), 0);
	CHECK_EQ(hv_get_debugreg(0), &word);
	CHECK_EQ(hv_set_debugreg(3, 0x7fffffffffff), 0);
	CHECK_EQ(hv_get_debugreg(3), 0x7fffffffffff);
	CHECK_EQ(hv_set_debugreg(3, 0), 0);
	/* 4 and 5 are other names of 6 and 7, unless CR4.DE is set. */
	CHECK_EQ(hv_get_debugreg(4), hv_get_debugreg(6));
	CHECK_EQ(hv_get_debugreg(5), hv_get_debugreg(7));
	CHECK_EQ(hv_get_debugreg(8), -ENODEV);
	CHECK_EQ(hv_set_debugreg(8, 0), -ENODEV);
	CHECK_EQ(hv_set_debugreg(-1, 0), -ENODEV);
	/* The hypervisor's addresses; addresses that are none. */
	CHECK_EQ(hv_set_debugreg(0, 0xffff830000000000), -EPERM);
	CHECK_EQ(hv_set_debugreg(0, 0x1234567812345678), -EPERM);
	CHECK_EQ(hv_set_debugreg(0, HYPERVISOR_VIRT_START), -EPERM);
	CHECK_EQ(hv_get_debugreg(0), &word);
	/* Bits of dr6 and dr7 that are not the guest's. */
	CHECK_EQ(hv_set_debugreg(6, 0), 0);
	CHECK_EQ(hv_get_debugreg(6), DR6_DEFAULT);
	CHECK_EQ(hv_set_debugreg(6, 0xf), 0);
	CHECK_EQ(hv_get_debugreg(6), DR6_DEFAULT | 0xf);
	CHECK_EQ(hv_set_debugreg(6, 1UL << 32), -EINVAL);
	CHECK_EQ(hv_set_debugreg(7, 0), 0);
	CHECK_EQ(hv_get_debugreg(7), DR7_DEFAULT);
	CHECK_EQ(hv_set_debugreg(7, 1UL << 32), -EINVAL);
	CHECK_EQ(hv_set_debugreg(7, DR7_GD), -EPERM);
	CHECK_EQ(hv_set_debugreg(6, 0), 0);
}

static volatile int hits;
static volatile unsigned long hit_rip, hit_dr6;

static bool hit(struct regs *regs)
{
	hits++;
	hit_rip = regs->rip;
	hit_dr6 = hv_get_debugreg(6);
	regs->rflags |= FLAG_RF; /* or an execution breakpoint comes again and again */
	hv_set_debugreg(6, 0);
	return true;
}

static void watch(void)
{
	unsigned long place;

	trap_handler(TRAP_DB, hit);
	CHECK_EQ(hv_set_debugreg(0, &word), 0);
	CHECK_EQ(hv_set_debugreg(7, DR7_DEFAULT | DR7_L0 | DR7_WRITE0 | DR7_LEN8), 0);
	CHECK_EQ(hv_get_debugreg(7), DR7_DEFAULT | DR7_L0 | DR7_WRITE0 | DR7_LEN8);
	word = 1;
	CHECK_EQ(hits, 1);
	CHECK_EQ(hit_dr6 & 0xf, 1);
	CHECK_EQ(word, 1); /* reading is not writing */
	CHECK_EQ(hits, 1);
	CHECK_EQ(hv_set_debugreg(7, DR7_DEFAULT), 0);
	word = 2;
	CHECK_EQ(hits, 1);
	/* The hypervisor reading or writing there on the guest's behalf does not count. */
	CHECK_EQ(hv_set_debugreg(7, DR7_DEFAULT | DR7_L0 | DR7_RW0 | DR7_LEN8), 0);
	CHECK_EQ(hv_console_io(CONSOLEIO_read, 8, &word), 0);
	CHECK_EQ(hits, 1);
	/* Execution: before the instruction runs. */
	__asm__ volatile("leaq 1f(%%rip), %0" : "=r"(place));
	CHECK_EQ(hv_set_debugreg(2, place), 0);
	CHECK_EQ(hv_set_debugreg(7, DR7_DEFAULT | DR7_L2), 0);
	__asm__ volatile("1: incq %0" : "+m"(word));
	CHECK_EQ(hits, 2);
	CHECK_EQ(hit_rip, place);
	CHECK_EQ(hit_dr6 & 0xf, 4);
	CHECK_EQ(hv_set_debugreg(7, DR7_DEFAULT), 0);
	trap_handler(TRAP_DB, NULL);
}

static void by_mov(void)
{
	unsigned long value;

	__asm__ volatile("movq %0, %%dr1" : : "r"(&word));
	CHECK_EQ(hv_get_debugreg(1), &word);
	__asm__ volatile("movq %%dr1, %0" : "=r"(value));
	CHECK_EQ(value, &word);
	__asm__ volatile("movq %%dr7, %0" : "=r"(value));
	CHECK_EQ(value, DR7_DEFAULT);
	CHECK_TRAP(TRAP_GP, 0, "movq %0, %%dr1", : "r"(0xffff830000000000));
	CHECK_EQ(hv_set_debugreg(1, 0), 0);
}

int test_main(struct start_info *si)
{
	(void)si;
	values();
	watch();
	by_mov();
	return 0;
}
