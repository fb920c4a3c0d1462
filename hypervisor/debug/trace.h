/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace buffers, in builds with trace=y: events with time stamps for xentrace.
 * <xen/trace.h> has the layout and the events. Without trace=y TRACE() is nothing;
 * with it, while nobody traces, a test of a variable.
 */
#ifndef DEBUG_TRACE_H
#define DEBUG_TRACE_H

#include <xen/errno.h>
#include <xen/trace.h>

#include "lib/types.h"

struct xen_sysctl_tbuf_op;

#ifdef CONFIG_TRACE

extern bool trace_on;

/* Any context but an NMI: takes no lock. At most TRACE_EXTRA_MAX words. */
void trace_record(u32 event, unsigned int nr_words, const u32 *words);

/* An event and its words of data. */
#define TRACE(event, ...)                                                \
	do {                                                             \
		if (unlikely(READ_ONCE(trace_on))) {                     \
			const u32 _words[] = { __VA_ARGS__ };            \
			trace_record(event, ARRAY_SIZE(_words), _words); \
		}                                                        \
	} while (0)

/* Boot, when all CPUs are there: buffers, if tbuf_size= asks for them. */
void trace_init(void);

/* SOFTIRQ_TRACE: a buffer is half full, whoever reads it shall hear. */
void trace_softirq(void);

/* sysctl tbuf_op: 0, -EINVAL, -EBUSY, -ENOMEM, -EFAULT; -ENOSYS in other builds. */
long trace_control(struct xen_sysctl_tbuf_op *op);

#else

#define TRACE(event, ...) ((void)0)

static inline void trace_init(void)
{
}

static inline void trace_softirq(void)
{
}

static inline long trace_control(struct xen_sysctl_tbuf_op *op)
{
	return -XEN_ENOSYS;
}

#endif

/* A 64-bit value as two words of data. */
#define TRACE_64(x) (u32)(x), (u32)((u64)(x) >> 32)

#endif
