/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPU of a guest as the core deals with it: roots, descriptor registers, FPU,
 * debug registers. Simulated guests execute nothing, so most of it has only to be
 * there. What a TLB may still hold matters: each flush starts a new epoch.
 */
#include <stdio.h>
#include <stdlib.h>

#include <xen/errno.h>

#include "boot/boot_info.h"
#include "cpu/debugreg.h"
#include "cpu/descriptors.h"
#include "cpu/fpu.h"
#include "cpu/guest_mode.h"
#include "cpu/ioport.h"
#include "cpu/traps.h"
#include "domain/domain.h"
#include "domain/shutdown.h"
#include "domain/vcpu_op.h"
#include "hypercall/hypercall.h"
#include "lib/format.h"
#include "machine.h"
#include "mm/paging.h"
#include "mm/tlb.h"
#include "sim/internal.h"
#include "sim/sim.h"
#include "time/vtime.h"

#define FPU_BYTES 1024

pte_t *idle_l4;
mfn_t idle_l4_mfn;
mfn_t max_mfn;
struct boot_info boot_info;
u64 sim_tlb_epoch[NR_CPUS];

static void flushed(unsigned int cpu, bool noted)
{
	sim_count.flushes++;
	sim_tlb_epoch[cpu]++;
	if (noted)
		tlb_note_flush(cpu);
}

void flush_tlb_local(void)
{
	flushed(sim_cpu, false);
}

void flush_tlb_one_local(u64 va)
{
	sim_count.flushes++;
}

void flush_tlb_mask(cpumask_t cpus)
{
	for (cpus &= sim_cpus_present; cpus; cpus &= cpus - 1)
		flushed(__builtin_ctzll(cpus), true);
}

void flush_tlb_one_mask(cpumask_t cpus, u64 va)
{
	if (cpus & cpumask_of(sim_cpu))
		flush_tlb_one_local(va);
	flush_tlb_mask(cpus & ~cpumask_of(sim_cpu));
}

void sim_load_vcpu(struct vcpu *prev, struct vcpu *next)
{
	tlb_note_flush(sim_cpu);
	sim_tlb_epoch[sim_cpu]++;
	if (!next->is_idle)
		next->domain->dirty_cpus |= cpumask_of(sim_cpu);
	if (!prev->is_idle && prev->domain != next->domain)
		prev->domain->dirty_cpus &= ~cpumask_of(sim_cpu);
}

void vcpu_load_root(struct vcpu *v)
{
	v->cr3 = (v->kernel_mode ? v->kernel_l4 : v->user_l4) << PAGE_SHIFT;
	if (v == current)
		sim_tlb_epoch[sim_cpu]++;
}

void sim_toggle_mode(struct vcpu *v)
{
	v->kernel_mode ^= 1;
	vcpu_load_root(v);
}

void flush_cache(bool all)
{
}

/* Descriptor tables: the frame with null descriptors is one of ours. */
mfn_t sim_null_mfn;

mfn_t descriptors_null_mfn(void)
{
	return sim_null_mfn;
}

void descriptors_reload(struct vcpu *v)
{
	if (v == current)
		flush_tlb_local();
}

int fpu_vcpu_init(struct vcpu *v)
{
	v->fpu = calloc(1, FPU_BYTES);
	return v->fpu ? 0 : -XEN_ENOMEM;
}

void fpu_vcpu_destroy(struct vcpu *v)
{
	free(v->fpu);
	v->fpu = NULL;
}

void debugreg_init(struct vcpu *v)
{
}

long debugreg_set(struct vcpu *v, int reg, u64 value)
{
	v->debugreg[reg] = value;
	return 0;
}

int ioport_domain_init(struct domain *d)
{
	return 0;
}

void ioport_domain_destroy(struct domain *d)
{
}

void dump_guest(struct vcpu *v)
{
}

void machine_follow_dom0(u32 reason)
{
}

u64 vcpu_physid(unsigned int cpu)
{
	return (u64)(cpu + 1) << 32 | cpu;
}

int vtime_register(struct vcpu *v, u64 address)
{
	v->time_info_guest = address;
	return 0;
}

/* A test may have the real one. */
__attribute__((weak)) int format_va(char *buf, size_t size, const char *fmt, va_list args)
{
	return vsnprintf(buf, size, fmt, args);
}

/* Hypercalls whose modules are the machine's. */
#define NOT_HERE(name, ...)         \
	long do_##name(__VA_ARGS__) \
	{                           \
		return -XEN_ENOSYS; \
	}

NOT_HERE(set_trap_table, void *traps)
NOT_HERE(fpu_taskswitch, int set)
NOT_HERE(set_debugreg, int reg, u64 value)
NOT_HERE(get_debugreg, int reg)
NOT_HERE(xen_version, int cmd, void *arg)
NOT_HERE(console_io, unsigned int cmd, unsigned int count, void *buffer)
NOT_HERE(iret, void)
NOT_HERE(set_segment_base, unsigned int which, u64 base)
NOT_HERE(physdev_op, int cmd, void *arg)
NOT_HERE(domctl, void *arg)
NOT_HERE(mca, void *arg)
NOT_HERE(sysctl, void *arg)
NOT_HERE(platform_op, void *arg)
