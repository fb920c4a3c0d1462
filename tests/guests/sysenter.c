/*
 * SYSENTER, on a CPU of Intel's kind: from 64-bit and 32-bit programs alike. The
 * instruction keeps neither where it was nor the stack, so the frame has none: a
 * program and its kernel agree on both. Runs on the second CPU, because Xen 4.17
 * itself dies of a SYSENTER on the first (of a double fault, its stack being
 * elsewhere).
 */
#include "test.h"
#include <xen/callback.h>
#include <xen/sched.h>
#include "event.h"
#include "mm.h"
#include "smp.h"
#include "user.h"

extern char sysenter_entry[];

#define FLAGS (FLAG_IF | FLAG_CF | FLAG_DF | FLAG_NT | FLAG_AC | FLAG_ID | 2)

static struct regs regs;

USER_CODE_IS(do_sysenter, "nop; sysenter; ud2");

static void callback(uint16_t flags, void *address)
{
	struct callback_register op = {
		.type = CALLBACKTYPE_sysenter,
		.flags = flags,
		.address = (unsigned long)address,
	};

	CHECK_EQ(hv_callback_op(CALLBACKOP_register, &op), 0);
}

static void sysenter(unsigned int cs, long vector, bool masked)
{
	memcpy(user_code_page, do_sysenter, do_sysenter_end - do_sysenter);
	user_regs(&regs);
	regs.cs = cs;
	regs.rflags = FLAGS;
	regs.rax = 20;
	regs.rcx = 0xc;
	regs.rdx = 0xd;
	regs.rbp = 0xb;
	regs.r11 = 0x11;
	user_run(&regs);
	CHECK_EQ(regs.vector, vector);
	CHECK_EQ(regs.error, 0);
	CHECK_EQ(regs.rip, 0);
	CHECK_EQ(regs.cs, 3);
	CHECK_EQ(regs.rsp, 0);
	CHECK_EQ(regs.ss, FLAT_USER_SS);
	CHECK_EQ(regs.rflags & FLAGS, FLAGS);
	CHECK_EQ(regs.rax, 20);
	CHECK_EQ(regs.rcx, 0xc);
	CHECK_EQ(regs.rdx, 0xd);
	CHECK_EQ(regs.rbp, 0xb);
	CHECK_EQ(regs.r11, 0x11);
	CHECK_EQ(regs.saved_mask, 0);
	CHECK_EQ(vcpu_info(0)->evtchn_upcall_mask, masked);
	events_disable();
}

/* Stepped by itself: the trap after it is the hypervisor's, the flag stays. */
USER_CODE_IS(do_step, "pushfq; orl $0x100, (%rsp); popfq; sysenter; ud2");

static void stepped(void)
{
	USER_EXEC(&regs, do_step);
	CHECK_EQ(regs.vector, TRAP_SYSENTER);
	CHECK_EQ(regs.rip, 0);
	CHECK_EQ(regs.rflags & FLAG_TF, FLAG_TF);
	events_disable();
}

static void both(long vector, bool masked)
{
	sysenter(FLAT_USER_CS, vector, masked);
	sysenter(FLAT_USER_CS32, vector, masked);
}

int test_main(struct start_info *si)
{
	struct sched_pin_override pin = { .pcpu = 1 };

	(void)si;
	CHECK_EQ(hv_sched_op(SCHEDOP_pin_override, &pin), 0);
	events_disable();
	user_init();
	both(TRAP_GP, false);
	callback(0, sysenter_entry);
	both(TRAP_SYSENTER, false);
	stepped();
	callback(CALLBACKF_mask_events, sysenter_entry);
	both(TRAP_SYSENTER, true);
	callback(0, 0);
	both(TRAP_GP, false);
	return 0;
}
