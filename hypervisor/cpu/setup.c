/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU features and control registers. Protections of ours are used wherever the
 * CPU has them: we never execute (SMEP) nor, but for guest copies, touch (SMAP)
 * what guests can write.
 */
#include "cpu/asm.h"
#include "cpu/cpu.h"
#include "cpu/cpu_policy.h"
#include "cpu/fpu.h"
#include "cpu/setup.h"
#include "cpu/usercopy.h"
#include "domain/vcpu_op.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/iomem.h"

struct cpu_features cpu_features;

static u64 cr4_wanted;

void cpu_detect(void)
{
	struct cpu_features *f = &cpu_features;
	u32 a, b, c, d, max, max_ext;

	cpuid(0, 0, &max, (u32 *)&f->vendor[0], (u32 *)&f->vendor[8],
	      (u32 *)&f->vendor[4]);
	cpuid(1, 0, &a, &b, &c, &d);
	f->xsave = c >> 26 & 1;
	f->x2apic = c >> 21 & 1;
	f->tsc_deadline = c >> 24 & 1;
	f->pge = d >> 13 & 1;
	if (max >= 7) {
		cpuid(7, 0, &a, &b, &c, &d);
		f->fsgsbase = b & 1;
		f->smep = b >> 7 & 1;
		f->erms = b >> 9 & 1;
		f->smap = b >> 20 & 1;
		f->umip = c >> 2 & 1;
	}
	cpuid(0x80000000, 0, &max_ext, &b, &c, &d);
	cpuid(0x80000001, 0, &a, &b, &c, &d);
	f->nx = d >> 20 & 1;
	f->gib_pages = d >> 26 & 1;
	f->rdtscp = d >> 27 & 1;
	if (max_ext >= 0x80000004)
		for (u32 i = 0; i < 3; i++) {
			cpuid(0x80000002 + i, 0, &a, &b, &c, &d);
			memcpy(f->brand + 16 * i, &a, 4);
			memcpy(f->brand + 16 * i + 4, &b, 4);
			memcpy(f->brand + 16 * i + 8, &c, 4);
			memcpy(f->brand + 16 * i + 12, &d, 4);
		}
	if (max_ext >= 0x80000007) {
		cpuid(0x80000007, 0, &a, &b, &c, &d);
		f->invariant_tsc = d >> 8 & 1;
	}
	f->phys_bits = 36;
	if (max_ext >= 0x80000008) {
		cpuid(0x80000008, 0, &a, &b, &c, &d);
		f->phys_bits = a & 0xff;
	}

	iomem_end = 1ull << (f->phys_bits - PAGE_SHIFT);

	cr4_wanted = CR4_DE | CR4_PSE | CR4_PAE | CR4_MCE | CR4_OSFXSR |
		     CR4_OSXMMEXCPT;
	if (f->pge)
		cr4_wanted |= CR4_PGE;
	if (f->smep)
		cr4_wanted |= CR4_SMEP;
	if (f->smap)
		cr4_wanted |= CR4_SMAP;
	if (f->xsave)
		cr4_wanted |= CR4_OSXSAVE;
	if (f->fsgsbase)
		cr4_wanted |= CR4_FSGSBASE;
	if (f->umip)
		cr4_wanted |= CR4_UMIP;
	if (f->smap)
		usercopy_enable_smap();
	fpu_init();
	cpu_policy_init();
	log_info("CPU: %s %s (%s%s%s%s%s)", f->vendor, f->brand,
		 f->smep ? "SMEP " : "", f->smap ? "SMAP " : "",
		 f->nx ? "NX " : "", f->xsave ? "XSAVE " : "",
		 f->fsgsbase ? "FSGSBASE" : "");
}

void cpu_setup(void)
{
	struct cpu *c = this_cpu();

	c->cr4 = cr4_wanted;
	write_cr4(cr4_wanted);
	write_cr0(CR0_PG | CR0_AM | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE | EFER_NXE);
	wrmsr(MSR_PAT, PAT_VALUE);
	fpu_init_cpu();
}

u64 vcpu_physid(unsigned int cpu)
{
	return cpus[cpu]->apic_id | (u64)cpus[cpu]->acpi_id << 32;
}
