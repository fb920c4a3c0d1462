// SPDX-License-Identifier: GPL-2.0
/*
 * Model-specific registers.
 *
 * The bases of FS and GS are set by hypercall. The registers of the system call
 * instructions are the hypervisor's, which calls us back (callback.c). All others are
 * left to the hypervisor, which emulates what it allows and faults on the rest; a
 * register that it does not know reads as zero.
 */
#include <linux/init.h>
#include <asm/msr.h>
#include <asm/paravirt.h>

#include "cpu.h"

static int segment_base(int which, u64 base)
{
	return HYPERVISOR_set_segment_base(which, base) ? -EIO : 0;
}

static int write(unsigned int msr, u64 value)
{
	switch (msr) {
	case MSR_FS_BASE:
		return segment_base(SEGBASE_FS, value);
	case MSR_KERNEL_GS_BASE:
		return segment_base(SEGBASE_GS_USER, value);
	case MSR_GS_BASE:
		return segment_base(SEGBASE_GS_KERNEL, value);
	case MSR_STAR:
	case MSR_LSTAR:
	case MSR_CSTAR:
	case MSR_SYSCALL_MASK:
	case MSR_IA32_SYSENTER_CS:
	case MSR_IA32_SYSENTER_ESP:
	case MSR_IA32_SYSENTER_EIP:
		return 0;
	default:
		return native_write_msr_safe(msr, lower_32_bits(value),
					     upper_32_bits(value));
	}
}

static u64 xen_read_msr_safe(unsigned int msr, int *err)
{
	return native_read_msr_safe(msr, err);
}

static int xen_write_msr_safe(unsigned int msr, unsigned int low, unsigned int high)
{
	return write(msr, low | (u64)high << 32);
}

static u64 xen_read_msr(unsigned int msr)
{
	int err = 0;
	u64 value = native_read_msr_safe(msr, &err);

	return err ? 0 : value;
}

static void xen_write_msr(unsigned int msr, unsigned int low, unsigned int high)
{
	write(msr, low | (u64)high << 32);
}

void __init xen_msr_init_ops(void)
{
	pv_ops.cpu.read_msr = xen_read_msr;
	pv_ops.cpu.write_msr = xen_write_msr;
	pv_ops.cpu.read_msr_safe = xen_read_msr_safe;
	pv_ops.cpu.write_msr_safe = xen_write_msr_safe;
}
