/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writable page tables: a guest kernel may simply store to an L1 table that it
 * has mapped read-only. The store faults; we decode it, and do it as the update
 * of an entry that it is.
 *
 * Stores to page-table entries have few forms: mov of a register or immediate,
 * and the locked read-modify-write instructions. Those are understood here; any
 * other, the guest sees as the page fault it is.
 *
 * A store to device memory that domain 0 gets read-only (mm/iomem.h) arrives here,
 * too.
 */
#include <xen/errno.h>

#include "cpu/regs.h"
#include "cpu/traps.h"
#include "cpu/writable_insn.h"
#include "domain/domain.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/frame.h"
#include "mm/iomem.h"
#include "mm/pagetable.h"

/* The entry that maps va read-only, or NULL. mmu lock held. */
static const pte_t *readonly_entry(struct vcpu *v, u64 va)
{
	const pte_t *e = l1_lookup(v->kernel_l4, va);

	return e && (*e & (PTE_PRESENT | PTE_RW)) == PTE_PRESENT ? e : NULL;
}

static bool is_table(const struct domain *d, mfn_t mfn)
{
	return mfn_valid(mfn) && mfn_to_frame(mfn)->owner == d->id &&
	       frame_has_type(mfn_to_frame(mfn), FRAME_L1);
}

static bool is_readonly_device(mfn_t mfn)
{
	return (!mfn_valid(mfn) || mfn_to_frame(mfn)->owner == DOMID_IO) &&
	       iomem_is_readonly(mfn);
}

/* As on Xen: what plainly stores is taken, and goes nowhere. */
static bool store_nowhere(struct vcpu *v)
{
	struct write_insn insn;

	if (!write_insn_decode(v, &insn) || insn.op != WRITE_MOV)
		return false;
	write_insn_commit(v, &insn, 0);
	return true;
}

static bool store_entry(struct vcpu *v, mfn_t mfn, u64 va)
{
	struct domain *d = v->domain;
	pte_t *p = map_frame(mfn) + (va & ~PAGE_MASK & ~7ul);
	unsigned int shift = (va & 7) * 8;
	struct write_insn insn;
	u64 mask, result;
	pte_t old, new;

	if (!write_insn_decode(v, &insn) || (va & 7) + insn.bytes > sizeof(pte_t))
		return false;
	mask = insn.bytes == 8 ? ~0ull : ((1ull << (insn.bytes * 8)) - 1) << shift;
	old = READ_ONCE(*p);
	result = write_insn_compute(v, &insn, (old & mask) >> shift);
	new = (old & ~mask) | ((result << shift) & mask);
	if (insn.stores && l1_update(d, d, p, new, false) != 0)
		return false;
	write_insn_commit(v, &insn, (old & mask) >> shift);
	return true;
}

bool writable_pt_fault(struct vcpu *v, u64 va, u32 error)
{
	struct domain *d = v->domain;
	const pte_t *e;
	bool done = false;

	if (error & (PF_RESERVED | PF_FETCH))
		return false;
	spin_lock(&d->mmu_lock);
	e = readonly_entry(v, va);
	if (e && is_table(d, pte_mfn(*e)))
		done = store_entry(v, pte_mfn(*e), va);
	else if (e && is_readonly_device(pte_mfn(*e)))
		done = store_nowhere(v);
	spin_unlock(&d->mmu_lock);
	return done;
}
