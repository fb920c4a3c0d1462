/*
 * The hypercall mca: the machine's CPUs, and reports of machine checks, of which
 * there is none.
 */
#include "test.h"
#include <xen/arch-x86/xen-mca.h>

#define CPUS 8

static struct xen_mc op;
static xen_mc_logical_cpu_t info[CPUS];
static mc_info_t report;

static long mca(unsigned int cmd)
{
	op.cmd = cmd;
	op.interface_version = XEN_MCA_INTERFACE_VERSION;
	return hypercall(__HYPERVISOR_mca, &op);
}

static void cpuid(uint32_t leaf, uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
	__asm__ volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d) : "0"(leaf), "2"(0));
}

static long physcpuinfo(unsigned int n, void *at)
{
	op.u.mc_physcpuinfo.ncpus = n;
	set_xen_guest_handle(op.u.mc_physcpuinfo.info, at);
	return mca(XEN_MC_physcpuinfo);
}

static void cpus(void)
{
	uint32_t a, b, c, d, model, family;
	unsigned int i;

	CHECK_EQ(physcpuinfo(0, NULL), 0);
	CHECK_EQ(op.u.mc_physcpuinfo.ncpus, 2);
	CHECK_EQ(physcpuinfo(5, NULL), 0);
	CHECK_EQ(op.u.mc_physcpuinfo.ncpus, 2);
	CHECK_EQ(physcpuinfo(0, info), -EINVAL);
	CHECK_EQ(physcpuinfo(CPUS, (void *)0x1000), -EFAULT);
	memset(info, 0xee, sizeof(info));
	CHECK_EQ(physcpuinfo(CPUS, info), 0);
	CHECK_EQ(op.u.mc_physcpuinfo.ncpus, 2);
	CHECK_EQ(info[2].mc_cpunr, 0xeeeeeeee);
	for (i = 0; i < 2; i++) {
		CHECK_EQ(info[i].mc_cpunr, i);
		CHECK_EQ(info[i].mc_chipid, 0); /* QEMU makes one socket of all */
		CHECK_EQ(info[i].mc_coreid, i);
		CHECK_EQ(info[i].mc_threadid, 0);
		CHECK_EQ(info[i].mc_apicid, i);
		CHECK_EQ(info[i].mc_clusterid, i);
		CHECK_EQ(info[i].mc_ncores, 2);
		CHECK_EQ(info[i].mc_ncores_active, 2);
		CHECK_EQ(info[i].mc_nthreads, 1);
		cpuid(0, &a, &b, &c, &d);
		CHECK_EQ(info[i].mc_cpuid_level, a);
		CHECK_EQ(memcmp(info[i].mc_vendorid, &b, 4), 0);
		CHECK_EQ(memcmp(info[i].mc_vendorid + 4, &d, 4), 0);
		CHECK_EQ(memcmp(info[i].mc_vendorid + 8, &c, 4), 0);
		CHECK_EQ(info[i].mc_vendorid[12], 0);
		CHECK_EQ(info[i].mc_vendor, 2);
		cpuid(1, &a, &b, &c, &d);
		family = (a >> 8 & 15) + (a >> 20 & 0xff);
		model = (a >> 4 & 15) | (a >> 12 & 0xf0);
		CHECK_EQ(info[i].mc_family, family);
		CHECK_EQ(info[i].mc_model, model);
		CHECK_EQ(info[i].mc_step, a & 15);
		/* Those of the next leaves follow, whatever their names say. */
		CHECK_EQ(info[i].mc_cpu_caps[0] & ~(1 << 11 | 1 << 17), d & ~(1 << 11 | 1 << 17));
		CHECK_EQ(info[i].mc_cpu_caps[1] & 0xf0000000 & ~(1 << 27), c & 0xf0000000);
		CHECK_EQ(info[i].mc_cache_alignment, (b >> 8 & 0xff) * 8);
		cpuid(0x80000006, &a, &b, &c, &d);
		CHECK_EQ(info[i].mc_cache_size, (d >> 18) * 512);
		cpuid(0x80000002, &a, &b, &c, &d);
		CHECK_EQ(memcmp(info[i].mc_brandid, &a, 4), 0);
		CHECK_EQ(info[i].mc_nmsrvals, 1);
		CHECK_EQ(info[i].mc_msrvalues[0].reg, 0x179); /* MCG_CAP */
		CHECK_EQ(info[i].mc_msrvalues[0].value & 0x1ff, 0x10a); /* ten banks, in QEMU */
		CHECK_EQ(info[i].mc_msrvalues[1].reg, 0);
	}
}

static long fetch(unsigned int flags, void *at)
{
	op.u.mc_fetch.flags = flags;
	op.u.mc_fetch.fetch_id = 7;
	set_xen_guest_handle(op.u.mc_fetch.data, at);
	return mca(XEN_MC_fetch);
}

static void reports(void)
{
	static const unsigned int bad[] = { 0, 3, 4, 7, 8 };
	static const unsigned int good[] = { XEN_MC_NONURGENT, XEN_MC_URGENT };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		CHECK_EQ(fetch(good[i], &report), 0);
		CHECK_EQ(op.u.mc_fetch.flags, XEN_MC_NODATA);
		CHECK_EQ(op.u.mc_fetch.fetch_id, 0);
		/* Nothing is written when there is nothing. */
		CHECK_EQ(fetch(good[i], (void *)0x1000), 0);
		CHECK_EQ(op.u.mc_fetch.flags, XEN_MC_NODATA);
		CHECK_EQ(fetch(good[i], NULL), -EINVAL);
		CHECK_EQ(fetch(good[i] | 8, &report), 0);
		CHECK_EQ(op.u.mc_fetch.flags, XEN_MC_NODATA);
		/* What was never handed out may be handed back. */
		CHECK_EQ(fetch(good[i] | XEN_MC_ACK, NULL), 0);
		CHECK_EQ(op.u.mc_fetch.flags, good[i] | XEN_MC_ACK);
		CHECK_EQ(op.u.mc_fetch.fetch_id, 7);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (!CHECK_EQ(fetch(bad[i], &report), -EINVAL))
			print("flags %u\n", bad[i]);
}

int test_main(struct start_info *si)
{
	(void)si;
	CHECK_EQ(hypercall(__HYPERVISOR_mca, NULL), -EFAULT);
	CHECK_EQ(hypercall(__HYPERVISOR_mca, 0x1000), -EFAULT);
	op.cmd = XEN_MC_physcpuinfo;
	CHECK_EQ(hypercall(__HYPERVISOR_mca, &op), -EACCES);
	CHECK_EQ(mca(0), -EINVAL);
	CHECK_EQ(mca(XEN_MC_notifydomain), -EINVAL);
	CHECK_EQ(mca(7), -EINVAL);
	cpus();
	reports();
	return 0;
}
