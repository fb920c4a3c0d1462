/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MSRs for guests: a list of those that mean something. Reading any other gives
 * #GP; so does writing one, but for the few whose writes are known to be
 * harmless to drop.
 */
#include <xen/errno.h>

#include "cpu/asm.h"
#include "cpu/cpu.h"
#include "cpu/msr.h"
#include "domain/domain.h"
#include "domain/hypercall_page.h"
#include "machine.h"

#define MSR_PLATFORM_ID 0x17
#define MSR_UCODE_REV 0x8b
#define MSR_APIC_BASE_BSP (1u << 8)
#define MSR_MISC_ENABLE 0x1a0
#define MSR_HYPERCALL_PAGE 0x40000000
#define MSR_TSC 0x10
/* Machine checks: a guest has the registers, and no banks to report any. */
#define MSR_MCG_CAP 0x179
#define MSR_MCG_STATUS 0x17a

static bool canonical(u64 va)
{
	return (s64)(va << 16) >> 16 == (s64)va;
}

bool msr_guest_read(struct vcpu *v, u32 msr, u64 *value)
{
	switch (msr) {
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_SHADOW_GS_BASE:
		*value = rdmsr(msr);
		return true;
	case MSR_EFER:
		*value = rdmsr(msr) & ~EFER_SCE;
		*value |= EFER_SCE;
		return true;
	case MSR_APIC_BASE:
		*value = (rdmsr(msr) & ~MSR_APIC_BASE_BSP) |
			 (v->id == 0 ? MSR_APIC_BASE_BSP : 0);
		return true;
	case MSR_TSC:
		*value = rdtsc();
		return true;
	case MSR_PAT:
		*value = PAT_VALUE;
		return true;
	case MSR_UCODE_REV:
	case MSR_PLATFORM_ID:
	case MSR_MISC_ENABLE:
	case MSR_HYPERCALL_PAGE:
	case MSR_MCG_CAP:
	case MSR_MCG_STATUS:
		*value = 0;
		return true;
	default:
		return false;
	}
}

bool msr_guest_write(struct vcpu *v, u32 msr, u64 value)
{
	switch (msr) {
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_SHADOW_GS_BASE:
		if (!canonical(value))
			return false;
		wrmsr(msr, value);
		return true;
	case MSR_HYPERCALL_PAGE:
		return (value & ~PAGE_MASK) == 0 &&
		       hypercall_page_write(v->domain, value >> PAGE_SHIFT) ==
			       0;
	case MSR_EFER:
		return value == (rdmsr(msr) | EFER_SCE);
	case MSR_UCODE_REV:
	case MSR_MISC_ENABLE:
		return true;
	case MSR_MCG_STATUS:
		return value == 0;
	default:
		return false;
	}
}
