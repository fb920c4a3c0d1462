/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writable page tables: a guest kernel may simply store to an L1 table that it
 * has mapped read-only. The store faults; we decode it, and do it as the update
 * of an entry that it is.
 *
 * Stores to page-table entries have few forms: mov of a register or immediate,
 * and the locked read-modify-write instructions. Those are understood here; any
 * other, the guest sees as the page fault it is.
 */
#include <xen/errno.h>

#include "cpu/regs.h"
#include "cpu/traps.h"
#include "cpu/writable_insn.h"
#include "domain/domain.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/frame.h"
#include "mm/pagetable.h"

/* The frame of the L1 table that va maps read-only, or 0. mmu lock held. */
static mfn_t target_table(struct vcpu *v, u64 va)
{
	pte_t *e = l1_lookup(v->kernel_l4, va);
	mfn_t mfn;

	if (!e || (*e & (PTE_PRESENT | PTE_RW)) != PTE_PRESENT)
		return 0;
	mfn = pte_mfn(*e);
	if (!mfn_valid(mfn) || mfn_to_frame(mfn)->owner != v->domain->id ||
	    !frame_has_type(mfn_to_frame(mfn), FRAME_L1))
		return 0;
	return mfn;
}

bool writable_pt_fault(struct vcpu *v, u64 va, u32 error)
{
	struct domain *d = v->domain;
	struct write_insn insn;
	bool done = false;
	mfn_t mfn;

	if (error & (PF_RESERVED | PF_FETCH))
		return false;
	spin_lock(&d->mmu_lock);
	mfn = target_table(v, va);
	if (mfn && write_insn_decode(v, &insn) &&
	    (va & 7) + insn.bytes <= sizeof(pte_t)) {
		pte_t *p = map_frame(mfn) + (va & ~PAGE_MASK & ~7ul);
		unsigned int shift = (va & 7) * 8;
		u64 mask = insn.bytes == 8 ?
				   ~0ull :
				   ((1ull << (insn.bytes * 8)) - 1) << shift;
		pte_t old = READ_ONCE(*p), new;
		u64 result;

		result = write_insn_compute(v, &insn, (old & mask) >> shift);
		new = (old & ~mask) | ((result << shift) & mask);
		if (!insn.stores || l1_update(d, d, p, new, false) == 0) {
			write_insn_commit(v, &insn, (old & mask) >> shift);
			done = true;
		}
	}
	spin_unlock(&d->mmu_lock);
	return done;
}
