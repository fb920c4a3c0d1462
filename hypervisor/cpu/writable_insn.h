/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions that store to memory, as writable page tables need them. */
#ifndef CPU_WRITABLE_INSN_H
#define CPU_WRITABLE_INSN_H

#include "lib/types.h"

struct vcpu;

enum write_op {
	WRITE_MOV,
	WRITE_XCHG,
	WRITE_CMPXCHG,
	WRITE_XADD,
	WRITE_AND,
	WRITE_OR,
	WRITE_XOR,
	WRITE_BTR,
	WRITE_BTS,
};

struct write_insn {
	enum write_op op;
	unsigned int bytes;  /* operand size: 1, 2, 4, 8 */
	unsigned int length; /* of the instruction */
	u64 source;	     /* register's or immediate's value, truncated */
	u64 *reg;	     /* the register, where it is written back */
	bool string;	     /* stos or movs: pointers move ... */
	bool source_moves;   /* ... both of them (movs) ... */
	bool repeat;	     /* ... as often as rcx says */
	bool stores;	     /* false after a cmpxchg that does not match */
	u64 flags;	     /* new arithmetic flags, where the op sets them */
	bool sets_flags;
};

/* Decode the instruction at v's rip; false: none that we know. */
bool write_insn_decode(struct vcpu *v, struct write_insn *insn);

/* What it stores, given what memory holds. */
u64 write_insn_compute(struct vcpu *v, struct write_insn *insn, u64 old);

/* After the store: write registers and flags, step over the instruction. */
void write_insn_commit(struct vcpu *v, struct write_insn *insn, u64 old);

#endif
