// SPDX-License-Identifier: GPL-2.0
/*
 * VCPU information and the interrupt flag.
 *
 * The flag is evtchn_upcall_mask of the VCPU's information, which lies in the per-CPU
 * area, so that cli and sti are one or two instructions on %gs (entry.S). The boot
 * CPU's is registered when per-CPU areas are in their final place; until then it is a
 * copy that the hypervisor does not know of. That goes well since the first interrupt
 * is wanted much later.
 */
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <asm/paravirt.h>
#include <asm/xen/page.h>
#include <xen/events.h>

#include "cpu.h"

DEFINE_PER_CPU_ALIGNED(struct vcpu_info, xen_vcpu_info) = { .evtchn_upcall_mask = 1 };
DEFINE_PER_CPU(struct vcpu_info *, xen_vcpu);
EXPORT_PER_CPU_SYMBOL(xen_vcpu);

/* The hypervisor's number of a CPU. Ours are the same. */
DEFINE_PER_CPU(u32, xen_vcpu_id);
EXPORT_PER_CPU_SYMBOL(xen_vcpu_id);

/* entry.S */
asmlinkage void xen_irq_disable(void);
asmlinkage void xen_irq_enable(void);
asmlinkage unsigned long xen_save_fl(void);
asmlinkage unsigned long xen_cr2_early(void);
asmlinkage unsigned long xen_cr2(void);

/* Wait for an event. The hypervisor lets events through as it blocks the VCPU. */
static void xen_safe_halt(void)
{
	if (HYPERVISOR_sched_op(SCHEDOP_block, NULL))
		BUG();
}

static void xen_halt(void)
{
	if (irqs_disabled())
		HYPERVISOR_vcpu_op(VCPUOP_down, xen_vcpu_nr(smp_processor_id()), NULL);
	else
		xen_safe_halt();
}

void xen_vcpu_register(int cpu)
{
	struct vcpu_info *info = &per_cpu(xen_vcpu_info, cpu);
	struct vcpu_register_vcpu_info where = {
		.mfn = arbitrary_virt_to_mfn(info),
		.offset = offset_in_page(info),
	};
	int err;

	BUILD_BUG_ON(sizeof(*info) != 64);	/* aligned, so never across pages */
	err = HYPERVISOR_vcpu_op(VCPUOP_register_vcpu_info, xen_vcpu_nr(cpu), &where);
	/* A CPU that was here before has it in the same place still. */
	if (err && per_cpu(xen_vcpu, cpu) != info)
		panic("xen: the information of VCPU %d is refused (%d)\n", cpu, err);
	/* What the hypervisor copied there may say otherwise; all callers have them off. */
	info->evtchn_upcall_mask = 1;
	per_cpu(xen_vcpu, cpu) = info;
	pv_ops.mmu.read_cr2 = __PV_IS_CALLEE_SAVE(xen_cr2);
}

void __init xen_irq_init_ops(void)
{
	pv_ops.irq.save_fl = __PV_IS_CALLEE_SAVE(xen_save_fl);
	pv_ops.irq.irq_disable = __PV_IS_CALLEE_SAVE(xen_irq_disable);
	pv_ops.irq.irq_enable = __PV_IS_CALLEE_SAVE(xen_irq_enable);
	pv_ops.irq.safe_halt = xen_safe_halt;
	pv_ops.irq.halt = xen_halt;
	pv_ops.mmu.read_cr2 = __PV_IS_CALLEE_SAVE(xen_cr2_early);
	pv_ops.mmu.write_cr2 = paravirt_nop;
	x86_init.irqs.intr_init = xen_init_IRQ;
	x86_init.irqs.pre_vector_init = x86_init_noop;
}
