/* SPDX-License-Identifier: GPL-2.0-only */
/* Event-channel operations of the current VCPU as plain functions. */
#ifndef UNIT_EVENT_OPS_H
#define UNIT_EVENT_OPS_H

#include <xen/errno.h>

#include "event/event.h"
#include "sim/sim.h"

#define EVENT_OP(cmd, op) sim_event_op(EVTCHNOP_##cmd, &(op), sizeof(op))

/* The new port, or the error. */
static inline long ev_alloc_unbound(u16 dom, u16 remote)
{
	struct evtchn_alloc_unbound op = { .dom = dom, .remote_dom = remote };
	long rc = EVENT_OP(alloc_unbound, op);

	return rc ? rc : (long)op.port;
}

static inline long ev_bind_interdomain(u16 remote, u32 port)
{
	struct evtchn_bind_interdomain op = { .remote_dom = remote, .remote_port = port };
	long rc = EVENT_OP(bind_interdomain, op);

	return rc ? rc : (long)op.local_port;
}

static inline long ev_bind_virq(u32 virq, u32 vcpu)
{
	struct evtchn_bind_virq op = { .virq = virq, .vcpu = vcpu };
	long rc = EVENT_OP(bind_virq, op);

	return rc ? rc : (long)op.port;
}

static inline long ev_bind_ipi(u32 vcpu)
{
	struct evtchn_bind_ipi op = { .vcpu = vcpu };
	long rc = EVENT_OP(bind_ipi, op);

	return rc ? rc : (long)op.port;
}

static inline long ev_bind_pirq(u32 pirq, u32 flags)
{
	struct evtchn_bind_pirq op = { .pirq = pirq, .flags = flags };
	long rc = EVENT_OP(bind_pirq, op);

	return rc ? rc : (long)op.port;
}

static inline long ev_bind_vcpu(u32 port, u32 vcpu)
{
	struct evtchn_bind_vcpu op = { .port = port, .vcpu = vcpu };

	return EVENT_OP(bind_vcpu, op);
}

static inline long ev_send(u32 port)
{
	struct evtchn_send op = { .port = port };

	return EVENT_OP(send, op);
}

static inline long ev_close(u32 port)
{
	struct evtchn_close op = { .port = port };

	return EVENT_OP(close, op);
}

static inline long ev_unmask(u32 port)
{
	struct evtchn_unmask op = { .port = port };

	return EVENT_OP(unmask, op);
}

static inline long ev_reset(u16 dom)
{
	struct evtchn_reset op = { .dom = dom };

	return EVENT_OP(reset, op);
}

/* The state, or the error; *op has the rest. */
static inline long ev_status(u16 dom, u32 port, struct evtchn_status *op)
{
	long rc;

	*op = (struct evtchn_status){ .dom = dom, .port = port };
	rc = EVENT_OP(status, *op);
	return rc ? rc : (long)op->status;
}

static inline long ev_state(u32 port)
{
	struct evtchn_status op;

	return ev_status(DOMID_SELF, port, &op);
}

static inline long ev_init_control(u32 vcpu, u64 gfn, u32 offset)
{
	struct evtchn_init_control op = { .control_gfn = gfn, .offset = offset, .vcpu = vcpu };
	long rc = EVENT_OP(init_control, op);

	return rc ? rc : op.link_bits;
}

static inline long ev_expand_array(u64 gfn)
{
	struct evtchn_expand_array op = { .array_gfn = gfn };

	return EVENT_OP(expand_array, op);
}

static inline long ev_set_priority(u32 port, u32 priority)
{
	struct evtchn_set_priority op = { .port = port, .priority = priority };

	return EVENT_OP(set_priority, op);
}

/* The bits of the 2-level ABI, as the guest sees and changes them. */
static inline bool is_pending(struct domain *d, u32 port)
{
	return d->shared->evtchn_pending[port / 64] >> (port % 64) & 1;
}

static inline void clear_pending(struct domain *d, u32 port)
{
	d->shared->evtchn_pending[port / 64] &= ~(1ul << (port % 64));
}

static inline void mask(struct domain *d, u32 port)
{
	d->shared->evtchn_mask[port / 64] |= 1ul << (port % 64);
}

static inline bool is_masked(struct domain *d, u32 port)
{
	return d->shared->evtchn_mask[port / 64] >> (port % 64) & 1;
}

/* Take all that is pending, as a guest's upcall would; how many there were. */
static inline unsigned int upcall(struct vcpu *v)
{
	struct shared_info *s = v->domain->shared;
	unsigned int n = 0;

	if (!v->info->evtchn_upcall_pending)
		return 0;
	v->info->evtchn_upcall_pending = 0;
	for (u64 sel = v->info->evtchn_pending_sel; sel; sel &= sel - 1) {
		unsigned int word = __builtin_ctzll(sel);
		u64 todo = s->evtchn_pending[word] & ~s->evtchn_mask[word];

		s->evtchn_pending[word] &= ~todo;
		n += __builtin_popcountll(todo);
	}
	v->info->evtchn_pending_sel = 0;
	return n;
}

#endif
