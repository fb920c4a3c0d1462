/*
 * Exceptions bounced to the guest: vector, error code, where it happened, the
 * frame, the flags in the handler, and that nothing is lost on the way there
 * and back. Page faults have a guest of their own.
 */
#include "test.h"
#include "mm.h"
#include "smp.h"
#include "trap.h"

#define NONCANONICAL 0x1234567812345678UL

static struct {
	unsigned long rflags, rsp;
	uint8_t mask;
	int count;
	struct regs frame;
} in_handler;

static bool look_around(struct regs *regs)
{
	struct vcpu_info *info = vcpu_info(0);

	__asm__ volatile("pushfq; popq %0" : "=r"(in_handler.rflags));
	in_handler.rsp = (unsigned long)regs;
	in_handler.mask = info->evtchn_upcall_mask;
	in_handler.frame = *regs;
	in_handler.count++;
	return false;
}

/* Go on behind an ud2. */
static bool step_over(struct regs *regs)
{
	look_around(regs);
	regs->rip += 2;
	return true;
}

/* Each vector that an instruction can raise by itself. */
static void vectors(void)
{
	CHECK_TRAP(TRAP_DE, 0, "xorl %%ecx, %%ecx; movl $1, %%eax; cltd; idivl %%ecx",
		   :
		   : "rax", "rcx", "rdx");
	CHECK_TRAP(TRAP_BP, 0, "int3");
	CHECK_EQ(trap_seen.regs.rip, trap_seen.insn + 1);
	CHECK_TRAP(TRAP_BP, 0, ".byte 0xcd, 3");
	CHECK_EQ(trap_seen.regs.rip, trap_seen.insn + 2);
	CHECK_TRAP(TRAP_OF, 0, "int $4");
	CHECK_EQ(trap_seen.regs.rip, trap_seen.insn + 2);
	CHECK_TRAP(TRAP_UD, 0, "ud2");
	CHECK_EQ(trap_seen.regs.rip, trap_seen.insn);
	CHECK_TRAP(TRAP_UD, 0, ".byte 0x06"); /* push %es is gone in long mode */
	/* Not canonical: #GP. With the stack segment it is #SS, though not in TCG. */
	CHECK_TRAP(TRAP_GP, 0, "movl (%0), %%eax", : "r"(NONCANONICAL) : "rax");
	CHECK_EQ(trap_seen.regs.rip, trap_seen.insn);
	CHECK(TRY("movl (%%rsp,%0), %%eax", : "r"(NONCANONICAL) : "rax"));
	CHECK(trap_seen.vector == TRAP_SS || trap_seen.vector == TRAP_GP);
	CHECK_EQ(trap_seen.error, 0);
	/* A selector beyond every table: the error code is the selector. */
	CHECK_TRAP(TRAP_GP, 0xfff8, "movw %w0, %%es", : "r"(0xfffb));
	CHECK_TRAP(TRAP_GP, 0xfffc, "movw %w0, %%fs", : "r"(0xffff));
	/* A null selector is no stack segment. */
	CHECK_TRAP(TRAP_GP, 0, "movw %w0, %%ss", : "r"(0));
	/* x87: unmask division by zero, divide, and look. */
	CHECK_TRAP(TRAP_MF, 0, "fninit; fldcw %0; fldz; fld1; fdivp; fwait; nop",
		   : "m"((const uint16_t){ 0x37b }));
	__asm__ volatile("fninit");
}

/* int n asks the trap table for permission. */
static void software(void)
{
	CHECK_TRAP(128, 0, "int $0x80");
	CHECK_EQ(trap_seen.regs.rip, trap_seen.insn + 2);
	/* Not allowed from ring 3. The error code varies between machines. */
	CHECK(TRY("int $0x30"));
	CHECK_EQ(trap_seen.vector, TRAP_GP);
	CHECK_EQ(trap_seen.regs.rip, trap_seen.insn);
}

static void frame(void)
{
	unsigned long sp, after;

	trap_handler(TRAP_UD, look_around);
	/* Every register on the way there, and untouched on the way back. */
	__asm__ volatile("movq %%rsp, %0" : "=r"(sp));
	CHECK(TRY("movq $1, %%rax; movq $2, %%rbx; movq $3, %%rcx; movq $4, %%rdx;"
		  "movq $5, %%rsi; movq $6, %%rdi; movq $8, %%r8; movq $9, %%r9;"
		  "movq $10, %%r10; movq $11, %%r11; movq $12, %%r12; movq $13, %%r13;"
		  "movq $14, %%r14; movq $15, %%r15; stc; ud2",
		  :
		  : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",
		    "r13", "r14", "r15"));
	CHECK_EQ(trap_seen.regs.rax, 1);
	CHECK_EQ(trap_seen.regs.rbx, 2);
	CHECK_EQ(trap_seen.regs.rcx, 3);
	CHECK_EQ(trap_seen.regs.rdx, 4);
	CHECK_EQ(trap_seen.regs.rsi, 5);
	CHECK_EQ(trap_seen.regs.rdi, 6);
	CHECK_EQ(trap_seen.regs.r8, 8);
	CHECK_EQ(trap_seen.regs.r9, 9);
	CHECK_EQ(trap_seen.regs.r10, 10);
	CHECK_EQ(trap_seen.regs.r11, 11);
	CHECK_EQ(trap_seen.regs.r12, 12);
	CHECK_EQ(trap_seen.regs.r13, 13);
	CHECK_EQ(trap_seen.regs.r14, 14);
	CHECK_EQ(trap_seen.regs.r15, 15);
	/* A frame from kernel mode says ring 0, though the code runs in ring 3. */
	CHECK_EQ(trap_seen.regs.cs, FLAT_KERNEL_CS & ~3);
	CHECK_EQ(trap_seen.regs.ss, FLAT_KERNEL_SS);
	CHECK_EQ(trap_seen.regs.rsp, sp);
	CHECK_EQ(trap_seen.regs.rflags & (FLAG_CF | 2), FLAG_CF | 2);
	CHECK_EQ(trap_seen.regs.cs_pad, 0);
	CHECK_EQ(trap_seen.regs.rflags & (FLAG_IOPL | FLAG_NT | FLAG_TF), 0);
	CHECK(in_handler.rsp < sp && in_handler.rsp > sp - 512);

	/* A stack that is not aligned: the frame is, and %rsp comes back as it was. */
	trap_handler(TRAP_UD, step_over);
	__asm__ volatile("movq %%rsp, %%rbx; subq $3, %%rsp; ud2; movq %%rsp, %0; movq %%rbx, %%rsp"
			 : "=r"(after)
			 :
			 : "rbx", "memory");
	CHECK_EQ(in_handler.frame.rsp, sp - 3);
	CHECK_EQ(after, sp - 3);
	/* The frame lies below the word-aligned stack, 16 bytes aligned at its top. */
	CHECK_EQ((in_handler.rsp + sizeof(struct regs)) % 16, 0);
	trap_handler(TRAP_UD, NULL);
}

/* The interrupt flag in the frame is the event mask, whatever %rflags held. */
static void flags(void)
{
	struct vcpu_info *info = vcpu_info(0);
	unsigned long before;

	trap_handler(TRAP_UD, look_around);
	events_disable();
	CHECK(TRY("ud2"));
	CHECK_EQ(trap_seen.regs.rflags & FLAG_IF, 0);
	CHECK_EQ(trap_seen.regs.saved_mask, 1);
	CHECK_EQ(info->evtchn_upcall_mask, 1);
	events_enable();
	CHECK(TRY("ud2"));
	CHECK_EQ(trap_seen.regs.rflags & FLAG_IF, FLAG_IF);
	CHECK_EQ(trap_seen.regs.saved_mask, 0);
	CHECK_EQ(in_handler.mask, 0);
	CHECK_EQ(info->evtchn_upcall_mask, 0);
	/* An entry may ask for events to be masked; the return restores. */
	CHECK_EQ(trap_set(TRAP_UD, TI_MASK_EVENTS, trap_entry(TRAP_UD)), 0);
	CHECK(TRY("ud2"));
	CHECK_EQ(trap_seen.regs.saved_mask, 0);
	CHECK_EQ(in_handler.mask, 1);
	CHECK_EQ(info->evtchn_upcall_mask, 0);
	CHECK_EQ(trap_set(TRAP_UD, 0, trap_entry(TRAP_UD)), 0);
	events_disable();

	/* The real interrupt flag is always on in the guest. */
	__asm__ volatile("pushfq; popq %0" : "=r"(before));
	CHECK_EQ(before & FLAG_IF, FLAG_IF);
	CHECK_EQ(in_handler.rflags & FLAG_IF, FLAG_IF);

	/* NT, AC and TF are off in the handler, in the frame as they were. */
	CHECK(TRY("pushfq; orq %0, (%%rsp); popfq; ud2", : "i"(FLAG_NT | FLAG_AC | FLAG_ID)));
	CHECK_EQ(trap_seen.regs.rflags & (FLAG_NT | FLAG_AC | FLAG_ID),
		 FLAG_NT | FLAG_AC | FLAG_ID);
	CHECK_EQ(in_handler.rflags & (FLAG_NT | FLAG_AC), 0);
	__asm__ volatile("pushq %0; popfq" : : "r"(before));

	/* The direction flag is the handler's to clear. */
	CHECK(TRY("std; ud2"));
	__asm__ volatile("cld");
	CHECK_EQ(trap_seen.regs.rflags & FLAG_DF, FLAG_DF);
	trap_handler(TRAP_UD, NULL);
}

static int steps;

static bool step(struct regs *regs)
{
	unsigned long here;

	__asm__ volatile("pushfq; popq %0" : "=r"(here));
	CHECK_EQ(here & FLAG_TF, 0);
	if (++steps == 4)
		regs->rflags &= ~FLAG_TF;
	return true;
}

static void single_step(void)
{
	trap_handler(TRAP_DB, step);
	__asm__ volatile("pushfq; orq %0, (%%rsp); popfq; nop; nop; nop; nop; nop; nop"
			 :
			 : "i"(FLAG_TF)
			 : "cc", "memory");
	CHECK_EQ(steps, 4);
	trap_handler(TRAP_DB, NULL);
}

/* A trap in a trap handler is nothing special. */
static bool nest(struct regs *regs)
{
	(void)regs;
	trap_handler(TRAP_UD, NULL);
	__asm__ volatile("int3");
	return false;
}

static bool skip(struct regs *regs)
{
	in_handler.count += 100;
	return regs->vector == TRAP_BP;
}

static void nested(void)
{
	in_handler.count = 0;
	trap_handler(TRAP_BP, skip);
	trap_handler(TRAP_UD, nest);
	CHECK_TRAP(TRAP_UD, 0, "ud2");
	CHECK_EQ(in_handler.count, 100);
	trap_handler(TRAP_BP, NULL);
}

/* What set_trap_table refuses and forgives. */
static void table(void)
{
	static struct trap_info two[3];
	struct trap_info empty = { 0 };

	CHECK_EQ(hv_set_trap_table(&empty), 0);
	CHECK_EQ(hv_set_trap_table(0x1000), -EFAULT);
	CHECK_EQ(trap_set(TRAP_UD, 0, NONCANONICAL), -EINVAL);
	CHECK_TRAP(TRAP_UD, 0, "ud2");
	/* Entries before the bad one have been taken. */
	two[0] = (struct trap_info){ TRAP_UD, 0, FLAT_KERNEL_CS, trap_entry(TRAP_BP) };
	two[1] = (struct trap_info){ TRAP_BP, 3, FLAT_KERNEL_CS, NONCANONICAL };
	CHECK_EQ(hv_set_trap_table(two), -EINVAL);
	CHECK_TRAP(TRAP_BP, 0, "ud2");
	/* A selector of ring 0 becomes one of ring 3. */
	two[0] = (struct trap_info){ TRAP_UD, 0, FLAT_KERNEL_CS & ~3, trap_entry(TRAP_UD) };
	two[1] = (struct trap_info){ TRAP_BP, 3, FLAT_KERNEL_CS, trap_entry(TRAP_BP) };
	CHECK_EQ(hv_set_trap_table(two), 0);
	CHECK_TRAP(TRAP_UD, 0, "ud2");
	/*
	 * An address of 0 ends the list, so no entry can be taken back alone:
	 * NULL empties the whole table. int 0x80 without an entry is refused.
	 */
	CHECK_EQ(hv_set_trap_table(0), 0);
	CHECK_EQ(trap_set(TRAP_GP, 0, trap_entry(TRAP_GP)), 0);
	CHECK_TRAP(TRAP_GP, 128 * 8 + 2, "int $0x80");
	CHECK_EQ(trap_seen.regs.rip, trap_seen.insn);
	trap_init();
	CHECK_TRAP(128, 0, "int $0x80");
	CHECK_TRAP(TRAP_UD, 0, "ud2");
}

int test_main(struct start_info *si)
{
	(void)si;
	vectors();
	software();
	frame();
	flags();
	single_step();
	nested();
	table();
	return 0;
}
