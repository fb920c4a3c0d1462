/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Privileged instructions of a guest's kernel. It runs in ring 3, so they fault
 * and come here; most kernels use hypercalls instead, so this is for the rest:
 * CPUID behind a prefix, MSRs, ports, control and debug registers, hlt. A small
 * decoder for just these. What a guest may not do is left undone, and its kernel
 * gets the fault.
 */
#include <xen/errno.h>
#include <xen/xen.h>

#include "cpu/asm.h"
#include "cpu/cpu.h"
#include "cpu/cpuid.h"
#include "cpu/debugreg.h"
#include "cpu/fpu.h"
#include "cpu/guest_mode.h"
#include "cpu/idt.h"
#include "cpu/insn.h"
#include "cpu/ioport.h"
#include "cpu/msr.h"
#include "cpu/traps.h"
#include "domain/domain.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/mmuext.h"

struct insn {
	struct insn_bytes bytes;
	struct insn_prefixes prefixes;
	bool undefined; /* it is no instruction, as the guest has set its CPU up */
};

static u8 next(struct insn *in)
{
	return insn_next(&in->bytes);
}

static void set_port_value(struct guest_regs *r, u32 value, unsigned int bytes)
{
	switch (bytes) {
	case 1:
		r->rax = (r->rax & ~0xfful) | (u8)value;
		break;
	case 2:
		r->rax = (r->rax & ~0xfffful) | (u16)value;
		break;
	default:
		r->rax = value;
		break;
	}
}

static bool port_io(struct vcpu *v, u16 port, unsigned int bytes, bool out)
{
	u32 value = v->regs.rax;

	if (!ioport_privileged(v, port, bytes))
		return false;
	if (out) {
		ioport_out(v, port, bytes, value);
	} else {
		value = ioport_in(v, port, bytes);
		set_port_value(&v->regs, value, bytes);
	}
	return true;
}

/*
 * ins and outs, one element at a time: with rep the guest comes back for the
 * next, so that nothing runs long. Memory that cannot be used is left in fault.
 */
static bool string_io(struct vcpu *v, struct insn *in, u8 op, bool *again,
		      u64 *fault)
{
	unsigned int bytes = !(op & 1) ? 1 : in->prefixes.operand16 ? 2 : 4;
	struct guest_regs *r = &v->regs;
	s64 step = r->rflags & RFLAGS_DF ? -(s64)bytes : bytes;
	u32 value = 0;

	if (in->prefixes.repeat && r->rcx == 0)
		return true;
	if (!ioport_privileged(v, r->rdx, bytes))
		return false;
	if (op >= 0x6e) {
		if (copy_from_guest(&value, (void *)r->rsi, bytes)) {
			*fault = r->rsi;
			return false;
		}
		ioport_out(v, r->rdx, bytes, value);
		r->rsi += step;
	} else {
		value = ioport_in(v, r->rdx, bytes);
		if (copy_to_guest((void *)r->rdi, &value, bytes)) {
			*fault = r->rdi;
			return false;
		}
		r->rdi += step;
	}
	if (in->prefixes.repeat)
		*again = --r->rcx != 0;
	return true;
}

#define CR4_HIDDEN (CR4_PGE | CR4_PSE | CR4_SMEP | CR4_SMAP | CR4_UMIP)

static bool read_cr(struct vcpu *v, unsigned int cr, u64 *value)
{
	switch (cr) {
	case 0:
		*value = CR0_PG | CR0_AM | CR0_WP | CR0_NE | CR0_ET | CR0_MP |
			 CR0_PE | (v->cr0_ts ? CR0_TS : 0);
		return true;
	case 2:
		*value = v->info->arch.cr2;
		return true;
	case 3:
		*value = v->kernel_l4 << PAGE_SHIFT;
		return true;
	case 4:
		*value = v->cr4 | (this_cpu()->cr4 & ~(CR4_GUEST | CR4_HIDDEN));
		return true;
	default:
		return false;
	}
}

static bool write_cr(struct vcpu *v, unsigned int cr, u64 value)
{
	u64 old;

	switch (cr) {
	case 0:
		read_cr(v, 0, &old);
		if ((value ^ old) & ~CR0_TS)
			return false;
		fpu_set_ts(v, value & CR0_TS);
		return true;
	case 2:
		v->info->arch.cr2 = value;
		return true;
	case 3: {
		struct mmuext_op op = { .cmd = MMUEXT_NEW_BASEPTR,
					.arg1.mfn = value >> PAGE_SHIFT };

		return mmuext_one(v, &op) == 0;
	}
	case 4:
		/* The rest is not the guest's, and stays without a word. */
		v->cr4 = value & CR4_GUEST;
		return true;
	default:
		return false;
	}
}

/* 0f xx */
static bool two_byte(struct vcpu *v, struct insn *in)
{
	struct guest_regs *r = &v->regs;
	u8 op = next(in);
	u8 modrm;
	u64 value;

	switch (op) {
	case 0x01: /* xsetbv; others of the group are not for guests */
		if (next(in) != 0xd1)
			return false;
		in->undefined = !(v->cr4 & CR4_OSXSAVE);
		return !in->undefined && (u32)r->rcx == 0 &&
		       fpu_set_xcr0(v, (u32)r->rax | r->rdx << 32);
	case 0x06: /* clts */
		fpu_set_ts(v, false);
		return true;
	case 0x09: /* wbinvd */
		if (v->domain->is_privileged)
			flush_cache(false);
		return true;
	case 0x20: /* mov r, cr */
		modrm = next(in);
		if (modrm >> 6 != 3 ||
		    !read_cr(v, (modrm >> 3 & 7) | (in->prefixes.rex & 4) << 1, &value))
			return false;
		*insn_register(r, (modrm & 7) | (in->prefixes.rex & 1) << 3) = value;
		return true;
	case 0x22: /* mov cr, r */
		modrm = next(in);
		if (modrm >> 6 != 3)
			return false;
		return write_cr(v, (modrm >> 3 & 7) | (in->prefixes.rex & 4) << 1,
				*insn_register(r, (modrm & 7) | (in->prefixes.rex & 1) << 3));
	case 0x21: { /* mov r, dr */
		unsigned int n;

		modrm = next(in);
		n = modrm >> 3 & 7;
		*insn_register(r, (modrm & 7) | (in->prefixes.rex & 1) << 3) =
			v->debugreg[n == 4 || n == 5 ? n + 2 : n];
		return true;
	}
	case 0x23: /* mov dr, r */
		modrm = next(in);
		return debugreg_set(v, modrm >> 3 & 7,
				    *insn_register(r, (modrm & 7) |
						    (in->prefixes.rex & 1) << 3)) == 0;
	case 0x30: /* wrmsr */
		return msr_guest_write(v, r->rcx,
				       (u32)r->rax | r->rdx << 32);
	case 0x32: /* rdmsr */
		if (!msr_guest_read(v, r->rcx, &value))
			return false;
		r->rax = (u32)value;
		r->rdx = value >> 32;
		return true;
	case 0xa2: /* cpuid, when it faults */
		cpuid_guest(v, r);
		return true;
	default:
		return false;
	}
}

bool emulate_privileged(struct vcpu *v)
{
	struct guest_regs *r = &v->regs;
	bool again = false;
	u64 fault = 0;
	struct insn in;
	u8 op;

	memset(&in, 0, sizeof(in));
	if (!insn_fetch(v, &in.bytes))
		return false;
	op = insn_opcode(&in.bytes, &in.prefixes);
	switch (op) {
	case 0x6c ... 0x6f: /* ins, outs */
		if (!string_io(v, &in, op, &again, &fault)) {
			if (fault)
				bounce_page_fault(v, fault,
						  op < 0x6e ? PF_WRITE : 0);
			return fault != 0;
		}
		break;
	case 0xe4 ... 0xe7: { /* in, out with a port number */
		u8 port = next(&in);

		if (!port_io(v, port,
			     !(op & 1) ? 1 : in.prefixes.operand16 ? 2 : 4, op & 2))
			return false;
		break;
	}
	case 0xec ... 0xef: /* in, out with dx */
		if (!port_io(v, r->rdx, !(op & 1) ? 1 : in.prefixes.operand16 ? 2 : 4,
			     op & 2))
			return false;
		break;
	case 0xfa: /* cli and sti change nothing: events have a mask instead */
	case 0xfb:
		if (v->iopl < (v->kernel_mode ? 1 : 3))
			return false;
		break;
	case 0x0f:
		if (v->kernel_mode && two_byte(v, &in))
			break;
		if (in.undefined)
			bounce_exception(v, VECTOR_UD);
		return in.undefined;
	default:
		return false;
	}
	if (!insn_complete(&in.bytes))
		return false;
	if (!again)
		r->rip += in.bytes.pos;
	return true;
}

/* ud2, "xen", cpuid: 0f 0b 78 65 6e 0f a2. */
#define FORCED_CPUID 0xa20f6e65780b0full
#define FORCED_CPUID_BYTES 7

bool emulate_forced(struct vcpu *v)
{
	struct guest_regs *r = &v->regs;
	u64 code = 0;

	if (copy_from_guest(&code, (void *)r->rip, FORCED_CPUID_BYTES) ||
	    code != FORCED_CPUID)
		return false;
	cpuid_guest(v, r);
	r->rip += FORCED_CPUID_BYTES;
	return true;
}
