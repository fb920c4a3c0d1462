// SPDX-License-Identifier: GPL-2.0
/*
 * What the CPU looks like to a guest: CPUID and capabilities, control registers, and the
 * part of pv_ops.cpu that is about switching between tasks.
 *
 * A VCPU may run on any physical CPU, so it must not see where it is: its APIC identifier
 * is its number, and each is a package of its own.
 */
#include <linux/init.h>
#include <linux/sched.h>
#include <asm/cpufeature.h>
#include <asm/io_bitmap.h>
#include <asm/paravirt.h>
#include <asm/pgtable.h>
#include <asm/processor.h>
#include <asm/special_insns.h>
#include <asm/xen/interface.h>
#include <xen/xen.h>

#include "cpu.h"
#include "mm.h"

#define CPUID_APIC_ID		0xff000000	/* leaf 1, %ebx */
#define CPUID_HTT		BIT(28)		/* leaf 1, %edx */
#define CPUID_CACHE_SHARING	0xffffc000	/* leaf 4, %eax: threads and cores */

/* CPUID of the hypervisor's making, by an opcode of its own: the CPU's does not trap. */
static void ask_cpuid(unsigned int *ax, unsigned int *bx, unsigned int *cx,
		      unsigned int *dx)
{
	asm volatile(XEN_EMULATE_PREFIX "cpuid"
		     : "+a"(*ax), "=b"(*bx), "+c"(*cx), "=d"(*dx));
}

void xen_cpuid(unsigned int *ax, unsigned int *bx, unsigned int *cx, unsigned int *dx)
{
	unsigned int leaf = *ax;

	ask_cpuid(ax, bx, cx, dx);
	switch (leaf) {
	case 1:
		*bx &= ~CPUID_APIC_ID;
		*bx |= smp_processor_id() << 24;
		*dx &= ~CPUID_HTT;
		break;
	case 4:
		*ax &= ~CPUID_CACHE_SHARING;
		break;
	case 0xb:
	case 0x1f:
	case 0x8000001e:
		*ax = *bx = *cx = *dx = 0;
		break;
	case 0x80000008:
		*cx = 0;
		break;
	}
}

/*
 * CPUID already hides most of what the hypervisor keeps to itself. The rest:
 * - MTRR, machine checks, large and global pages, PCID are not for PV guests, whatever
 *   the CPU has, and the APIC at most for domain 0.
 * - FSGSBASE would have the kernel read the user's GS base at each switch, and that
 *   register can only be read by a trap. Without it Linux knows the base, since
 *   programs can only set it by system calls.
 */
void __init xen_cpu_init_features(void)
{
	static const u16 hidden[] __initconst = {
		X86_FEATURE_X2APIC,	X86_FEATURE_TSC_DEADLINE_TIMER,
		X86_FEATURE_MTRR,	X86_FEATURE_MCE,	X86_FEATURE_MCA,
		X86_FEATURE_ACC,	X86_FEATURE_APERFMPERF,
		X86_FEATURE_EPB,	X86_FEATURE_HWP,	X86_FEATURE_MWAIT,
		X86_FEATURE_PSE,	X86_FEATURE_PSE36,	X86_FEATURE_PGE,
		X86_FEATURE_GBPAGES,	X86_FEATURE_PCID,	X86_FEATURE_INVPCID,
		X86_FEATURE_LA57,	X86_FEATURE_PKU,	X86_FEATURE_VME,
		X86_FEATURE_FSGSBASE,	X86_FEATURE_SMEP,	X86_FEATURE_SMAP,
		X86_FEATURE_UMIP,	X86_FEATURE_DCA,	X86_FEATURE_DS,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hidden); i++)
		setup_clear_cpu_cap(hidden[i]);
	/* In domain 0 they say that ACPI's interrupt controllers are of interest. */
	if (!xen_initial_domain()) {
		setup_clear_cpu_cap(X86_FEATURE_APIC);
		setup_clear_cpu_cap(X86_FEATURE_ACPI);
	}
	setup_force_cpu_cap(X86_FEATURE_XENPV);
	/* Idle by the hypervisor: there is no deeper state to choose. */
	xen_set_default_idle();
}

/*
 * CR0 is the hypervisor's but for TS. Linux reads it more often than it looks, and each
 * time would be a trap.
 */
static DEFINE_PER_CPU(unsigned long, cr0);

static unsigned long xen_read_cr0(void)
{
	unsigned long value = this_cpu_read(cr0);

	if (unlikely(!value)) {
		value = native_read_cr0();
		this_cpu_write(cr0, value);
	}
	return value;
}

static void xen_write_cr0(unsigned long value)
{
	unsigned long changed = value ^ xen_read_cr0();

	this_cpu_write(cr0, value);
	if (changed & X86_CR0_TS)
		_hypercall1(int, fpu_taskswitch, !!(value & X86_CR0_TS));
}

/* Written a few times at boot. The hypervisor refuses what is not the guest's. */
static void xen_write_cr4(unsigned long value)
{
	native_write_cr4(value & ~(X86_CR4_PGE | X86_CR4_PSE | X86_CR4_PCE));
}

/* The stack that the hypervisor enters the kernel on. */
static void xen_load_sp0(unsigned long sp0)
{
	struct xen_mc_call mc = xen_mc_begin(0);

	MULTI_stack_switch(mc.call, __KERNEL_DS, sp0);
	xen_mc_end(PARAVIRT_LAZY_CPU);
	this_cpu_write(cpu_tss_rw.x86_tss.sp0, sp0);
}

static void xen_end_context_switch(struct task_struct *next)
{
	xen_mc_flush();
	paravirt_end_context_switch(next);
}

static unsigned long xen_store_tr(void)
{
	return 0;
}

static u64 xen_read_pmc(int counter)
{
	return 0;
}

void __init xen_cpu_init_ops(void)
{
	pv_info.name = "Xen";
	pv_info.extra_user_64bit_cs = FLAT_USER_CS64;

	pv_ops.cpu.cpuid = xen_cpuid;
	pv_ops.cpu.read_cr0 = xen_read_cr0;
	pv_ops.cpu.write_cr0 = xen_write_cr0;
	pv_ops.cpu.write_cr4 = xen_write_cr4;
	pv_ops.cpu.load_sp0 = xen_load_sp0;
	pv_ops.cpu.load_tr_desc = paravirt_nop;
	pv_ops.cpu.store_tr = xen_store_tr;
	pv_ops.cpu.wbinvd = paravirt_nop;
	pv_ops.cpu.io_delay = paravirt_nop;
	pv_ops.cpu.read_pmc = xen_read_pmc;
	pv_ops.cpu.start_context_switch = paravirt_start_context_switch;
	pv_ops.cpu.end_context_switch = xen_end_context_switch;

	xen_msr_init_ops();
	xen_desc_init_ops();
	xen_debug_init_ops();
	xen_io_init_ops();
	xen_traps_init_ops();
}
