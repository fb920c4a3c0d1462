// SPDX-License-Identifier: GPL-2.0
/*
 * Ports shared as queues. Each port has a word in an array of pages: pending, masked,
 * linked, and the next port of the queue that it is linked into. Each VCPU has 16
 * queues, one a priority, in a control block: the heads, which the hypervisor sets
 * when a queue was empty, and a bit for each queue that is ready.
 *
 * Whoever takes a port off a queue clears LINKED and the link in one step; a link of
 * 0 ended the queue. A port that is masked when its turn comes is just taken off: the
 * hypervisor puts it back when asked to unmask it.
 */
#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <asm/cmpxchg.h>
#include <asm/xen/page.h>
#include <xen/page.h>
#include <xen/xen-ops.h>

#include "events.h"

#define WORDS (PAGE_SIZE / sizeof(event_word_t))
#define PAGES (EVTCHN_FIFO_NR_CHANNELS / WORDS)
#define PENDING BIT(EVTCHN_FIFO_PENDING)
#define MASKED BIT(EVTCHN_FIFO_MASKED)
#define LINKED BIT(EVTCHN_FIFO_LINKED)
#define BUSY BIT(EVTCHN_FIFO_BUSY)

/* The array. The hypervisor knows of the first pages_used ones. */
static event_word_t *pages[PAGES] __read_mostly;
static unsigned int pages_used __read_mostly; /* events_mutex */

static DEFINE_PER_CPU(struct evtchn_fifo_control_block *, control_block);
/* Where we are in each queue; 0: at its head. That CPU, interrupts off. */
static DEFINE_PER_CPU(evtchn_port_t[EVTCHN_FIFO_MAX_QUEUES], queue_next);

/*
 * The other side changes words from another CPU even when we have only one, so these
 * keep their lock prefix always.
 */
static void word_set(event_word_t *word, u32 bits)
{
	asm volatile("lock orl %1, %0" : "+m"(*word) : "ri"(bits) : "memory");
}

static void word_clear(event_word_t *word, u32 bits)
{
	asm volatile("lock andl %1, %0" : "+m"(*word) : "ri"(~bits) : "memory");
}

static event_word_t *word_of(evtchn_port_t port)
{
	return pages[port / WORDS] + port % WORDS;
}

unsigned int fifo_ports(void)
{
	return EVTCHN_FIFO_NR_CHANNELS;
}

static int init_control(unsigned int cpu)
{
	struct evtchn_init_control init = {
		.control_gfn = virt_to_gfn(per_cpu(control_block, cpu)),
		.vcpu = xen_vcpu_nr(cpu),
	};

	memset(per_cpu(queue_next, cpu), 0, sizeof(per_cpu(queue_next, cpu)));
	clear_page(per_cpu(control_block, cpu));
	return HYPERVISOR_event_channel_op(EVTCHNOP_init_control, &init);
}

int fifo_start_cpu(unsigned int cpu)
{
	/* A VCPU that was up before still has its block. */
	if (per_cpu(control_block, cpu))
		return 0;
	per_cpu(control_block, cpu) = (void *)get_zeroed_page(GFP_KERNEL);
	if (!per_cpu(control_block, cpu))
		return -ENOMEM;
	if (init_control(cpu)) {
		free_page((unsigned long)per_cpu(control_block, cpu));
		per_cpu(control_block, cpu) = NULL;
		return -ENXIO;
	}
	return 0;
}

int __init fifo_start(void)
{
	return fifo_start_cpu(0);
}

int fifo_add_port(evtchn_port_t port)
{
	struct evtchn_expand_array expand;
	unsigned int i;
	int err;

	while (pages_used <= port / WORDS) {
		if (!pages[pages_used])
			pages[pages_used] = (void *)__get_free_page(GFP_ATOMIC);
		if (!pages[pages_used])
			return -ENOMEM;
		for (i = 0; i < WORDS; i++)
			pages[pages_used][i] = MASKED;
		expand.array_gfn = virt_to_gfn(pages[pages_used]);
		err = HYPERVISOR_event_channel_op(EVTCHNOP_expand_array, &expand);
		if (err)
			return err;
		pages_used++;
	}
	fifo_mask(port);
	return 0;
}

/* The hypervisor links ports to the queues of the VCPU to which they are bound. */
void fifo_moved(evtchn_port_t port, unsigned int from, unsigned int to)
{
}

void fifo_mask(evtchn_port_t port)
{
	word_set(word_of(port), MASKED);
}

bool fifo_masked(evtchn_port_t port)
{
	return READ_ONCE(*word_of(port)) & MASKED;
}

void fifo_unmask(evtchn_port_t port)
{
	event_word_t *word = word_of(port), old, was = READ_ONCE(*word);

	do {
		/* Only the hypervisor can queue it. */
		if (was & PENDING) {
			unmask_by_hypervisor(port);
			return;
		}
		/* With BUSY it is being linked, and must not change under that. */
		old = was & ~BUSY;
		was = sync_cmpxchg(word, old, old & ~MASKED);
	} while (was != old);
}

void fifo_clear(evtchn_port_t port)
{
	word_clear(word_of(port), PENDING);
}

void fifo_set(evtchn_port_t port)
{
	word_set(word_of(port), PENDING);
}

bool fifo_pending(evtchn_port_t port)
{
	return READ_ONCE(*word_of(port)) & PENDING;
}

/* Take the port off its queue; returns the next one, 0: it was the last. */
static evtchn_port_t unlink(event_word_t *word)
{
	event_word_t old, was = READ_ONCE(*word);

	do {
		old = was;
		was = sync_cmpxchg(word, old, old & ~(LINKED | EVTCHN_FIFO_LINK_MASK));
	} while (was != old);
	return old & EVTCHN_FIFO_LINK_MASK;
}

/*
 * Take the next port off @cpu's queue @priority and return it, 0 if there is none
 * after all; *@ready loses the queue's bit if it was the last.
 */
static evtchn_port_t take(unsigned int cpu, unsigned int priority, u32 *ready)
{
	evtchn_port_t *next = &per_cpu(queue_next, cpu)[priority];
	evtchn_port_t port = *next;

	if (!port) {
		virt_rmb(); /* the head was written before the ready bit */
		port = READ_ONCE(per_cpu(control_block, cpu)->head[priority]);
	}
	/* Not a port that we told of: the hypervisor is broken; do not follow it. */
	if (!port || port / WORDS >= pages_used) {
		*ready &= ~BIT(priority);
		*next = 0;
		return 0;
	}
	*next = unlink(word_of(port));
	if (!*next)
		*ready &= ~BIT(priority);
	return port;
}

/* The queues that became ready since the last look. Interrupts off. */
static u32 new_ready(unsigned int cpu)
{
	u32 *ready = &per_cpu(control_block, cpu)->ready;

	return READ_ONCE(*ready) ? xchg(ready, 0) : 0;
}

void fifo_handle(unsigned int cpu, struct upcall *upcall)
{
	u32 ready = new_ready(cpu);
	evtchn_port_t port;
	event_word_t word;

	/* After each event: one of a higher priority comes before the rest. */
	for (; ready; ready |= new_ready(cpu)) {
		port = take(cpu, __ffs(ready), &ready);
		if (!port)
			continue;
		word = READ_ONCE(*word_of(port));
		if ((word & PENDING) && !(word & MASKED))
			event_deliver(port, upcall);
	}
}

/* What was queued for it is queued again, where it is bound by now. */
void fifo_end_cpu(unsigned int cpu)
{
	u32 ready = new_ready(cpu);
	evtchn_port_t port;
	event_word_t word;

	while (ready) {
		port = take(cpu, __ffs(ready), &ready);
		if (!port)
			continue;
		word = READ_ONCE(*word_of(port));
		if ((word & PENDING) && !(word & MASKED)) {
			fifo_mask(port);
			unmask_by_hypervisor(port);
		}
	}
}

void fifo_resume(void)
{
	unsigned int cpu;

	pages_used = 0;
	for_each_possible_cpu(cpu) {
		if (per_cpu(control_block, cpu) && init_control(cpu))
			panic("xen: no event queues for CPU %u after resumption", cpu);
	}
}
