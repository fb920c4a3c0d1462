/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Softirqs: work that interrupts leave for a moment when no lock is held, which
 * is when a CPU is about to run a guest, or idles.
 */
#include "cpu/cpu.h"
#include "cpu/idle.h"
#include "cpu/idt.h"
#include "cpu/sleep.h"
#include "cpu/traps.h"
#include "debug/trace.h"
#include "domain/domain.h"
#include "machine.h"
#include "sched/sched.h"
#include "time/timer.h"

static bool take(struct cpu *c, unsigned int nr)
{
	u32 bit = 1u << nr;

	if (!(READ_ONCE(c->softirq_pending) & bit))
		return false;
	__atomic_and_fetch(&c->softirq_pending, ~bit, __ATOMIC_ACQUIRE);
	return true;
}

void softirq_run(struct vcpu *v)
{
	struct cpu *c = this_cpu();

	if (take(c, SOFTIRQ_TIMER))
		timer_softirq();
	if (take(c, SOFTIRQ_NMI) && v->nmi_pending) {
		v->nmi_pending = false;
		if (v->traps[VECTOR_NMI].address)
			bounce_nmi(v);
	}
	if (take(c, SOFTIRQ_TRACE))
		trace_softirq();
	if (take(c, SOFTIRQ_SLEEP))
		sleep_softirq();
	/* Last: the switch does not come back. */
	if (take(c, SOFTIRQ_SCHEDULE))
		sched_softirq();
}

void idle_loop(void)
{
	struct cpu *c = this_cpu();

	for (;;) {
		softirq_run(c->running);
		WRITE_ONCE(c->idle_now, true);
		/* sti lets interrupts in only after hlt has begun. */
		if (!__atomic_load_n(&c->softirq_pending, __ATOMIC_SEQ_CST))
			__asm__ volatile("sti; hlt; cli" : : : "memory");
		else
			preempt_check();
		WRITE_ONCE(c->idle_now, false);
	}
}
