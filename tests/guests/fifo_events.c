/*
 * Event channels on the FIFO ABI: control block, array of event words, queues
 * by priority. Events that were pending under the two-level ABI move along.
 */
#include "test.h"
#include "event.h"
#include "mm.h"
#include "smp.h"

#define PENDING (1U << EVTCHN_FIFO_PENDING)
#define MASKED (1U << EVTCHN_FIFO_MASKED)
#define LINKED (1U << EVTCHN_FIFO_LINKED)
#define BUSY (1U << EVTCHN_FIFO_BUSY)
#define WORDS_A_PAGE (PAGE_SIZE / sizeof(event_word_t))

static struct evtchn_fifo_control_block *control;
static volatile event_word_t *words; /* of the first page */
static uint32_t heads[EVTCHN_FIFO_MAX_QUEUES];

/* The order in which the upcall took the ports. */
static unsigned int order[64], ordered;

static void consume(unsigned int queue)
{
	uint32_t head = heads[queue];

	if (!head)
		head = __atomic_load_n(&control->head[queue], __ATOMIC_SEQ_CST);
	while (head) {
		volatile event_word_t *word = &words[head];
		uint32_t old = *word, new, port = head;

		/* Unlink; an event that comes from now on is linked anew. */
		do
			new = old & ~(LINKED | EVTCHN_FIFO_LINK_MASK);
		while (!__atomic_compare_exchange_n(word, &old, new, 0, __ATOMIC_SEQ_CST,
						    __ATOMIC_SEQ_CST));
		head = old & EVTCHN_FIFO_LINK_MASK;
		if ((old & PENDING) && !(old & MASKED)) {
			__atomic_fetch_and(word, ~PENDING, __ATOMIC_SEQ_CST);
			event_count[port]++;
			if (ordered < ARRAY_SIZE(order))
				order[ordered++] = port;
		}
	}
	heads[queue] = head;
}

static void scan_fifo(void)
{
	uint32_t ready;

	while ((ready = __atomic_exchange_n(&control->ready, 0, __ATOMIC_SEQ_CST)))
		for (; ready; ready &= ready - 1)
			consume(__builtin_ctz(ready));
}

static long init_control(unsigned int vcpu, unsigned long mfn, unsigned int offset)
{
	struct evtchn_init_control op = { .vcpu = vcpu, .control_gfn = mfn, .offset = offset };
	long rc = hv_event_channel_op(EVTCHNOP_init_control, &op);

	if (!rc)
		CHECK_EQ(op.link_bits, EVTCHN_FIFO_LINK_BITS);
	return rc;
}

static long expand(unsigned long mfn)
{
	struct evtchn_expand_array op = { .array_gfn = mfn };

	return hv_event_channel_op(EVTCHNOP_expand_array, &op);
}

static long priority(unsigned int port, unsigned int value)
{
	struct evtchn_set_priority op = { .port = port, .priority = value };

	return hv_event_channel_op(EVTCHNOP_set_priority, &op);
}

static void before(void)
{
	CHECK_EQ(expand(virt_to_mfn(page_alloc())), -EOPNOTSUPP);
	CHECK_EQ(init_control(0, virt_to_mfn(control), 4), -EINVAL);
	CHECK_EQ(init_control(0, virt_to_mfn(control), PAGE_SIZE - sizeof(*control) + 8), -EINVAL);
	CHECK_EQ(init_control(0, virt_to_mfn(control), -8), -EINVAL);
	CHECK_EQ(init_control(4096, virt_to_mfn(control), 0), -ENOENT);
	CHECK_EQ(init_control(0, 0xfffffffff, 0), -EINVAL);
	/* A page table is no control page. */
	CHECK_EQ(init_control(0, virt_to_mfn((void *)start_info->pt_base), 0), -EINVAL);
}

/* The switch, with one event pending. */
static void switch_over(void)
{
	long port = event_bind_ipi(0), masked = event_bind_ipi(0);

	events_disable();
	CHECK_EQ(event_send(port), 0);
	event_mask(masked);
	CHECK_EQ(event_send(masked), 0);
	CHECK_EQ(init_control(0, virt_to_mfn(control), 64), 0);
	control = (void *)((char *)control + 64);
	CHECK_EQ(init_control(0, virt_to_mfn(control), 64), -EINVAL); /* once only */
	CHECK_EQ(expand(0xfffffffff), -EINVAL);
	CHECK_EQ(expand(virt_to_mfn((void *)start_info->pt_base)), -EINVAL);
	words = page_alloc();
	CHECK_EQ(expand(virt_to_mfn(words)), 0);
	/* The frame is the hypervisor's to write: it can become no table. */
	CHECK_EQ(map_readonly(words), 0);
	CHECK_EQ(mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(words)), -EINVAL);
	CHECK_EQ(map_writable(words), 0);
	/* What was pending is so here; masks do not move along. */
	CHECK_EQ(words[port], PENDING | LINKED | masked);
	CHECK_EQ(words[masked], PENDING | LINKED);
	CHECK_EQ(control->ready, 1U << EVTCHN_FIFO_PRIORITY_DEFAULT);
	event_scan = scan_fifo;
	events_enable();
	hv_xen_version(0, 0);
	CHECK_EQ(event_count[port], 1);
	CHECK_EQ(event_count[masked], 1);
	CHECK_EQ(event_close(port), 0);
	CHECK_EQ(event_close(masked), 0);
}

static void deliver(void)
{
	long port = event_bind_ipi(0);
	unsigned long seen = event_count[port];

	words[port] &= ~MASKED;
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(event_count[port], seen + 1);
	CHECK_EQ(words[port], 0);
	/* Masked: pending, not linked; unmask links it. */
	__atomic_fetch_or(&words[port], MASKED, __ATOMIC_SEQ_CST);
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(event_count[port], seen + 1);
	CHECK_EQ(words[port], PENDING | MASKED);
	CHECK_EQ(event_unmask(port), 0);
	CHECK_EQ(event_count[port], seen + 2);
	CHECK_EQ(words[port], 0);
	/* Held back: linked once, the queue is ready. */
	events_disable();
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(words[port], PENDING | LINKED);
	CHECK_EQ(control->ready, 1U << EVTCHN_FIFO_PRIORITY_DEFAULT);
	CHECK_EQ(control->head[EVTCHN_FIFO_PRIORITY_DEFAULT], port);
	CHECK_EQ(vcpu_info(0)->evtchn_upcall_pending, 1);
	events_enable();
	CHECK_EQ(event_count[port], seen + 3);
	events_disable();
	CHECK_EQ(event_close(port), 0);
}

/* First in, first out, within a priority; a better priority first. */
static void queues(void)
{
	long a = event_bind_ipi(0), b = event_bind_ipi(0), c = event_bind_ipi(0);

	CHECK_EQ(priority(a, EVTCHN_FIFO_PRIORITY_MIN), 0);
	CHECK_EQ(priority(c, EVTCHN_FIFO_PRIORITY_MAX), 0);
	CHECK_EQ(priority(a, 16), -EINVAL);
	CHECK_EQ(priority(a, -1), -EINVAL);
	CHECK_EQ(priority(0, 7), -EACCES);
	CHECK_EQ(priority(4000, 7), -EINVAL);
	CHECK_EQ(priority(1 << 20, 7), -EINVAL);
	words[a] = words[b] = words[c] = 0;
	events_disable();
	CHECK_EQ(event_send(a) | event_send(b) | event_send(c), 0);
	CHECK_EQ(control->ready, 1U << 15 | 1U << 7 | 1U << 0);
	ordered = 0;
	events_enable();
	CHECK_EQ(ordered, 3);
	CHECK_EQ(order[0], c);
	CHECK_EQ(order[1], b);
	CHECK_EQ(order[2], a);
	CHECK_EQ(priority(a, 7) | priority(c, 7), 0);
	events_disable();
	CHECK_EQ(event_send(c), 0);
	CHECK_EQ(event_send(a), 0);
	CHECK_EQ(event_send(b), 0);
	CHECK_EQ(words[c] & EVTCHN_FIFO_LINK_MASK, a);
	CHECK_EQ(words[a] & EVTCHN_FIFO_LINK_MASK, b);
	CHECK_EQ(words[b] & EVTCHN_FIFO_LINK_MASK, 0);
	ordered = 0;
	events_enable();
	CHECK_EQ(ordered, 3);
	CHECK_EQ(order[0], c);
	CHECK_EQ(order[1], a);
	CHECK_EQ(order[2], b);
	events_disable();
	CHECK_EQ(event_close(a) | event_close(b) | event_close(c), 0);
}

/* More ports than the two-level ABI has, in a second and a third... page. */
static void many(void)
{
	struct evtchn_reset reset = { .dom = DOMID_SELF };
	volatile event_word_t *page = NULL;
	long port = 0, i;

	for (i = 1; i < 5; i++) {
		page = page_alloc();
		CHECK_EQ(expand(virt_to_mfn(page)), 0);
	}
	while (port < 4 * (long)WORDS_A_PAGE + 8)
		if ((port = event_alloc_unbound(DOMID_SELF, 77)) <= 0)
			break;
	CHECK_EQ(port, 4 * WORDS_A_PAGE + 8);
	port = event_bind_ipi(0);
	CHECK_EQ(port, 4 * WORDS_A_PAGE + 9);
	events_disable();
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(page[9], PENDING | LINKED);
	CHECK_EQ(control->head[EVTCHN_FIFO_PRIORITY_DEFAULT], port);
	/* Reset goes back to two levels: no control block, no array. */
	CHECK_EQ(hv_event_channel_op(EVTCHNOP_reset, &reset), 0);
	event_scan = NULL;
	CHECK_EQ(expand(virt_to_mfn(page_alloc())), -EOPNOTSUPP);
	port = event_bind_ipi(0);
	/* A bit from before the switch to FIFO may still be there. */
	event_clear(port);
	events_enable();
	i = event_count[port];
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(event_count[port], i + 1);
}

int test_main(struct start_info *si)
{
	(void)si;
	control = page_alloc();
	before();
	switch_over();
	deliver();
	queues();
	many();
	return 0;
}
