/* SPDX-License-Identifier: MIT */
/*
 * Event channels: how the hypervisor and domains interrupt a domain.
 *
 * A domain has ports. A port is free, waits for a peer, or is bound to a peer's
 * port, a virtual interrupt, a physical interrupt or an inter-processor
 * interrupt. An event is one bit for each port, "pending"; more events before
 * the guest clears it are the same event. A guest that clears the bit first and
 * looks for work then loses nothing.
 *
 * Where the bits are depends on the ABI that the guest chose: in shared_info
 * (2-level, the default), or in its own event array (FIFO, below).
 *
 * int event_channel_op(int cmd, void *arg), arg being the structure of cmd.
 *
 * Errors of all: -EINVAL, no such port, or the port's state is not the one
 * needed; -ENOSPC, no free port; -ENOENT, no such VCPU; -ESRCH, no such domain;
 * -EPERM, only a privileged caller may name another domain.
 */
#ifndef __XEN_PUBLIC_EVENT_CHANNEL_H__
#define __XEN_PUBLIC_EVENT_CHANNEL_H__

#include "xen.h"

#define EVTCHNOP_bind_interdomain	0
#define EVTCHNOP_bind_virq		1
#define EVTCHNOP_bind_pirq		2
#define EVTCHNOP_close			3
#define EVTCHNOP_send			4
#define EVTCHNOP_status			5
#define EVTCHNOP_alloc_unbound		6
#define EVTCHNOP_bind_ipi		7
#define EVTCHNOP_bind_vcpu		8
#define EVTCHNOP_unmask			9
#define EVTCHNOP_reset			10
#define EVTCHNOP_init_control		11
#define EVTCHNOP_expand_array		12
#define EVTCHNOP_set_priority		13

/* evtchn_status.status */
#define EVTCHNSTAT_closed		0	/* free */
#define EVTCHNSTAT_unbound		1	/* waits for a peer */
#define EVTCHNSTAT_interdomain		2	/* bound to a peer's port */
#define EVTCHNSTAT_pirq			3	/* bound to a physical interrupt */
#define EVTCHNSTAT_virq			4	/* bound to a virtual interrupt */
#define EVTCHNSTAT_ipi			5	/* bound to a VCPU's IPIs */

/* evtchn_bind_pirq.flags: the interrupt line may have other owners too. */
#define BIND_PIRQ__WILL_SHARE		1

#ifndef __ASSEMBLY__

typedef uint32_t evtchn_port_t;		/* 0 is never a valid port */
DEFINE_XEN_GUEST_HANDLE(evtchn_port_t);

/*
 * EVTCHNOP_alloc_unbound: get a port that waits for a peer in remote_dom
 * (DOMID_SELF: in dom itself).
 */
struct evtchn_alloc_unbound {
	domid_t dom;			/* [in] whose port; DOMID_SELF */
	domid_t remote_dom;		/* [in] who may connect to it */
	evtchn_port_t port;		/* [out] */
};
typedef struct evtchn_alloc_unbound evtchn_alloc_unbound_t;

/*
 * EVTCHNOP_bind_interdomain: connect a new port to one that waits for the
 * caller. The new port is made pending at once, in case the peer sent an event
 * before.
 */
struct evtchn_bind_interdomain {
	domid_t remote_dom;		/* [in] */
	evtchn_port_t remote_port;	/* [in] */
	evtchn_port_t local_port;	/* [out] */
};
typedef struct evtchn_bind_interdomain evtchn_bind_interdomain_t;

/*
 * EVTCHNOP_bind_virq: get a port for a virtual interrupt. -EEXIST: it has one
 * already (on that VCPU). -EINVAL: no such interrupt, or a global one and vcpu
 * is not 0.
 */
struct evtchn_bind_virq {
	uint32_t virq;			/* [in] VIRQ_* */
	uint32_t vcpu;			/* [in] */
	evtchn_port_t port;		/* [out] */
};
typedef struct evtchn_bind_virq evtchn_bind_virq_t;

/*
 * EVTCHNOP_bind_pirq: get a port for a physical interrupt. -EEXIST: it has one.
 * -EPERM: the interrupt was not given to the domain. -EBUSY: another domain has
 * it and one of the two does not share.
 */
struct evtchn_bind_pirq {
	uint32_t pirq;			/* [in] */
	uint32_t flags;			/* [in] BIND_PIRQ__* */
	evtchn_port_t port;		/* [out] */
};
typedef struct evtchn_bind_pirq evtchn_bind_pirq_t;

/* EVTCHNOP_bind_ipi: get a port whose events go to vcpu; send to it oneself. */
struct evtchn_bind_ipi {
	uint32_t vcpu;			/* [in] */
	evtchn_port_t port;		/* [out] */
};
typedef struct evtchn_bind_ipi evtchn_bind_ipi_t;

/*
 * EVTCHNOP_close: free a port. A peer's port waits again, for the same domain.
 */
struct evtchn_close {
	evtchn_port_t port;		/* [in] */
};
typedef struct evtchn_close evtchn_close_t;

/*
 * EVTCHNOP_send: make the other end pending: the peer's port, or for an IPI the
 * port itself. To a port without a peer nothing happens, and that is no error.
 */
struct evtchn_send {
	evtchn_port_t port;		/* [in] */
};
typedef struct evtchn_send evtchn_send_t;

/* EVTCHNOP_status: what a port is. */
struct evtchn_status {
	domid_t dom;			/* [in] whose port; DOMID_SELF */
	evtchn_port_t port;		/* [in] */
	uint32_t status;		/* [out] EVTCHNSTAT_*, selects u */
	uint32_t vcpu;			/* [out] VCPU that is notified */
	union {
		struct {
			domid_t dom;		/* [out] who may connect */
		} unbound;
		struct {
			domid_t dom;		/* [out] the peer */
			evtchn_port_t port;	/* [out] and its port */
		} interdomain;
		uint32_t pirq;			/* [out] */
		uint32_t virq;			/* [out] */
	} u;
};
typedef struct evtchn_status evtchn_status_t;

/*
 * EVTCHNOP_bind_vcpu: have a port's events delivered to vcpu. A new port goes
 * to VCPU 0 until then. -EINVAL for an IPI or a VCPU's own virtual interrupt,
 * which cannot move.
 */
struct evtchn_bind_vcpu {
	evtchn_port_t port;		/* [in] */
	uint32_t vcpu;			/* [in] */
};
typedef struct evtchn_bind_vcpu evtchn_bind_vcpu_t;

/* EVTCHNOP_unmask: clear a port's mask, and notify if it is pending. */
struct evtchn_unmask {
	evtchn_port_t port;		/* [in] */
};
typedef struct evtchn_unmask evtchn_unmask_t;

/*
 * EVTCHNOP_reset: close all ports. On oneself it also goes back to the 2-level
 * ABI.
 */
struct evtchn_reset {
	domid_t dom;			/* [in] DOMID_SELF */
};
typedef struct evtchn_reset evtchn_reset_t;

/*
 * EVTCHNOP_init_control: give vcpu its control block; the first such call moves
 * the domain to the FIFO ABI. Events pending then are lost, so do this before
 * binding anything.
 */
struct evtchn_init_control {
	uint64_t control_gfn;		/* [in] frame of the control block */
	uint32_t offset;		/* [in] bytes into it, a multiple of 8 */
	uint32_t vcpu;			/* [in] */
	uint8_t link_bits;		/* [out] EVTCHN_FIFO_LINK_BITS */
	uint8_t _pad[7];		/* zero */
};
typedef struct evtchn_init_control evtchn_init_control_t;

/* EVTCHNOP_expand_array: add a frame, of 1024 event words, to the event array. */
struct evtchn_expand_array {
	uint64_t array_gfn;		/* [in] frame */
};
typedef struct evtchn_expand_array evtchn_expand_array_t;

/* EVTCHNOP_set_priority: choose a port's queue (FIFO ABI). */
struct evtchn_set_priority {
	evtchn_port_t port;		/* [in] */
	uint32_t priority;		/* [in] EVTCHN_FIFO_PRIORITY_* */
};
typedef struct evtchn_set_priority evtchn_set_priority_t;

/* The operand of event_channel_op_compat: command and operand in one. */
struct evtchn_op {
	uint32_t cmd;			/* [in] EVTCHNOP_* */
	union {
		evtchn_alloc_unbound_t alloc_unbound;
		evtchn_bind_interdomain_t bind_interdomain;
		evtchn_bind_virq_t bind_virq;
		evtchn_bind_pirq_t bind_pirq;
		evtchn_bind_ipi_t bind_ipi;
		evtchn_close_t close;
		evtchn_send_t send;
		evtchn_status_t status;
		evtchn_bind_vcpu_t bind_vcpu;
		evtchn_unmask_t unmask;
	} u;
};
typedef struct evtchn_op evtchn_op_t;
DEFINE_XEN_GUEST_HANDLE(evtchn_op_t);

/* Ports of a domain on the 2-level ABI: 4096. */
#define EVTCHN_2L_NR_CHANNELS	(sizeof(xen_ulong_t) * sizeof(xen_ulong_t) * 64)

#endif /* !__ASSEMBLY__ */

/*
 * The FIFO ABI.
 *
 * Each port has a 32-bit event word in the event array, word p of the array
 * being port p's. Each VCPU has a control block with the heads of 16 queues; 0
 * is served first. A queue is a list of ports, linked through the low bits of
 * their words, ended by a link of zero.
 *
 * The hypervisor sets PENDING, and unless MASKED or LINKED is set it appends
 * the port to its queue, sets LINKED and sets the queue's bit in "ready". The
 * guest clears a bit of "ready", walks from the head, takes each port out by
 * clearing LINKED and its link, and clears PENDING when it serves the port.
 * MASKED is the guest's. BUSY says that the guest is changing MASKED, so the
 * hypervisor must not link the port now.
 */
#define EVTCHN_FIFO_PRIORITY_MAX	0
#define EVTCHN_FIFO_PRIORITY_DEFAULT	7
#define EVTCHN_FIFO_PRIORITY_MIN	15
#define EVTCHN_FIFO_MAX_QUEUES		(EVTCHN_FIFO_PRIORITY_MIN + 1)

/* Bit numbers in an event word. */
#define EVTCHN_FIFO_PENDING		31
#define EVTCHN_FIFO_MASKED		30
#define EVTCHN_FIFO_LINKED		29
#define EVTCHN_FIFO_BUSY		28

#define EVTCHN_FIFO_LINK_BITS		17
#define EVTCHN_FIFO_LINK_MASK		((1 << EVTCHN_FIFO_LINK_BITS) - 1)
#define EVTCHN_FIFO_NR_CHANNELS		(1 << EVTCHN_FIFO_LINK_BITS)

#ifndef __ASSEMBLY__

typedef uint32_t event_word_t;

struct evtchn_fifo_control_block {
	uint32_t ready;		/* bit n: queue n has ports. Both write, atomically */
	uint32_t _rsvd;
	uint32_t head[EVTCHN_FIFO_MAX_QUEUES];	/* first port of each queue */
};
typedef struct evtchn_fifo_control_block evtchn_fifo_control_block_t;

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_EVENT_CHANNEL_H__ */
