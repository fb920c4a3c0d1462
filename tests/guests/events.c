/*
 * Event channels on the two-level ABI: ports and their states, sending,
 * pending and mask bits, the upcall, and what is refused.
 */
#include "test.h"
#include <xen/sched.h>
#include "event.h"
#include "mm.h"
#include "smp.h"

#define NO_PORT 4095

static struct evtchn_status status;

/* The state of a port, after asking; -errno if there is none to ask about. */
static long state(unsigned int port)
{
	long rc = event_status(port, &status);

	return rc ? rc : status.status;
}

static void unbound(void)
{
	long port = event_alloc_unbound(DOMID_SELF, DOMID_SELF);
	long second = event_alloc_unbound(0, 0), third;

	REQUIRE(port > 0 && second > 0 && port != second);
	CHECK_EQ(state(port), EVTCHNSTAT_unbound);
	CHECK_EQ(status.u.unbound.dom, 0);
	CHECK_EQ(status.vcpu, 0);
	third = event_alloc_unbound(DOMID_SELF, 77); /* whoever that may once be */
	CHECK(third > 0);
	CHECK_EQ(state(third), EVTCHNSTAT_unbound);
	CHECK_EQ(status.u.unbound.dom, 77);
	CHECK_EQ(event_alloc_unbound(77, 0), -ESRCH);
	CHECK_EQ(event_alloc_unbound(DOMID_IO, 0), -ESRCH);
	/* Sending to nobody is no error, and nothing happens. */
	CHECK_EQ(event_send(port), 0);
	CHECK(!event_pending(port));
	/* A closed port is the first to be given out again. */
	CHECK_EQ(event_close(port), 0);
	CHECK_EQ(state(port), EVTCHNSTAT_closed);
	CHECK_EQ(event_alloc_unbound(DOMID_SELF, DOMID_SELF), port);
	CHECK_EQ(event_close(port), 0);
	CHECK_EQ(event_close(second), 0);
	CHECK_EQ(event_close(third), 0);
}

static void interdomain(void)
{
	long a = event_alloc_unbound(DOMID_SELF, DOMID_SELF), b;

	b = event_bind_interdomain(DOMID_SELF, a);
	REQUIRE(a > 0 && b > 0);
	CHECK_EQ(state(a), EVTCHNSTAT_interdomain);
	CHECK_EQ(status.u.interdomain.dom, 0);
	CHECK_EQ(status.u.interdomain.port, b);
	CHECK_EQ(state(b), EVTCHNSTAT_interdomain);
	CHECK_EQ(status.u.interdomain.port, a);
	/* A new binding is pending at once at the end that bound. */
	CHECK(event_pending(b));
	CHECK(!event_pending(a));
	event_clear(b);
	CHECK_EQ(event_send(a), 0);
	CHECK(event_pending(b) && !event_pending(a));
	event_clear(b);
	CHECK_EQ(event_send(b), 0);
	CHECK(event_pending(a) && !event_pending(b));
	event_clear(a);
	/* Bound already; closed; none at all; nobody's. */
	CHECK_EQ(event_bind_interdomain(DOMID_SELF, a), -EINVAL);
	CHECK_EQ(event_bind_interdomain(DOMID_SELF, NO_PORT), -EINVAL);
	CHECK_EQ(event_bind_interdomain(DOMID_SELF, 0), -EINVAL);
	CHECK_EQ(event_bind_interdomain(DOMID_SELF, -1), -EINVAL);
	CHECK_EQ(event_bind_interdomain(77, a), -ESRCH);
	/* A port that waits for another domain does not wait for us. */
	CHECK_EQ(event_close(b), 0);
	CHECK_EQ(state(a), EVTCHNSTAT_unbound);
	CHECK_EQ(state(b), EVTCHNSTAT_closed);
	CHECK_EQ(event_close(a), 0);
	a = event_alloc_unbound(DOMID_SELF, 77);
	CHECK_EQ(event_bind_interdomain(DOMID_SELF, a), -EINVAL);
	CHECK_EQ(event_close(a), 0);
}

static void virq(void)
{
	long timer = event_bind_virq(VIRQ_TIMER, 0), port;

	REQUIRE(timer > 0);
	CHECK_EQ(state(timer), EVTCHNSTAT_virq);
	CHECK_EQ(status.u.virq, VIRQ_TIMER);
	CHECK_EQ(event_bind_virq(VIRQ_TIMER, 0), -EEXIST);
	CHECK_EQ(event_send(timer), -EINVAL);
	CHECK_EQ(event_bind_virq(24, 0), -EINVAL);
	CHECK_EQ(event_bind_virq(-1, 0), -EINVAL);
	CHECK_EQ(event_bind_virq(VIRQ_DEBUG, 4096), -ENOENT);
	/* Global ones begin on VCPU 0. */
	port = event_bind_virq(VIRQ_DOM_EXC, 0);
	CHECK(port > 0);
	CHECK_EQ(event_bind_virq(VIRQ_CON_RING, 1), -EINVAL);
	CHECK_EQ(event_close(port), 0);
	CHECK_EQ(event_close(timer), 0);
	timer = event_bind_virq(VIRQ_TIMER, 0);
	CHECK(timer > 0);
	CHECK_EQ(event_close(timer), 0);
}

static void ipi(void)
{
	long port = event_bind_ipi(0);

	REQUIRE(port > 0);
	CHECK_EQ(state(port), EVTCHNSTAT_ipi);
	CHECK_EQ(status.vcpu, 0);
	CHECK_EQ(event_send(port), 0);
	CHECK(event_pending(port));
	event_clear(port);
	CHECK_EQ(event_bind_ipi(4096), -ENOENT);
	CHECK_EQ(event_close(port), 0);
}

static void bind_vcpu(void)
{
	struct evtchn_bind_vcpu op = { 0 };
	long port = event_alloc_unbound(DOMID_SELF, DOMID_SELF), per_vcpu = event_bind_ipi(0);
	long timer = event_bind_virq(VIRQ_TIMER, 0), global = event_bind_virq(VIRQ_DOM_EXC, 0);

	op.port = port;
	CHECK_EQ(hv_event_channel_op(EVTCHNOP_bind_vcpu, &op), 0);
	op.vcpu = 4096;
	CHECK_EQ(hv_event_channel_op(EVTCHNOP_bind_vcpu, &op), -ENOENT);
	op.vcpu = 0;
	op.port = per_vcpu;
	CHECK_EQ(hv_event_channel_op(EVTCHNOP_bind_vcpu, &op), -EINVAL);
	op.port = timer;
	CHECK_EQ(hv_event_channel_op(EVTCHNOP_bind_vcpu, &op), -EINVAL);
	op.port = global;
	CHECK_EQ(hv_event_channel_op(EVTCHNOP_bind_vcpu, &op), 0);
	op.port = NO_PORT;
	CHECK_EQ(hv_event_channel_op(EVTCHNOP_bind_vcpu, &op), -EINVAL);
	CHECK_EQ(event_close(port) | event_close(per_vcpu), 0);
	CHECK_EQ(event_close(timer) | event_close(global), 0);
}

static void bad_ports(void)
{
	static const unsigned int ports[] = { 0, NO_PORT, 4096, 131071, 131072, 1U << 31, -1U };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ports); i++)
		if (!(CHECK_EQ(event_close(ports[i]), -EINVAL) &
		      CHECK_EQ(event_send(ports[i]), -EINVAL) &
		      CHECK_EQ(event_unmask(ports[i]), ports[i] ? -EINVAL : 0)))
			print("port %u\n", ports[i]);
	CHECK_EQ(state(0), EVTCHNSTAT_closed);
	CHECK_EQ(state(NO_PORT), -EINVAL);
	status.dom = 77;
	CHECK_EQ(hv_event_channel_op(EVTCHNOP_status, &status), -ESRCH);
	/* Port 0 is never given out. */
}

/* Pending, selector and upcall flag, with the upcall held back. */
static void bits(void)
{
	struct vcpu_info *info = vcpu_info(0);
	long port = event_bind_ipi(0);
	unsigned long ran = upcall_count;

	events_disable();
	info->evtchn_upcall_pending = 0;
	info->evtchn_pending_sel = 0;
	event_mask(port);
	CHECK_EQ(event_send(port), 0);
	CHECK(event_pending(port));
	CHECK_EQ(info->evtchn_pending_sel, 0);
	CHECK_EQ(info->evtchn_upcall_pending, 0);
	/* Unmasking tells the VCPU of what came meanwhile. */
	CHECK_EQ(event_unmask(port), 0);
	CHECK(!event_masked(port));
	CHECK_EQ(info->evtchn_pending_sel, 1UL << port / 64);
	CHECK_EQ(info->evtchn_upcall_pending, 1);
	/* Pending already: the bits below are not touched again. */
	info->evtchn_pending_sel = 0;
	info->evtchn_upcall_pending = 0;
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(info->evtchn_pending_sel, 0);
	event_clear(port);
	/* Not masked. */
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(info->evtchn_pending_sel, 1UL << port / 64);
	CHECK_EQ(info->evtchn_upcall_pending, 1);
	/* Pending already, but unmask on a port that is not masked: nothing new. */
	info->evtchn_upcall_pending = 0;
	CHECK_EQ(event_unmask(port), 0);
	CHECK_EQ(info->evtchn_upcall_pending, 0);
	info->evtchn_upcall_pending = 1;
	CHECK_EQ(upcall_count, ran);
	CHECK_EQ(event_count[port], 0);
	events_enable();
	CHECK_EQ(upcall_count, ran + 1);
	CHECK_EQ(event_count[port], 1);
	CHECK_EQ(info->evtchn_upcall_mask, 0);
	/* Now directly: the upcall has run when the hypercall returns. */
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(event_count[port], 2);
	/* A stale upcall flag calls up, and nothing is found. */
	info->evtchn_upcall_pending = 1;
	hv_xen_version(0, 0);
	CHECK_EQ(upcall_count, ran + 3);
	events_disable();
	CHECK_EQ(event_close(port), 0);
}

/* What the upcall looks like, and what closing leaves behind. */
static struct {
	uint8_t mask, saved;
	unsigned long rflags, cs;
} upcall;

static bool look(struct regs *regs)
{
	upcall.mask = vcpu_info(0)->evtchn_upcall_mask;
	upcall.saved = regs->saved_mask;
	upcall.rflags = regs->rflags;
	upcall.cs = regs->cs;
	return false;
}

static void frame(void)
{
	long port = event_bind_ipi(0);

	trap_handler(TRAP_EVENT, look);
	events_enable();
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(upcall.mask, 1);
	CHECK_EQ(upcall.saved, 0);
	CHECK_EQ(upcall.rflags & FLAG_IF, FLAG_IF);
	CHECK_EQ(upcall.cs, FLAT_KERNEL_CS & ~3);
	CHECK_EQ(vcpu_info(0)->evtchn_upcall_mask, 0);
	events_disable();
	trap_handler(TRAP_EVENT, NULL);
	/* Closing clears the pending bit and masks nothing. */
	CHECK_EQ(event_send(port), 0);
	CHECK(event_pending(port));
	CHECK_EQ(event_close(port), 0);
	CHECK(!event_pending(port));
	CHECK(!event_masked(port));
}

/* All ports there are, then none; reset gives all back. */
static void exhaustion(void)
{
	struct evtchn_reset reset = { .dom = DOMID_SELF };
	unsigned int count = 0;
	long port, last = 0;

	while ((port = event_alloc_unbound(DOMID_SELF, 77)) > 0) {
		count++;
		last = port;
	}
	CHECK_EQ(port, -ENOSPC);
	CHECK_EQ(last, 4095);
	CHECK_EQ(count, 4095);
	CHECK_EQ(hv_event_channel_op(EVTCHNOP_reset, &reset), 0);
	CHECK_EQ(state(1), EVTCHNSTAT_closed);
	CHECK_EQ(state(4095), EVTCHNSTAT_closed);
	CHECK_EQ(event_alloc_unbound(DOMID_SELF, 77), 1);
	reset.dom = 77;
	CHECK_EQ(hv_event_channel_op(EVTCHNOP_reset, &reset), -ESRCH);
}

int test_main(struct start_info *si)
{
	(void)si;
	events_disable();
	bad_ports();
	unbound();
	interdomain();
	virq();
	ipi();
	bind_vcpu();
	bits();
	frame();
	exhaustion();
	return 0;
}
