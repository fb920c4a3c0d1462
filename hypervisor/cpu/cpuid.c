/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUID for guests: the domain's policy (cpu_policy.c), what is not the same for
 * all domains, and the hypervisor's leaves. A guest that executes CPUID without the forced-emulation
 * prefix sees the machine's own answers, since CPUID does not fault.
 */
#include <xen/xen.h>
#include <xen/version.h>

#include "cpu/cpu.h"
#include "cpu/cpu_policy.h"
#include "cpu/cpuid.h"
#include "domain/domain.h"
#include "hypercall/abi.h"
#include "machine.h"
#include "time/clock.h"

#define HYPERVISOR_LEAF 0x40000000u
#define HYPERVISOR_LEAVES 5

#define L1_ECX_XSAVE (1u << 26)
#define L1_ECX_OSXSAVE (1u << 27)
#define L1_EDX_MTRR (1u << 12)
#define L1_EDX_ACPI (1u << 22)
#define LEAF_AMD 0x80000001u
#define AMD_REPEATED 0x0183f3ffu /* APM vol. 3, CPUID Fn8000_0001_EDX */

static __noinline void hypervisor_leaf(struct vcpu *v, u32 leaf, u32 sub, u32 *a, u32 *b, u32 *c,
				       u32 *d)
{
	struct clock_scale scale;

	*a = *b = *c = *d = 0;
	switch (leaf) {
	case 0:
		/* "XenVMMXenVMM": how guests recognise the interface. */
		*a = HYPERVISOR_LEAF + HYPERVISOR_LEAVES;
		*b = 0x566e6558;
		*c = 0x65584d4d;
		*d = 0x4d4d566e;
		break;
	case 1:
		*a = XENOLITH_ABI_MAJOR << 16 | XENOLITH_ABI_MINOR;
		break;
	case 2:
		*a = 1;		 /* hypercall pages ... */
		*b = 0x40000000; /* ... by this MSR */
		*c = 1;		 /* MMU_PT_UPDATE_PRESERVE_AD */
		break;
	case 3:
		clock_read_scale(&scale);
		if (sub == 0) {
			*c = clock_tsc_hz() / 1000;
		} else if (sub == 1) {
			*c = scale.mul;
			*d = (u8)scale.shift;
		} else if (sub == 2) {
			*a = clock_tsc_hz() / 1000;
		}
		break;
	case 5:
		/* PV: bits of a machine address that a guest can meet. */
		*b = sub ? 0 : cpu_features.phys_bits;
		break;
	}
}

/* Domain 0 looks after memory types and power; no other can. */
static u32 leaf1_edx(const struct domain *d, u32 edx)
{
	return d->is_privileged ? edx | L1_EDX_MTRR : edx & ~L1_EDX_ACPI;
}

/* AMD's CPUs repeat features of leaf 1 in leaf 0x80000001. */
static __noinline u32 amd_repeated(const struct domain *d)
{
	xen_cpuid_leaf_t one = { .leaf = 1 };

	cpu_policy_domain_leaf(d, &one);
	return leaf1_edx(d, one.d) & AMD_REPEATED;
}

void cpuid_guest(struct vcpu *v, struct guest_regs *r)
{
	xen_cpuid_leaf_t l;

	l.leaf = r->rax;
	l.subleaf = r->rcx;
	if (l.leaf - HYPERVISOR_LEAF < 0x10000)
		hypervisor_leaf(v, l.leaf - HYPERVISOR_LEAF, l.subleaf, &l.a, &l.b, &l.c, &l.d);
	else
		cpu_policy_domain_leaf(v->domain, &l);
	/* What is not the same for all domains. */
	if (l.leaf == 1) {
		if (l.c & L1_ECX_XSAVE)
			l.c |= L1_ECX_OSXSAVE;
		l.d = leaf1_edx(v->domain, l.d);
	} else if (l.leaf == LEAF_AMD && cpu_features.vendor[0] == 'A') {
		l.d |= amd_repeated(v->domain);
	}
	r->rax = l.a;
	r->rbx = l.b;
	r->rcx = l.c;
	r->rdx = l.d;
}
