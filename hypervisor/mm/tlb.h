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

struct frame;

extern u64 tlb_clock;

static inline u32 tlb_clock_now(void)
{
	return __atomic_load_n(&tlb_clock, __ATOMIC_RELAXED);
}

/*
 * The machine says: this CPU drops all its (guest) translations next. Said before
 * it does, so that nothing unmapped in between passes for flushed.
 */
void tlb_note_flush(unsigned int cpu);

/*
 * Flush the CPUs that have not flushed since stamp, and may have translations to
 * f: those that run its owner, or any if others have mapped it, too.
 */
void tlb_flush_frame(const struct frame *f, u32 stamp);

/* Flush all CPUs that may have translations to any of nr frames. */
void tlb_flush_frames(const u32 *mfns, unsigned int nr);

#endif
