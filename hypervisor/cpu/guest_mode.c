/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest kernel and guest user mode, and the switch from one VCPU to another.
 *
 * Both modes run in ring 3; what sets them apart is the page-table root and the
 * GS base. The base of the mode that runs is in the CPU, the other one where
 * swapgs finds it, so changing mode is a swapgs and a new CR3 (cpu/bounce.c).
 */
#include "cpu/area.h"
#include "cpu/asm.h"
#include "cpu/cpu.h"
#include "cpu/debugreg.h"
#include "cpu/descriptors.h"
#include "cpu/fpu.h"
#include "cpu/guest_mode.h"
#include "cpu/idle.h"
#include "cpu/traps.h"
#include "domain/domain.h"
#include "machine.h"
#include "mm/paging.h"
#include "mm/tlb.h"
#include "sched/sched.h"
#include "time/vtime.h"

void vcpu_load_root(struct vcpu *v)
{
	v->cr3 = (v->kernel_mode ? v->kernel_l4 : v->user_l4) << PAGE_SHIFT;
	if (v == current)
		write_cr3(v->cr3);
}

/*
 * Load a data segment register, with 0 when the selector is no good: a guest may
 * have changed the descriptor since.
 */
#define load_segment(reg, selector)                                  \
	({                                                           \
		u32 _bad = 0;                                        \
		__asm__ volatile("1: mov %1, %%" #reg "\n"           \
				 "2:\n"                              \
				 ".pushsection .text.fixup, \"ax\"\n" \
				 "3: mov %0, %%" #reg "\n"           \
				 "incl %0\n"                         \
				 "jmp 2b\n"                          \
				 ".popsection\n"                     \
				 ".pushsection ex_table, \"a\"\n"    \
				 ".quad 1b, 3b\n"                    \
				 ".popsection"                       \
				 : "+r"(_bad)                        \
				 : "r"((u32)(selector))              \
				 : "memory");                        \
		_bad;                                                \
	})

#define read_segment(reg)                                          \
	({                                                         \
		u16 _s;                                            \
		__asm__ volatile("mov %%" #reg ", %0" : "=rm"(_s)); \
		_s;                                                \
	})

static void save_segments(struct vcpu *v)
{
	u64 active = rdmsr(MSR_GS_BASE), other = rdmsr(MSR_SHADOW_GS_BASE);

	v->ds = read_segment(ds);
	v->es = read_segment(es);
	v->fs = read_segment(fs);
	v->gs = read_segment(gs);
	v->fs_base = rdmsr(MSR_FS_BASE);
	v->gs_base_kernel = v->kernel_mode ? active : other;
	v->gs_base_user = v->kernel_mode ? other : active;
}

/* True when a selector was no good any more and is null now. */
static bool load_segments(struct vcpu *v)
{
	u32 bad = load_segment(ds, v->ds) | load_segment(es, v->es) |
		  load_segment(fs, v->fs) | load_segment(gs, v->gs);

	wrmsr(MSR_FS_BASE, v->fs_base);
	wrmsr(MSR_GS_BASE,
	      v->kernel_mode ? v->gs_base_kernel : v->gs_base_user);
	wrmsr(MSR_SHADOW_GS_BASE,
	      v->kernel_mode ? v->gs_base_user : v->gs_base_kernel);
	return bad;
}

int guest_load_gs_user(u16 selector)
{
	/* The user's GS is the one swapgs brings in while the kernel runs. */
	__asm__ volatile("swapgs");
	load_segment(gs, selector);
	__asm__ volatile("swapgs");
	return 0;
}

void context_switch(struct vcpu *prev, struct vcpu *next)
{
	struct cpu *c = this_cpu();

	if (!prev->is_idle) {
		sched_runstate_to_guest(prev);
		save_segments(prev);
		fpu_save(prev);
		debugreg_save(prev);
	}

	c->running = next;
	next->stack = cpu_stack_top(c);
	tlb_note_flush(c->id);
	if (next->is_idle) {
		write_cr3(idle_l4_mfn << PAGE_SHIFT);
	} else {
		__atomic_or_fetch(&next->domain->dirty_cpus,
				  cpumask_of(c->id), __ATOMIC_SEQ_CST);
		write_cr3(next->cr3);
		c->regs_end = (u64)(&next->regs + 1);
		c->tss.rsp[0] = c->regs_end;
	}
	descriptors_switch(c, next);
	if (!prev->is_idle && prev->domain != next->domain)
		__atomic_and_fetch(&prev->domain->dirty_cpus,
				   ~cpumask_of(c->id), __ATOMIC_SEQ_CST);
	sched_context_saved(prev);

	if (next->is_idle)
		run_on_stack((void *)next->stack, idle_loop);
	if (load_segments(next))
		bounce_failsafe(next);
	fpu_load(next);
	debugreg_load(next);
	vtime_update(next);
	/* It came while next was not running: taken on the way out. */
	if (unlikely(READ_ONCE(next->nmi_pending)))
		__atomic_or_fetch(&c->softirq_pending, 1u << SOFTIRQ_NMI,
				  __ATOMIC_RELAXED);
	sched_runstate_to_guest(next);
	enter_vcpu(next);
}
