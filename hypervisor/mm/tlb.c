/* SPDX-License-Identifier: GPL-2.0-only */
/* The flush clock; mm/tlb.h tells what it is for. */
#include "domain/domain.h"
#include "machine.h"
#include "mm/frame.h"
#include "mm/tlb.h"

u64 tlb_clock;
static u64 flushed_at[NR_CPUS];

void tlb_note_flush(unsigned int cpu)
{
	u64 t = __atomic_add_fetch(&tlb_clock, 1, __ATOMIC_SEQ_CST);

	WRITE_ONCE(flushed_at[cpu], t);
}

/*
 * The latest time that a frame's short stamp can mean. A guest can make the clock
 * tick as often as it likes, so a stamp must never look younger than it is by
 * more than a needless flush.
 */
static u64 stamp_time(u32 stamp)
{
	u64 t = __atomic_load_n(&tlb_clock, __ATOMIC_SEQ_CST);

	return t - (u32)((u32)t - stamp);
}

/* The CPUs that may have translations to it. */
static cpumask_t frame_cpus(const struct frame *f)
{
	const struct domain *d = domain_by_id(f->owner);

	if (unlikely(READ_ONCE(f->ref) & FRAME_FOREIGN))
		return ~0ull;
	return d ? READ_ONCE(d->dirty_cpus) : 0;
}

void tlb_flush_frame(const struct frame *f, u32 stamp)
{
	u64 since = stamp_time(stamp);
	cpumask_t stale = 0;

	for (cpumask_t cpus = frame_cpus(f); cpus; cpus &= cpus - 1) {
		unsigned int cpu = __builtin_ctzll(cpus);

		if (READ_ONCE(flushed_at[cpu]) <= since)
			stale |= cpumask_of(cpu);
	}
	if (stale)
		flush_tlb_mask(stale);
}

void tlb_flush_frames(const u32 *mfns, unsigned int nr)
{
	cpumask_t cpus = 0;

	for (unsigned int i = 0; i < nr; i++)
		cpus |= frame_cpus(mfn_to_frame(mfns[i]));
	flush_tlb_mask(cpus);
}
