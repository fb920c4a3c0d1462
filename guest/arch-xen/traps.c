// SPDX-License-Identifier: GPL-2.0
/*
 * Traps: Linux's table of interrupts, as far as it means the traps of the CPU, becomes
 * the hypervisor's trap table, with our entries in place of Linux's (entry.S). External
 * interrupts never come by a vector, so the rest of Linux's table is of no interest.
 */
#include <linux/init.h>
#include <linux/kprobes.h>
#include <linux/smp.h>
#include <asm/desc.h>
#include <asm/idtentry.h>
#include <asm/irq_stack.h>
#include <asm/irq_regs.h>
#include <asm/paravirt.h>
#include <asm/traps.h>
#include <xen/events.h>

#include "cpu.h"

#define TRAP_MASK_EVENTS	4	/* trap_info.flags, beside the privilege level */
#define TRAPS_MAX		(NUM_EXCEPTION_VECTORS + 2)	/* int $0x80, the end */

/* Linux's entry of each trap, and the one for a frame of the hypervisor's. */
static const struct {
	void (*native)(void);
	void (*xen)(void);
} entries[] = {
#define SAME(name)		{ asm_##name, xen_asm_##name }
#define OWN(name, ours)		{ asm_##name, xen_asm_##ours }
	SAME(exc_divide_error),
	OWN(exc_debug, xenpv_exc_debug),
	OWN(exc_nmi, xenpv_exc_nmi),
	SAME(exc_int3),
	SAME(exc_overflow),
	SAME(exc_bounds),
	SAME(exc_invalid_op),
	SAME(exc_device_not_available),
	OWN(exc_double_fault, xenpv_exc_double_fault),
	SAME(exc_coproc_segment_overrun),
	SAME(exc_invalid_tss),
	SAME(exc_segment_not_present),
	SAME(exc_stack_segment),
	SAME(exc_general_protection),
	SAME(exc_page_fault),
	SAME(exc_spurious_interrupt_bug),
	SAME(exc_coprocessor_error),
	SAME(exc_alignment_check),
	SAME(exc_simd_coprocessor_error),
#ifdef CONFIG_X86_MCE
	OWN(exc_machine_check, xenpv_exc_machine_check),
#endif
#ifdef CONFIG_IA32_EMULATION
	SAME(int80_emulation),
#endif
#undef SAME
#undef OWN
};

/* Linux's table of this moment: all CPUs have the same one. */
static struct desc_ptr table;

/* Our entry of a gate that is a trap's; NULL for those that never come. */
static void *trap_entry(unsigned int vector, const gate_desc *gate)
{
	unsigned long native = gate_offset(gate);
	unsigned int i;

	if (!gate->bits.p || native == 0)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(entries); i++)
		if ((unsigned long)entries[i].native == native)
			return entries[i].xen;
	if (vector < NUM_EXCEPTION_VECTORS)
		return xen_asm_exc_xen_unknown_trap;
	return NULL;
}

static bool trap_info(struct trap_info *trap, unsigned int vector, const gate_desc *gate)
{
	void *entry = trap_entry(vector, gate);

	if (!entry)
		return false;
	trap->vector = vector;
	trap->cs = FLAT_KERNEL_CS;
	trap->address = (unsigned long)entry;
	trap->flags = gate->bits.dpl;
	if (gate->bits.type == GATE_INTERRUPT)
		trap->flags |= TRAP_MASK_EVENTS;
	return true;
}

/* All traps of a table, and an end. Returns their number without it. */
static unsigned int trap_list(struct trap_info *traps, unsigned int max,
			      const struct desc_ptr *desc)
{
	const gate_desc *gates = (const gate_desc *)desc->address;
	unsigned int vector, count = (desc->size + 1) / sizeof(gate_desc), n = 0;

	for (vector = 0; vector < count && n + 1 < max; vector++)
		if (trap_info(&traps[n], vector, &gates[vector]))
			n++;
	traps[n] = (struct trap_info){ };
	return n;
}

/* All CPUs but the boot CPU get theirs as they are created and keep it. */
static void xen_load_idt(const struct desc_ptr *desc)
{
	static struct trap_info traps[TRAPS_MAX];

	table = *desc;
	if (smp_processor_id() != 0)
		return;
	trap_list(traps, ARRAY_SIZE(traps), desc);
	if (HYPERVISOR_set_trap_table(traps))
		BUG();
}

static void xen_write_idt_entry(gate_desc *gates, int vector, const gate_desc *gate)
{
	struct trap_info traps[2] = { };

	native_write_idt_entry(gates, vector, gate);
	if ((unsigned long)gates != table.address)
		return;
	if (trap_info(&traps[0], vector, gate) && HYPERVISOR_set_trap_table(traps))
		BUG();
}

void xen_traps_context(struct trap_info *traps)
{
	unsigned int n = trap_list(traps, TRAPS_MAX, &table);
	struct trap_info trap;
	unsigned int i;

	/* A context has a place for each vector. From the end: none is overwritten. */
	for (i = n; i-- > 0;) {
		trap = traps[i];
		traps[i] = (struct trap_info){ };
		traps[trap.vector] = trap;
	}
}

/* Faults that Linux expects before it has a table: of its early page tables, mostly. */
void __init xen_traps_early(void)
{
	static struct trap_info traps[NUM_EXCEPTION_VECTORS + 1] __initdata;
	unsigned int i;

	for (i = 0; i < NUM_EXCEPTION_VECTORS; i++) {
		traps[i].vector = i;
		traps[i].flags = TRAP_MASK_EVENTS;
		traps[i].cs = FLAT_KERNEL_CS;
		traps[i].address = (unsigned long)xen_early_idt_handler_array[i];
	}
	if (HYPERVISOR_set_trap_table(traps))
		BUG();
}

void __init xen_traps_init_ops(void)
{
	pv_ops.cpu.load_idt = xen_load_idt;
	pv_ops.cpu.write_idt_entry = xen_write_idt_entry;
}

DEFINE_IDTENTRY_RAW(xenpv_exc_nmi)
{
	/* On the task's own stack, where there is room for it. */
	exc_nmi(regs);
}

DEFINE_IDTENTRY_RAW(xenpv_exc_debug)
{
	if (user_mode(regs))
		noist_exc_debug(regs);
	else
		exc_debug(regs);
}

#ifdef CONFIG_X86_MCE
DEFINE_IDTENTRY_RAW(xenpv_exc_machine_check)
{
	if (user_mode(regs))
		noist_exc_machine_check(regs);
	else
		exc_machine_check(regs);
}
#endif

/* The hypervisor crashes a domain rather than let it see one of these. */
DEFINE_IDTENTRY_RAW_ERRORCODE(xenpv_exc_double_fault)
{
	instrumentation_begin();
	panic("xen: double fault, error %#lx at %pS\n", error_code, (void *)regs->ip);
	instrumentation_end();
}

DEFINE_IDTENTRY_RAW(exc_xen_unknown_trap)
{
	instrumentation_begin();
	panic("xen: a trap that Linux has no entry for, at %pS\n", (void *)regs->ip);
	instrumentation_end();
}

/* Long hypercalls for user programs, which privcmd marks, may be left for others. */
#ifndef CONFIG_PREEMPTION
DEFINE_PER_CPU(bool, xen_in_preemptible_hcall);
EXPORT_SYMBOL_GPL(xen_in_preemptible_hcall);
#endif

static void handle_events(struct pt_regs *regs)
{
	struct pt_regs *old = set_irq_regs(regs);

	inc_irq_stat(irq_hv_callback_count);
	xen_evtchn_do_upcall();
	set_irq_regs(old);
}

/*
 * On the way out of an interrupt within a long hypercall, let others run if they want:
 * the kernel does not preempt itself, and the hypercall goes on when it is entered again.
 */
static __always_inline bool leave_hypercall(struct pt_regs *regs)
{
#ifndef CONFIG_PREEMPTION
	if (unlikely(__this_cpu_read(xen_in_preemptible_hcall)) && !user_mode(regs)) {
		__this_cpu_write(xen_in_preemptible_hcall, false);
		return true;
	}
#endif
	return false;
}

/* The callback for events, from entry_64.S, events masked. */
__visible noinstr void xen_pv_evtchn_do_upcall(struct pt_regs *regs)
{
	irqentry_state_t state = irqentry_enter(regs);

	instrumentation_begin();
	run_sysvec_on_irqstack_cond(handle_events, regs);
	if (leave_hypercall(regs)) {
		irqentry_exit_cond_resched();
		instrumentation_end();
#ifndef CONFIG_PREEMPTION
		__this_cpu_write(xen_in_preemptible_hcall, true);
#endif
	} else {
		instrumentation_end();
	}
	irqentry_exit(regs, state);
}
