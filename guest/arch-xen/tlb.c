// SPDX-License-Identifier: GPL-2.0
/*
 * Flushes of the TLB. The hypervisor flushes other CPUs' without an interrupt for
 * their kernels, and leaves out those that do not run.
 */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <asm/paravirt.h>
#include <asm/tlb.h>
#include <asm/tlbflush.h>
#include <xen/interface/xen.h>
#include <xen/xen-ops.h>

#include "mm.h"

static noinline void flush_all_here(void)
{
	struct xen_mc_call mc;

	preempt_disable();
	mc = xen_mc_begin(sizeof(struct mmuext_op));
	*(struct mmuext_op *)mc.args = (struct mmuext_op){ .cmd = MMUEXT_TLB_FLUSH_LOCAL };
	MULTI_mmuext_op(mc.call, mc.args, 1, NULL, DOMID_SELF);
	xen_mc_end(PARAVIRT_LAZY_MMU);
	preempt_enable();
}

static void flush_one_here(unsigned long addr)
{
	struct mmuext_op *op;
	struct xen_mc_call mc;

	preempt_disable();
	mc = xen_mc_begin(sizeof(*op));
	op = mc.args;
	op->cmd = MMUEXT_INVLPG_LOCAL;
	op->arg1.linear_addr = addr & PAGE_MASK;
	MULTI_mmuext_op(mc.call, op, 1, NULL, DOMID_SELF);
	xen_mc_end(PARAVIRT_LAZY_MMU);
	preempt_enable();
}

static void flush_there(const struct cpumask *cpus, const struct flush_tlb_info *info)
{
	struct {
		struct mmuext_op op;
		DECLARE_BITMAP(vcpus, NR_CPUS);
	} *args;
	struct xen_mc_call mc;
	int cpu;

	mc = xen_mc_begin(sizeof(*args));
	args = mc.args;
	bitmap_zero(args->vcpus, NR_CPUS);
	for_each_cpu_and(cpu, cpus, cpu_online_mask)
		__set_bit(xen_vcpu_nr(cpu), args->vcpus);
	args->op.cmd = MMUEXT_TLB_FLUSH_MULTI;
	args->op.arg2.vcpumask = args->vcpus;
	if (info->end != TLB_FLUSH_ALL && info->end - info->start <= PAGE_SIZE) {
		args->op.cmd = MMUEXT_INVLPG_MULTI;
		args->op.arg1.linear_addr = info->start;
	}
	MULTI_mmuext_op(mc.call, &args->op, 1, NULL, DOMID_SELF);
	xen_mc_end(PARAVIRT_LAZY_MMU);
}

void __init xen_tlb_init_ops(void)
{
	pv_ops.mmu.flush_tlb_user = flush_all_here;
	pv_ops.mmu.flush_tlb_kernel = flush_all_here;
	pv_ops.mmu.flush_tlb_one_user = flush_one_here;
	pv_ops.mmu.flush_tlb_multi = flush_there;
	/* gup_fast() is not held off by an interrupt: tables live until all CPUs were idle. */
	pv_ops.mmu.tlb_remove_table = tlb_remove_table;
}
