/*
 * int n, and what the two low bits of an entry's flags are for: the least
 * privileged ring that may use it. A program in user mode needs a 3, the kernel,
 * which believes to be in ring 1, at least a 1. Three vectors every program may
 * use, whatever the flags say: 3 and 4, which have instructions of their own, and
 * 0x80.
 *
 * QEMU's error code is n * 16 + 2 where a CPU's is n * 8 + 2, and Xen takes the
 * vector from it. So what is set here for n is set for 2 * n too.
 */
#include "test.h"
#include "event.h"
#include "mm.h"
#include "smp.h"
#include "user.h"

#define N 0x30
#define HANDLER 129 /* vectors have no stubs of their own in start.S; this one says so */

static struct regs regs;

USER_CODE_IS(do_int_n, "nop; int $0x30; ud2");
USER_CODE_IS(do_int3, "nop; int3; ud2");
USER_CODE_IS(do_int_4, "nop; int $4; ud2");
USER_CODE_IS(do_int_80, "nop; int $0x80; ud2");

static void refused(int line, uint64_t vector, uint64_t error)
{
	if (vector != TRAP_GP || (error != N * 8 + 2 && error != N * 16 + 2))
		test_fail(__FILE__, line, "trap %lu error %lx, not 13 and %x", vector, error,
			  N * 8 + 2);
}

/* Expect the handler, behind the instruction; or with n 0 its refusal, at it. */
static void user(int line, const char *code, const char *end, unsigned int cs, uint64_t n,
		 unsigned int bytes, bool masked)
{
	memcpy(user_code_page, code, end - code);
	user_regs(&regs);
	regs.cs = cs;
	user_run(&regs);
	if (!n)
		refused(line, regs.vector, regs.error);
	else if (regs.vector != n || regs.error != 0)
		test_fail(__FILE__, line, "trap %lu error %lx, not %lu", regs.vector, regs.error,
			  n);
	if (regs.rip != USER_CODE + 1 + (n ? bytes : 0) || regs.cs != cs)
		test_fail(__FILE__, line, "rip %lx cs %x", regs.rip, regs.cs);
	if (vcpu_info(0)->evtchn_upcall_mask != masked)
		test_fail(__FILE__, line, "events %smasked", masked ? "not " : "");
	events_disable();
}
#define USER(name, cs, n, bytes, masked) user(__LINE__, name, name##_end, cs, n, bytes, masked)

static void with_flags(unsigned int flags)
{
	unsigned int ring = flags & 3;
	bool masks = flags & TI_MASK_EVENTS;

	CHECK_EQ(trap_set(N, flags, trap_entry(HANDLER)), 0);
	CHECK_EQ(trap_set(2 * N, flags, trap_entry(HANDLER)), 0);
	CHECK_EQ(trap_set(TRAP_BP, flags, trap_entry(TRAP_BP)), 0);
	CHECK_EQ(trap_set(TRAP_OF, flags, trap_entry(TRAP_OF)), 0);
	CHECK_EQ(trap_set(128, flags, trap_entry(128)), 0);

	USER(do_int_n, FLAT_USER_CS, ring == 3 ? HANDLER : 0, 2, ring == 3 && masks);
	USER(do_int_n, FLAT_USER_CS32, ring == 3 ? HANDLER : 0, 2, ring == 3 && masks);
	USER(do_int3, FLAT_USER_CS, TRAP_BP, 1, masks);
	USER(do_int_4, FLAT_USER_CS, TRAP_OF, 2, masks);
	USER(do_int_80, FLAT_USER_CS, 128, 2, masks);

	CHECK(TRY("int $0x30"));
	if (ring >= 1) {
		CHECK_EQ(trap_seen.vector, HANDLER);
		CHECK_EQ(trap_seen.regs.rip, trap_seen.insn + 2);
	} else {
		refused(__LINE__, trap_seen.vector, trap_seen.error);
		CHECK_EQ(trap_seen.regs.rip, trap_seen.insn);
	}
	CHECK_TRAP(TRAP_BP, 0, "int3");
	CHECK_TRAP(128, 0, "int $0x80");
}

int test_main(struct start_info *si)
{
	(void)si;
	events_disable();
	user_init();
	/* Nothing is set for it. */
	USER(do_int_n, FLAT_USER_CS, 0, 2, false);
	for (unsigned int flags = 0; flags < 8; flags++)
		with_flags(flags);
	return 0;
}
