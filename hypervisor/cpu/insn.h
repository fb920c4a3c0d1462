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

/* What stands before an opcode, as far as it matters to anybody. */
struct insn_prefixes {
	bool operand16; /* 0x66 */
	bool repeat;	/* 0xf2, 0xf3 */
	u8 rex;		/* 0: none */
};

/* Prefixes, which are added to p, and the first byte of the opcode. */
static inline u8 insn_opcode(struct insn_bytes *in, struct insn_prefixes *p)
{
	for (;;) {
		u8 b = insn_next(in);

		switch (b) {
		case 0x66:
			p->operand16 = true;
			break;
		case 0xf2:
		case 0xf3:
			p->repeat = true;
			break;
		case 0x26: /* segments */
		case 0x2e:
		case 0x36:
		case 0x3e:
		case 0x64:
		case 0x65:
		case 0x67: /* address size */
		case 0xf0: /* lock */
			break;
		case 0x40 ... 0x4f:
			p->rex = b;
			return insn_next(in);
		default:
			return b;
		}
	}
}

static inline bool insn_complete(const struct insn_bytes *in)
{
	return in->pos <= in->length;
}

/* General register n, 0 to 15, as instructions number them. */
u64 *insn_register(struct guest_regs *regs, unsigned int n);

#endif
