/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Delivery to the guest's kernel: exceptions, event upcalls, system calls. We do
 * what the CPU would: write a frame to the kernel's stack and continue at the
 * handler. The frame (lowest word first) is
 *
 *	rcx r11 [error code] rip cs rflags rsp ss
 *
 * with the event mask as it was in the upper half of cs, RPL 0 in cs when the
 * kernel itself was interrupted, and IF in rflags telling the event mask.
 */
#include <xen/errno.h>
#include <xen/xen.h>

#include "cpu/guest_mode.h"
#include "cpu/idt.h"
#include "cpu/selectors.h"
#include "cpu/traps.h"
#include "debug/perfc.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "machine.h"
#include "sched/sched.h"

#define CLEARED_FLAGS \
	(RFLAGS_TF | RFLAGS_NT | RFLAGS_RF | RFLAGS_VM | RFLAGS_AC | RFLAGS_IOPL)

/* The I/O privilege level is ours to check; a guest may ask to see it. */
static inline u64 shown_iopl(const struct vcpu *v)
{
	return READ_ONCE(v->domain->vm_assist) >>
			       VMASST_TYPE_architectural_iopl & 1 ?
		       (u64)v->iopl << 12 :
		       0;
}

/* From user to kernel mode: the GS base, the page tables. */
static inline void enter_kernel_mode(struct vcpu *v)
{
	perfc_incr(mode_switch);
	v->kernel_mode = 1;
	__asm__ volatile("swapgs" : : : "memory");
	v->cr3 = v->kernel_l4 << PAGE_SHIFT;
	write_cr3(v->cr3);
}

static inline void leave_kernel_mode(struct vcpu *v)
{
	perfc_incr(mode_switch);
	v->kernel_mode = 0;
	__asm__ volatile("swapgs" : : : "memory");
	v->cr3 = v->user_l4 << PAGE_SHIFT;
	write_cr3(v->cr3);
}

static __noinline void no_handler(struct vcpu *v)
{
	domain_crash(v->domain, "no handler for exception %u (error %04x)",
		     v->regs.vector, v->regs.error_code);
}

static __noinline void bad_kernel_stack(struct vcpu *v, u64 sp)
{
	domain_crash(v->domain, "its kernel stack at %016lx is not writable", sp);
}

/*
 * In each of its callers, with the constants of that caller; and with calls at
 * the ends alone, so that registers need not be saved.
 */
static inline __attribute__((always_inline)) void
bounce(struct vcpu *v, u64 address, u16 cs, bool mask, bool with_error,
       u32 error)
{
	struct guest_regs *r = &v->regs;
	u64 sp, cs_word, flags, *f;
	u8 saved_mask;

	if (unlikely(address == 0))
		return no_handler(v);
	if (likely(v->kernel_mode)) {
		cs_word = r->cs & ~3ul;
		sp = r->rsp;
	} else {
		cs_word = r->cs;
		enter_kernel_mode(v);
		sp = v->kernel_sp;
	}
	saved_mask = READ_ONCE(v->info->evtchn_upcall_mask);
	cs_word |= (u64)saved_mask << 32;
	flags = (r->rflags & ~(RFLAGS_IF | RFLAGS_IOPL)) |
		(saved_mask ? 0 : RFLAGS_IF) | shown_iopl(v);
	sp = (sp & ~15ul) - (with_error ? 8 : 7) * sizeof(u64);
	f = (u64 *)sp;
	if (unlikely(!guest_range(f, 8 * sizeof(u64))))
		goto bad_stack;
	guest_access_begin();
	guest_store(r->rcx, f++, fault);
	guest_store(r->r11, f++, fault);
	if (with_error)
		guest_store((u64)error, f++, fault);
	guest_store(r->rip, f++, fault);
	guest_store(cs_word, f++, fault);
	guest_store(flags, f++, fault);
	guest_store(r->rsp, f++, fault);
	guest_store(r->ss, f++, fault);
	guest_access_end();
	if (mask)
		WRITE_ONCE(v->info->evtchn_upcall_mask, 1);
	r->rip = address;
	r->cs = cs;
	r->rflags &= ~CLEARED_FLAGS;
	r->rsp = sp;
	r->ss = GUEST_DS;
	/* rcx and r11 are in the frame: the way out may clobber them. */
	r->vector = likely(cs == GUEST_CS64) ? VECTOR_SYSCALL : 0;
	if (unlikely(v->runstate_stale))
		sched_runstate_to_guest(v);
	return;
fault:
	guest_access_end();
bad_stack:
	bad_kernel_stack(v, sp);
}

void bounce_exception(struct vcpu *v, unsigned int vector)
{
	const struct trap_gate *t = &v->traps[vector];

	bounce(v, t->address, t->cs, t->flags & 4, false, 0);
}

void bounce_exception_error(struct vcpu *v, unsigned int vector, u32 error)
{
	const struct trap_gate *t = &v->traps[vector];

	bounce(v, t->address, t->cs, t->flags & 4, true, error);
}

void bounce_page_fault(struct vcpu *v, u64 address, u32 error)
{
	WRITE_ONCE(v->info->arch.cr2, address);
	/* The kernel runs in ring 3 too, but does not want to know. */
	if (v->kernel_mode)
		error &= ~PF_USER;
	bounce_exception_error(v, VECTOR_PF, error);
}

static __noinline void bounce_callback(struct vcpu *v, u64 address, bool mask)
{
	bounce(v, address, GUEST_CS64, mask, false, 0);
}

void bounce_upcall(struct vcpu *v)
{
	if (unlikely(v->event_callback.address == 0)) {
		domain_crash(v->domain, "event pending and no event callback");
		return;
	}
	perfc_incr(upcall);
	bounce_callback(v, v->event_callback.address, true);
}

/* SYSCALL, when nobody wants it, is no instruction. */
static void bounce_syscall_to(struct vcpu *v, u64 address)
{
	if (unlikely(address == 0)) {
		v->regs.rip -= 2;
		bounce_exception(v, VECTOR_UD);
		return;
	}
	/* As on Xen, one flag for both. */
	bounce_callback(v, address, v->syscall_callback.masks_events);
}

void bounce_syscall(struct vcpu *v)
{
	bounce_syscall_to(v, v->syscall_callback.address);
}

/* In compatibility mode. */
void bounce_syscall32(struct vcpu *v)
{
	bounce_syscall_to(v, v->syscall32_callback.address);
}

/*
 * The frame says cs 3, rip 0 and rsp 0: where the program was, and where it goes
 * on, is between it and its kernel.
 */
void bounce_sysenter(struct vcpu *v)
{
	const struct callback *c = &v->sysenter_callback;

	v->regs.rflags |= RFLAGS_IF;
	if (c->address == 0) {
		bounce_exception_error(v, VECTOR_GP, 0);
		return;
	}
	bounce_callback(v, c->address, c->masks_events);
}

void bounce_nmi(struct vcpu *v)
{
	const struct trap_gate *t = &v->traps[VECTOR_NMI];

	bounce(v, t->address, t->cs, true, false, 0);
}

/*
 * The guest asked to return to a context that the CPU refuses. Its frame has the
 * data segments in front of the ordinary one: ds es fs gs.
 */
void bounce_failsafe(struct vcpu *v)
{
	const struct callback *c = &v->failsafe_callback;
	u64 selectors[4] = { v->ds, v->es, v->fs, v->gs };
	u64 sp;

	if (c->address == 0) {
		domain_crash(v->domain,
			     "bad return context (rip %016lx cs %04lx) and no failsafe callback",
			     v->regs.rip, v->regs.cs);
		return;
	}
	bounce_callback(v, c->address, c->masks_events);
	if (v->domain->is_shut_down)
		return;
	/* The selectors go between rcx, r11 and rip. */
	sp = v->regs.rsp - sizeof(selectors);
	{
		u64 two[2] = { v->regs.rcx, v->regs.r11 };

		if (copy_to_guest((void *)sp, two, sizeof(two)) ||
		    copy_to_guest((void *)(sp + sizeof(two)), selectors,
				  sizeof(selectors)))
			domain_crash(v->domain,
				     "failsafe callback: stack not writable");
	}
	v->regs.rsp = sp;
}

/* With the architectural IOPL shown, iret changes it. */
static void set_iopl(struct vcpu *v, u64 rflags)
{
	if (v->domain->vm_assist >> VMASST_TYPE_architectural_iopl & 1)
		v->iopl = rflags >> 12 & 3;
}

static __noinline long no_user_mode(struct vcpu *v)
{
	domain_crash(v->domain, "iret to user mode without user page tables");
	return 0;
}

static __noinline long bad_iret_frame(struct vcpu *v)
{
	domain_crash(v->domain, "iret: frame at %016lx not readable",
		     v->regs.rsp);
	return 0;
}

long do_iret(void)
{
	struct vcpu *v = current;
	struct guest_regs *r = &v->regs;
	const struct iret_context *c = (const void *)r->rsp;
	u64 rax, flags, rip, cs, rflags, rsp, ss;

	if (unlikely(!guest_range(c, sizeof(*c))))
		goto bad_frame;
	guest_access_begin();
	/* SYSRET, when it is used, overwrites these two. */
	guest_load(r->r11, &c->r11, fault);
	guest_load(r->rcx, &c->rcx, fault);
	guest_load(rax, &c->rax, fault);
	guest_load(flags, &c->flags, fault);
	guest_load(rip, &c->rip, fault);
	guest_load(cs, &c->cs, fault);
	guest_load(rflags, &c->rflags, fault);
	guest_load(rsp, &c->rsp, fault);
	guest_load(ss, &c->ss, fault);
	guest_access_end();
	if ((cs & 3) == 3) {
		if (unlikely(v->user_l4 == 0))
			return no_user_mode(v);
		leave_kernel_mode(v);
	}
	r->rip = rip;
	r->cs = (u16)(cs | 3);
	r->rflags = (rflags & ~(RFLAGS_IOPL | RFLAGS_VM)) | RFLAGS_IF |
		    RFLAGS_MBS;
	r->rsp = rsp;
	r->ss = (u16)(ss | 3);
	r->vector = (flags & VGCF_in_syscall) && r->cs == GUEST_CS64 &&
				    r->ss == GUEST_DS ?
			    VECTOR_SYSCALL :
			    0;
	set_iopl(v, rflags);
	WRITE_ONCE(v->info->evtchn_upcall_mask, !(rflags & RFLAGS_IF));
	return rax;
fault:
	guest_access_end();
bad_frame:
	return bad_iret_frame(v);
}

long do_set_trap_table(void *traps)
{
	struct vcpu *v = current;
	struct trap_info *list = traps;

	if (!traps) {
		for (unsigned int i = 0; i < 256; i++)
			v->traps[i] = (struct trap_gate){ 0 };
		return 0;
	}
	/* At most a full table: a list without an end has no more to say. */
	for (unsigned int i = 0; i <= 256; i++) {
		struct trap_info t;

		if (copy_from_guest(&t, &list[i], sizeof(t)))
			return -XEN_EFAULT;
		if (t.address == 0)
			return 0;
		if ((s64)(t.address << 16) >> 16 != (s64)t.address)
			return -XEN_EINVAL;
		v->traps[t.vector] = (struct trap_gate){
			.address = t.address,
			.cs = t.cs | 3,
			.flags = t.flags,
		};
	}
	return 0;
}
