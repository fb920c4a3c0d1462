/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sched_op poll: a VCPU sleeps until one of some ports is pending, masked or
 * not, or until a time. Guests wait in it where they cannot take upcalls, above
 * all for contended locks.
 *
 * It is a block that ends early. The order makes it safe: first announce what
 * we wait for, then look whether it has happened already. A sender does it the
 * other way round, sets the port pending and then looks for announcements, so
 * at least one of the two sees the other.
 */
#include <xen/errno.h>

#include "event/event.h"
#include "machine.h"
#include "sched/sched.h"
#include "time/vtimer.h"

#define MAX_PORTS 128

void sched_poll_wake(struct domain *d, u32 port)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		s32 polled = READ_ONCE(v->poll_port);

		if (polled == (s32)port || polled == -1)
			sched_unblock(v);
	}
}

/* 1: one of the ports is pending. 0: none is. Or an error. */
static int any_pending(struct domain *d, const struct sched_poll *poll)
{
	for (unsigned int i = 0; i < poll->nr_ports; i++) {
		u64 address = (u64)poll->ports.p + i * sizeof(evtchn_port_t);
		evtchn_port_t port;
		int rc;

		if (copy_from_guest(&port, (void *)address, sizeof(port)))
			return -XEN_EFAULT;
		rc = event_port_pending(d, port);
		if (rc)
			return rc;
	}
	return 0;
}

long sched_poll(const struct sched_poll *poll)
{
	struct vcpu *v = current;
	evtchn_port_t port = 0;
	s32 announce = -1;
	int rc;

	if (poll->nr_ports > MAX_PORTS)
		return -XEN_EINVAL;
	if (poll->nr_ports == 1) {
		if (copy_from_guest(&port, poll->ports.p, sizeof(port)))
			return -XEN_EFAULT;
		if (port > 0 && port <= INT32_MAX)
			announce = port;
	}

	/* In a multicall it may have polled already, and not slept yet. */
	sched_poll_end(v);
	__atomic_fetch_add(&v->domain->pollers, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&v->poll_port, announce, __ATOMIC_SEQ_CST);
	__atomic_fetch_or(&v->pause_flags, VCPU_BLOCKED, __ATOMIC_SEQ_CST);

	if (event_upcall_due(v))
		rc = 1;
	else if (announce > 0)
		rc = event_port_pending(v->domain, port);
	else
		rc = any_pending(v->domain, poll);
	if (rc) {
		/* Nobody is told: we have not stopped running. */
		__atomic_fetch_and(&v->pause_flags, ~VCPU_BLOCKED, __ATOMIC_SEQ_CST);
		sched_poll_end(v);
		return min(rc, 0);
	}
	vtimer_set_poll(v, min(poll->timeout, (u64)STIME_MAX));
	cpu_raise_softirq(this_cpu_id(), SOFTIRQ_SCHEDULE);
	return 0;
}
