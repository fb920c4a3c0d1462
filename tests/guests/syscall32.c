/*
 * System calls of 32-bit programs: SYSCALL in compatibility mode has a callback
 * of its own, and int 0x80 works as ever. The CPU here is one of AMD's kind, which
 * has no SYSENTER in long mode; sysenter.c is about the others.
 */
#include "test.h"
#include <xen/callback.h>
#include "event.h"
#include "mm.h"
#include "smp.h"
#include "user.h"

extern char syscall_entry[], sysenter_entry[];

/* Another entry than syscall_entry, whose number tells which one it was. */
#define SYSCALL32_ENTRY sysenter_entry
#define TRAP_SYSCALL32 TRAP_SYSENTER

#define FLAGS (FLAG_IF | FLAG_CF | FLAG_DF | FLAG_NT | FLAG_AC | FLAG_ID | 2)

static struct regs regs;

/* The same bytes in both modes. */
USER_CODE_IS(do_syscall, "nop; syscall; ud2");
USER_CODE_IS(do_sysenter, "nop; sysenter; ud2");
USER_CODE_IS(do_int80, "nop; int $0x80; ud2");

static void exec(const char *code, unsigned int cs)
{
	memcpy(user_code_page, code, 5);
	user_regs(&regs);
	regs.cs = cs;
	regs.rflags = FLAGS;
	regs.rax = 20;
	regs.rcx = 0xc;
	regs.rbp = 0xb;
	regs.r11 = 0x11;
	user_run(&regs);
}

static void callback(uint16_t type, uint16_t flags, void *address)
{
	struct callback_register op = {
		.type = type,
		.flags = flags,
		.address = (unsigned long)address,
	};

	CHECK_EQ(hv_callback_op(CALLBACKOP_register, &op), 0);
}

/* How it arrived, and whether with events masked. */
static void came_by(int line, long vector, unsigned int cs, unsigned long at, bool masked)
{
	if (regs.vector != (uint64_t)vector || regs.rip != USER_CODE + at || regs.cs != cs ||
	    regs.ss != FLAT_USER_SS || regs.rsp != USER_STACK || regs.error != 0)
		test_fail(__FILE__, line, "trap %ld error %lx rip %lx cs %x ss %lx rsp %lx",
			  regs.vector, regs.error, regs.rip, regs.cs, regs.ss, regs.rsp);
	if (vcpu_info(0)->evtchn_upcall_mask != masked)
		test_fail(__FILE__, line, "events %smasked", masked ? "not " : "");
	if (regs.saved_mask != 0)
		test_fail(__FILE__, line, "events were not masked before");
	if ((regs.rflags & FLAGS) != FLAGS || regs.rax != 20 || regs.rbp != 0xb)
		test_fail(__FILE__, line, "rflags %lx rax %lx rbp %lx", regs.rflags, regs.rax,
			  regs.rbp);
	events_disable();
}
#define CAME_BY(vector, cs, at, masked) came_by(__LINE__, vector, cs, at, masked)

static void syscall_by(unsigned int cs, long vector, bool masked)
{
	exec(do_syscall, cs);
	CAME_BY(vector, cs, 3, masked);
	/* The CPU keeps where it was, and the flags, in these. */
	CHECK_EQ(regs.rcx, USER_CODE + 3);
	CHECK_EQ(regs.r11 & FLAGS, FLAGS);
}

static void no_callback(void)
{
	callback(CALLBACKTYPE_syscall32, 0, 0);
	exec(do_syscall, FLAT_USER_CS32);
	CAME_BY(TRAP_UD, FLAT_USER_CS32, 1, false);
	/* The other one has its own. */
	syscall_by(FLAT_USER_CS, TRAP_SYSCALL, false);
	callback(CALLBACKTYPE_syscall, 0, 0);
	exec(do_syscall, FLAT_USER_CS);
	CAME_BY(TRAP_UD, FLAT_USER_CS, 1, false);
	callback(CALLBACKTYPE_syscall32, 0, SYSCALL32_ENTRY);
	syscall_by(FLAT_USER_CS32, TRAP_SYSCALL32, false);
}

/* The flag of the 64-bit callback is for both, and that of the 32-bit one for nothing. */
static void masking(void)
{
	for (unsigned int i = 0; i < 4; i++) {
		callback(CALLBACKTYPE_syscall, i & 1 ? CALLBACKF_mask_events : 0, syscall_entry);
		callback(CALLBACKTYPE_syscall32, i & 2 ? CALLBACKF_mask_events : 0,
			 SYSCALL32_ENTRY);
		syscall_by(FLAT_USER_CS, TRAP_SYSCALL, i & 1);
		syscall_by(FLAT_USER_CS32, TRAP_SYSCALL32, i & 1);
	}
}

static void others(void)
{
	exec(do_int80, FLAT_USER_CS32);
	CAME_BY(0x80, FLAT_USER_CS32, 3, false);
	CHECK_EQ(regs.rcx, 0xc);
	/* Its callback does not give a CPU the instruction. */
	callback(CALLBACKTYPE_sysenter, 0, sysenter_entry);
	exec(do_sysenter, FLAT_USER_CS);
	CAME_BY(TRAP_UD, FLAT_USER_CS, 1, false);
	exec(do_sysenter, FLAT_USER_CS32);
	/* #UD it is; an emulator gives the #GP of CPUs with nobody to enter. */
	CHECK(regs.vector == TRAP_UD || regs.vector == TRAP_GP);
	CHECK_EQ(regs.rip, USER_CODE + 1);
}

int test_main(struct start_info *si)
{
	(void)si;
	events_disable();
	user_init();
	no_callback();
	masking();
	others();
	return 0;
}
