/*
 * The iret hypercall: the only way back from a trap that restores everything,
 * the event mask included. The frame is on the stack, so it can hold anything.
 */
#include "test.h"
#include "event.h"
#include "mm.h"
#include "smp.h"
#include "user.h"

/* What was found after the iret; the assembly below knows it by name. */
struct {
	unsigned long rax, rcx, r11, rflags, rsp;
	uint16_t cs, ss;
} after __attribute__((used));

static uint64_t stack[64] __attribute__((aligned(16)));

/*
 * Go through iret with this frame, to a place that notes the registers and
 * comes back. The rip of the frame is filled in.
 */
static void go(struct iret_context *frame)
{
	__asm__ volatile("pushq %%rbp; pushq %%rbx\n\t"
			 "movq $1f, 32(%0)\n\t"
			 "movq %%rsp, %%rbx\n\t"
			 "movq %0, %%rsp\n\t"
			 /* The stub itself pushes rax, r11 and rcx: leave its words out. */
			 "movq 0(%%rsp), %%rax; movq 8(%%rsp), %%r11; movq 16(%%rsp), %%rcx\n\t"
			 "addq $24, %%rsp\n\t"
			 "jmp hypercall_page + 23 * 32\n"
			 "1:\n\t"
			 "movq %%rax, after+0\n\t"
			 "movq %%rcx, after+8\n\t"
			 "movq %%r11, after+16\n\t"
			 "movq %%rsp, after+32\n\t"
			 "movw %%cs, after+40\n\t"
			 "movw %%ss, after+42\n\t"
			 "movq %%rbx, %%rsp\n\t"
			 "popq %%rbx; popq %%rbp\n\t"
			 "pushfq; popq after+24\n\t"
			 "cld"
			 : "+D"(frame)
			 :
			 : "rax", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "r12", "r13",
			   "r14", "r15", "memory", "cc");
}

static struct iret_context frame(void)
{
	return (struct iret_context){
		.rax = 0xa1,
		.r11 = 0xb2,
		.rcx = 0xc3,
		.cs = FLAT_KERNEL_CS & ~3,
		.rflags = FLAG_IF | 2,
		.rsp = (unsigned long)(stack + 32),
		.ss = FLAT_KERNEL_SS,
	};
}

static void registers(void)
{
	struct iret_context f = frame();

	go(&f);
	CHECK_EQ(after.rax, 0xa1);
	CHECK_EQ(after.rcx, 0xc3);
	CHECK_EQ(after.r11, 0xb2);
	CHECK_EQ(after.rsp, stack + 32);
	/* Whatever ring the frame said, the code runs in ring 3. */
	CHECK_EQ(after.cs, FLAT_KERNEL_CS);
	CHECK_EQ(after.ss, FLAT_KERNEL_SS);
	f.ss = FLAT_KERNEL_SS & ~3;
	go(&f);
	CHECK_EQ(after.ss, FLAT_KERNEL_SS);
	f.rsp += 5;
	go(&f);
	CHECK_EQ(after.rsp, (unsigned long)(stack + 32) + 5);
}

static void mask(void)
{
	struct vcpu_info *info = vcpu_info(0);
	struct iret_context f = frame();

	f.rflags = FLAG_IF | 2;
	events_disable();
	go(&f);
	CHECK_EQ(info->evtchn_upcall_mask, 0);
	f.rflags = 2;
	go(&f);
	CHECK_EQ(info->evtchn_upcall_mask, 1);
	CHECK_EQ(after.rflags & FLAG_IF, FLAG_IF);
	/* Events that wait are taken on the way out, before the next instruction. */
	info->evtchn_upcall_pending = 1;
	f.rflags = FLAG_IF | 2;
	go(&f);
	CHECK_EQ(upcall_count, 1);
	CHECK_EQ(info->evtchn_upcall_pending, 0);
	CHECK_EQ(after.rax, 0xa1);
	events_disable();
}

/* Flags: what the guest may set is set, the rest is not. */
static void flags(void)
{
	struct iret_context f = frame();

	f.rflags = FLAG_CF | FLAG_ID | FLAG_AC | FLAG_DF | FLAG_IF | 2;
	go(&f);
	CHECK_EQ(after.rflags & (FLAG_CF | FLAG_ID | FLAG_AC | FLAG_DF),
		 FLAG_CF | FLAG_ID | FLAG_AC | FLAG_DF);
	f.rflags = -1UL & ~(FLAG_TF | FLAG_DF | FLAG_NT);
	go(&f);
	CHECK_EQ(after.rflags & FLAG_IOPL, 0);
	CHECK_EQ(after.rflags & (1UL << 17), 0); /* VM */
	CHECK_EQ(after.rflags & 2, 2);
	f.rflags = 0;
	go(&f);
	CHECK_EQ(after.rflags & (FLAG_IF | 2), FLAG_IF | 2);
	events_disable();
}

/* The other way of return, by sysret: only rcx and r11 are lost. */
static void sysret(void)
{
	struct iret_context f = frame();
	unsigned long rip;

	f.flags = VGCF_in_syscall;
	go(&f);
	rip = f.rip;
	CHECK_EQ(after.rax, 0xa1);
	CHECK_EQ(after.rcx, rip);
	CHECK_EQ(after.r11 & FLAG_IF, FLAG_IF);
	CHECK_EQ(after.cs, FLAT_KERNEL_CS);
	CHECK_EQ(after.rsp, stack + 32);
	events_disable();
}

int test_main(struct start_info *si)
{
	(void)si;
	registers();
	mask();
	flags();
	sysret();
	return 0;
}
