/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event channels inside: the table of ports and the two ABIs behind it.
 *
 * Locks. A domain's event lock guards its table and what its ports are bound to.
 * Two ports that are peers are connected and separated under the locks of both
 * domains, so the sender's lock alone is enough to send: while it is held the
 * peer stays. Nothing else of the receiver is touched but memory it shares and,
 * with the FIFO ABI, its queues, which have a lock of their own inside all event
 * locks.
 */
#ifndef EVENT_INTERNAL_H
#define EVENT_INTERNAL_H

#include "domain/domain.h"
#include "event/event.h"
#include "lib/types.h"
#include "machine.h"
#include "sched/sched.h"

/* One port. 32 bytes. */
struct channel {
	u8 state; /* EVTCHNSTAT_* */
	u8 priority;
	u8 queued_priority; /* FIFO: the queue it was last put on */
	bool pending;	    /* FIFO: pending, but there is no event word yet */
	u16 queued_vcpu;
	u16 vcpu; /* who is notified */
	union {
		u16 remote_dom; /* unbound: who may connect */
		struct {
			struct channel *channel;
			struct domain *domain;
			u32 port;
		} peer; /* interdomain */
		u32 pirq;
		u32 virq;
	};
};

/* Channels come by the 64, as on Xen: a port is known once its 64 are there. */
#define BUCKET_SHIFT 6
#define BUCKET_CHANNELS (1u << BUCKET_SHIFT)
#define SMALL_BUCKETS (EVTCHN_2L_NR_CHANNELS / BUCKET_CHANNELS)
#define FIFO_BUCKETS (EVTCHN_FIFO_NR_CHANNELS / BUCKET_CHANNELS)

struct bucket {
	struct channel *channel;
	u32 used; /* ports in use, port 0 among them */
};

struct fifo;

struct event_domain {
	struct spinlock lock;
	u32 nr_ports;	       /* ports that have a struct channel */
	u32 max_ports;	       /* ports that the ABI in use has */
	u32 max_port;	       /* highest port that the tools allow */
	u32 used;	       /* ports in use but for 0 */
	u32 free_hint;	       /* none below is free */
	u32 close_next;	       /* how far an interrupted event_close_all() got */
	struct bucket *bucket; /* small, or FIFO_BUCKETS of them */
	u32 *pirq_port;	       /* MAX_PIRQS of them, or NULL */
	struct fifo *fifo;     /* NULL: 2-level */
	struct bucket small[SMALL_BUCKETS];
};

struct event_vcpu {
	u32 virq_port[NR_VIRQS]; /* 0: not bound. Global ones are in VCPU 0's. */
	struct vcpu_info private_info;
	struct fifo_queues *fifo; /* NULL: no control block */
};

/*
 * Single bits of memory that a guest shares, nr being below the word's width:
 * set or clear one, and tell what it was. One instruction each. What the
 * compiler makes of an atomic or whose result is used may be a loop, in which a
 * guest could hold us by writing to the word all the time.
 */
static inline bool shared_bit_set(u64 *word, u64 nr)
{
	bool old;

	__asm__ volatile("lock btsq %2, %1" : "=@ccc"(old), "+m"(*word) : "r"(nr) : "memory");
	return old;
}

static inline bool shared_bit_clear(u64 *word, u64 nr)
{
	bool old;

	__asm__ volatile("lock btrq %2, %1" : "=@ccc"(old), "+m"(*word) : "r"(nr) : "memory");
	return old;
}

static inline bool shared_bit_set32(u32 *word, u32 nr)
{
	bool old;

	__asm__ volatile("lock btsl %2, %1" : "=@ccc"(old), "+m"(*word) : "r"(nr) : "memory");
	return old;
}

static inline bool shared_bit_clear32(u32 *word, u32 nr)
{
	bool old;

	__asm__ volatile("lock btrl %2, %1" : "=@ccc"(old), "+m"(*word) : "r"(nr) : "memory");
	return old;
}

/*
 * A port's channel, or NULL. The event lock need not be held to find it, only to
 * use it: the table is extended before nr_ports is.
 */
static inline struct channel *channel_get(const struct event_domain *ed, u32 port)
{
	u32 nr_ports = __atomic_load_n(&ed->nr_ports, __ATOMIC_ACQUIRE);
	const struct bucket *bucket;

	if (unlikely(port >= nr_ports))
		return NULL;
	port = index_nospec(port, nr_ports);
	bucket = READ_ONCE(ed->bucket) + (port >> BUCKET_SHIFT);
	return &bucket->channel[port & (BUCKET_CHANNELS - 1)];
}

static inline struct vcpu *domain_vcpu(const struct domain *d, u32 id)
{
	return id < d->max_vcpus ? d->vcpu[index_nospec(id, d->max_vcpus)] : NULL;
}

/* Per-VCPU virtual interrupts; all others are global. */
static inline bool virq_is_global(u32 virq)
{
	const u32 per_vcpu = 1u << VIRQ_TIMER | 1u << VIRQ_DEBUG | 1u << VIRQ_XENOPROF |
			     1u << VIRQ_XENPMU;

	return !(per_vcpu >> virq & 1);
}

/* v has an event that it did not have: it is due an upcall. */
static inline void upcall_pending(struct vcpu *v)
{
	if (!__atomic_exchange_n(&v->info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST))
		sched_event(v);
}

/*
 * The 2-level ABI, for ports below EVTCHN_2L_NR_CHANNELS. two_level.c explains
 * it and has the rest; to send is here, since inline it costs half.
 */
static inline bool two_level_bit(const xen_ulong_t *words, u32 port)
{
	return READ_ONCE(words[port / 64]) >> (port % 64) & 1;
}

static inline void two_level_notify(struct vcpu *v, u32 port)
{
	if (v && !shared_bit_set(&v->info->evtchn_pending_sel, port / 64))
		upcall_pending(v);
}

/* v is the VCPU to notify, NULL when it does not exist yet. */
static inline void two_level_set_pending(struct domain *d, struct vcpu *v, u32 port)
{
	struct shared_info *s = d->shared;

	if (shared_bit_set(&s->evtchn_pending[port / 64], port % 64))
		return;
	if (!two_level_bit(s->evtchn_mask, port))
		two_level_notify(v, port);
	sched_poll_event(d, port);
}

void two_level_clear_pending(struct domain *d, u32 port);
void two_level_unmask(struct domain *d, struct vcpu *v, u32 port);
bool two_level_is_pending(const struct domain *d, u32 port);
bool two_level_is_masked(const struct domain *d, u32 port);

/* The FIFO ABI (fifo.c). Event lock of d or of the port's peer held. */
void fifo_set_pending(struct domain *d, struct channel *c, u32 port);
void fifo_clear_pending(struct domain *d, u32 port);
void fifo_unmask(struct domain *d, struct channel *c, u32 port);
bool fifo_is_pending(struct domain *d, const struct channel *c, u32 port);
bool fifo_is_masked(struct domain *d, u32 port);
/* Event lock of d held. */
int fifo_init_control(struct domain *d, struct evtchn_init_control *op);
int fifo_expand_array(struct domain *d, const struct evtchn_expand_array *op);
int fifo_set_priority(struct domain *d, const struct evtchn_set_priority *op);
/* Back to two levels. No port is in use. */
void fifo_destroy(struct domain *d);

/* Set a port pending: event lock of d or of its peer held. */
static inline void channel_set_pending(struct domain *d, struct channel *c, u32 port)
{
	if (unlikely(READ_ONCE(d->event->fifo)))
		fifo_set_pending(d, c, port);
	else
		two_level_set_pending(d, d->vcpu[c->vcpu], port);
}

/* channel.c: binding and closing, for the hypercall. Errors are the ABI's. */
int event_bind_interdomain(struct domain *d, struct evtchn_bind_interdomain *op);
int event_bind_virq(struct domain *d, struct evtchn_bind_virq *op);
int event_bind_ipi(struct domain *d, struct evtchn_bind_ipi *op);
int event_bind_pirq(struct domain *d, struct evtchn_bind_pirq *op);
int event_bind_vcpu(struct domain *d, const struct evtchn_bind_vcpu *op);
int event_status(struct domain *d, struct evtchn_status *op);
int event_close(struct domain *d, u32 port);
/* Close every port; -ERESTART: not done yet, call again. */
int event_close_all(struct domain *d);
int event_reset(struct domain *d);

/* send.c */
void event_virq_handlers_release(struct domain *d);

#endif
