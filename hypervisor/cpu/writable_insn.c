/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A decoder for stores. The address is known from the fault, so of the memory
 * operand only the length matters (SDM vol. 2, chapter 2).
 */
#include "cpu/insn.h"
#include "cpu/regs.h"
#include "cpu/writable_insn.h"
#include "domain/domain.h"
#include "machine.h"

#define ARITHMETIC_FLAGS 0x8d5ul /* CF PF AF ZF SF OF */
#define FLAG_PF (1ul << 2)
#define FLAG_ZF (1ul << 6)
#define FLAG_SF (1ul << 7)

static u64 truncate(u64 v, unsigned int bytes)
{
	return bytes == 8 ? v : v & ((1ull << (bytes * 8)) - 1);
}

static void write_reg(u64 *reg, u64 v, unsigned int bytes)
{
	switch (bytes) {
	case 8:
	case 4: /* 32-bit results clear the upper half */
		*reg = truncate(v, bytes);
		break;
	default:
		*reg = (*reg & ~truncate(~0ull, bytes)) | truncate(v, bytes);
		break;
	}
}

static u64 immediate(struct insn_bytes *s, unsigned int bytes)
{
	u32 v = 0;

	for (unsigned int i = 0; i < min(bytes, 4u); i++)
		v |= (u32)insn_next(s) << (8 * i);
	return bytes == 8 ? (u64)(s64)(s32)v : v;
}

/* The memory operand; returns modrm's reg field (three bits). False: a register. */
static bool memory_operand(struct insn_bytes *s, u8 *reg)
{
	u8 modrm = insn_next(s), mod = modrm >> 6, rm = modrm & 7;

	*reg = modrm >> 3 & 7;
	if (mod == 3)
		return false;
	if (rm == 4 && (insn_next(s) & 7) == 5 && mod == 0)
		s->pos += 4;
	if (mod == 0 && rm == 5)
		s->pos += 4;
	s->pos += mod == 1 ? 1 : mod == 2 ? 4 : 0;
	return true;
}

/* Group 1 and the op r/m, r forms number the operations alike. */
static bool group1(unsigned int n, enum write_op *op)
{
	switch (n) {
	case 1:
		*op = WRITE_OR;
		return true;
	case 4:
		*op = WRITE_AND;
		return true;
	case 6:
		*op = WRITE_XOR;
		return true;
	default:
		return false;
	}
}

static bool decode_string(struct vcpu *v, struct write_insn *insn, u8 op,
			  unsigned int bytes, unsigned int length)
{
	insn->op = WRITE_MOV;
	insn->string = true;
	insn->source_moves = op < 0xaa;
	insn->bytes = bytes;
	insn->length = length;
	insn->source = truncate(v->regs.rax, bytes);
	if (insn->source_moves) {
		insn->source = 0;
		return copy_from_guest(&insn->source, (void *)v->regs.rsi,
				       bytes) == 0;
	}
	return true;
}

bool write_insn_decode(struct vcpu *v, struct write_insn *insn)
{
	struct guest_regs *r = &v->regs;
	struct insn_prefixes prefixes = { 0 };
	unsigned int bytes, imm = 0;
	struct insn_bytes s;
	u8 op, rex, reg;

	*insn = (struct write_insn){ .stores = true };
	if (!insn_fetch(v, &s))
		return false;
	op = insn_opcode(&s, &prefixes);
	insn->repeat = prefixes.repeat;
	rex = prefixes.rex;
	bytes = rex & 8 ? 8 : prefixes.operand16 ? 2 : 4;

	switch (op) {
	case 0xa4: /* movs */
	case 0xa5:
	case 0xaa: /* stos */
	case 0xab:
		return decode_string(v, insn, op, op & 1 ? bytes : 1, s.pos);
	case 0x88: /* mov r8 */
	case 0x89: /* mov r */
		insn->op = WRITE_MOV;
		break;
	case 0xc6: /* mov imm8 */
	case 0xc7: /* mov imm */
		insn->op = WRITE_MOV;
		imm = op == 0xc6 ? 1 : bytes;
		break;
	case 0x86: /* xchg */
	case 0x87:
		insn->op = WRITE_XCHG;
		break;
	case 0x08: /* or, and, xor r/m, r */
	case 0x09:
	case 0x20:
	case 0x21:
	case 0x30:
	case 0x31:
		group1(op >> 3, &insn->op);
		break;
	case 0x80: /* op r/m, imm */
	case 0x81:
	case 0x83:
		imm = op == 0x81 ? bytes : 1;
		break;
	case 0x0f:
		op = insn_next(&s);
		switch (op) {
		case 0xb0:
		case 0xb1:
			insn->op = WRITE_CMPXCHG;
			break;
		case 0xc0:
		case 0xc1:
			insn->op = WRITE_XADD;
			break;
		case 0xba: /* bts, btr imm8 */
			imm = 1;
			break;
		case 0xab:
			insn->op = WRITE_BTS;
			break;
		case 0xb3:
			insn->op = WRITE_BTR;
			break;
		default:
			return false;
		}
		break;
	default:
		return false;
	}
	/* Opcodes with bit 0 clear have byte operands; the bit ops do not. */
	if (!(op & 1) && op != 0xba)
		bytes = 1;
	if (!memory_operand(&s, &reg))
		return false;
	if (op == 0x80 || op == 0x81 || op == 0x83) {
		if (!group1(reg, &insn->op))
			return false;
	} else if (op == 0xba) {
		if (reg != 5 && reg != 6)
			return false;
		insn->op = reg == 5 ? WRITE_BTS : WRITE_BTR;
	} else if ((op == 0xc6 || op == 0xc7) && reg != 0) {
		return false;
	}

	insn->bytes = bytes;
	if (imm) {
		insn->source = immediate(&s, imm);
		if (op == 0x83)
			insn->source = (s64)(s8)insn->source;
	} else {
		unsigned int n = reg | (rex & 4) << 1;

		/* Without REX, byte registers 4 to 7 are ah, ch, dh, bh. */
		if (bytes == 1 && !rex && n >= 4)
			return false;
		insn->reg = insn_register(r, n);
		insn->source = *insn->reg;
	}
	insn->source = truncate(insn->source, bytes);
	/* A bit number beyond the operand addresses other memory. */
	if ((insn->op == WRITE_BTS || insn->op == WRITE_BTR)) {
		if (insn->reg && insn->source >= bytes * 8)
			return false;
		insn->source &= bytes * 8 - 1;
	}
	insn->length = s.pos;
	return insn_complete(&s);
}

static u64 logic_flags(u64 result, unsigned int bytes)
{
	return (__builtin_parity(result & 0xff) ? 0 : FLAG_PF) |
	       (result == 0 ? FLAG_ZF : 0) |
	       (result >> (bytes * 8 - 1) & 1 ? FLAG_SF : 0);
}

/* Flags of a - b and a + b; what a compiler looks at after cmpxchg and xadd. */
static u64 sum_flags(u64 a, u64 b, u64 result, unsigned int bytes, bool sub)
{
	unsigned int top = bytes * 8 - 1;
	u64 carry = sub ? ((~a & b) | (~(a ^ b) & result)) :
			  ((a & b) | ((a | b) & ~result));
	u64 overflow = sub ? (a ^ b) & (a ^ result) : ~(a ^ b) & (a ^ result);

	return logic_flags(truncate(result, bytes), bytes) |
	       (carry >> top & 1) | (carry >> 3 & 1) << 4 |
	       (overflow >> top & 1) << 11;
}

u64 write_insn_compute(struct vcpu *v, struct write_insn *insn, u64 old)
{
	u64 result = insn->source;
	u64 expected = truncate(v->regs.rax, insn->bytes);

	switch (insn->op) {
	case WRITE_MOV:
	case WRITE_XCHG:
		return result;
	case WRITE_CMPXCHG:
		insn->stores = old == expected;
		insn->sets_flags = true;
		insn->flags = sum_flags(expected, old,
					truncate(expected - old, insn->bytes),
					insn->bytes, true);
		return result;
	case WRITE_XADD:
		result = truncate(old + insn->source, insn->bytes);
		insn->sets_flags = true;
		insn->flags = sum_flags(old, insn->source, result, insn->bytes,
					false);
		return result;
	case WRITE_AND:
		result &= old;
		break;
	case WRITE_OR:
		result |= old;
		break;
	case WRITE_XOR:
		result ^= old;
		break;
	case WRITE_BTS:
	case WRITE_BTR:
		insn->sets_flags = true;
		insn->flags = (v->regs.rflags & ARITHMETIC_FLAGS & ~RFLAGS_CF) |
			      (old >> insn->source & 1);
		return insn->op == WRITE_BTS ? old | 1ull << insn->source :
					       old & ~(1ull << insn->source);
	}
	insn->sets_flags = true;
	insn->flags = logic_flags(result, insn->bytes);
	return result;
}

void write_insn_commit(struct vcpu *v, struct write_insn *insn, u64 old)
{
	struct guest_regs *r = &v->regs;

	if (insn->op == WRITE_XCHG || insn->op == WRITE_XADD)
		write_reg(insn->reg, old, insn->bytes);
	else if (insn->op == WRITE_CMPXCHG && !insn->stores)
		write_reg(&r->rax, old, insn->bytes);
	if (insn->sets_flags)
		r->rflags = (r->rflags & ~ARITHMETIC_FLAGS) | insn->flags;
	if (insn->string) {
		s64 step = r->rflags & RFLAGS_DF ? -(s64)insn->bytes :
						   (s64)insn->bytes;

		r->rdi += step;
		if (insn->source_moves)
			r->rsi += step;
		/* The guest comes back for the next one. */
		if (insn->repeat && --r->rcx != 0)
			return;
	}
	r->rip += insn->length;
}
