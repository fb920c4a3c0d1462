/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypercall sched_op: what a VCPU asks of the scheduler. Nothing here
 * switches: yield, block and poll only mark the VCPU and raise the softirq, which
 * runs on the way back to the guest, after the result is in its registers.
 */
#include <xen/errno.h>

#include "event/event.h"
#include "machine.h"
#include "sched/sched.h"

static long yield(void)
{
	current->yielding = true;
	cpu_raise_softirq(this_cpu_id(), SOFTIRQ_SCHEDULE);
	return 0;
}

/*
 * Wait for an event. The order closes the gap in which one could be missed: a
 * sender marks the event and then looks whether we are blocked (event/, in
 * sched_event()), we say that we are blocked and then look for events.
 */
static long block(void)
{
	struct vcpu *v = current;

	WRITE_ONCE(v->info->evtchn_upcall_mask, 0);
	__atomic_fetch_or(&v->pause_flags, VCPU_BLOCKED, __ATOMIC_SEQ_CST);
	if (event_upcall_due(v))
		__atomic_fetch_and(&v->pause_flags, ~VCPU_BLOCKED, __ATOMIC_SEQ_CST);
	else
		cpu_raise_softirq(this_cpu_id(), SOFTIRQ_SCHEDULE);
	return 0;
}

static long shutdown_code(u8 reason)
{
	struct domain *d = current->domain;

	if (!d->is_shutting_down) {
		d->shutdown_reason = reason;
		d->shutdown_latched = true;
	}
	return 0;
}

static long remote_shutdown(const struct sched_remote_shutdown *op)
{
	struct domain *d = op->domain_id == DOMID_SELF ? NULL : domain_get(op->domain_id);

	if (!d)
		return -XEN_ESRCH;
	if (current->domain->is_privileged)
		domain_shutdown(d, (u8)op->reason);
	domain_put(d);
	return current->domain->is_privileged ? 0 : -XEN_EPERM;
}

long do_sched_op(int cmd, void *arg)
{
	union {
		struct sched_shutdown shutdown;
		struct sched_poll poll;
		struct sched_remote_shutdown remote;
		struct sched_watchdog watchdog;
		struct sched_pin_override pin;
	} u;

	switch (cmd) {
	case SCHEDOP_yield:
		return yield();
	case SCHEDOP_block:
		return block();
	case SCHEDOP_shutdown:
		if (copy_from_guest(&u.shutdown, arg, sizeof(u.shutdown)))
			return -XEN_EFAULT;
		domain_shutdown(current->domain, (u8)u.shutdown.reason);
		return 0;
	case SCHEDOP_shutdown_code:
		if (copy_from_guest(&u.shutdown, arg, sizeof(u.shutdown)))
			return -XEN_EFAULT;
		return shutdown_code(u.shutdown.reason);
	case SCHEDOP_poll:
		if (copy_from_guest(&u.poll, arg, sizeof(u.poll)))
			return -XEN_EFAULT;
		return sched_poll(&u.poll);
	case SCHEDOP_remote_shutdown:
		if (copy_from_guest(&u.remote, arg, sizeof(u.remote)))
			return -XEN_EFAULT;
		return remote_shutdown(&u.remote);
	case SCHEDOP_watchdog:
		if (copy_from_guest(&u.watchdog, arg, sizeof(u.watchdog)))
			return -XEN_EFAULT;
		return sched_watchdog(current->domain, u.watchdog.id, u.watchdog.timeout);
	case SCHEDOP_pin_override:
		if (current->domain != domain0)
			return -XEN_EPERM;
		if (copy_from_guest(&u.pin, arg, sizeof(u.pin)))
			return -XEN_EFAULT;
		if (u.pin.pcpu >= NR_CPUS)
			return -XEN_EINVAL;
		return sched_pin_override(current, u.pin.pcpu);
	default:
		return -XEN_ENOSYS;
	}
}

long do_sched_op_compat(int cmd, u64 arg)
{
	switch (cmd) {
	case SCHEDOP_yield:
		return yield();
	case SCHEDOP_block:
		return block();
	case SCHEDOP_shutdown:
		domain_shutdown(current->domain, (u8)arg);
		return 0;
	default:
		return -XEN_ENOSYS;
	}
}
