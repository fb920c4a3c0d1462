/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FPU state, switched with the VCPU. Not lazily, at the first use that faults on
 * CR0.TS: on some CPUs speculation reads the registers all the same (LazyFP,
 * CVE-2018-3665), and QEMU's XSAVE does not look at TS, so that a kernel that
 * saves its processes' registers would save another domain's. TS belongs to the
 * guest alone.
 *
 * While no VCPU runs, TS is clear and XCR0 is all that we can save.
 */
#include <xen/errno.h>

#include "cpu/asm.h"
#include "cpu/cpu.h"
#include "cpu/fpu.h"
#include "cpu/idt.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "machine.h"
#include "mm/alloc.h"

static u32 area_bytes = 512; /* FXSAVE; more with XSAVE */
static u64 xcr0; /* all that we can save */

/* SDM vol. 1, 13.3. */
#define XCR0_X87 (1ul << 0)
#define XCR0_SSE (1ul << 1)
#define XCR0_AVX (1ul << 2)

/* Control words after FNINIT, and MXCSR's reset value (SDM vol. 1, 8.1, 10.2). */
#define FCW_RESET 0x37f
#define MXCSR_RESET 0x1f80
#define FXSAVE_MXCSR 24

static inline void clts(void)
{
	__asm__ volatile("clts");
}

static inline void stts(void)
{
	write_cr0(read_cr0() | CR0_TS);
}

static void xsetbv(u64 v)
{
	__asm__ volatile("xsetbv"
			 :
			 : "c"(0), "a"((u32)v), "d"((u32)(v >> 32)));
}

void fpu_init(void)
{
	u32 a, b, c, d;

	if (!cpu_features.xsave)
		return;
	cpuid(0xd, 0, &a, &b, &c, &d);
	/* x87, SSE, AVX, AVX-512: what user programs use. */
	xcr0 = (a | (u64)d << 32) & 0xe7;
	write_cr4(read_cr4() | CR4_OSXSAVE);
	xsetbv(xcr0);
	cpuid(0xd, 0, &a, &b, &c, &d);
	area_bytes = b;
}

void fpu_init_cpu(void)
{
	if (cpu_features.xsave)
		xsetbv(xcr0);
	clts();
}

static void save(void *area)
{
	if (cpu_features.xsave)
		__asm__ volatile("xsave64 (%0)"
				 :
				 : "r"(area), "a"((u32)xcr0),
				   "d"((u32)(xcr0 >> 32))
				 : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

static void restore(void *area)
{
	if (cpu_features.xsave)
		__asm__ volatile("xrstor64 (%0)"
				 :
				 : "r"(area), "a"((u32)xcr0),
				   "d"((u32)(xcr0 >> 32))
				 : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

bool fpu_fault(struct vcpu *v)
{
	bool guest_wants = v->cr0_ts;

	/* Xen's rule: delivering the fault clears the guest's TS. */
	clts();
	v->cr0_ts = false;
	return !guest_wants;
}

void fpu_save(struct vcpu *v)
{
	if (v->cr0_ts)
		clts();
	if (v->xcr0 != xcr0)
		xsetbv(xcr0);
	save(v->fpu);
}

void fpu_load(struct vcpu *v)
{
	restore(v->fpu);
	if (v->xcr0 != xcr0)
		xsetbv(v->xcr0);
	if (v->cr0_ts)
		stts();
}

u64 fpu_xcr0_mask(void)
{
	return xcr0;
}

bool fpu_set_xcr0(struct vcpu *v, u64 value)
{
	u64 avx512 = value & 0xe0;

	if (!cpu_features.xsave || !(value & XCR0_X87) || (value & ~xcr0) ||
	    ((value & XCR0_AVX) && !(value & XCR0_SSE)) ||
	    (avx512 && (avx512 != 0xe0 || !(value & XCR0_AVX))))
		return false;
	v->xcr0 = value;
	if (v == current)
		xsetbv(value);
	return true;
}

void fpu_set_ts(struct vcpu *v, bool ts)
{
	v->cr0_ts = ts;
	if (ts)
		stts();
	else
		clts();
}

int fpu_vcpu_init(struct vcpu *v)
{
	char *area = heap_alloc(max(area_bytes, 1024u));

	if (!area)
		return -XEN_ENOMEM;
	v->xcr0 = xcr0 & XCR0_X87; /* 0: there is no XSAVE */
	*(u16 *)area = FCW_RESET;
	*(u32 *)(area + FXSAVE_MXCSR) = MXCSR_RESET;
	v->fpu = area;
	return 0;
}

void fpu_vcpu_destroy(struct vcpu *v)
{
	heap_free(v->fpu);
	v->fpu = NULL;
}

long do_fpu_taskswitch(int set)
{
	fpu_set_ts(current, set != 0);
	return 0;
}
