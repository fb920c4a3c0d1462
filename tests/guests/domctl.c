/* domctl: what is refused, and why; nothing here runs. */
#include "test.h"
#include <xen/domctl.h>
#include <xen/memory.h>
#include "domain.h"
#include "mm.h"

static volatile unsigned long window[512] __attribute__((aligned(4096)));

static void door(void)
{
	struct xen_domctl op;

	child_config(&op);
	op.cmd = XEN_DOMCTL_createdomain;
	op.interface_version = XEN_DOMCTL_INTERFACE_VERSION - 1;
	op.domain = 0;
	CHECK_EQ(hypercall(__HYPERVISOR_domctl, &op), -EACCES);
	CHECK_EQ(hypercall(__HYPERVISOR_domctl, 8), -EFAULT);
	CHECK_EQ(domctl(XEN_DOMCTL_pausedomain, 77, &op), -ESRCH);
	CHECK_EQ(domctl(XEN_DOMCTL_destroydomain, 77, &op), -ESRCH);
	CHECK_EQ(domctl(5000, 0, &op), -ENOSYS);
	/* Not to oneself. */
	CHECK_EQ(domctl(XEN_DOMCTL_pausedomain, 0, &op), -EINVAL);
	CHECK_EQ(domctl(XEN_DOMCTL_unpausedomain, 0, &op), -EINVAL);
	CHECK_EQ(domctl(XEN_DOMCTL_destroydomain, 0, &op), -EINVAL);
	op.u.max_vcpus.max = 1;
	CHECK_EQ(domctl(XEN_DOMCTL_max_vcpus, 0, &op), -EINVAL);
}

#define CREATE_FAILS(error, change)                                                   \
	do {                                                                          \
		struct xen_domctl op;                                                 \
		struct xen_domctl_createdomain *c = &op.u.createdomain;               \
		child_config(&op);                                                    \
		change;                                                               \
		CHECK_EQ(domctl(XEN_DOMCTL_createdomain, 0, &op), error);             \
	} while (0)

static void create_refused(void)
{
	CREATE_FAILS(-EOPNOTSUPP, c->flags = XEN_DOMCTL_CDF_hvm);
	CREATE_FAILS(-EINVAL, c->flags = XEN_DOMCTL_CDF_hap);
	CREATE_FAILS(-EINVAL, c->flags = XEN_DOMCTL_CDF_iommu);
	CREATE_FAILS(-EINVAL, c->flags = 1u << 31);
	CREATE_FAILS(-EINVAL, c->iommu_opts = 1);
	CREATE_FAILS(-EINVAL, c->max_vcpus = 0);
	CREATE_FAILS(-EINVAL, c->max_vcpus = 100000);
	CREATE_FAILS(-EINVAL, c->max_grant_frames = 65);
	CREATE_FAILS(-EINVAL, c->max_maptrack_frames = 1025);
	CREATE_FAILS(-EINVAL, c->grant_opts = 0);
	CREATE_FAILS(-EINVAL, c->grant_opts = XEN_DOMCTL_GRANT_version(3));
	CREATE_FAILS(-EINVAL, c->grant_opts |= 0x10);
	CREATE_FAILS(-EOPNOTSUPP, c->arch.emulation_flags = XEN_X86_EMU_HPET);
	CREATE_FAILS(-EINVAL, c->arch.misc_flags = 1u << 31);
	CREATE_FAILS(-EINVAL, c->vmtrace_size = 4096);
	CREATE_FAILS(-ESRCH, c->cpupool_id = 17);
}

/* A domain as it comes into being, step by step. */
static void empty(void)
{
	struct xen_memory_reservation r = { .nr_extents = 1 };
	unsigned long mfn = 0;
	struct xen_domctl op;
	uint16_t id;

	child_config(&op);
	op.u.createdomain.handle[3] = 0x5a;
	REQUIRE(domctl(XEN_DOMCTL_createdomain, 0, &op) == 0);
	id = op.domain;
	CHECK(id > 0 && id < 0x7ff0);
	child_config(&op);
	CHECK_EQ(domctl(XEN_DOMCTL_createdomain, id, &op), -EEXIST);

	memset(&op, 0, sizeof(op));
	CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, id, &op), 0);
	CHECK_EQ(op.u.getdomaininfo.domain, id);
	CHECK_EQ(op.u.getdomaininfo.tot_pages, 0);
	CHECK_EQ(op.u.getdomaininfo.max_pages, 0);
	CHECK_EQ(op.u.getdomaininfo.nr_online_vcpus, 0);
	CHECK_EQ(op.u.getdomaininfo.max_vcpu_id, XEN_INVALID_MAX_VCPU_ID);
	CHECK_EQ(op.u.getdomaininfo.handle[3], 0x5a);
	CHECK(op.u.getdomaininfo.flags & XEN_DOMINF_paused);
	CHECK(!(op.u.getdomaininfo.flags & (XEN_DOMINF_dying | XEN_DOMINF_shutdown)));

	/* No VCPUs yet: none to ask about. */
	CHECK_EQ(domctl(XEN_DOMCTL_unpausedomain, id, &op), 0);
	CHECK_EQ(domctl(XEN_DOMCTL_unpausedomain, id, &op), -EINVAL);
	CHECK_EQ(domctl(XEN_DOMCTL_pausedomain, id, &op), 0);
	op.u.getvcpuinfo.vcpu = 0;
	CHECK_EQ(domctl(XEN_DOMCTL_getvcpuinfo, id, &op), -ESRCH);
	op.u.max_vcpus.max = 2;
	CHECK_EQ(domctl(XEN_DOMCTL_max_vcpus, id, &op), -EINVAL);
	op.u.max_vcpus.max = 1;
	CHECK_EQ(domctl(XEN_DOMCTL_max_vcpus, id, &op), 0);
	CHECK_EQ(domctl(XEN_DOMCTL_max_vcpus, id, &op), 0);
	op.u.getvcpuinfo.vcpu = 0;
	CHECK_EQ(domctl(XEN_DOMCTL_getvcpuinfo, id, &op), 0);
	CHECK_EQ(op.u.getvcpuinfo.online, 0);
	op.u.getvcpuinfo.vcpu = 1;
	CHECK_EQ(domctl(XEN_DOMCTL_getvcpuinfo, id, &op), -EINVAL);

	/* Memory only as far as it may have it. */
	r.domid = id;
	r.extent_start.p = &mfn;
	CHECK_EQ(hv_memory_op(XENMEM_populate_physmap, &r), 0);
	op.u.max_mem.max_memkb = 4;
	CHECK_EQ(domctl(XEN_DOMCTL_max_mem, id, &op), 0);
	CHECK_EQ(hv_memory_op(XENMEM_populate_physmap, &r), 1);
	CHECK_EQ(hv_memory_op(XENMEM_populate_physmap, &r), 0);
	CHECK_EQ(m2p[mfn], 0);

	/* A context with nonsense. */
	op.u.vcpucontext.vcpu = 0;
	op.u.vcpucontext.ctxt.p = (void *)8;
	CHECK_EQ(domctl(XEN_DOMCTL_setvcpucontext, id, &op), -EFAULT);
	op.u.vcpucontext.vcpu = 1;
	CHECK_EQ(domctl(XEN_DOMCTL_setvcpucontext, id, &op), -EINVAL);

	op.u.setdebugging.enable = 0;
	memset(op.u.setdomainhandle.handle, 7, 16);
	CHECK_EQ(domctl(XEN_DOMCTL_setdomainhandle, id, &op), 0);
	CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, id, &op), 0);
	CHECK_EQ(op.u.getdomaininfo.handle[15], 7);
	CHECK_EQ(op.u.getdomaininfo.tot_pages, 1);
	CHECK_EQ(op.u.getdomaininfo.max_vcpu_id, 0);

	op.u.address_size.size = 0;
	CHECK_EQ(domctl(XEN_DOMCTL_get_address_size, id, &op), 0);
	CHECK_EQ(op.u.address_size.size, 64);
	op.u.ioport_permission = (struct xen_domctl_ioport_permission){ 0x10000, 1, 1 };
	CHECK_EQ(domctl(XEN_DOMCTL_ioport_permission, id, &op), -EINVAL);
	op.u.ioport_permission = (struct xen_domctl_ioport_permission){ 0xff00, 0x101, 1 };
	CHECK_EQ(domctl(XEN_DOMCTL_ioport_permission, id, &op), -EINVAL);
	op.u.ioport_permission = (struct xen_domctl_ioport_permission){ 0x300, 8, 1 };
	CHECK_EQ(domctl(XEN_DOMCTL_ioport_permission, id, &op), 0);

	/* Pauses count; one was there from the start. */
	CHECK_EQ(domctl(XEN_DOMCTL_pausedomain, id, &op), 0);
	CHECK_EQ(domctl(XEN_DOMCTL_unpausedomain, id, &op), 0);

	CHECK_EQ(domctl(XEN_DOMCTL_destroydomain, id, &op), 0);
	CHECK_EQ(domctl(XEN_DOMCTL_pausedomain, id, &op), -ESRCH);
	CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, id, &op), -ESRCH);
}

static void frames(void)
{
	struct xen_domctl op;
	uint64_t entry[3];

	entry[0] = virt_to_mfn((void *)start_info->pt_base);
	entry[1] = virt_to_mfn(window);
	entry[2] = 1ul << 40;
	op.u.getpageframeinfo3.num = 3;
	op.u.getpageframeinfo3.array.p = entry;
	CHECK_EQ(domctl(XEN_DOMCTL_getpageframeinfo3, 0, &op), 0);
	CHECK_EQ(entry[0], XEN_DOMCTL_PFINFO_L4TAB | XEN_DOMCTL_PFINFO_LPINTAB);
	CHECK_EQ(entry[1], XEN_DOMCTL_PFINFO_NOTAB);
	CHECK_EQ(entry[2], XEN_DOMCTL_PFINFO_XTAB);
	op.u.getpageframeinfo3.num = 1025;
	CHECK_EQ(domctl(XEN_DOMCTL_getpageframeinfo3, 0, &op), -E2BIG);
}

int test_main(struct start_info *si)
{
	(void)si;
	door();
	create_refused();
	empty();
	frames();
	return 0;
}
