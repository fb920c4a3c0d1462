/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUID for guests. The machine's own answers, less what a paravirtual guest in
 * ring 3 cannot have, plus the hypervisor's leaves. A guest that executes CPUID
 * without the forced-emulation prefix sees the machine's own, since CPUID does
 * not fault.
 */
#include <xen/xen.h>
#include <xen/version.h>

#include "cpu/asm.h"
#include "cpu/cpu.h"
#include "cpu/cpuid.h"
#include "cpu/fpu.h"
#include "domain/domain.h"
#include "hypercall/abi.h"
#include "lib/string.h"
#include "machine.h"
#include "time/clock.h"

#define HYPERVISOR_LEAF 0x40000000u
#define HYPERVISOR_LEAVES 5

/* Leaf 1 (SDM vol. 2, CPUID): what goes. */
#define L1_ECX_HIDDEN                                                  \
	(1u << 2 /* DTES64 */ | 1u << 3 /* MONITOR */ | 1u << 5 /* VMX */ | \
	 1u << 6 /* SMX */ | 1u << 15 /* PDCM */ | 1u << 17 /* PCID */ |   \
	 1u << 21 /* x2APIC */ | 1u << 24 /* TSC deadline */)
#define L1_EDX_HIDDEN                                                \
	(1u << 1 /* VME */ | 1u << 3 /* PSE */ |                       \
	 1u << 13 /* PGE */ | 1u << 17 /* PSE36 */ | 1u << 21 /* DS */ | \
	 1u << 29 /* TM */)
#define L1_ECX_OSXSAVE (1u << 27)
#define L1_ECX_HYPERVISOR (1u << 31)
/* Leaf 7. */
#define L7_EBX_HIDDEN                                                   \
	(1u << 7 /* SMEP */ | 1u << 10 /* INVPCID */ | 1u << 20 /* SMAP */ | \
	 1u << 12 /* PQM */ | 1u << 15 /* PQE */ | 1u << 25 /* PT */ |      \
	 1u << 2 /* SGX */ | 1u << 14 /* MPX */)
#define L7_EBX_FSGSBASE (1u << 0)
#define L7_ECX_HIDDEN                                               \
	(1u << 2 /* UMIP */ | 1u << 3 /* PKU */ | 1u << 4 /* OSPKE */ | \
	 1u << 5 /* WAITPKG */ | 1u << 7 /* CET */ | 1u << 16 /* LA57 */ | \
	 1u << 22 /* RDPID */)
/* Leaf 0x80000001. */
#define E1_ECX_HIDDEN                                                \
	(1u << 2 /* SVM */ | 1u << 3 /* extended APIC */ |           \
	 1u << 10 /* IBS */ | 1u << 12 /* SKINIT */ | 1u << 15 /* LWP */ | \
	 1u << 19 /* node id */ | 1u << 22 /* topology */)
#define E1_EDX_HIDDEN                                                     \
	(1u << 1 | 1u << 3 | 1u << 13 | 1u << 17 /* as leaf 1 */ | \
	 1u << 26 /* 1 GiB pages */ | 1u << 27 /* RDTSCP */)

static void hypervisor_leaf(struct vcpu *v, u32 leaf, u32 sub, u32 *a, u32 *b,
			    u32 *c, u32 *d)
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
		*a = 1; /* hypercall pages ... */
		*b = 0x40000000; /* ... by this MSR */
		*c = 1; /* MMU_PT_UPDATE_PRESERVE_AD */
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
		*b = cpu_features.phys_bits;
		break;
	}
}

void cpuid_guest(struct vcpu *v, struct guest_regs *r)
{
	u32 leaf = r->rax, sub = r->rcx, a, b, c, d;

	if (leaf - HYPERVISOR_LEAF < 0x10000) {
		hypervisor_leaf(v, leaf - HYPERVISOR_LEAF, sub, &a, &b, &c, &d);
	} else {
		cpuid(leaf, sub, &a, &b, &c, &d);
		switch (leaf) {
		case 1:
			b = (b & 0x00ffffff) | v->id * 2 << 24;
			c = (c & ~L1_ECX_HIDDEN) | L1_ECX_HYPERVISOR;
			d &= ~L1_EDX_HIDDEN;
			if (!v->domain->is_privileged)
				d &= ~(1u << 12 /* MTRR */ |
				       1u << 22 /* ACPI */);
			break;
		case 7:
			if (sub == 0) {
				b &= ~L7_EBX_HIDDEN;
				c &= ~L7_ECX_HIDDEN;
				d = 0;
			}
			break;
		case 0xd: /* XSAVE */
			if (sub == 0) {
				a &= fpu_xcr0_mask();
				d = 0;
			} else if (sub == 1) {
				a &= ~(1u << 3 /* XSAVES */);
				b = c = d = 0;
			} else if (sub > 63 || !(fpu_xcr0_mask() >> sub & 1)) {
				a = b = c = d = 0;
			}
			break;
		case 5: /* MONITOR */
		case 0xa: /* performance counters */
		case 0x14:
			a = b = c = d = 0;
			break;
		case 0x80000001:
			c &= ~E1_ECX_HIDDEN;
			d &= ~E1_EDX_HIDDEN;
			break;
		case 0x80000007:
			d &= 1u << 8; /* invariant TSC */
			break;
		case 0x8000000a: /* SVM */
			a = b = c = d = 0;
			break;
		}
	}
	r->rax = a;
	r->rbx = b;
	r->rcx = c;
	r->rdx = d;
}
