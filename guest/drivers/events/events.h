/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Event channels as Linux interrupts.
 *
 * A channel is a port number, for which the hypervisor and we share a pending and a
 * masked bit; when a port that is not masked becomes pending, the VCPU to which it is
 * bound gets an upcall. Every port that a driver binds becomes an interrupt here:
 *
 *	table.c		the interrupts' descriptions, by port and by interrupt
 *	bind.c		what drivers call to bind and unbind ports
 *	pirq.c		the same for interrupts of devices, with PCI
 *	chip.c		the irq_chips: mask, unmask, acknowledge, move to another CPU
 *	eoi.c		ports whose drivers say when they are done; storms are delayed
 *	upcall.c	the hypervisor's call: find the pending ports, run handlers. IPIs
 *	fifo.c, twolevel.c	the two ways in which ports are shared with the hypervisor
 *	start.c		choice of the two, CPUs that come, resumption
 *
 * Locks, the outer first: events_mutex; the interrupt's desc->lock (of the irq core);
 * xen_event.lock; eoi_queue.lock. An event is found without a lock in an RCU reader,
 * which everything is that runs with interrupts off.
 */
#ifndef XEN_EVENTS_INTERNAL_H
#define XEN_EVENTS_INTERNAL_H

#include <linux/irq.h>
#include <linux/jump_label.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <asm/xen/hypercall.h>
#include <xen/events.h>

struct xenbus_device;

enum event_type {
	EVENT_INTERDOMAIN, /* or unbound: a peer in another domain, or in ours */
	EVENT_VIRQ,
	EVENT_IPI,
	EVENT_PIRQ,
};

/* Why a port is masked; it is not while no reason is left. */
#define MASKED_BY_IRQ 0x01  /* the irq core */
#define MASKED_BY_EOI 0x02  /* its driver has not said yet that it is done */
#define MASKED_BY_MOVE 0x04 /* it is on its way to another CPU */

struct xen_event {
	evtchn_port_t port; /* 0: none; between resume and rebind */
	unsigned int irq;
	struct irq_desc *desc;
	u8 type;
	u8 masked;	    /* MASKED_BY_*; lock */
	bool late;	    /* its driver calls xen_irq_lateeoi() */
	bool per_cpu;	    /* stays on its CPU */
	bool shared;	    /* evtchn_make_refcounted() */
	unsigned int cpu;   /* to which it is bound; desc->lock */
	unsigned int users; /* bindings; events_mutex */
	raw_spinlock_t lock;

	/* eoi.c; by the handler, or, once it is over, eoi_queue.lock. */
	u64 eoi_time; /* jiffies64 before which no EOI; 0: at once */
	unsigned int eoi_cpu;
	struct list_head eoi_entry;
	u16 spurious;		      /* events in a row for which nothing was to do */
	struct xenbus_device *device; /* whose statistics these are, or NULL */

	union {
		unsigned int virq;
		enum ipi_vector ipi;
		struct {
			unsigned int pirq;
			unsigned int gsi; /* of a line */
			domid_t domain;	  /* whose device it is */
			bool is_line;
			bool line_shared;
			bool needs_eoi; /* the hypervisor waits for one */
			bool mapped;	/* it is to be unmapped in the end */
		} pirq;
	};
	struct rcu_head rcu;
};

/* Bindings change under it. */
extern struct mutex events_mutex;

/* table.c */
struct xen_event *event_from_port(evtchn_port_t port);
struct xen_event *event_from_irq(unsigned int irq);
struct xen_event *event_create(enum event_type type, evtchn_port_t port, unsigned int cpu);
struct xen_event *event_create_at(int irq, enum event_type type, evtchn_port_t port,
				  unsigned int cpu);
void event_destroy(struct xen_event *event);
int event_set_port(struct xen_event *event, evtchn_port_t port);
void events_each(void (*fn)(struct xen_event *event));

/* bind.c */
int bind_port_virq(unsigned int virq, unsigned int cpu, evtchn_port_t *port);
int bind_port_ipi(unsigned int cpu, evtchn_port_t *port);
void close_port(evtchn_port_t port);
void events_put(struct xen_event *event);

/* chip.c */
extern struct irq_chip event_chip, event_late_chip, event_percpu_chip;
void event_mask(struct xen_event *event, u8 reason);
void event_unmask(struct xen_event *event, u8 reason);
void event_to_first_cpu(struct xen_event *event);

/* eoi.c */
void event_eoi_defer(struct xen_event *event);
void event_eoi_cancel(struct xen_event *event);
void event_eoi_init_cpu(unsigned int cpu);
extern unsigned int event_loop_timeout;

/* upcall.c */
struct upcall {
	unsigned long begun; /* jiffies */
	unsigned int events;
	bool slow; /* it takes too long: EOIs are deferred */
};
void event_deliver(evtchn_port_t port, struct upcall *upcall);
DECLARE_PER_CPU(evtchn_port_t[XEN_NR_IPIS], ipi_ports);

/* pirq.c */
#ifdef CONFIG_PCI
extern struct irq_chip event_pirq_chip;
void pirq_init(void);
int pirq_rebind(struct xen_event *event, evtchn_port_t *port);
#else
static inline void pirq_init(void)
{
}

static inline int pirq_rebind(struct xen_event *event, evtchn_port_t *port)
{
	return -ENODEV;
}
#endif

/*
 * The two ways to share ports. Both have the same functions; any context unless
 * something else is said:
 *
 *	start		use it; -errno: the hypervisor does not have it
 *	start_cpu	before @cpu comes up
 *	end_cpu		@cpu has gone: what was pending for it goes to this CPU
 *	ports		how many there can be
 *	add_port	make room for @port and mask it; may sleep; -ENOMEM and others
 *	moved		@port goes from a CPU to a CPU; it is masked
 *	handle		event_deliver() what is pending for this CPU
 *	resume		the hypervisor forgot all that it was told
 */
#define EVENT_ABI(abi)                                                            \
	int abi##_start(void);                                                    \
	int abi##_start_cpu(unsigned int cpu);                                    \
	void abi##_end_cpu(unsigned int cpu);                                     \
	unsigned int abi##_ports(void);                                           \
	int abi##_add_port(evtchn_port_t port);                                   \
	void abi##_moved(evtchn_port_t port, unsigned int from, unsigned int to); \
	void abi##_mask(evtchn_port_t port);                                      \
	void abi##_unmask(evtchn_port_t port);                                    \
	void abi##_clear(evtchn_port_t port);                                     \
	void abi##_set(evtchn_port_t port);                                       \
	bool abi##_pending(evtchn_port_t port);                                   \
	bool abi##_masked(evtchn_port_t port);                                    \
	void abi##_handle(unsigned int cpu, struct upcall *upcall);               \
	void abi##_resume(void)

EVENT_ABI(fifo);
EVENT_ABI(twolevel);

DECLARE_STATIC_KEY_TRUE(events_are_fifo);
#define event_abi(op, ...)                                                 \
	(static_branch_likely(&events_are_fifo) ? fifo_##op(__VA_ARGS__) : \
						  twolevel_##op(__VA_ARGS__))

/* Have the hypervisor unmask @port and tell its VCPU if it is pending. */
static inline void unmask_by_hypervisor(evtchn_port_t port)
{
	struct evtchn_unmask op = { .port = port };

	HYPERVISOR_event_channel_op(EVTCHNOP_unmask, &op);
}

#endif
