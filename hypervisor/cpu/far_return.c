/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lretq and iretq of a guest in ring 3, to ring 3 as it can only be. Needed where
 * the CPU is an emulator that applies SMAP to them (cpu/traps.c tells why). The
 * selectors that they load are tried by our own return to the guest, whose
 * faults the guest gets.
 */
#include "cpu/regs.h"
#include "cpu/traps.h"
#include "domain/domain.h"
#include "machine.h"

/* What iret may change in ring 3 (SDM vol. 2, IRET), IOPL being lower. */
#define CHANGEABLE                                                       \
	(0xcd5ul /* CF PF AF ZF SF DF OF */ | RFLAGS_TF | RFLAGS_NT |    \
	 RFLAGS_RF | RFLAGS_AC | RFLAGS_ID)

#define REX_W 0x48
#define LRET 0xcb
#define IRET 0xcf

bool emulate_far_return(struct vcpu *v)
{
	struct guest_regs *r = &v->regs;
	u64 frame[5]; /* rip cs rflags rsp ss */
	u8 code[2];
	size_t words;

	if (copy_from_guest(code, (void *)r->rip, sizeof(code)) ||
	    code[0] != REX_W || (code[1] != LRET && code[1] != IRET))
		return false;
	words = code[1] == LRET ? 2 : 5;
	if (copy_from_guest(frame, (void *)r->rsp, words * sizeof(u64)))
		return false;
	/* Null and privileged selectors fault at the instruction itself. */
	if ((frame[1] & 3) != 3 || (frame[1] & 0xfffc) == 0 ||
	    (words == 5 && (frame[4] & 3) != 3)) {
		bounce_exception_error(v, 13, frame[1] & 0xfffc);
		return true;
	}
	r->rip = frame[0];
	r->cs = frame[1] & 0xffff;
	if (words == 5) {
		r->rflags = (r->rflags & ~CHANGEABLE) |
			    (frame[2] & CHANGEABLE);
		r->rsp = frame[3];
		r->ss = frame[4] & 0xffff;
	} else {
		r->rsp += 2 * sizeof(u64);
	}
	r->vector = 0;
	return true;
}
