/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypercall event_channel_op: copies each operation's structure in, checks
 * who may name another domain, and copies the result out.
 */
#include <xen/errno.h>

#include "event/internal.h"
#include "hypercall/hypercall.h"

/*
 * The domain that an operation names, with a reference. -ESRCH, or -EPERM when
 * it is another one and the caller is not privileged.
 */
static long named_domain(u16 domid, struct domain **d)
{
	*d = domain_get(domid);
	if (!*d)
		return -XEN_ESRCH;
	if (*d == current->domain || current->domain->is_privileged)
		return 0;
	domain_put(*d);
	return -XEN_EPERM;
}

static long alloc_unbound(struct evtchn_alloc_unbound *op)
{
	struct domain *d;
	long rc = named_domain(op->dom, &d);
	u16 remote = op->remote_dom;

	if (rc)
		return rc;
	if (remote == DOMID_SELF)
		remote = current->domain->id;
	rc = event_alloc_unbound(d, remote, &op->port);
	domain_put(d);
	return rc;
}

static long status(struct evtchn_status *op)
{
	struct domain *d;
	long rc = named_domain(op->dom, &d);

	if (rc)
		return rc;
	rc = event_status(d, op);
	domain_put(d);
	return rc;
}

/* Another domain is reset by the tools, which keep it paused meanwhile. */
static long reset(const struct evtchn_reset *op, void *arg)
{
	struct domain *d;
	long rc = named_domain(op->dom, &d);

	if (rc)
		return rc;
	if (d != current->domain && !READ_ONCE(d->pause_count))
		rc = -XEN_EINVAL;
	else
		rc = event_reset(d);
	domain_put(d);
	if (rc == -XEN_ERESTART)
		rc = hypercall_restart(__HYPERVISOR_event_channel_op, 2, (u64)EVTCHNOP_reset,
				       (u64)arg);
	return rc;
}

static long locked(struct domain *d, long rc)
{
	spin_unlock(&d->event->lock);
	return rc;
}

union event_op {
	struct evtchn_alloc_unbound alloc_unbound;
	struct evtchn_bind_interdomain bind_interdomain;
	struct evtchn_bind_virq bind_virq;
	struct evtchn_bind_pirq bind_pirq;
	struct evtchn_bind_ipi bind_ipi;
	struct evtchn_bind_vcpu bind_vcpu;
	struct evtchn_close close;
	struct evtchn_status status;
	struct evtchn_unmask unmask;
	struct evtchn_reset reset;
	struct evtchn_init_control init_control;
	struct evtchn_expand_array expand_array;
	struct evtchn_set_priority set_priority;
};

/* Size of each operation's structure, and whether it has a result. */
static const struct {
	u8 size;
	bool result;
} operations[] = {
#define OP(name, result) [EVTCHNOP_##name] = { sizeof(struct evtchn_##name), result }
	OP(bind_interdomain, true), OP(bind_virq, true),    OP(bind_pirq, true),
	OP(close, false),	    OP(status, true),	    OP(alloc_unbound, true),
	OP(bind_ipi, true),	    OP(bind_vcpu, false),   OP(unmask, false),
	OP(reset, false),	    OP(init_control, true), OP(expand_array, false),
	OP(set_priority, false),
#undef OP
};

static long perform(int cmd, union event_op *op, void *arg)
{
	struct domain *d = current->domain;

	switch (cmd) {
	case EVTCHNOP_alloc_unbound:
		return alloc_unbound(&op->alloc_unbound);
	case EVTCHNOP_bind_interdomain:
		return event_bind_interdomain(d, &op->bind_interdomain);
	case EVTCHNOP_bind_virq:
		return event_bind_virq(d, &op->bind_virq);
	case EVTCHNOP_bind_pirq:
		return event_bind_pirq(d, &op->bind_pirq);
	case EVTCHNOP_bind_ipi:
		return event_bind_ipi(d, &op->bind_ipi);
	case EVTCHNOP_bind_vcpu:
		return event_bind_vcpu(d, &op->bind_vcpu);
	case EVTCHNOP_close:
		return event_close(d, op->close.port);
	case EVTCHNOP_status:
		return status(&op->status);
	case EVTCHNOP_unmask:
		return event_unmask(d, op->unmask.port);
	case EVTCHNOP_reset:
		return reset(&op->reset, arg);
	case EVTCHNOP_init_control:
		spin_lock(&d->event->lock);
		return locked(d, fifo_init_control(d, &op->init_control));
	case EVTCHNOP_expand_array:
		spin_lock(&d->event->lock);
		return locked(d, fifo_expand_array(d, &op->expand_array));
	case EVTCHNOP_set_priority:
		spin_lock(&d->event->lock);
		return locked(d, fifo_set_priority(d, &op->set_priority));
	default:
		return -XEN_ENOSYS;
	}
}

/* Not inlined: sending shall not pay for its stack frame. */
static __attribute__((noinline)) long operation(int cmd, void *arg)
{
	union event_op op;
	long rc;
	u64 i;

	if (cmd < 0 || (size_t)cmd >= ARRAY_SIZE(operations))
		return -XEN_ENOSYS;
	i = index_nospec(cmd, ARRAY_SIZE(operations));
	if (copy_from_guest(&op, arg, operations[i].size))
		return -XEN_EFAULT;
	rc = perform(cmd, &op, arg);
	if (rc == 0 && operations[i].result && copy_to_guest(arg, &op, operations[i].size))
		return -XEN_EFAULT; /* what was done stays done */
	return rc;
}

long do_event_channel_op(int cmd, void *arg)
{
	u32 port;

	/* By far the most frequent: one word, nothing to return. */
	if (unlikely(cmd != EVTCHNOP_send))
		return operation(cmd, arg);
	if (copy_from_guest(&port, arg, sizeof(port)))
		return -XEN_EFAULT;
	return event_send(current->domain, port);
}

/* The old form: command and operands in one structure. */
long do_event_channel_op_compat(void *arg)
{
	u32 cmd;

	if (copy_from_guest(&cmd, arg, sizeof(cmd)))
		return -XEN_EFAULT;
	if (cmd > EVTCHNOP_unmask)
		return -XEN_ENOSYS;
	return do_event_channel_op(cmd, (void *)((u64)arg + offsetof(struct evtchn_op, u)));
}
