/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event channels, FIFO: what ends up in the guest's words and control blocks, in
 * which order a guest that follows the protocol is served, and that a guest that
 * does not harms nobody.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "event_ops.h"
#include "mm/alloc.h"
#include "mm/frame.h"
#include "sched/sched.h"
#include "sim/heap.h"

#define PENDING (1u << EVTCHN_FIFO_PENDING)
#define MASKED (1u << EVTCHN_FIFO_MASKED)
#define LINKED (1u << EVTCHN_FIFO_LINKED)
#define BUSY (1u << EVTCHN_FIFO_BUSY)
#define QUEUE 7 /* EVTCHN_FIFO_PRIORITY_DEFAULT */

static struct domain *d0, *d1, *d2;
static struct evtchn_fifo_control_block *control[2];
static event_word_t *page[3];
static u32 head[2][EVTCHN_FIFO_MAX_QUEUES]; /* the guest's */
static u32 served[200000], nr_served;

static u64 mfn(const void *p)
{
	return virt_to_mfn(p);
}

static int setup_two_level(void **state)
{
	sim_init(64 << 20);
	d0 = sim_domain(0, 1, false);
	d1 = sim_domain(1, 2, false);
	d2 = sim_domain(2, 1, false);
	sim_become(d1->vcpu[0]);
	memset(head, 0, sizeof(head));
	nr_served = 0;
	return 0;
}

static int setup(void **state)
{
	setup_two_level(state);
	for (unsigned int v = 0; v < 2; v++) {
		control[v] = sim_guest_page(d1);
		assert_int_equal(ev_init_control(v, mfn(control[v]), 0), EVTCHN_FIFO_LINK_BITS);
	}
	page[0] = sim_guest_page(d1);
	assert_int_equal(ev_expand_array(mfn(page[0])), 0);
	return 0;
}

static int teardown(void **state)
{
	sim_exit();
	return 0;
}

static event_word_t *word(u32 port)
{
	return &page[port / 1024][port % 1024];
}

/* The guest's side: serve all queues of v, the best first. How many events. */
static unsigned int serve(unsigned int v)
{
	unsigned int n = 0;
	u32 ready;

	d1->vcpu[v]->info->evtchn_upcall_pending = 0;
	while ((ready = control[v]->ready) != 0) {
		unsigned int q = __builtin_ctz(ready);
		u32 port = head[v][q] ? head[v][q] : control[v]->head[q];
		event_word_t *w = word(port), old = *w;

		*w = old & ~(LINKED | EVTCHN_FIFO_LINK_MASK);
		head[v][q] = old & EVTCHN_FIFO_LINK_MASK;
		if (!head[v][q])
			control[v]->ready &= ~(1u << q);
		if ((old & PENDING) && !(old & MASKED)) {
			*w &= ~PENDING;
			served[nr_served++] = port;
			n++;
		}
	}
	return n;
}

static void test_control(void **state)
{
	char *p = sim_guest_page(d1), *ours = page_alloc();
	struct evtchn_init_control op = { .control_gfn = mfn(p), .offset = 64, .vcpu = 0 };

	assert_int_equal(ev_expand_array(mfn(p)), -XEN_EOPNOTSUPP);
	assert_int_equal(ev_init_control(2, mfn(p), 0), -XEN_ENOENT);
	assert_int_equal(ev_init_control(0, mfn(p), 4), -XEN_EINVAL);
	assert_int_equal(ev_init_control(0, mfn(p), 4096), -XEN_EINVAL);
	assert_int_equal(ev_init_control(0, mfn(p), 4096 - sizeof(*control[0]) + 8), -XEN_EINVAL);
	assert_int_equal(ev_init_control(0, mfn(p), -8), -XEN_EINVAL);
	assert_int_equal(ev_init_control(0, 1ull << 40, 0), -XEN_EINVAL);
	assert_int_equal(ev_init_control(0, mfn(sim_guest_page(d2)), 0), -XEN_EINVAL);
	assert_int_equal(ev_init_control(0, mfn(ours), 0), -XEN_EINVAL);
	/* In use as something that nobody may write. */
	mfn_to_frame(mfn(p))->type = FRAME_L1 | FRAME_VALIDATED | 1;
	assert_int_equal(ev_init_control(0, mfn(p), 0), -XEN_EINVAL);
	mfn_to_frame(mfn(p))->type = 0;
	for (int fail = 1; fail <= 3; fail++) {
		sim_heap_fail_after = fail;
		assert_int_equal(ev_init_control(0, mfn(p), 0), -XEN_ENOMEM);
		sim_heap_fail_after = 0;
	}
	assert_int_equal(mfn_to_frame(mfn(p))->type & FRAME_TYPE_COUNT, 0);
	assert_int_equal(ev_expand_array(mfn(p)), -XEN_EOPNOTSUPP);

	assert_int_equal(EVENT_OP(init_control, op), 0);
	assert_int_equal(op.link_bits, 17);
	assert_int_equal(mfn_to_frame(mfn(p))->type, FRAME_WRITABLE | FRAME_VALIDATED | 1);
	assert_int_equal(ev_init_control(0, mfn(p), 0), -XEN_EINVAL); /* once */
	assert_int_equal(ev_init_control(1, mfn(p), 256), 17);	      /* same page */
	assert_int_equal(ev_expand_array(1ull << 40), -XEN_EINVAL);
	assert_int_equal(ev_expand_array(mfn(sim_guest_page(d2))), -XEN_EINVAL);
	page_free(ours);
}

static void test_convert(void **state)
{
	long a = ev_bind_ipi(0), b = ev_bind_ipi(0), c = ev_bind_ipi(1), d = ev_bind_ipi(0);

	mask(d1, b);
	ev_send(a);
	ev_send(b);
	ev_send(c);
	control[0] = sim_guest_page(d1);
	control[1] = sim_guest_page(d1);
	page[0] = sim_guest_page(d1);
	ev_init_control(0, mfn(control[0]), 0);
	ev_init_control(1, mfn(control[1]), 0);
	assert_int_equal(event_port_pending(d1, a), 1);
	assert_int_equal(event_port_pending(d1, d), 0);
	assert_int_equal(ev_send(d), 0);
	assert_int_equal(event_port_pending(d1, d), 1);
	assert_int_equal(control[0]->ready, 0);
	assert_int_equal(ev_expand_array(mfn(page[0])), 0);
	/* All that was pending, in order of ports; masks do not move along. */
	assert_int_equal(*word(a), PENDING | LINKED | b);
	assert_int_equal(*word(b), PENDING | LINKED | d);
	assert_int_equal(*word(d), PENDING | LINKED);
	assert_int_equal(*word(c), PENDING | LINKED);
	assert_int_equal(control[0]->ready, 1u << QUEUE);
	assert_int_equal(control[1]->ready, 1u << QUEUE);
	assert_int_equal(serve(0), 3);
	assert_int_equal(serve(1), 1);
}

static void test_deliver(void **state)
{
	struct vcpu *v = d1->vcpu[0];
	long port = ev_bind_ipi(0);

	assert_int_equal(ev_send(port), 0);
	assert_int_equal(*word(port), PENDING | LINKED);
	assert_int_equal(control[0]->ready, 1u << QUEUE);
	assert_int_equal(control[0]->head[QUEUE], port);
	assert_true(v->info->evtchn_upcall_pending);
	assert_int_equal(v->info->evtchn_pending_sel, 0);
	assert_int_equal(ev_send(port), 0);
	assert_int_equal(*word(port), PENDING | LINKED);
	assert_int_equal(serve(0), 1);
	assert_int_equal(*word(port), 0);
	/* Masked. */
	*word(port) = MASKED;
	assert_int_equal(ev_send(port), 0);
	assert_int_equal(*word(port), PENDING | MASKED);
	assert_int_equal(control[0]->ready, 0);
	assert_false(v->info->evtchn_upcall_pending);
	assert_int_equal(ev_unmask(port), 0);
	assert_int_equal(*word(port), PENDING | LINKED);
	assert_int_equal(serve(0), 1);
	assert_int_equal(ev_unmask(port), 0);
	assert_int_equal(*word(port), 0);
	/* Taken out, but not yet cleared: a new event links it again. */
	*word(port) = PENDING;
	assert_int_equal(ev_send(port), 0);
	assert_int_equal(*word(port), PENDING | LINKED);
	assert_int_equal(serve(0), 1);
	/* Masked while in the queue: the guest passes over it, unmask brings it. */
	assert_int_equal(ev_send(port), 0);
	*word(port) |= MASKED;
	assert_int_equal(serve(0), 0);
	assert_int_equal(*word(port), PENDING | MASKED);
	assert_int_equal(ev_unmask(port), 0);
	assert_int_equal(serve(0), 1);
	/* Closing takes the event back; the word may stay in its queue. */
	assert_int_equal(ev_send(port), 0);
	assert_int_equal(ev_close(port), 0);
	assert_int_equal(*word(port), LINKED);
	assert_int_equal(ev_bind_ipi(0), port);
	assert_int_equal(ev_send(port), 0);
	assert_int_equal(serve(0), 1);
	assert_int_equal(*word(port), 0);
}

static void test_order(void **state)
{
	long p[6];

	for (int i = 0; i < 6; i++)
		p[i] = ev_bind_ipi(0);
	assert_int_equal(ev_set_priority(p[3], EVTCHN_FIFO_PRIORITY_MAX), 0);
	assert_int_equal(ev_set_priority(p[0], EVTCHN_FIFO_PRIORITY_MIN), 0);
	assert_int_equal(ev_set_priority(p[0], 16), -XEN_EINVAL);
	assert_int_equal(ev_set_priority(40, 16), -XEN_EACCES);
	assert_int_equal(ev_set_priority(0, 7), -XEN_EACCES);
	assert_int_equal(ev_set_priority(4000, 7), -XEN_EINVAL);
	for (int i = 0; i < 6; i++)
		ev_send(p[i]);
	ev_send(p[1]);
	assert_int_equal(control[0]->ready, 1u << 0 | 1u << 7 | 1u << 15);
	assert_int_equal(*word(p[1]) & EVTCHN_FIFO_LINK_MASK, p[2]);
	assert_int_equal(serve(0), 6);
	assert_int_equal(served[0], p[3]);
	assert_int_equal(served[1], p[1]);
	assert_int_equal(served[2], p[2]);
	assert_int_equal(served[3], p[4]);
	assert_int_equal(served[4], p[5]);
	assert_int_equal(served[5], p[0]);
	sim_become(d2->vcpu[0]);
	assert_int_equal(ev_set_priority(1, 7), -XEN_ENOSYS);
}

/* A port that changes its queue while it is in one, as tail and in the middle. */
static void test_move(void **state)
{
	long a = ev_alloc_unbound(DOMID_SELF, 2), b = ev_alloc_unbound(DOMID_SELF, 2), c, ra, rb;

	c = ev_bind_ipi(0);
	sim_become(d2->vcpu[0]);
	ra = ev_bind_interdomain(1, a);
	rb = ev_bind_interdomain(1, b);
	ev_send(ra); /* tail of VCPU 0's queue */
	sim_become(d1->vcpu[0]);
	assert_int_equal(ev_bind_vcpu(a, 1), 0);
	assert_int_equal(serve(0), 1);
	sim_become(d2->vcpu[0]);
	ev_send(ra); /* now on VCPU 1's */
	assert_int_equal(control[1]->head[QUEUE], a);
	assert_int_equal(control[0]->ready, 0);
	/* VCPU 0's queue must not go on behind a. */
	ev_send(rb);
	assert_int_equal(*word(a), PENDING | LINKED);
	assert_int_equal(control[0]->head[QUEUE], b);
	assert_int_equal(serve(0), 1);
	assert_int_equal(serve(1), 1);
	/* Linked stays where it is until it is taken out. */
	ev_send(rb);
	ev_send(ra);
	sim_become(d1->vcpu[0]);
	ev_send(c);
	ev_bind_vcpu(b, 1);
	ev_set_priority(b, 3);
	sim_become(d2->vcpu[0]);
	ev_send(rb);
	assert_int_equal(control[1]->ready, 1u << QUEUE);
	assert_int_equal(serve(0), 2);
	ev_send(rb);
	assert_int_equal(control[1]->ready, 1u << QUEUE | 1u << 3);
	assert_int_equal(serve(1), 2);
	assert_int_equal(served[nr_served - 2], b);
}

/* Whatever order of sending and serving: nothing is lost, nothing comes twice. */
static void test_random(void **state)
{
	enum { N = 24 };
	long port[N];
	bool due[N] = { false };
	unsigned int expected = 0;

	srandom(3);
	for (int i = 0; i < N; i++)
		port[i] = ev_alloc_unbound(DOMID_SELF, DOMID_SELF);
	for (int i = 0; i < N; i += 2) {
		assert_int_equal(ev_close(port[i + 1]), 0);
		assert_int_equal(ev_bind_interdomain(1, port[i]), port[i + 1]);
		due[i + 1] = true;
	}
	for (int step = 0; step < 20000; step++) {
		int i = random() % N, v = random() % 2;

		switch (random() % 8) {
		default:
			assert_int_equal(ev_send(port[i ^ 1]), 0);
			due[i] = true;
			break;
		case 0:
			ev_bind_vcpu(port[i], v);
			break;
		case 1:
			ev_set_priority(port[i], random() % 16);
			break;
		case 2:
			*word(port[i]) |= MASKED;
			break;
		case 3:
			ev_unmask(port[i]);
			break;
		case 4:
			nr_served = 0;
			serve(v);
			for (u32 s = 0; s < nr_served; s++) {
				for (i = 0; port[i] != (long)served[s]; i++)
					;
				assert_true(due[i]);
				due[i] = false;
			}
			break;
		}
	}
	nr_served = 0;
	for (int i = 0; i < N; i++) {
		ev_unmask(port[i]);
		expected += due[i];
	}
	assert_int_equal(serve(0) + serve(1), expected);
	for (int i = 0; i < N; i++)
		assert_int_equal(*word(port[i]), 0);
}

/* More ports than two levels have, and array pages that come later. */
static void test_many(void **state)
{
	u64 free_frames;
	long port = 0;

	free_frames = d1->tot_pages;
	while (port < 5000)
		port = ev_bind_ipi(0);
	assert_int_equal(port, 5000);
	assert_int_equal(ev_send(4999), 0);
	assert_int_equal(event_port_pending(d1, 4999), 1);
	assert_int_equal(ev_unmask(4999), 0);
	for (int i = 1; i < 5; i++) {
		page[1] = sim_guest_page(d1);
		assert_int_equal(control[0]->ready, 0);
		assert_int_equal(ev_expand_array(mfn(page[1])), 0);
	}
	assert_int_equal(page[1][4999 - 4096], PENDING | LINKED);
	assert_int_equal(control[0]->head[QUEUE], 4999);
	assert_int_equal(ev_close(4999), 0);
	/* Closed before there was a word: gone. */
	while (port < 6200)
		port = ev_bind_ipi(0);
	assert_int_equal(ev_send(6100), 0);
	assert_int_equal(ev_close(6100), 0);
	assert_int_equal(ev_bind_ipi(0), 6100);
	assert_int_equal(event_port_pending(d1, 6100), 0);

	for (int i = 5; i < 128; i++)
		assert_int_equal(ev_expand_array(mfn(sim_guest_page(d1))), 0);
	assert_int_equal(ev_expand_array(mfn(page[1])), -XEN_ENOSPC);
	while (port < 131071)
		port = ev_bind_ipi(0);
	assert_int_equal(ev_bind_ipi(0), -XEN_ENOSPC);
	assert_int_equal(ev_send(131071), 0);

	/* Back to two levels; the frames are the guest's alone again. */
	sim_preempt_every = 7;
	assert_int_equal(ev_reset(DOMID_SELF), 0);
	assert_int_equal(mfn_to_frame(mfn(control[0]))->type & FRAME_TYPE_COUNT, 0);
	assert_int_equal(mfn_to_frame(mfn(page[1]))->ref & FRAME_REF_MASK, 1);
	assert_int_equal(ev_expand_array(mfn(page[1])), -XEN_EOPNOTSUPP);
	assert_int_equal(ev_state(4096), -XEN_EINVAL);
	assert_int_equal(ev_bind_ipi(0), 1);
	assert_int_equal(ev_send(1), 0);
	assert_true(is_pending(d1, 1));
	assert_int_equal(d1->tot_pages, free_frames + 127);
	/* And forth once more. */
	assert_int_equal(ev_init_control(0, mfn(control[0]), 0), 17);
	assert_int_equal(ev_expand_array(mfn(page[0])), 0);
	assert_int_equal(*word(1) & (PENDING | LINKED), PENDING | LINKED);
	while (ev_bind_ipi(0) < 5000)
		;
}

/* No control block: the event waits in its word. */
static void test_no_control(void **state)
{
	long port;

	sim_become(d2->vcpu[0]);
	port = ev_alloc_unbound(DOMID_SELF, 1);
	sim_become(d1->vcpu[0]);
	assert_true(ev_bind_interdomain(2, port) > 0);
	ev_reset(DOMID_SELF);
	memset(page[0], 0, PAGE_SIZE);
	assert_int_equal(ev_init_control(1, mfn(control[1]), 0), 17);
	assert_int_equal(ev_expand_array(mfn(page[0])), 0);
	port = ev_bind_ipi(0);
	assert_int_equal(ev_send(port), 0);
	assert_int_equal(*word(port), PENDING);
	assert_int_equal(ev_init_control(0, mfn(control[0]), 0), 17);
	assert_int_equal(ev_send(port), 0);
	assert_int_equal(*word(port), PENDING | LINKED);
}

/*
 * A guest that writes anything anywhere: what the hypervisor does then stays
 * within the guest's pages (AddressSanitizer and the frame next door watch).
 */
static void test_hostile(void **state)
{
	long port[8];
	char *next = sim_guest_page(d1);

	memset(next, 0x5a, PAGE_SIZE);
	srandom(4);
	for (int i = 0; i < 8; i++)
		port[i] = ev_bind_ipi(i % 2);
	for (int step = 0; step < 20000; step++) {
		for (int i = 0; i < 8; i++)
			if (random() % 2)
				*word(port[i]) = (u32)random() << 1 ^ random();
		control[random() % 2]->head[random() % 16] = random();
		if (random() % 4 == 0)
			control[random() % 2]->ready = random();
		ev_send(port[random() % 8]);
		ev_unmask(port[random() % 8]);
		ev_set_priority(port[random() % 8], random() % 16);
		ev_close(port[random() % 8]);
		ev_bind_ipi(random() % 2);
	}
	for (u64 i = 0; i < PAGE_SIZE; i++)
		assert_int_equal(next[i], 0x5a);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_control, setup_two_level, teardown),
		cmocka_unit_test_setup_teardown(test_convert, setup_two_level, teardown),
		test(test_deliver),
		test(test_order),
		test(test_move),
		test(test_random),
		test(test_many),
		test(test_no_control),
		test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
