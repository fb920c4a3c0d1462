/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VCPU's context as the ABI has it, from a guest that brings up another VCPU of
 * its own or from whoever builds a domain. Nothing in it is believed.
 */
#include <xen/errno.h>
#include <xen/xen.h>

#include "cpu/debugreg.h"
#include "cpu/guest_mode.h"
#include "cpu/selectors.h"
#include "domain/domain.h"
#include "domain/vcpu_op.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/frame.h"
#include "mm/pagetable.h"

/* xen_pfn_to_cr3() on 64-bit is a shift. */
#define cr3_to_mfn(cr3) ((cr3) >> PAGE_SHIFT)

#define CR0_TS (1ul << 3) /* SDM vol. 3, 2.5 */

/* In the FXSAVE format (SDM vol. 1, 10.5.1). */
#define FXSAVE_MXCSR 24
/* SDM vol. 1, 13.4.2 */
#define XSAVE_XSTATE_BV 512
#define XSTATE_X87 1
#define XSTATE_SSE 2
#define MXCSR_VALID 0xffff

static int check(const struct vcpu_guest_context *c)
{
	/* User mode has a page table of its own or cannot be. */
	if (!(c->flags & VGCF_in_kernel) && !c->ctrlreg[1])
		return -XEN_EINVAL;
	if (c->vm_assist & ~ASSISTS)
		return -XEN_EINVAL;
	if (!canonical(c->user_regs.rip) || !canonical(c->fs_base) ||
	    !canonical(c->gs_base_kernel) || !canonical(c->gs_base_user) ||
	    !canonical(c->event_callback_eip) ||
	    !canonical(c->failsafe_callback_eip) ||
	    !canonical(c->syscall_callback_eip))
		return -XEN_EINVAL;
	for (unsigned int i = 0; i < 256; i++)
		if (!canonical(c->trap_ctxt[i].address))
			return -XEN_EINVAL;
	return 0;
}

static int load_root(struct domain *d, u64 cr3, mfn_t *root)
{
	mfn_t mfn = cr3_to_mfn(cr3);
	int rc;

	if (!mfn_valid(mfn))
		return -XEN_EINVAL;
	rc = table_get(d, mfn_to_frame(mfn), 4);
	if (rc == 0)
		*root = mfn;
	return rc;
}

/* 0, or -ERESTART: tables have to be undone before the rest can go. */
static int drop_root(struct domain *d, mfn_t *root)
{
	mfn_t mfn = *root;

	if (tables_unfinished(current))
		return -ERESTART;
	*root = 0;
	if (mfn)
		table_put(d, mfn_to_frame(mfn), 4);
	return tables_unfinished(current) ? -ERESTART : 0;
}

int vcpu_drop_roots(struct vcpu *v)
{
	int rc = drop_root(v->domain, &v->kernel_l4);

	return rc ? rc : drop_root(v->domain, &v->user_l4);
}

/*
 * The parts that hold references, all or none. What cannot be dropped at once
 * after a failure goes with the next attempt, or with the VCPU. mmu lock held.
 */
static int load_memory(struct vcpu *v, const struct vcpu_guest_context *c)
{
	struct domain *d = v->domain;
	int rc = vcpu_drop_roots(v);

	if (rc)
		return rc;
	rc = load_root(d, c->ctrlreg[3], &v->kernel_l4);
	if (rc == 0 && c->ctrlreg[1])
		rc = load_root(d, c->ctrlreg[1], &v->user_l4);
	if (rc == 0)
		rc = vcpu_set_gdt(v, c->gdt_frames, c->gdt_ents);
	if (rc) {
		vcpu_drop_roots(v);
		return rc;
	}
	vcpu_set_ldt(v, c->ldt_base, c->ldt_ents);
	return 0;
}

static void load_registers(struct vcpu *v, const struct vcpu_guest_context *c)
{
	const struct cpu_user_regs *u = &c->user_regs;

	v->regs = (struct guest_regs){
		.r15 = u->r15, .r14 = u->r14, .r13 = u->r13, .r12 = u->r12,
		.rbp = u->rbp, .rbx = u->rbx, .r11 = u->r11, .r10 = u->r10,
		.r9 = u->r9,   .r8 = u->r8,   .rax = u->rax, .rcx = u->rcx,
		.rdx = u->rdx, .rsi = u->rsi, .rdi = u->rdi,
		.rip = u->rip, .rsp = u->rsp,
		.cs = u->cs | 3, .ss = u->ss | 3,
		.rflags = (u->rflags & ~(RFLAGS_IOPL | RFLAGS_VM | RFLAGS_NT)) |
			  RFLAGS_IF | RFLAGS_MBS,
	};
	v->iopl = u->rflags >> 12 & 3;
	v->ds = u->ds;
	v->es = u->es;
	v->fs = u->fs;
	v->gs = u->gs;
	v->fs_base = c->fs_base;
	v->gs_base_kernel = c->gs_base_kernel;
	v->gs_base_user = c->gs_base_user;
}

int vcpu_set_context(struct vcpu *v, const struct vcpu_guest_context *c)
{
	struct domain *d = v->domain;
	int rc = check(c);

	if (rc)
		return rc;
	spin_lock(&d->mmu_lock);
	rc = load_memory(v, c);
	spin_unlock(&d->mmu_lock);
	if (rc)
		return rc;

	load_registers(v, c);
	v->kernel_mode = !!(c->flags & VGCF_in_kernel);
	vcpu_load_root(v);
	for (unsigned int i = 0; i < 256; i++)
		v->traps[i] = (struct trap_gate){
			.address = c->trap_ctxt[i].address,
			.cs = c->trap_ctxt[i].cs | 3,
			.flags = c->trap_ctxt[i].flags,
		};
	v->kernel_sp = c->kernel_sp;
	v->kernel_ss = c->kernel_ss | 3;
	v->event_callback.address = c->event_callback_eip;
	v->failsafe_callback.address = c->failsafe_callback_eip;
	v->syscall_callback.address = c->syscall_callback_eip;
	v->failsafe_callback.masks_events =
		!!(c->flags & VGCF_failsafe_disables_events);
	v->syscall_callback.masks_events =
		!!(c->flags & VGCF_syscall_disables_events);
	v->cr0_ts = c->ctrlreg[0] & CR0_TS;
	if (c->flags & VGCF_i387_valid) {
		memcpy(v->fpu, &c->fpu_ctxt, sizeof(c->fpu_ctxt));
		/* In XSAVE's header: these two are there, the rest is as after reset. */
		*(u64 *)((char *)v->fpu + XSAVE_XSTATE_BV) = XSTATE_X87 | XSTATE_SSE;
		/* Reserved bits would fault when we load it. */
		*(u32 *)((char *)v->fpu + FXSAVE_MXCSR) &= MXCSR_VALID;
	}
	for (int i = 0; i < 8; i++)
		debugreg_set(v, i, c->debugreg[i]);
	v->cr4 = c->ctrlreg[4] & CR4_GUEST;
	/* From then on the guest decides. */
	if (v->id == 0 && !v->initialised)
		d->vm_assist = c->vm_assist;
	v->initialised = true;
	return 0;
}

static void store_registers(const struct vcpu *v, struct cpu_user_regs *u)
{
	const struct guest_regs *r = &v->regs;

	*u = (struct cpu_user_regs){
		.r15 = r->r15, .r14 = r->r14, .r13 = r->r13, .r12 = r->r12,
		.rbp = r->rbp, .rbx = r->rbx, .r11 = r->r11, .r10 = r->r10,
		.r9 = r->r9,   .r8 = r->r8,   .rax = r->rax, .rcx = r->rcx,
		.rdx = r->rdx, .rsi = r->rsi, .rdi = r->rdi,
		.rip = r->rip, .rsp = r->rsp, .cs = r->cs, .ss = r->ss,
		.rflags = (r->rflags & ~RFLAGS_IOPL) | (u64)v->iopl << 12,
		.ds = v->ds, .es = v->es, .fs = v->fs, .gs = v->gs,
	};
}

void vcpu_get_context(struct vcpu *v, struct vcpu_guest_context *c)
{
	memset(c, 0, sizeof(*c));
	memcpy(&c->fpu_ctxt, v->fpu, sizeof(c->fpu_ctxt));
	c->flags = VGCF_i387_valid | (v->kernel_mode ? VGCF_in_kernel : 0) |
		   (v->failsafe_callback.masks_events ? VGCF_failsafe_disables_events : 0) |
		   (v->syscall_callback.masks_events ? VGCF_syscall_disables_events : 0) |
		   (READ_ONCE(v->pause_flags) & VCPU_DOWN ? 0 : VGCF_online);
	store_registers(v, &c->user_regs);
	for (unsigned int i = 0; i < 256; i++)
		c->trap_ctxt[i] = (struct trap_info){
			.vector = i,
			.flags = v->traps[i].flags,
			.cs = v->traps[i].cs,
			.address = v->traps[i].address,
		};
	c->ldt_base = v->ldt_base;
	c->ldt_ents = v->ldt_entries;
	for (unsigned int i = 0; i < GDT_FRAMES; i++)
		c->gdt_frames[i] = v->gdt_frame[i];
	c->gdt_ents = v->gdt_entries;
	c->kernel_sp = v->kernel_sp;
	c->kernel_ss = v->kernel_ss;
	c->ctrlreg[0] = v->cr0_ts ? CR0_TS : 0;
	c->ctrlreg[1] = v->user_l4 << PAGE_SHIFT;
	c->ctrlreg[3] = v->kernel_l4 << PAGE_SHIFT;
	c->ctrlreg[4] = v->cr4;
	memcpy(c->debugreg, v->debugreg, sizeof(c->debugreg));
	c->event_callback_eip = v->event_callback.address;
	c->failsafe_callback_eip = v->failsafe_callback.address;
	c->syscall_callback_eip = v->syscall_callback.address;
	c->vm_assist = v->domain->vm_assist;
	c->fs_base = v->fs_base;
	c->gs_base_kernel = v->gs_base_kernel;
	c->gs_base_user = v->gs_base_user;
}
