/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace buffers. Each CPU writes records to a ring of its own in memory that
 * domain 0 maps, and domain 0 says how far it has read; so nobody waits for
 * anybody. What finds no room is counted, and the count becomes a record when
 * there is room again. A record never crosses the ring's end: one that says
 * nothing fills the rest.
 *
 * Of what domain 0 can write we read its counter alone, once, and believe nothing
 * of it. Buffers are made once and stay.
 */
#ifdef CONFIG_TRACE

#include <xen/sysctl.h>

#include "boot/cmdline.h"
#include "debug/trace.h"
#include "domain/domain.h"
#include "event/event.h"
#include "hypercall/bitmap.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/frame.h"
#include "sched/sched.h"

#define MAX_BUFFER_FRAMES 4096 /* a CPU */
#define WORD sizeof(u32)
#define HEADER (3 * WORD) /* event and time stamp */
#define MAX_RECORD (HEADER + TRACE_EXTRA_MAX * WORD)
#define LOST_WORDS 4

struct trace_cpu {
	struct t_buf *buf; /* NULL: none */
	char *records;
	u32 prod;	/* ours; the buffer has a copy */
	u32 lost;	/* records, since the last that found room */
	u64 lost_since; /* TSC of the first of them */
	bool told;	/* that it is half full */
};

bool trace_on;

/* Frames for each CPU, to trace from boot on; 0: when tools ask for it. */
static unsigned int opt_tbuf_size;
PARAM_UINT("tbuf_size", opt_tbuf_size);

static struct trace_cpu trace_cpus[NR_CPUS];
static u32 ring_bytes;
static u32 event_mask = TRC_ALL;
static cpumask_t cpu_mask = ~0ull;

static struct t_info *info;
static unsigned int info_order;
static u32 buffer_frames; /* 0: no buffers yet */
/* Making buffers is for one CPU at a time. */
static struct spinlock control_lock = SPINLOCK_INIT;

/* Writing. */

/* Of the classes and of the subclasses in an event, one each must be wanted. */
static bool wanted(u32 event)
{
	u32 both = event & READ_ONCE(event_mask);

	return both >> TRC_CLS_SHIFT && (both >> TRC_SUBCLS_SHIFT & 0xf) &&
	       (READ_ONCE(cpu_mask) & cpumask_of(this_cpu_id()));
}

/* Bytes that wait to be read; what makes no sense counts as full. */
static u32 bytes_waiting(const struct trace_cpu *c)
{
	u32 cons = READ_ONCE(c->buf->cons), n;

	if (cons >= 2 * ring_bytes)
		return ring_bytes;
	n = c->prod >= cons ? c->prod - cons : c->prod + 2 * ring_bytes - cons;
	return min(n, ring_bytes);
}

static u32 bytes_to_end(const struct trace_cpu *c)
{
	return ring_bytes - c->prod % ring_bytes;
}

/* With what fills up to the end, if that is needed. */
static u32 bytes_needed(u32 to_end, u32 bytes)
{
	return bytes <= to_end ? bytes : to_end + bytes;
}

static void advance(struct trace_cpu *c, u32 bytes)
{
	c->prod = (c->prod + bytes) % (2 * ring_bytes);
}

/* A record that fits where it goes. */
static void put(struct trace_cpu *c, u32 event, u64 tsc, unsigned int nr_words, const u32 *words)
{
	u32 *at = (u32 *)(c->records + c->prod % ring_bytes);

	at[0] = event | nr_words << TRACE_EXTRA_SHIFT | (u32)TRC_HD_CYCLE_FLAG;
	at[1] = tsc;
	at[2] = tsc >> 32;
	memcpy(at + 3, words, nr_words * WORD);
	advance(c, HEADER + nr_words * WORD);
}

/* A filler is at most as long as the longest record; a short one has no time. */
static void fill_to_end(struct trace_cpu *c)
{
	u32 *at = (u32 *)(c->records + c->prod % ring_bytes);
	u32 bytes = bytes_to_end(c), words = bytes / WORD - 1;
	bool timed = words > TRACE_EXTRA_MAX;

	memset(at, 0, bytes);
	at[0] = TRC_TRACE_WRAP_BUFFER | (timed ? words - 2 : words) << TRACE_EXTRA_SHIFT;
	if (timed)
		at[0] |= (u32)TRC_HD_CYCLE_FLAG;
	advance(c, bytes);
}

static void put_wrapped(struct trace_cpu *c, u32 event, u64 tsc, unsigned int nr_words,
			const u32 *words)
{
	if (HEADER + nr_words * WORD > bytes_to_end(c))
		fill_to_end(c);
	put(c, event, tsc, nr_words, words);
}

static void put_lost(struct trace_cpu *c, u64 tsc)
{
	const u32 words[LOST_WORDS] = { c->lost, current->domain->id | current->id << 16,
					TRACE_64(c->lost_since) };

	put_wrapped(c, TRC_LOST_RECORDS, tsc, LOST_WORDS, words);
	c->lost = 0;
}

void trace_record(u32 event, unsigned int nr_words, const u32 *words)
{
	struct trace_cpu *c = &trace_cpus[this_cpu_id()];
	u32 bytes = HEADER + nr_words * WORD, waiting, needed = 0;
	u64 tsc;

	if (!c->buf || !wanted(event))
		return;
	tsc = machine_cycles();
	waiting = bytes_waiting(c);
	/* The worst case of the two together: both may have to be wrapped. */
	if (c->lost)
		needed = bytes_needed(bytes_to_end(c), HEADER + LOST_WORDS * WORD) + MAX_RECORD;
	needed += bytes_needed(bytes_to_end(c), bytes);
	if (ring_bytes - waiting < needed) {
		if (c->lost++ == 0)
			c->lost_since = tsc;
		return;
	}
	if (c->lost)
		put_lost(c, tsc);
	put_wrapped(c, event, tsc, nr_words, words);
	/* The records before the counter. */
	__atomic_store_n(&c->buf->prod, c->prod, __ATOMIC_RELEASE);

	waiting = bytes_waiting(c);
	if (waiting < ring_bytes / 2) {
		c->told = false;
	} else if (!c->told) {
		c->told = true;
		cpu_raise_softirq(this_cpu_id(), SOFTIRQ_TRACE);
	}
}

void trace_softirq(void)
{
	event_send_global_virq(VIRQ_TBUF);
}

/* Buffers. */

static unsigned int order_of(u32 frames)
{
	return frames <= 1 ? 0 : 32 - __builtin_clz(frames - 1);
}

static void buffers_free(u32 frames)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		struct trace_cpu *c = &trace_cpus[cpu];

		if (c->buf)
			frames_free(mfn_to_frame(virt_to_mfn(c->buf)), order_of(frames));
		*c = (struct trace_cpu){ 0 };
	}
	if (info)
		frames_free(mfn_to_frame(virt_to_mfn(info)), info_order);
	info = NULL;
}

/* mfn_offset[] first, a 4-byte word apart; then the frames, a CPU's together. */
static bool buffers_alloc(u32 frames)
{
	u32 word = (sizeof(struct t_info) + NR_CPUS * sizeof(u16) + WORD - 1) / WORD;
	u32 per_cpu = frames, nr_cpus = 0;
	struct frame *f;

	for (cpumask_t m = sched_cpus(); m; m &= m - 1)
		nr_cpus++;
	info_order = order_of(DIV_ROUND_UP((word + nr_cpus * per_cpu) * WORD, PAGE_SIZE));
	f = frames_alloc(info_order, 0);
	if (!f)
		return false;
	info = frame_to_virt(f);
	info->tbuf_size = frames;
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		u32 *list = (u32 *)info + word;

		if (!(sched_cpus() & cpumask_of(cpu)))
			continue;
		f = frames_alloc(order_of(frames), 0);
		if (!f)
			return false;
		trace_cpus[cpu].buf = frame_to_virt(f);
		trace_cpus[cpu].records = (char *)(trace_cpus[cpu].buf + 1);
		info->mfn_offset[cpu] = word;
		for (u32 i = 0; i < frames; i++)
			list[i] = frame_to_mfn(f) + i;
		word += frames;
	}
	return true;
}

/* They are there for good now: domain 0 may map them. */
static void buffers_show(u32 frames)
{
	for (u32 i = 0; i < 1u << info_order; i++)
		frame_show(mfn_to_frame(virt_to_mfn(info) + i), false);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		for (u32 i = 0; trace_cpus[cpu].buf && i < frames; i++)
			frame_show(mfn_to_frame(virt_to_mfn(trace_cpus[cpu].buf) + i), true);
}

static long set_size(u32 frames)
{
	/* Offsets in t_info are 16 bits, of words. */
	u32 nr_cpus = 64 - __builtin_clzll(sched_cpus() | 1);

	if (frames == 0 || (buffer_frames && frames != buffer_frames))
		return -XEN_EINVAL;
	if (buffer_frames)
		return -XEN_EBUSY;
	if (frames > MAX_BUFFER_FRAMES || frames * nr_cpus + NR_CPUS > UINT16_MAX)
		return -XEN_EINVAL;
	if (!buffers_alloc(frames)) {
		buffers_free(frames);
		return -XEN_ENOMEM;
	}
	buffers_show(frames);
	ring_bytes = frames * PAGE_SIZE - sizeof(struct t_buf);
	buffer_frames = frames;
	return 0;
}

static long enable(void)
{
	if (!buffer_frames)
		return -XEN_EINVAL;
	__atomic_store_n(&trace_on, true, __ATOMIC_RELEASE);
	return 0;
}

static long get_info(struct xen_sysctl_tbuf_op *op)
{
	op->evt_mask = event_mask;
	op->buffer_mfn = buffer_frames ? virt_to_mfn(info) : 0;
	op->size = buffer_frames ? PAGE_SIZE << info_order : 0;
	return 0;
}

static long control(struct xen_sysctl_tbuf_op *op)
{
	switch (op->cmd) {
	case XEN_SYSCTL_TBUFOP_get_info:
		return get_info(op);
	case XEN_SYSCTL_TBUFOP_set_cpu_mask:
		return cpumask_from_guest(&cpu_mask, &op->cpu_mask);
	case XEN_SYSCTL_TBUFOP_set_evt_mask:
		event_mask = op->evt_mask;
		return 0;
	case XEN_SYSCTL_TBUFOP_set_size:
		return set_size(op->size);
	case XEN_SYSCTL_TBUFOP_enable:
		return enable();
	case XEN_SYSCTL_TBUFOP_disable:
		trace_on = false;
		return 0;
	default:
		return -XEN_EINVAL;
	}
}

void trace_init(void)
{
	if (opt_tbuf_size == 0)
		return;
	if (set_size(opt_tbuf_size) || enable())
		log_warning("tbuf_size=%u: no trace buffers; at most %u frames a CPU, if there is "
			    "memory for them",
			    opt_tbuf_size, MAX_BUFFER_FRAMES);
}

long trace_control(struct xen_sysctl_tbuf_op *op)
{
	long rc;

	spin_lock(&control_lock);
	rc = control(op);
	spin_unlock(&control_lock);
	return rc;
}

#endif
