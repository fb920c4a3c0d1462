/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypercall mca: machine checks, for domain 0. What cannot be corrected ends
 * the machine (cpu/traps.c), and what the hardware has corrected nobody looks
 * for: so there is never a report to fetch. But the kernel's driver asks about the
 * machine's CPUs when it starts, and is content with that.
 */
#include <xen/arch-x86/xen-mca.h>
#include <xen/errno.h>

#include "cpu/asm.h"
#include "cpu/cpu.h"
#include "cpu/cpu_policy.h"
#include "cpu/cpuid.h"
#include "cpu/topology.h"
#include "hypercall/control.h"
#include "hypercall/hypercall.h"
#include "lib/string.h"
#include "machine.h"

#define MSR_MCG_CAP 0x179
#define EDX_MCA (1u << 14)

/* mc_vendor. The numbers are those that Linux knows the vendors by, too. */
static const struct {
	char name[13];
	u32 number;
} vendors[] = {
	{ "GenuineIntel", 1 << 0 }, { "AuthenticAMD", 1 << 1 }, { "CentaurHauls", 1 << 2 },
	{ "  Shanghai  ", 1 << 3 }, { "HygonGenuine", 1 << 4 },
};

static u32 vendor_number(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(vendors); i++)
		if (strncmp(cpu_features.vendor, vendors[i].name, sizeof(vendors[i].name)) == 0)
			return vendors[i].number;
	return 0;
}

/* KiB of the last cache: APM vol. 3, E.4.5; Intel has the second level there. */
static u32 cache_size(void)
{
	u32 last, b, c, d;

	cpuid(0x80000000, 0, &last, &b, &c, &d);
	if (last < 0x80000006)
		return 0;
	cpuid(0x80000006, 0, &last, &b, &c, &d);
	return max((d >> 18) * 512, c >> 16);
}

/* What is the same for all CPUs. */
static void describe(xen_mc_logical_cpu_t *info)
{
	u32 words[CPU_FEATURE_WORDS], level, a, b, c, d;

	memset(info, 0, sizeof(*info));
	info->mc_ncores = cpu_cores_per_socket();
	info->mc_ncores_active = info->mc_ncores;
	info->mc_nthreads = cpu_threads_per_core();
	cpuid(0, 0, &level, &b, &c, &d);
	info->mc_cpuid_level = level;
	cpuid(1, 0, &a, &b, &c, &d);
	cpu_signature(a, &info->mc_family, &info->mc_model, &info->mc_step);
	info->mc_vendor = vendor_number();
	strlcpy(info->mc_vendorid, cpu_features.vendor, sizeof(info->mc_vendorid));
	strlcpy(info->mc_brandid, cpu_features.brand, sizeof(info->mc_brandid));
	/* Not what MC_CAPS_* says, but as Xen has it: the order of a featureset. */
	cpu_policy_features(CPU_POLICY_HOST, words);
	memcpy(info->mc_cpu_caps, words, sizeof(info->mc_cpu_caps));
	info->mc_cache_size = cache_size();
	info->mc_cache_alignment = (b >> 8 & 0xff) * 8;
	info->mc_nmsrvals = 1;
	info->mc_msrvalues[0].reg = MSR_MCG_CAP;
	if (d & EDX_MCA)
		info->mc_msrvalues[0].value = rdmsr(MSR_MCG_CAP);
}

static long physcpuinfo(xen_mc_physcpuinfo_t *op)
{
	xen_mc_logical_cpu_t info;
	u32 socket, core;

	if (!op->info.p) {
		op->ncpus = cpu_count;
		return 0;
	}
	if (op->ncpus == 0)
		return -XEN_EINVAL;
	op->ncpus = min(op->ncpus, cpu_count);
	describe(&info);
	for (u32 cpu = 0; cpu < op->ncpus; cpu++) {
		cpu_place(cpu, &core, &socket);
		info.mc_cpunr = cpu;
		info.mc_chipid = socket;
		info.mc_coreid = core;
		info.mc_threadid = cpu_thread(cpu);
		info.mc_apicid = cpus[cpu]->apic_id;
		info.mc_clusterid = cpus[cpu]->apic_id;
		if (copy_to_guest(op->info.p + cpu, &info, sizeof(info)))
			return -XEN_EFAULT;
	}
	return 0;
}

static long fetch(xen_mc_fetch_t *op)
{
	u32 kind = op->flags & (XEN_MC_NONURGENT | XEN_MC_URGENT);

	if (kind != XEN_MC_NONURGENT && kind != XEN_MC_URGENT)
		return -XEN_EINVAL;
	/* Of what was never handed out Xen says nothing, either. */
	if (op->flags & XEN_MC_ACK)
		return 0;
	if (!op->data.p)
		return -XEN_EINVAL;
	op->flags = XEN_MC_NODATA;
	op->fetch_id = 0;
	return 0;
}

long do_mca(void *arg)
{
	struct control_header h;
	xen_mc_t op;
	long rc = control_enter(arg, XEN_MCA_INTERFACE_VERSION, &h);

	if (rc)
		return rc;
	if (copy_from_guest(&op, arg, sizeof(op)))
		return -XEN_EFAULT;
	switch (h.cmd) {
	case XEN_MC_fetch:
		rc = fetch(&op.u.mc_fetch);
		break;
	case XEN_MC_physcpuinfo:
		rc = physcpuinfo(&op.u.mc_physcpuinfo);
		break;
	case XEN_MC_msrinject:
	case XEN_MC_mceinject:
	case XEN_MC_inject_v2:
		return -XEN_EOPNOTSUPP;
	default:
		return -XEN_EINVAL;
	}
	if (rc == 0 && copy_to_guest(arg, &op, sizeof(op)))
		return -XEN_EFAULT;
	return rc;
}
