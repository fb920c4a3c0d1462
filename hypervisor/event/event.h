/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event channels. A port of a domain is bound to a peer's port, a virtual
 * interrupt, a physical one or another VCPU; sending sets a pending bit that
 * the guest sees and makes the bound VCPU run its event callback.
 */
#ifndef EVENT_EVENT_H
#define EVENT_EVENT_H

#include <xen/event_channel.h>

#include "lib/types.h"

struct domain;
struct vcpu;

/*
 * Create a domain's part (its shared info page is there) and a VCPU's. 0 or
 * -ENOMEM.
 */
int event_domain_init(struct domain *d);
int event_vcpu_init(struct vcpu *v);

/*
 * Take them down, in two steps. When the domain dies, with is_dying set:
 * event_domain_kill() closes all ports and gives the guest's frames back; 0, or
 * -ERESTART: something else is due on this CPU, call again. With the last
 * reference: the others free our own memory.
 */
int event_domain_kill(struct domain *d);
void event_vcpu_destroy(struct vcpu *v);
void event_domain_destroy(struct domain *d);

/* The highest port that d may have; at first there is no limit but the ABI's. */
void event_set_max_port(struct domain *d, u32 max_port);

/* Internal: never a guest's to see. */
#ifndef XEN_ERESTART
#define XEN_ERESTART 85
#endif

/* The hypercall, for the current domain. arg is a guest address. */
long do_event_channel_op(int cmd, void *arg);
long do_event_channel_op_compat(void *arg);

/* d sends by a port of its own, as EVTCHNOP_send. 0, -EINVAL. */
int event_send(struct domain *d, u32 port);

/* The hypervisor's own sending. Any CPU; takes the event lock of the domain. */
void event_send_virq(struct vcpu *v, unsigned int virq);
void event_send_pirq(struct domain *d, unsigned int pirq);

/* A global virtual interrupt: to domain 0, or to whom it was given. */
void event_send_global_virq(unsigned int virq);

/*
 * Give it to a domain. -EINVAL: not global; -EBUSY: another domain but domain 0
 * has it. Given back when that domain dies.
 */
int event_set_virq_handler(struct domain *d, unsigned int virq);

/* Ports for others of the hypervisor's modules: as the guest's own operations. */
int event_alloc_unbound(struct domain *d, u16 remote, evtchn_port_t *port);
int event_unmask(struct domain *d, evtchn_port_t port);

/* The port of d that a physical interrupt is bound to; 0: none. */
evtchn_port_t event_pirq_port(struct domain *d, unsigned int pirq);

/* Tell mm/audit.h which of d's frames are held here. */
void event_audit(struct domain *d);

/* Console key e: a line for each port in use. */
void event_dump(struct domain *d);

/*
 * Move where v's pending flags are (VCPUOP_register_vcpu_info): info is the
 * hypervisor's mapping of the guest's memory. The old flags carry over, and the
 * upcall is made pending so that nothing is lost.
 */
void event_move_vcpu_info(struct vcpu *v, struct vcpu_info *info);

/* The guest's memory goes away: from now on v's flags are where nobody looks. */
void event_reset_vcpu_info(struct vcpu *v);

/* Whether they are there, as is so at first for VCPUs beyond shared_info's. */
bool event_info_is_private(const struct vcpu *v);

/* Whether v has events that it has not masked: it should take its upcall. */
static inline bool event_upcall_due(const struct vcpu *v);

/* Whether port (of d) is pending now: for sched_op poll. -EINVAL: no such port. */
int event_port_pending(struct domain *d, evtchn_port_t port);

#include "domain/domain.h"

static inline bool event_upcall_due(const struct vcpu *v)
{
	return READ_ONCE(v->info->evtchn_upcall_pending) && !READ_ONCE(v->info->evtchn_upcall_mask);
}

#endif
