/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which TLBs may still hold a translation from before a frame changed its use.
 * A clock ticks at each full flush anywhere. A frame notes the clock when its
 * last typed use goes; each CPU notes it when it flushes. A CPU whose note is
 * newer than the frame's cannot hold anything old.
 */
#ifndef MM_TLB_H
#define MM_TLB_H

#include "lib/types.h"

struct domain;

extern u32 tlb_clock;

static inline u32 tlb_clock_now(void)
{
	return __atomic_load_n(&tlb_clock, __ATOMIC_RELAXED);
}

/* The machine says: this CPU has just dropped all its (guest) translations. */
void tlb_note_flush(unsigned int cpu);

/* Flush the CPUs that run d and have not flushed since stamp. */
void tlb_flush_stale(struct domain *d, u32 stamp);

#endif
