/* SPDX-License-Identifier: GPL-2.0-only */
/* The flush clock; mm/tlb.h tells what it is for. */
#include "domain/domain.h"
#include "machine.h"
#include "mm/tlb.h"

u32 tlb_clock;
static u32 flushed_at[NR_CPUS];

void tlb_note_flush(unsigned int cpu)
{
	u32 t = __atomic_add_fetch(&tlb_clock, 1, __ATOMIC_SEQ_CST);

	WRITE_ONCE(flushed_at[cpu], t);
}

void tlb_flush_stale(struct domain *d, u32 stamp)
{
	cpumask_t cpus = READ_ONCE(d->dirty_cpus), stale = 0;

	while (cpus) {
		unsigned int cpu = __builtin_ctzll(cpus);

		cpus &= cpus - 1;
		/* Differences survive the wrap; doubt means a flush. */
		if ((s32)(READ_ONCE(flushed_at[cpu]) - stamp) <= 0)
			stale |= cpumask_of(cpu);
	}
	if (stale)
		flush_tlb_mask(stale);
}
