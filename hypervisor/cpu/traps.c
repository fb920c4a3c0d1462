/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What to do about each exception. From a guest: emulate what its kernel could do
 * on a bare machine, and bounce the rest to its kernel. From ourselves: a guest
 * copy that faulted is expected, anything else is the end.
 */
#include <xen/errno.h>
#include <xen/xen.h>

#include "cpu/asm.h"
#include "cpu/descriptors.h"
#include "cpu/fpu.h"
#include "cpu/idt.h"
#include "cpu/layout.h"
#include "cpu/nmi.h"
#include "cpu/traps.h"
#include "cpu/usercopy.h"
#include "debug/note.h"
#include "debug/perfc.h"
#include "domain/domain.h"
#include "irq/irq.h"
#include "machine.h"

#define FIRST_INTERRUPT 0x20
#define VECTOR_INT80 0x80

static const char *const exception_names[] = {
	"divide error", "debug", "NMI", "breakpoint", "overflow",
	"bound range", "invalid opcode", "no FPU", "double fault", "9",
	"invalid TSS", "segment not present", "stack segment",
	"general protection", "page fault", "15", "FPU error",
	"alignment check", "machine check", "SIMD error", "20",
	"control protection",
};

/*
 * int n through a gate of ours that the guest may not use. The error code should
 * name the vector, but not every CPU model agrees; the instruction does not lie.
 */
static bool software_interrupt(struct vcpu *v)
{
	u8 code[2];
	const struct trap_gate *t;

	if ((v->regs.error_code & 7) != 2 ||
	    copy_from_guest(code, (void *)v->regs.rip, sizeof(code)) ||
	    code[0] != 0xcd)
		return false;
	t = &v->traps[code[1]];
	/* A gate for ring 3 serves user programs; the kernel may use ring 1's. */
	if (t->address == 0 || (t->flags & 3) < (v->kernel_mode ? 1 : 3))
		return false;
	v->regs.rip += 2;
	bounce_exception(v, code[1]);
	return true;
}

static void general_protection(struct vcpu *v)
{
	if (v->regs.error_code == 0 && emulate_privileged(v)) {
		perfc_incr(emulated);
		return;
	}
	if (v->regs.error_code != 0 && software_interrupt(v))
		return;
	bounce_exception_error(v, VECTOR_GP, v->regs.error_code);
}

/*
 * From ring 3, but not as a user: the CPU itself went for a descriptor in one of
 * our mappings of the guest's tables.
 *
 * Or it is an emulator (QEMU at least up to 7.2) that takes the stack of a far
 * return or iret in ring 3 for its own, too, and applies SMAP to it. A CPU would
 * not fault there. We do the instruction instead.
 */
static bool implicit_access(struct vcpu *v, u64 address, u32 error)
{
	if (address >= HYPERVISOR_START && address < HYPERVISOR_END) {
		u64 seen = 0;

		if (descriptors_fault(v, address, &seen))
			return true;
		if (seen)
			bounce_page_fault(v, seen, 0);
		else
			bounce_exception_error(v, VECTOR_GP, 0);
		return true;
	}
	return (error & PF_PRESENT) && emulate_far_return(v);
}

/* A write of the guest's kernel to a page that it may only read. */
static bool may_be_page_table(const struct vcpu *v, u32 error)
{
	return (error & (PF_PRESENT | PF_WRITE)) == (PF_PRESENT | PF_WRITE) &&
	       v->kernel_mode;
}

static void page_fault(struct vcpu *v)
{
	u64 address = read_cr2();
	u32 error = v->regs.error_code;

	if (unlikely(!(error & PF_USER)) && implicit_access(v, address, error))
		return;
	if (may_be_page_table(v, error) && writable_pt_fault(v, address, error)) {
		perfc_incr(pt_write);
		return;
	}
	bounce_page_fault(v, address, error);
}

static void debug_exception(struct vcpu *v)
{
	u64 dr6;

	__asm__ volatile("mov %%dr6, %0" : "=r"(dr6));
	__asm__ volatile("mov %0, %%dr6" : : "r"(0xffff0ff0ul));
	v->debugreg[6] = (v->debugreg[6] & ~0xful) | (dr6 & 0xe00f) | 0xffff0ff0;
	bounce_exception(v, VECTOR_DB);
}

/* Exceptions without an error code that are the guest's own business. */
#define SIMPLE                                                          \
	(1u << VECTOR_DE | 1u << VECTOR_BP | 1u << VECTOR_OF |          \
	 1u << VECTOR_BR | 1u << VECTOR_MF | 1u << VECTOR_XM)

/* The frequent ones that only have to be bounced. */
bool trap_quick(struct vcpu *v)
{
	u32 vector = v->regs.vector, error = v->regs.error_code;

	trap_note(v, vector, read_cr2());
	if (likely(vector == VECTOR_PF)) {
		if (!(error & PF_USER) || may_be_page_table(v, error))
			return false;
		bounce_page_fault(v, read_cr2(), error);
		return true;
	}
	if (vector < 32 && (SIMPLE >> vector & 1)) {
		bounce_exception(v, vector);
		return true;
	}
	return false;
}

void trap_from_guest(struct vcpu *v)
{
	u32 vector = v->regs.vector;

	switch (vector) {
	case VECTOR_PF:
		page_fault(v);
		return;
	case VECTOR_GP:
		general_protection(v);
		return;
	case VECTOR_UD:
		if (emulate_forced(v))
			perfc_incr(forced);
		else
			bounce_exception(v, vector);
		return;
	case VECTOR_NM:
		/* Xen's rule: delivering the fault clears the guest's TS. */
		fpu_set_ts(v, false);
		bounce_exception(v, vector);
		return;
	case VECTOR_DB:
		debug_exception(v);
		return;
	case VECTOR_NMI:
		nmi_handle(&v->regs);
		return;
	case VECTOR_MC:
		panic("machine check");
	case VECTOR_DF:
		panic("double fault of a guest");
	case VECTOR_TS:
	case VECTOR_NP:
	case VECTOR_SS:
	case VECTOR_AC:
		bounce_exception_error(v, vector, v->regs.error_code);
		return;
	case VECTOR_INT80:
		if (v->traps[VECTOR_INT80].address) {
			bounce_exception(v, VECTOR_INT80);
		} else {
			v->regs.rip -= 2;
			bounce_exception_error(v, VECTOR_GP, 0x80 * 8 + 2);
		}
		return;
	default:
		if (vector >= FIRST_INTERRUPT)
			irq_dispatch(&v->regs, vector);
		else
			domain_crash(v->domain, "exception %u", vector);
	}
}

static void __noreturn fatal(struct guest_regs *r)
{
	printk(LOG_ERROR, "*** Exception %u (%s), error code %04x, in the hypervisor\n",
	       r->vector,
	       r->vector < ARRAY_SIZE(exception_names) ?
		       exception_names[r->vector] :
		       "?",
	       r->error_code);
	dump_hypervisor(r);
	panic("unexpected exception %u at %016lx", r->vector, r->rip);
}

/* In this CPU's page of stubs (cpu/area.c). */
static bool in_stubs(u64 rip)
{
	return (rip & PAGE_MASK) ==
	       (u64)this_cpu() - CPU_AREA_CPU + CPU_AREA_STUB;
}

void trap_from_hypervisor(struct guest_regs *r)
{
	u64 fixup;

	if (r->vector >= FIRST_INTERRUPT) {
		irq_dispatch(NULL, r->vector);
		return;
	}
	switch (r->vector) {
	case VECTOR_NMI:
		nmi_handle(r);
		return;
	case VECTOR_DB:
		/* Left over from the guest, or its breakpoint hit our access. */
		__asm__ volatile("mov %0, %%dr6" : : "r"(0xffff0ff0ul));
		/* SYSENTER keeps the flag; its stub saves it, and then clears it. */
		if (!in_stubs(r->rip))
			r->rflags &= ~RFLAGS_TF;
		return;
	case VECTOR_PF:
	case VECTOR_GP:
	case VECTOR_NP:
	case VECTOR_SS:
	case VECTOR_AC:
		fixup = exception_fixup(r->rip);
		if (!fixup)
			fatal(r);
		r->rip = fixup;
		return;
	default:
		fatal(r);
	}
}
