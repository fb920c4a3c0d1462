/*
 * sysctl: what tools in domain 0 ask of the host. Right operands, wrong ones, and
 * pointers that point nowhere. Numbers that hypervisors may differ in are checked
 * for sense only.
 */
#include "test.h"
#include <xen/sched.h>
#include <xen/sysctl.h>
#include "mm.h"

#define NOWHERE ((void *)0x1000)
#define NO_CPU 77

static struct xen_sysctl op;
static char buffer[65536];

/* Begin an operation: everything zero. */
static void *start(void)
{
	memset(&op, 0, sizeof(op));
	return &op.u;
}

static long call(unsigned int cmd)
{
	op.cmd = cmd;
	op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return hypercall(__HYPERVISOR_sysctl, &op);
}

static void interface(void)
{
	static const unsigned int unknown[] = { 0, 13, 24, 28, 30, 31, 1000, -1U };

	start();
	op.cmd = XEN_SYSCTL_sched_id;
	op.interface_version = XEN_SYSCTL_INTERFACE_VERSION + 1;
	CHECK_EQ(hypercall(__HYPERVISOR_sysctl, &op), -EACCES);
	for (unsigned int i = 0; i < ARRAY_SIZE(unknown); i++) {
		start();
		if (!CHECK_EQ(call(unknown[i]), -ENOSYS))
			print("command %u\n", unknown[i]);
	}
	start();
	CHECK_EQ(call(XEN_SYSCTL_sched_id), 0);
	CHECK(op.u.sched_id.sched_id != 0);
}

static void readconsole(void)
{
	struct xen_sysctl_readconsole *r = start();
	unsigned int all, oldest;

	r->buffer.p = buffer;
	r->count = sizeof(buffer);
	CHECK_EQ(call(XEN_SYSCTL_readconsole), 0);
	all = r->count;
	CHECK(all > 100 && all < sizeof(buffer), "%u", all);
	oldest = r->index - all;
	/* In two parts, the second to the end. */
	r = start();
	r->buffer.p = buffer + 32768;
	r->count = 16;
	r->incremental = 1;
	r->index = oldest;
	CHECK_EQ(call(XEN_SYSCTL_readconsole), 0);
	CHECK_EQ(r->count, 16);
	CHECK_EQ(r->index, oldest + 16);
	r->buffer.p = buffer + 32768 + 16;
	r->count = all - 16;
	CHECK_EQ(call(XEN_SYSCTL_readconsole), 0);
	CHECK_EQ(r->count, all - 16);
	CHECK(memcmp(buffer, buffer + 32768, all) == 0);
	/* What was never there is the oldest; so is everything, if not incremental. */
	r->count = 16;
	r->index = oldest + all + 1000000;
	CHECK_EQ(call(XEN_SYSCTL_readconsole), 0);
	CHECK_EQ(r->index, oldest + 16);
	r->count = 16;
	r->index = oldest + 7;
	r->incremental = 0;
	CHECK_EQ(call(XEN_SYSCTL_readconsole), 0);
	CHECK_EQ(r->index, oldest + 16);
	r->count = 1;
	r->buffer.p = NOWHERE;
	CHECK_EQ(call(XEN_SYSCTL_readconsole), -EFAULT);
	r->count = 0;
	CHECK_EQ(call(XEN_SYSCTL_readconsole), 0);
	/* Cleared, it is empty. */
	r->buffer.p = buffer;
	r->count = sizeof(buffer);
	r->clear = 1;
	CHECK_EQ(call(XEN_SYSCTL_readconsole), 0);
	r->count = sizeof(buffer);
	r->clear = 0;
	CHECK_EQ(call(XEN_SYSCTL_readconsole), 0);
	CHECK_EQ(r->count, 0);
}

static void debug_keys(void)
{
	struct xen_sysctl_debug_keys *k = start();

	k->keys.p = "h\x01";
	k->nr_keys = 2;
	CHECK_EQ(call(XEN_SYSCTL_debug_keys), 0);
	k->keys.p = NOWHERE;
	CHECK_EQ(call(XEN_SYSCTL_debug_keys), -EFAULT);
	k->nr_keys = 0;
	CHECK_EQ(call(XEN_SYSCTL_debug_keys), 0);
}

static unsigned int cpus;

static void physinfo(struct start_info *si)
{
	struct xen_sysctl_physinfo *p = start();
	struct xen_sysctl_availheap *a;

	CHECK_EQ(call(XEN_SYSCTL_physinfo), 0);
	cpus = p->nr_cpus;
	CHECK(cpus >= 1 && p->max_cpu_id == cpus - 1);
	CHECK(p->threads_per_core >= 1 && p->cores_per_socket >= 1);
	CHECK_EQ(cpus % (p->threads_per_core * p->cores_per_socket), 0);
	CHECK_EQ(p->nr_nodes, 1);
	CHECK(p->cpu_khz > 1000);
	CHECK(p->capabilities & XEN_SYSCTL_PHYSCAP_pv);
	CHECK(p->capabilities & XEN_SYSCTL_PHYSCAP_gnttab_v1);
	CHECK_EQ(p->arch_capabilities, 0);
	CHECK(p->total_pages > p->free_pages + si->nr_pages);
	CHECK(p->max_mfn >= p->total_pages - 1);
	CHECK_EQ(p->outstanding_pages, 0);
	CHECK(p->hw_cap[0] & 1 << 4); /* TSC */
	/* Free memory by the width of its addresses. */
	a = start();
	a->node = -1;
	CHECK_EQ(call(XEN_SYSCTL_availheap), 0);
	CHECK(a->avail_bytes > 1 << 20 && a->avail_bytes % PAGE_SIZE == 0);
	{
		unsigned long all = a->avail_bytes, low;

		a->max_bitwidth = 24;
		CHECK_EQ(call(XEN_SYSCTL_availheap), 0);
		low = a->avail_bytes;
		CHECK(low <= 1 << 24);
		a->max_bitwidth = 0;
		a->min_bitwidth = 25;
		CHECK_EQ(call(XEN_SYSCTL_availheap), 0);
		CHECK_EQ(a->avail_bytes + low, all);
		a->min_bitwidth = 200;
		CHECK_EQ(call(XEN_SYSCTL_availheap), 0);
		CHECK_EQ(a->avail_bytes, 0);
		a->min_bitwidth = 0;
		a->max_bitwidth = 200;
		a->node = 0;
		CHECK_EQ(call(XEN_SYSCTL_availheap), 0);
		CHECK_EQ(a->avail_bytes, all);
	}
	for (int node = -3; node < 3000; node += node < 1 ? 4 : 2998) {
		a->node = node; /* -3, 1, 2999 */
		CHECK_EQ(call(XEN_SYSCTL_availheap), 0);
		CHECK_EQ(a->avail_bytes, 0);
	}
}

static void topology(void)
{
	struct xen_sysctl_cputopoinfo *t = start();
	struct xen_sysctl_cputopo *topo = (void *)buffer;
	struct xen_sysctl_numainfo *n;
	struct xen_sysctl_meminfo *mem = (void *)buffer;
	struct xen_sysctl_pcitopoinfo *d;
	struct physdev_pci_device devs[2] = { { 0, 0, 0 }, { 0, 200, 0 } };

	CHECK_EQ(call(XEN_SYSCTL_cputopoinfo), 0);
	CHECK_EQ(t->num_cpus, cpus);
	memset(buffer, 0xee, 4096);
	t->num_cpus = 64;
	t->cputopo.p = topo;
	CHECK_EQ(call(XEN_SYSCTL_cputopoinfo), 0);
	CHECK_EQ(t->num_cpus, cpus);
	for (unsigned int i = 0; i < cpus; i++) {
		CHECK(topo[i].core < 256 && topo[i].socket < 256);
		CHECK_EQ(topo[i].node, 0);
	}
	CHECK_EQ(topo[cpus].node, 0xeeeeeeee);
	t->cputopo.p = NOWHERE;
	CHECK_EQ(call(XEN_SYSCTL_cputopoinfo), -EFAULT);
	t->num_cpus = 0;
	CHECK_EQ(call(XEN_SYSCTL_cputopoinfo), 0);
	CHECK_EQ(t->num_cpus, 0);

	n = start();
	CHECK_EQ(call(XEN_SYSCTL_numainfo), 0);
	CHECK_EQ(n->num_nodes, 1);
	memset(buffer, 0xee, 4096);
	n->num_nodes = 64;
	n->meminfo.p = mem;
	n->distance.p = (void *)(buffer + 1024);
	CHECK_EQ(call(XEN_SYSCTL_numainfo), 0);
	CHECK_EQ(n->num_nodes, 1);
	CHECK(mem[0].memsize > mem[0].memfree);
	CHECK_EQ(mem[1].memsize, 0xeeeeeeeeeeeeeeee);
	CHECK_EQ(*n->distance.p, 10);
	n->meminfo.p = NOWHERE;
	CHECK_EQ(call(XEN_SYSCTL_numainfo), -EFAULT);
	n->num_nodes = 0;
	CHECK_EQ(call(XEN_SYSCTL_numainfo), 0);

	d = start();
	CHECK_EQ(call(XEN_SYSCTL_pcitopoinfo), -EINVAL);
	d->devs.p = devs;
	d->nodes.p = (void *)buffer;
	d->num_devs = ARRAY_SIZE(devs);
	CHECK_EQ(call(XEN_SYSCTL_pcitopoinfo), 0);
	CHECK_EQ(d->num_devs, ARRAY_SIZE(devs));
	CHECK(d->nodes.p[0] >= XEN_INVALID_DEV && d->nodes.p[1] >= XEN_INVALID_DEV);
	d->devs.p = NOWHERE;
	CHECK_EQ(call(XEN_SYSCTL_pcitopoinfo), -EFAULT);
}

static void cpuinfo(void)
{
	struct xen_sysctl_getcpuinfo *c = start();
	struct xen_sysctl_cpuinfo *info = (void *)buffer;

	memset(buffer, 0xee, 4096);
	c->info.p = info;
	c->max_cpus = 64;
	CHECK_EQ(call(XEN_SYSCTL_getcpuinfo), 0);
	CHECK_EQ(c->nr_cpus, cpus);
	CHECK(info[0].idletime < 1UL << 50);
	CHECK_EQ(info[cpus].idletime, 0xeeeeeeeeeeeeeeee);
	c->max_cpus = 1;
	CHECK_EQ(call(XEN_SYSCTL_getcpuinfo), 0);
	CHECK_EQ(c->nr_cpus, 1);
	c->info.p = NOWHERE;
	CHECK_EQ(call(XEN_SYSCTL_getcpuinfo), -EFAULT);
}

static void domains(struct start_info *si)
{
	struct xen_sysctl_getdomaininfolist *l = start();
	struct xen_domctl_getdomaininfo *d = (void *)buffer;

	memset(buffer, 0xee, 4096);
	l->buffer.p = d;
	l->max_domains = 16;
	CHECK_EQ(call(XEN_SYSCTL_getdomaininfolist), 0);
	CHECK_EQ(l->num_domains, 1);
	CHECK_EQ(d->domain, 0);
	CHECK_EQ(d->flags, 0xffff0000 | XEN_DOMINF_running);
	CHECK_EQ(d->tot_pages, si->nr_pages);
	CHECK(d->max_pages >= d->tot_pages && d->max_pages < 1UL << 52);
	CHECK_EQ(d->outstanding_pages | d->shr_pages | d->paged_pages, 0);
	CHECK_EQ(d->shared_info_frame, si->shared_info >> 12);
	CHECK(d->cpu_time > 0 && d->cpu_time < 1UL << 40);
	CHECK_EQ(d->nr_online_vcpus, 1);
	CHECK(d->max_vcpu_id < cpus);
	CHECK_EQ(d->cpupool, 0);
	CHECK(d->gpaddr_bits >= 36 && d->gpaddr_bits <= 52);
	CHECK_EQ(d->arch_config.emulation_flags, XEN_X86_EMU_PIT);
	CHECK_EQ(d[1].flags, 0xeeeeeeee);
	l->buffer.p = NOWHERE;
	CHECK_EQ(call(XEN_SYSCTL_getdomaininfolist), -EFAULT);
	l->first_domain = 1; /* there is none */
	CHECK_EQ(call(XEN_SYSCTL_getdomaininfolist), 0);
	CHECK_EQ(l->num_domains, 0);
	l->first_domain = 0;
	l->max_domains = 0;
	CHECK_EQ(call(XEN_SYSCTL_getdomaininfolist), 0);
	CHECK_EQ(l->num_domains, 0);
}

static long pool(unsigned int what, unsigned int id, unsigned int cpu, unsigned int domid)
{
	struct xen_sysctl_cpupool_op *p = start();

	p->op = what;
	p->cpupool_id = id;
	p->cpu = cpu;
	p->domid = domid;
	p->cpumap.bitmap.p = (void *)buffer;
	p->cpumap.nr_bits = 64;
	memset(buffer, 0xee, 64);
	return call(XEN_SYSCTL_cpupool_op);
}

static void cpupool(void)
{
	struct xen_sysctl_cpupool_op *p = &op.u.cpupool_op;
	unsigned long all = cpus < 64 ? (1UL << cpus) - 1 : -1UL, *map = (void *)buffer;

	CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_INFO, 0, 0, 0), 0);
	CHECK_EQ(p->cpupool_id, 0);
	CHECK_EQ(p->n_dom, 1);
	CHECK_EQ(*map, all);
	CHECK_EQ(map[1], 0xeeeeeeeeeeeeeeee);
	p->cpumap.nr_bits = 9;
	memset(buffer, 0xee, 64);
	CHECK_EQ(call(XEN_SYSCTL_cpupool_op), 0);
	CHECK_EQ(*map, 0xeeeeeeeeeeee0000 | (all & 0x1ff));
	p->cpumap.nr_bits = 120;
	CHECK_EQ(call(XEN_SYSCTL_cpupool_op), 0);
	CHECK_EQ(*map, all);
	CHECK_EQ(map[1], 0xee00000000000000);
	p->cpumap.bitmap.p = NOWHERE;
	CHECK_EQ(call(XEN_SYSCTL_cpupool_op), -EFAULT);
	CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_INFO, 1, 0, 0), -ENOENT);
	CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_INFO, XEN_SYSCTL_CPUPOOL_PAR_ANY, 0, 0), -ENOENT);
	CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_FREEINFO, 0, 0, 0), 0);
	CHECK_EQ(*map, 0);
	CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_CREATE, 0, 0, 0), -EEXIST);
	CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_DESTROY, 0, 0, 0), -EBUSY);
	CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_DESTROY, 1, 0, 0), -ENOENT);
	CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 0, 0, 0), -ENODEV);
	CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 0, NO_CPU, 0), -EINVAL);
	CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 0, XEN_SYSCTL_CPUPOOL_PAR_ANY, 0), -ENODEV);
	CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 1, 0, 0), -ENOENT);
	CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 0, NO_CPU, 0), -EINVAL);
	CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 1, 0, 0), -ENOENT);
	CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 0, 0, 0), -EPERM); /* itself */
	CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 0, 0, 7), -ESRCH);
	CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 1, 0, DOMID_SELF), -ESRCH);
	CHECK_EQ(pool(0, 0, 0, 0), -ENOSYS);
	CHECK_EQ(pool(8, 0, 0, 0), -ENOSYS);
}

static void power(void)
{
	struct xen_sysctl_get_pmstat *s = start();
	struct xen_sysctl_pm_op *p;
	struct xen_sysctl_cpu_hotplug *h;

	s->type = PMSTAT_get_max_px;
	CHECK_EQ(call(XEN_SYSCTL_get_pmstat), -ENODEV);
	s->cpuid = NO_CPU;
	CHECK_EQ(call(XEN_SYSCTL_get_pmstat), -EINVAL);
	p = start();
	CHECK_EQ(call(XEN_SYSCTL_pm_op), -ENOSYS);
	p->cmd = GET_CPUFREQ_PARA;
	CHECK_EQ(call(XEN_SYSCTL_pm_op), -EINVAL);
	p->cmd = XEN_SYSCTL_pm_op_enable_turbo;
	CHECK_EQ(call(XEN_SYSCTL_pm_op), -EACCES);
	p->cmd = XEN_SYSCTL_pm_op_get_max_cstate;
	CHECK_EQ(call(XEN_SYSCTL_pm_op), 0);
	p->cpuid = NO_CPU;
	CHECK_EQ(call(XEN_SYSCTL_pm_op), -EINVAL);
	h = start();
	h->op = XEN_SYSCTL_CPU_HOTPLUG_ONLINE;
	CHECK_EQ(call(XEN_SYSCTL_cpu_hotplug), -EEXIST);
	h->op = XEN_SYSCTL_CPU_HOTPLUG_OFFLINE;
	CHECK_EQ(call(XEN_SYSCTL_cpu_hotplug), -EINVAL); /* CPU 0 */
	h->cpu = NO_CPU;
	CHECK_EQ(call(XEN_SYSCTL_cpu_hotplug), -EINVAL);
	h->op = XEN_SYSCTL_CPU_HOTPLUG_SMT_DISABLE;
	CHECK_EQ(call(XEN_SYSCTL_cpu_hotplug), -EOPNOTSUPP);
	h->op = 99;
	CHECK_EQ(call(XEN_SYSCTL_cpu_hotplug), -EOPNOTSUPP);
	start();
	CHECK_EQ(call(XEN_SYSCTL_coverage_op), -EOPNOTSUPP);
	CHECK_EQ(call(XEN_SYSCTL_psr_cmt_op), -ENODEV);
	CHECK_EQ(call(XEN_SYSCTL_psr_alloc), -ENODEV);
	CHECK_EQ(call(XEN_SYSCTL_lockprof_op), -ENOSYS);
}

/* Words of a featureset: guests have less than the machine. */
static void featureset(void)
{
	struct xen_sysctl_cpu_featureset *f = start();
	unsigned int *words = (void *)buffer, raw[2];

	CHECK_EQ(call(XEN_SYSCTL_get_cpu_featureset), 0);
	CHECK_EQ(f->nr_features, 19);
	f->features.p = words;
	f->nr_features = 32;
	memset(buffer, 0xee, 4096);
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_featureset), 0);
	CHECK_EQ(f->nr_features, 19);
	CHECK_EQ(words[19], 0xeeeeeeee);
	raw[0] = words[0];
	raw[1] = words[1];
	f->index = XEN_SYSCTL_cpu_featureset_pv;
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_featureset), 0);
	CHECK_EQ(words[0] & ~raw[0], 0);
	CHECK(raw[0] & 1 << 3 && !(words[0] & 1 << 3)); /* PSE */
	CHECK(words[1] & 1U << 31); /* hypervisor */
	CHECK(!(words[1] & 1 << 3)); /* MONITOR */
	CHECK(words[2] & 1 << 29); /* LM */
	f->nr_features = 2;
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_featureset), -ENOBUFS);
	f->features.p = (void *)NOWHERE;
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_featureset), -EFAULT);
	f->features.p = words;
	f->nr_features = 32;
	f->index = XEN_SYSCTL_cpu_featureset_hvm_max + 1;
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_featureset), -EINVAL);
	start();
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_levelling_caps), 0);
}

/* Strictly ascending, which also means that none is there twice. */
static void check_leaves(const xen_cpuid_leaf_t *l, unsigned int n)
{
	for (unsigned int i = 1; i < n; i++)
		if (!CHECK(l[i].leaf > l[i - 1].leaf ||
			   (l[i].leaf == l[i - 1].leaf && l[i].subleaf == l[i - 1].subleaf + 1)))
			print("leaf %x:%x after %x:%x\n", l[i].leaf, l[i].subleaf, l[i - 1].leaf,
			      l[i - 1].subleaf);
}

static void policy(void)
{
	static const unsigned int there[] = { XEN_SYSCTL_cpu_policy_raw, XEN_SYSCTL_cpu_policy_host,
					      XEN_SYSCTL_cpu_policy_pv_max,
					      XEN_SYSCTL_cpu_policy_pv_default };
	struct xen_sysctl_cpu_policy *p = start();
	xen_cpuid_leaf_t *leaves = (void *)buffer;
	xen_msr_entry_t *msrs = (void *)(buffer + 32768);
	unsigned int last;

	CHECK_EQ(call(XEN_SYSCTL_get_cpu_policy), 0);
	CHECK_EQ(p->nr_leaves, 120);
	CHECK_EQ(p->nr_msrs, 2);
	for (unsigned int i = 0; i < ARRAY_SIZE(there); i++) {
		p = start();
		p->index = there[i];
		p->leaves.p = leaves;
		p->msrs.p = msrs;
		p->nr_leaves = p->nr_msrs = 200;
		CHECK_EQ(call(XEN_SYSCTL_get_cpu_policy), 0);
		CHECK(p->nr_leaves > 25 && p->nr_leaves <= 120, "%u", p->nr_leaves);
		CHECK_EQ(p->nr_msrs, 2);
		CHECK_EQ(leaves[0].leaf, 0);
		CHECK_EQ(leaves[0].subleaf, XEN_CPUID_NO_SUBLEAF);
		CHECK_EQ(leaves[1].leaf, 1);
		check_leaves(leaves, p->nr_leaves);
		CHECK_EQ(msrs[0].idx, 0xce);
		CHECK_EQ(msrs[1].idx, 0x10a);
		/* Just enough room, then one too few: not a byte beyond it. */
		CHECK_EQ(call(XEN_SYSCTL_get_cpu_policy), 0);
		last = p->nr_leaves - 1;
		memset(&leaves[last], 0xee, sizeof(*leaves));
		p->nr_leaves = last;
		CHECK_EQ(call(XEN_SYSCTL_get_cpu_policy), -ENOBUFS);
		CHECK_EQ(leaves[last].leaf, 0xeeeeeeee);
		p->nr_leaves = 200;
		p->nr_msrs = 1;
		CHECK_EQ(call(XEN_SYSCTL_get_cpu_policy), -ENOBUFS);
		p->msrs.p = NOWHERE;
		p->nr_msrs = 2;
		CHECK_EQ(call(XEN_SYSCTL_get_cpu_policy), -EFAULT);
		p->leaves.p = NOWHERE;
		CHECK_EQ(call(XEN_SYSCTL_get_cpu_policy), -EFAULT);
		p->_rsvd = 1;
		CHECK_EQ(call(XEN_SYSCTL_get_cpu_policy), -EINVAL);
	}
	p = start();
	p->index = XEN_SYSCTL_cpu_policy_hvm_default + 1;
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_policy), -EINVAL);
}

static void scheduler(void)
{
	struct xen_sysctl_scheduler_op *s = start();

	s->cmd = 99;
	CHECK(call(XEN_SYSCTL_scheduler_op) < 0);
}

int test_main(struct start_info *si)
{
	interface();
	readconsole();
	debug_keys();
	physinfo(si);
	topology();
	cpuinfo();
	domains(si);
	cpupool();
	power();
	featureset();
	policy();
	scheduler();
	return 0;
}
