/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest's instruction, byte by byte, and the registers that it names. */
#ifndef CPU_INSN_H
#define CPU_INSN_H

#include "cpu/regs.h"
#include "lib/types.h"

struct vcpu;

struct insn_bytes {
	u8 code[15]; /* no instruction is longer (SDM vol. 2, 2.3.11) */
	unsigned int length; /* bytes that could be read */
	unsigned int pos;
};

/* Read at v's rip, up to where the page behind is not mapped; false: nothing. */
bool insn_fetch(struct vcpu *v, struct insn_bytes *in);

/* The next byte; 0 beyond the last, when pos tells that it was not there. */
static inline u8 insn_next(struct insn_bytes *in)
{
	return in->pos < in->length ? in->code[in->pos++] : (in->pos++, 0);
}

static inline bool insn_complete(const struct insn_bytes *in)
{
	return in->pos <= in->length;
}

/* General register n, 0 to 15, as instructions number them. */
u64 *insn_register(struct guest_regs *regs, unsigned int n);

#endif
