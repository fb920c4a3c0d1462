/*
 * User mode: in by the iret hypercall, out by system call, interrupt or fault;
 * its own page table, its own GS base, no privileges.
 */
#include "test.h"
#include <xen/vcpu.h>
#include "clock.h"
#include "event.h"
#include "mm.h"
#include "smp.h"
#include "user.h"

static struct regs regs;
static volatile unsigned long kernel_word = 0x6b65726e656c;

static void came_by(int line, long vector, unsigned long error, unsigned long rip)
{
	if (regs.vector != (uint64_t)vector || regs.error != error || regs.rip != rip)
		test_fail(__FILE__, line, "trap %lu error 0x%lx rip %lx, not %ld, 0x%lx, %lx",
			  regs.vector, regs.error, regs.rip, vector, error, rip);
	if (regs.cs != FLAT_USER_CS || regs.ss != FLAT_USER_SS)
		test_fail(__FILE__, line, "cs %x ss %lx", regs.cs, regs.ss);
}
#define CAME_BY(vector, error, at) came_by(__LINE__, vector, error, USER_CODE + (at))

USER_CODE_IS(do_syscall, "movl $5, %eax; movq $6, %rdi; pushq $7; syscall");
USER_CODE_IS(do_int80, "int $0x80");
USER_CODE_IS(do_int3, "int3");
USER_CODE_IS(do_ud2, "ud2");
USER_CODE_IS(do_read, "movq (%rbx), %rax; ud2");
USER_CODE_IS(do_write, "movq %rax, (%rbx); ud2");
USER_CODE_IS(do_jump, "jmp *%rbx");
USER_CODE_IS(do_gs, "movq %gs:0, %rax; ud2");
USER_CODE_IS(do_fs, "movq %fs:0, %rax; ud2");
USER_CODE_IS(do_hlt, "hlt");
USER_CODE_IS(do_cli, "cli");
USER_CODE_IS(do_sti, "sti");
USER_CODE_IS(do_in, "inb $0x80, %al");
USER_CODE_IS(do_out, "outb %al, $0x80");
USER_CODE_IS(do_cr3, "movq %cr3, %rax");
USER_CODE_IS(do_cr0, "movq %rax, %cr0");
USER_CODE_IS(do_rdmsr, "rdmsr");
USER_CODE_IS(do_wbinvd, "wbinvd");
USER_CODE_IS(do_invlpg, "invlpg (%rbx)");
USER_CODE_IS(do_iret, "iretq");
USER_CODE_IS(do_cpuid, "cpuid; ud2");
USER_CODE_IS(do_flags, "pushfq; popq %rax; ud2");
USER_CODE_IS(do_spin, "1: movq 0x600000, %rax; testq %rax, %rax; jz 1b; ud2");

static void exec_with(const char *code, const char *end, uint64_t rbx, uint64_t rax)
{
	memcpy(user_code_page, code, end - code);
	user_regs(&regs);
	regs.rbx = rbx;
	regs.rax = rax;
	user_run(&regs);
}
#define EXEC_WITH(name, rbx, rax) exec_with(name, name##_end, rbx, rax)

static void system_call(void)
{
	USER_EXEC(&regs, do_syscall);
	CAME_BY(TRAP_SYSCALL, 0, do_syscall_end - do_syscall);
	CHECK_EQ(regs.rax, 5);
	CHECK_EQ(regs.rdi, 6);
	CHECK_EQ(regs.rcx, regs.rip);
	CHECK_EQ(regs.r11 & ~FLAG_RF, regs.rflags & ~FLAG_RF);
	CHECK_EQ(regs.rflags & FLAG_IF, FLAG_IF);
	CHECK_EQ(regs.rsp, USER_STACK - 8);
	CHECK_EQ(*(unsigned long *)(user_data_page + PAGE_SIZE - 8), 7);
}

static void interrupts(void)
{
	USER_EXEC(&regs, do_int80);
	CAME_BY(128, 0, 2);
	USER_EXEC(&regs, do_int3);
	CAME_BY(TRAP_BP, 0, 1);
	USER_EXEC(&regs, do_ud2);
	CAME_BY(TRAP_UD, 0, 0);
}

static void fault(int line, unsigned long error, unsigned long address)
{
	came_by(line, TRAP_PF, error, regs.rip);
	if (vcpu_info(0)->arch.cr2 != address)
		test_fail(__FILE__, line, "cr2 %lx", vcpu_info(0)->arch.cr2);
}
#define FAULT(error, address) fault(__LINE__, error, (unsigned long)(address))

/* The user bit is set in the error code. */
static void faults(void)
{
	EXEC_WITH(do_read, 0x1000, 0);
	FAULT(4, 0x1000);
	CHECK_EQ(regs.rip, USER_CODE);
	EXEC_WITH(do_write, 0x1000, 0);
	FAULT(6, 0x1000);
	EXEC_WITH(do_write, USER_CODE + 80, 0);
	FAULT(7, USER_CODE + 80);
	EXEC_WITH(do_jump, USER_DATA + 8, 0);
	FAULT(0x15, USER_DATA + 8);
	CHECK_EQ(regs.rip, USER_DATA + 8);
	EXEC_WITH(do_jump, 0x1000, 0);
	FAULT(0x14, 0x1000);
	/* The kernel is not in the user's page table. */
	EXEC_WITH(do_read, (unsigned long)&kernel_word, 0);
	FAULT(4, &kernel_word);
	/* Nor is the hypervisor. */
	EXEC_WITH(do_read, 0xffff82d040000000, 0);
	CHECK_EQ(regs.vector, TRAP_PF);
	CHECK_EQ(regs.error & ~1UL, 4);
	EXEC_WITH(do_read, 0x1234567812345678, 0);
	CAME_BY(TRAP_GP, 0, 0);
	/* What is mapped, works. */
	*(unsigned long *)user_data_page = 99;
	EXEC_WITH(do_read, USER_DATA, 0);
	CAME_BY(TRAP_UD, 0, 3);
	CHECK_EQ(regs.rax, 99);
	EXEC_WITH(do_write, USER_DATA, 98);
	CAME_BY(TRAP_UD, 0, 3);
	CHECK_EQ(*(unsigned long *)user_data_page, 98);
}

/* What the hypervisor emulates for the kernel, it does not for the user. */
static void privileged(void)
{
#define GP(name)                               \
	do {                                   \
		EXEC_WITH(name, USER_DATA, 0); \
		CAME_BY(TRAP_GP, 0, 0);        \
	} while (0)
	GP(do_hlt);
	GP(do_cli);
	GP(do_sti);
	GP(do_in);
	GP(do_out);
	GP(do_cr3);
	GP(do_cr0);
	GP(do_wbinvd);
	GP(do_invlpg);
	memcpy(user_code_page, do_rdmsr, do_rdmsr_end - do_rdmsr);
	user_regs(&regs);
	regs.rcx = 0xc0000100;
	user_run(&regs);
	CAME_BY(TRAP_GP, 0, 0);
	/* An unprivileged one. */
	EXEC_WITH(do_cpuid, 0, 0);
	CAME_BY(TRAP_UD, 0, 2);
	CHECK(regs.rax >= 1);
	/* iret in user mode cannot get it more rights: a bad frame is a fault. */
	memset(user_data_page + PAGE_SIZE - 64, 0, 64);
	memcpy(user_code_page, do_iret, do_iret_end - do_iret);
	user_regs(&regs);
	regs.rsp -= 64;
	user_run(&regs);
	CAME_BY(TRAP_GP, 0, 0);
}

static void gs_bases(void)
{
	unsigned long word;

	*(unsigned long *)(user_data_page + 16) = 0x75736572;
	CHECK_EQ(hv_set_segment_base(SEGBASE_GS_USER, USER_DATA + 16), 0);
	CHECK_EQ(hv_set_segment_base(SEGBASE_GS_KERNEL, &kernel_word), 0);
	CHECK_EQ(hv_set_segment_base(SEGBASE_FS, USER_DATA + 16), 0);
	USER_EXEC(&regs, do_gs);
	CHECK_EQ(regs.rax, 0x75736572);
	__asm__ volatile("movq %%gs:0, %0" : "=r"(word));
	CHECK_EQ(word, kernel_word);
	/* FS is one and the same. */
	USER_EXEC(&regs, do_fs);
	CHECK_EQ(regs.rax, 0x75736572);
}

/* The flags that user mode gets: interrupts are on whatever the kernel says. */
static void flags(void)
{
	memcpy(user_code_page, do_flags, do_flags_end - do_flags);
	user_regs(&regs);
	regs.rflags = FLAG_IF | FLAG_CF | FLAG_ID | FLAG_IOPL | 2;
	user_run(&regs);
	CHECK_EQ(regs.rax & (FLAG_IF | FLAG_CF | FLAG_ID | FLAG_IOPL), FLAG_IF | FLAG_CF | FLAG_ID);
	user_regs(&regs);
	regs.rflags = 2;
	user_run(&regs);
	CHECK_EQ(regs.rax & FLAG_IF, FLAG_IF);
	/* But events were masked, and so they are in the kernel. */
	CHECK_EQ(regs.saved_mask, 1);
	CHECK_EQ(regs.rflags & FLAG_IF, 0);
	user_regs(&regs);
	user_run(&regs);
	CHECK_EQ(regs.saved_mask, 0);
	CHECK_EQ(regs.rflags & FLAG_IF, FLAG_IF);
}

/* Single-stepping user code traps after its first instruction. */
static void trap_flag(void)
{
	memcpy(user_code_page, do_flags, do_flags_end - do_flags);
	user_regs(&regs);
	regs.rflags |= FLAG_TF;
	user_run(&regs);
	CAME_BY(TRAP_DB, 0, 1);
}

/* 32-bit code has a selector of its own. */
USER_CODE_IS(do_32, ".byte 0xb8, 1, 0, 0, 0; .byte 0x48; .byte 0xcd, 0x80"); /* mov; dec; int */

static void compat(void)
{
	memcpy(user_code_page, do_32, do_32_end - do_32);
	user_regs(&regs);
	regs.cs = FLAT_USER_CS32;
	regs.rax = 77;
	user_run(&regs);
	CHECK_EQ(regs.vector, 128);
	CHECK_EQ(regs.rax, 0);
	CHECK_EQ(regs.cs, FLAT_USER_CS32);
	CHECK_EQ(regs.rip, USER_CODE + 8);
}

/* An event in user mode is taken on the kernel's stack, and user mode goes on. */
static bool release(struct regs *r)
{
	CHECK_EQ(r->cs, FLAT_USER_CS);
	*(volatile unsigned long *)user_data_page = 1;
	return false;
}

static void event(void)
{
	long port = event_bind_virq(VIRQ_TIMER, 0);
	unsigned long seen = event_count[port];

	*(volatile unsigned long *)user_data_page = 0;
	trap_handler(TRAP_EVENT, release);
	/* Not before user mode is entered, however long that takes. */
	events_disable();
	CHECK_EQ(hv_set_timer_op(clock_now() + 5 * MILLISECOND), 0);
	USER_EXEC(&regs, do_spin);
	CHECK_EQ(regs.vector, TRAP_UD);
	CHECK(event_count[port] > seen);
	trap_handler(TRAP_EVENT, NULL);
}

int test_main(struct start_info *si)
{
	(void)si;
	events_disable();
	CHECK_EQ(hv_vcpu_op(VCPUOP_stop_periodic_timer, 0, 0), 0);
	user_init();
	system_call();
	interrupts();
	faults();
	privileged();
	gs_bases();
	flags();
	trap_flag();
	compat();
	event();
	return 0;
}
