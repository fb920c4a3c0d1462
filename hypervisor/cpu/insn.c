/* SPDX-License-Identifier: GPL-2.0-only */
/* What the two decoders, emulate.c and writable_insn.c, have in common. */
#include "cpu/insn.h"
#include "domain/domain.h"
#include "machine.h"

bool insn_fetch(struct vcpu *v, struct insn_bytes *in)
{
	in->pos = 0;
	for (in->length = sizeof(in->code); in->length > 0;) {
		unsigned int to_page_end =
			PAGE_SIZE - (v->regs.rip & ~PAGE_MASK);

		if (copy_from_guest(in->code, (void *)v->regs.rip,
				    in->length) == 0)
			return true;
		if (in->length <= to_page_end)
			return false;
		in->length = to_page_end;
	}
	return false;
}

u64 *insn_register(struct guest_regs *r, unsigned int n)
{
	static const u8 place[16] = {
		offsetof(struct guest_regs, rax) / 8,
		offsetof(struct guest_regs, rcx) / 8,
		offsetof(struct guest_regs, rdx) / 8,
		offsetof(struct guest_regs, rbx) / 8,
		offsetof(struct guest_regs, rsp) / 8,
		offsetof(struct guest_regs, rbp) / 8,
		offsetof(struct guest_regs, rsi) / 8,
		offsetof(struct guest_regs, rdi) / 8,
		offsetof(struct guest_regs, r8) / 8,
		offsetof(struct guest_regs, r9) / 8,
		offsetof(struct guest_regs, r10) / 8,
		offsetof(struct guest_regs, r11) / 8,
		offsetof(struct guest_regs, r12) / 8,
		offsetof(struct guest_regs, r13) / 8,
		offsetof(struct guest_regs, r14) / 8,
		offsetof(struct guest_regs, r15) / 8,
	};

	return (u64 *)r + place[n & 15];
}
