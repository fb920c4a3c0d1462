/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A non-maskable interrupt means that the machine has something to say: parity,
 * an I/O check, an operator's button. `nmi=` decides: dom0 hears of it (default),
 * nobody does, or it is the end.
 */
#include "cpu/nmi.h"
#include "cpu/cpu.h"
#include "cpu/traps.h"
#include "domain/domain.h"
#include "irq/nmi.h"
#include "machine.h"
#include "sched/sched.h"

/* Runs on the NMI stack of a CPU that may hold any lock: only flags. */
void nmi_handle(struct guest_regs *regs)
{
	if (nmi_policy == NMI_FATAL) {
		dump_hypervisor(regs);
		panic("NMI");
	}
	if (nmi_policy == NMI_DOM0 && domain0 && domain0->vcpu[0]) {
		WRITE_ONCE(domain0->vcpu[0]->nmi_pending, true);
		__atomic_or_fetch(&this_cpu()->softirq_pending,
				  1u << SOFTIRQ_NMI, __ATOMIC_RELAXED);
	}
}
