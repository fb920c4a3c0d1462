/* A domain that runs: paused, asked, refused what is not its own, shut down, destroyed. */
#include "test.h"
#include <xen/event_channel.h>
#include <xen/memory.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/sysctl.h>
#include "clock.h"
#include "domain.h"
#include "event.h"
#include "mm.h"
#include "trap.h"

static unsigned long window[512] __attribute__((aligned(4096)));
static struct child child;

static uint32_t info_flags(void)
{
	struct xen_domctl op;

	CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, child.id, &op), 0);
	CHECK_EQ(op.domain, child.id);
	return op.u.getdomaininfo.flags;
}

/* The child counts: soon when it runs, never when it does not. */
static bool counts(unsigned int rests)
{
	uint64_t before = child.data->count;

	while (rests-- && child.data->count == before)
		rest();
	return child.data->count != before;
}

static void start_and_pause(void)
{
	struct xen_domctl op;

	CHECK(info_flags() & XEN_DOMINF_paused);
	CHECK(!counts(20));
	CHECK_EQ(domctl(XEN_DOMCTL_unpausedomain, child.id, &op), 0);
	CHECK(counts(10000));
	CHECK(!(info_flags() & XEN_DOMINF_paused));
	CHECK_EQ(domctl(XEN_DOMCTL_unpausedomain, child.id, &op), -EINVAL);
	CHECK_EQ(domctl(XEN_DOMCTL_pausedomain, child.id, &op), 0);
	CHECK_EQ(domctl(XEN_DOMCTL_pausedomain, child.id, &op), 0);
	CHECK(!counts(20));
	CHECK_EQ(domctl(XEN_DOMCTL_unpausedomain, child.id, &op), 0);
	CHECK(!counts(20));
	CHECK_EQ(domctl(XEN_DOMCTL_unpausedomain, child.id, &op), 0);
	CHECK(counts(10000));
	op.u.getvcpuinfo.vcpu = 0;
	CHECK_EQ(domctl(XEN_DOMCTL_getvcpuinfo, child.id, &op), 0);
	CHECK_EQ(op.u.getvcpuinfo.online, 1);
	CHECK(op.u.getvcpuinfo.cpu_time > 0);
}

/* What only domain 0 may do. */
static void not_privileged(void)
{
	struct xen_domctl *domctl_op = (void *)child.data->scratch;
	struct xen_sysctl *sysctl_op = (void *)child.data->scratch;
	struct xen_platform_op *platform_op = (void *)child.data->scratch;
	struct xen_memory_reservation *r = (void *)child.data->scratch;
	uint64_t at = child_scratch();

	memset(child.data->scratch, 0, sizeof(child.data->scratch));
	domctl_op->cmd = XEN_DOMCTL_getdomaininfo;
	domctl_op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	CHECK_EQ(child_hypercall(&child, __HYPERVISOR_domctl, at, 0, 0, 0), -EPERM);
	domctl_op->cmd = XEN_DOMCTL_destroydomain;
	CHECK_EQ(child_hypercall(&child, __HYPERVISOR_domctl, at, 0, 0, 0), -EPERM);
	sysctl_op->cmd = XEN_SYSCTL_physinfo;
	sysctl_op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	CHECK_EQ(child_hypercall(&child, __HYPERVISOR_sysctl, at, 0, 0, 0), -EPERM);
	platform_op->cmd = XENPF_settime64;
	platform_op->interface_version = XENPF_INTERFACE_VERSION;
	CHECK_EQ(child_hypercall(&child, __HYPERVISOR_platform_op, at, 0, 0, 0), -EPERM);
	CHECK_EQ(child_hypercall(&child, __HYPERVISOR_update_va_mapping_otherdomain, CHILD_DATA,
				 0, 0, 0),
		 -EPERM);
	/* Memory for somebody else, and more than its own limit. */
	memset(r, 0, sizeof(*r));
	r->nr_extents = 1;
	r->domid = 0;
	CHECK_EQ(child_hypercall(&child, __HYPERVISOR_memory_op, XENMEM_increase_reservation, at,
				 0, 0),
		 0);
	r->domid = DOMID_SELF;
	CHECK_EQ(child_hypercall(&child, __HYPERVISOR_memory_op, XENMEM_increase_reservation, at,
				 0, 0),
		 0);
	child.data->scratch[0] = DOMID_SELF;
	CHECK_EQ(child_hypercall(&child, __HYPERVISOR_memory_op, XENMEM_maximum_reservation, at,
				 0, 0),
		 CHILD_PAGES);
}

/* It may not map what is not its own. */
static void not_its_memory(void)
{
	uint64_t pte = mfn_pte(virt_to_mfn(window), PTE_RW);

	CHECK_EQ(child_hypercall(&child, __HYPERVISOR_update_va_mapping, CHILD_DATA + PAGE_SIZE,
				 pte, 0, 0),
		 -EBUSY);
	/* Its own tables only to read. */
	pte = mfn_pte(child.mfn[CHILD_L1], PTE_RW);
	CHECK_EQ(child_hypercall(&child, __HYPERVISOR_update_va_mapping, CHILD_DATA + PAGE_SIZE,
				 pte, 0, 0),
		 -EBUSY);
	pte = mfn_pte(child.mfn[CHILD_L1], PTE_RO);
	CHECK_EQ(child_hypercall(&child, __HYPERVISOR_update_va_mapping, CHILD_DATA + PAGE_SIZE,
				 pte, 0, 0),
		 0);
}

/* An event channel between the two. */
static void events(void)
{
	struct evtchn_alloc_unbound alloc = { .dom = child.id, .remote_dom = 0 };
	struct evtchn_send *send = (void *)child.data->scratch;
	unsigned long seen;
	long port;

	CHECK_EQ(hv_event_channel_op(EVTCHNOP_alloc_unbound, &alloc), 0);
	port = event_bind_interdomain(child.id, alloc.port);
	REQUIRE(port > 0);
	event_unmask(port);
	seen = event_count[port];
	send->port = alloc.port;
	CHECK_EQ(child_hypercall(&child, __HYPERVISOR_event_channel_op, EVTCHNOP_send,
				 child_scratch(), 0, 0),
		 0);
	CHECK(event_wait(port, seen));
}

static void context(void)
{
	static struct vcpu_guest_context c;
	struct xen_domctl op;

	op.u.vcpucontext.vcpu = 0;
	op.u.vcpucontext.ctxt.p = &c;
	CHECK_EQ(domctl(XEN_DOMCTL_getvcpucontext, child.id, &op), 0);
	CHECK_EQ(c.user_regs.r12, CHILD_DATA);
	CHECK(c.user_regs.rip >= CHILD_CODE && c.user_regs.rip < CHILD_DATA);
	CHECK_EQ(c.ctrlreg[3], xen_pfn_to_cr3(child.mfn[CHILD_L4]));
	CHECK(c.flags & VGCF_in_kernel);
	CHECK(counts(10000));
	/* The extras are the guest's own once it is there; those that are none never. */
	CHECK_EQ(c.vm_assist, 0);
	c.vm_assist = 1ul << 40;
	CHECK_EQ(domctl(XEN_DOMCTL_setvcpucontext, child.id, &op), -EINVAL);
	c.vm_assist = 1ul << VMASST_TYPE_m2p_strict;
	CHECK_EQ(domctl(XEN_DOMCTL_setvcpucontext, child.id, &op), 0);
	CHECK_EQ(domctl(XEN_DOMCTL_getvcpucontext, child.id, &op), 0);
	CHECK_EQ(c.vm_assist, 0);
	CHECK(counts(10000));
}

/* The child blocks for ever, then is woken by the one thing that can: an event. */
static void block(void)
{
	struct evtchn_alloc_unbound alloc = { .dom = child.id, .remote_dom = 0 };
	uint64_t end = clock_now() + 10 * SECOND;
	long port;

	CHECK_EQ(hv_event_channel_op(EVTCHNOP_alloc_unbound, &alloc), 0);
	port = event_bind_interdomain(child.id, alloc.port);
	REQUIRE(port > 0);
	/* Binding has made the other end pending: take that away, then poll. */
	child.data->scratch[4] = alloc.port;
	child.data->scratch[0] = child_scratch() + 4 * 8; /* ports */
	child.data->scratch[1] = 1;			   /* nr_ports */
	child.data->scratch[2] = 0;			   /* no timeout */
	child_tell(&child, __HYPERVISOR_sched_op, SCHEDOP_poll, child_scratch(), 0, 0);
	while (!(info_flags() & XEN_DOMINF_blocked) && child.data->go && clock_now() < end)
		rest();
	if (child.data->go) {
		CHECK(!counts(20));
		CHECK_EQ(event_send(port), 0);
	}
	while (child.data->go && clock_now() < end)
		rest();
	CHECK(!child.data->go);
	CHECK(counts(10000));
}

static void shut_down(unsigned int reason)
{
	struct sched_shutdown *s = (void *)child.data->scratch;
	unsigned long port = event_bind_virq(VIRQ_DOM_EXC, 0), seen = event_count[port];
	uint32_t flags;

	event_unmask(port);
	s->reason = reason;
	child_tell(&child, __HYPERVISOR_sched_op, SCHEDOP_shutdown, child_scratch(), 0, 0);
	CHECK(event_wait(port, seen));
	flags = info_flags();
	CHECK(flags & XEN_DOMINF_shutdown);
	CHECK_EQ(flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask, reason);
	CHECK(!counts(20));
	event_close(port);
}

/* While we still map a frame of it, its number lives; then it is gone. */
static void destroy(void)
{
	struct xen_domctl op;

	CHECK_EQ(child_destroy(&child), 0);
	CHECK_EQ(child.data->go, 1);
	CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, child.id, &op), 0);
	CHECK_EQ(op.domain, child.id);
	CHECK(op.u.getdomaininfo.flags & XEN_DOMINF_dying);
	CHECK_EQ(op.u.getdomaininfo.tot_pages, 1);
	child_unmap(&child);
	CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, child.id, &op), -ESRCH);
}

int test_main(struct start_info *si)
{
	static const unsigned int reasons[] = { SHUTDOWN_poweroff, SHUTDOWN_reboot,
						SHUTDOWN_suspend, SHUTDOWN_crash };
	uint16_t last = 0;

	(void)si;
	events_enable();
	for (unsigned int i = 0; i < ARRAY_SIZE(reasons); i++) {
		REQUIRE(child_create(&child, window));
		CHECK(child.id != last);
		last = child.id;
		start_and_pause();
		if (i == 0) {
			not_privileged();
			not_its_memory();
			events();
			context();
			block();
		}
		shut_down(reasons[i]);
		destroy();
	}
	/* Destroyed while it runs. */
	REQUIRE(child_create(&child, window));
	start_and_pause();
	child.data->go = 0;
	CHECK_EQ(child_destroy(&child), 0);
	CHECK(!counts(20));
	child_unmap(&child);
	return 0;
}
