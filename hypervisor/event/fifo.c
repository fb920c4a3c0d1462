/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The FIFO ABI: 131072 ports, served in the order in which they were sent, by
 * 16 priorities.
 *
 * A port has an event word in the guest's event array: PENDING, MASKED (the
 * guest's), LINKED, and the number of the next port in its queue. A VCPU has a
 * control block with the heads of its queues and a bit for each that has become
 * non-empty. We append at the tail, the guest takes from the head; both by
 * compare-and-exchange on the words, since the tail that we link from may be the
 * head that the guest takes at this moment. LINKED decides: who finds it set may
 * link from the word, who finds it clear starts a new queue at the head.
 *
 * All of this is the guest's memory and is never believed. Links are written,
 * not followed; the tails are kept on our side; and a guest that keeps us from
 * writing a link loses the order of its own events. The queue's lock is one for
 * the domain, since a port may move from one VCPU's queue to another's.
 */
#include <xen/errno.h>

#include "event/internal.h"
#include "lib/string.h"
#include "mm/alloc.h"
#include "mm/audit.h"
#include "mm/frame.h"

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(event_word_t))
#define ARRAY_PAGES (EVTCHN_FIFO_NR_CHANNELS / WORDS_PER_PAGE)

#define PENDING (1u << EVTCHN_FIFO_PENDING)
#define MASKED (1u << EVTCHN_FIFO_MASKED)
#define LINKED (1u << EVTCHN_FIFO_LINKED)
#define BUSY (1u << EVTCHN_FIFO_BUSY)

/* How often we try to change a word before we ask the guest to leave it alone. */
#define LINK_TRIES 8

struct fifo {
	struct spinlock lock; /* queues, and words that have no page yet */
	u32 nr_pages;
	event_word_t *page[ARRAY_PAGES];
};

struct fifo_queues {
	struct evtchn_fifo_control_block *control;
	u32 tail[EVTCHN_FIFO_MAX_QUEUES]; /* 0: empty */
};

/* A port's event word, NULL while the array is too short. */
static event_word_t *word_get(const struct fifo *f, u32 port)
{
	u32 page = port / WORDS_PER_PAGE;

	if (unlikely(page >= f->nr_pages))
		return NULL;
	return f->page[index_nospec(page, f->nr_pages)] + port % WORDS_PER_PAGE;
}

/* Try a few times: 1 done, 0 no longer linked, -1 the guest was always faster. */
static int link_try(event_word_t *word, u32 port)
{
	event_word_t w = READ_ONCE(*word);

	for (unsigned int i = 0; i < LINK_TRIES; i++) {
		event_word_t linked = (w & ~(EVTCHN_FIFO_LINK_MASK | BUSY)) | port;

		if (!(w & LINKED))
			return 0;
		if (__atomic_compare_exchange_n(word, &w, linked, false, __ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST))
			return 1;
	}
	return -1;
}

/* Let port follow after the port of this word. False: that one is taken out. */
static bool link_from(event_word_t *word, u32 port)
{
	int linked = link_try(word, port);

	if (linked < 0) {
		shared_bit_set32(word, EVTCHN_FIFO_BUSY);
		linked = link_try(word, port);
		shared_bit_clear32(word, EVTCHN_FIFO_BUSY);
	}
	return linked > 0;
}

/* Append a port to its queue, unless it is in one already. Locked. */
static void enqueue(struct domain *d, struct fifo *f, struct channel *c, u32 port,
		    event_word_t *word)
{
	struct vcpu *v = d->vcpu[READ_ONCE(c->vcpu)], *old;
	struct fifo_queues *q = v ? v->event->fifo : NULL;
	u32 priority = READ_ONCE(c->priority), tail;
	bool linked = false;

	if (unlikely(!q) || shared_bit_set32(word, EVTCHN_FIFO_LINKED))
		return;

	/*
	 * If it was the tail of the queue that it was in last, that queue is
	 * empty by now, and must not be appended to by way of this word.
	 */
	old = d->vcpu[c->queued_vcpu];
	if (old && old->event->fifo && old->event->fifo->tail[c->queued_priority] == port)
		old->event->fifo->tail[c->queued_priority] = 0;
	c->queued_vcpu = v->id;
	c->queued_priority = priority;

	tail = q->tail[priority];
	if (tail)
		linked = link_from(word_get(f, tail), port);
	q->tail[priority] = port;
	if (linked)
		return;
	WRITE_ONCE(q->control->head[priority], port);
	if (!shared_bit_set32(&q->control->ready, priority))
		upcall_pending(v);
}

static void set_pending(struct domain *d, struct fifo *f, struct channel *c, u32 port)
{
	event_word_t *word = word_get(f, port);
	bool was_pending;

	if (unlikely(!word)) {
		c->pending = true;
		return;
	}
	was_pending = shared_bit_set32(word, EVTCHN_FIFO_PENDING);
	if (!(READ_ONCE(*word) & (MASKED | LINKED)))
		enqueue(d, f, c, port, word);
	if (!was_pending)
		sched_poll_event(d, port);
}

void fifo_set_pending(struct domain *d, struct channel *c, u32 port)
{
	struct fifo *f = d->event->fifo;

	spin_lock(&f->lock);
	set_pending(d, f, c, port);
	spin_unlock(&f->lock);
}

/* It may stay linked: the guest takes it out and finds it not pending. */
void fifo_clear_pending(struct domain *d, u32 port)
{
	event_word_t *word = word_get(d->event->fifo, port);

	if (word)
		shared_bit_clear32(word, EVTCHN_FIFO_PENDING);
}

void fifo_unmask(struct domain *d, struct channel *c, u32 port)
{
	struct fifo *f = d->event->fifo;
	event_word_t *word = word_get(f, port);

	if (!word)
		return;
	spin_lock(&f->lock);
	shared_bit_clear32(word, EVTCHN_FIFO_MASKED);
	if (READ_ONCE(*word) & PENDING)
		enqueue(d, f, c, port, word);
	spin_unlock(&f->lock);
}

bool fifo_is_pending(struct domain *d, const struct channel *c, u32 port)
{
	event_word_t *word = word_get(d->event->fifo, port);

	return word ? READ_ONCE(*word) & PENDING : c->pending;
}

bool fifo_is_masked(struct domain *d, u32 port)
{
	event_word_t *word = word_get(d->event->fifo, port);

	return !word || (READ_ONCE(*word) & MASKED);
}

/* A frame of the guest's, for good; NULL: not its own or not writable. */
static void *guest_page(struct domain *d, u64 gfn)
{
	if (!mfn_valid(gfn) || !frame_get_writable(mfn_to_frame(gfn), d->id))
		return NULL;
	return map_frame(gfn);
}

void event_audit(struct domain *d)
{
	const struct fifo *f = d->event->fifo;
	struct vcpu *v;

	for (u32 i = 0; f && i < f->nr_pages; i++)
		audit_hold(virt_to_mfn(f->page[i]), FRAME_WRITABLE);
	for_each_vcpu(d, v)
		if (v->event->fifo)
			audit_hold(virt_to_mfn(v->event->fifo->control), FRAME_WRITABLE);
}

static void guest_page_put(void *page)
{
	frame_put_writable(mfn_to_frame(virt_to_mfn(page)));
}

/* From two levels to FIFO. What is pending now is, as soon as it has a word. */
static int convert(struct domain *d)
{
	struct event_domain *ed = d->event;
	struct fifo *f = new (struct fifo);

	if (!f)
		return -XEN_ENOMEM;
	if (ed->bucket == ed->small) {
		struct bucket *all = heap_alloc(FIFO_BUCKETS * sizeof(struct bucket));

		if (!all) {
			heap_free(f);
			return -XEN_ENOMEM;
		}
		memcpy(all, ed->small, sizeof(ed->small));
		__atomic_store_n(&ed->bucket, all, __ATOMIC_RELEASE);
	}
	spin_lock_init(&f->lock);
	for (u32 port = 1; port < ed->nr_ports; port++)
		channel_get(ed, port)->pending = two_level_is_pending(d, port);
	ed->max_ports = EVTCHN_FIFO_NR_CHANNELS;
	/* Senders on other CPUs may see it from here on. */
	__atomic_store_n(&ed->fifo, f, __ATOMIC_RELEASE);
	return 0;
}

int fifo_init_control(struct domain *d, struct evtchn_init_control *op)
{
	struct vcpu *v = domain_vcpu(d, op->vcpu);
	struct fifo_queues *q;
	char *page;
	int rc = 0;

	if (!v)
		return -XEN_ENOENT;
	if (op->offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) || op->offset % 8 ||
	    v->event->fifo)
		return -XEN_EINVAL;
	page = guest_page(d, op->control_gfn);
	if (!page)
		return -XEN_EINVAL;
	q = new (struct fifo_queues);
	if (!q)
		rc = -XEN_ENOMEM;
	else if (!d->event->fifo)
		rc = convert(d);
	if (rc) {
		heap_free(q);
		guest_page_put(page);
		return rc;
	}
	q->control = (struct evtchn_fifo_control_block *)(page + op->offset);
	__atomic_store_n(&v->event->fifo, q, __ATOMIC_RELEASE);
	op->link_bits = EVTCHN_FIFO_LINK_BITS;
	return 0;
}

int fifo_expand_array(struct domain *d, const struct evtchn_expand_array *op)
{
	struct event_domain *ed = d->event;
	struct fifo *f = ed->fifo;
	event_word_t *page;
	u32 first;

	if (!f)
		return -XEN_EOPNOTSUPP;
	if (f->nr_pages == ARRAY_PAGES)
		return -XEN_ENOSPC;
	page = guest_page(d, op->array_gfn);
	if (!page)
		return -XEN_EINVAL;
	spin_lock(&f->lock);
	first = f->nr_pages * WORDS_PER_PAGE;
	f->page[f->nr_pages] = page;
	__atomic_store_n(&f->nr_pages, f->nr_pages + 1, __ATOMIC_RELEASE);
	/* What was sent to these ports before they had a word. */
	for (u32 port = first; port < min(first + (u32)WORDS_PER_PAGE, ed->nr_ports); port++) {
		struct channel *c = channel_get(ed, port);

		if (c->pending) {
			c->pending = false;
			set_pending(d, f, c, port);
		}
	}
	spin_unlock(&f->lock);
	return 0;
}

int fifo_set_priority(struct domain *d, const struct evtchn_set_priority *op)
{
	struct channel *c = channel_get(d->event, op->port);

	if (!c)
		return -XEN_EINVAL;
	if (!d->event->fifo)
		return -XEN_ENOSYS;
	if (c->state == EVTCHNSTAT_closed)
		return -XEN_EACCES;
	if (op->priority > EVTCHN_FIFO_PRIORITY_MIN)
		return -XEN_EINVAL;
	/* From the next time on that it is queued. */
	WRITE_ONCE(c->priority, op->priority);
	return 0;
}

void fifo_destroy(struct domain *d)
{
	struct event_domain *ed = d->event;
	struct fifo *f = ed->fifo;
	struct vcpu *v;

	for_each_vcpu(d, v) {
		struct fifo_queues *q = v->event->fifo;

		if (!q)
			continue;
		v->event->fifo = NULL;
		guest_page_put(q->control);
		heap_free(q);
	}
	for (u32 i = 0; i < f->nr_pages; i++)
		guest_page_put(f->page[i]);
	ed->fifo = NULL;
	heap_free(f);
	ed->max_ports = EVTCHN_2L_NR_CHANNELS;
	ed->nr_ports = min(ed->nr_ports, ed->max_ports);
}
