/* SPDX-License-Identifier: GPL-2.0-only */
/* What a CPU knows of itself. Lives in its area (cpu/layout.h), one page. */
#ifndef CPU_CPU_H
#define CPU_CPU_H

#include "cpu/layout.h"
#include "lib/types.h"

struct vcpu;

/* SDM vol. 3, 8.7: the 64-bit task state segment. */
struct tss {
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3;
	u16 iomap_base;
} __packed;

struct cpu {
	/* The first two are known to the SYSCALL stub by offset. */
	u64 scratch;  /* the guest's stack pointer, for a moment */
	u64 regs_end; /* end of the running VCPU's struct guest_regs */
	struct vcpu *running;
	u32 id;
	u32 apic_id;
	u32 acpi_id;
	u32 softirq_pending; /* bits of enum softirq; atomic */
	struct vcpu *idle;
	u64 cr4; /* as loaded */
	bool online;
	bool idle_now;	   /* in hlt or about to be */
	u64 flush_from; /* cpu/tlb.c: CPUs that wait for a flush; atomic */
	bool flush_caches;
	mfn_t gdt_mfn;	   /* its GDT page, to map behind guests' */
	struct tss tss __aligned(16);
};

static inline struct cpu *this_cpu(void)
{
	u64 sp;

	__asm__("mov %%rsp, %0" : "=r"(sp));
	return (struct cpu *)((sp & ~(u64)(CPU_AREA_SIZE - 1)) + CPU_AREA_CPU);
}

static inline unsigned int this_cpu_id(void)
{
	return this_cpu()->id;
}

/* Those that have been found, by number; cpu_count of them. */
extern struct cpu *cpus[NR_CPUS];
extern unsigned int cpu_count;
/* Those that run. */
extern cpumask_t cpus_online;

/* Sockets, cores and threads do not matter to us; what CPUID has does. */
struct cpu_features {
	bool smep, smap, nx, xsave, fsgsbase, pge, x2apic, invariant_tsc,
		gib_pages, tsc_deadline, erms, umip, rdtscp;
	unsigned int phys_bits;
	char vendor[13];
	char brand[49];
};

extern struct cpu_features cpu_features;

#endif
