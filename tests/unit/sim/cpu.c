/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What mm/ needs of the CPU beyond machine.h. There is no page table that
 * anything runs on: roots and descriptor tables are kept, and not loaded.
 */
#include "cpu/guest_mode.h"
#include "domain/domain.h"
#include "mm/paging.h"
#include "sim/sim.h"

pte_t *idle_l4;
mfn_t idle_l4_mfn;
mfn_t max_mfn;

void vcpu_load_root(struct vcpu *v)
{
	v->cr3 = (v->kernel_mode ? v->kernel_l4 : v->user_l4) << PAGE_SHIFT;
	sim_count.flushes++;
}

int vcpu_set_ldt(struct vcpu *v, u64 base, unsigned int entries)
{
	v->ldt_base = base;
	v->ldt_entries = entries;
	return 0;
}

void flush_cache(bool all)
{
}
