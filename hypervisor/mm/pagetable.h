/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guests' page tables: validated when a frame becomes a table, kept valid entry
 * by entry. Enforces invariant 2: whatever CR3 can reach was validated, and an
 * entry never points at a frame that its domain may not map.
 *
 * All of it runs under the mmu lock of the domain that owns the tables, but for
 * tables_finish().
 *
 * A table that is only partly validated (the work was preempted, or is being
 * undone) has FRAME_PARTIAL, a reference and a type count of its own, and
 * frame.done says how many of its entries are counted. Whoever completes the
 * validation inherits the two.
 */
#ifndef MM_PAGETABLE_H
#define MM_PAGETABLE_H

#include "lib/types.h"
#include "mm/paging.h"

struct domain;
struct frame;
struct vcpu;

/* More work left: call again with the same arguments, later. */
#define ERESTART 85

static inline u64 table_type(unsigned int level)
{
	return (u64)level << 60;
}

/*
 * A reference on d's frame and a use of it as a table of that level, which
 * validates it when nobody does so already. 0, -EINVAL, -EBUSY, -ERESTART.
 */
int table_get(struct domain *d, struct frame *f, unsigned int level);

/*
 * Drop both. The last use undoes what validation counted, which may take longer
 * than one step: then it is left with the current VCPU (tables_unfinished).
 */
void table_put(struct domain *d, struct frame *f, unsigned int level);

/*
 * Whether this VCPU (current) has tables left to undo; go on with them, which
 * takes the mmu lock of their owner. 0 or -ERESTART. To be done before anything
 * else that may undo tables.
 */
static inline bool tables_unfinished(const struct vcpu *v);
int tables_finish(struct vcpu *v);

/*
 * A table that is only partly validated, and whose validation nobody will go on
 * with: undo it, as table_put() does. d's mmu lock is held.
 */
void table_abandon(struct domain *d, struct frame *f);

/*
 * Change entry e, in a validated table of d at a level. pg_owner is the domain
 * whose frames L1 entries may name (d itself unless it controls another).
 * preserve_ad keeps the accessed and dirty bits that the CPU sets.
 */
int entry_update(struct domain *d, struct domain *pg_owner, pte_t *e,
		 unsigned int level, pte_t new, bool preserve_ad);

/* As entry_update, for an L1 entry of d's own: the hottest path. */
int l1_update(struct domain *d, struct domain *pg_owner, pte_t *e, pte_t new,
	      bool preserve_ad);

/*
 * For grants: entries of L1 tables that map a frame which may be another
 * domain's. The entry holds what any other does, a reference and, when it is
 * writable, a use; whoever overwrites it drops those. The mmu lock of the table's
 * owner is held, and the caller holds the frame too, with a writable use if the
 * entry is writable, now and after the call.
 *
 * l1_grant_map: new is present; what p mapped goes. l1_grant_unmap: false unless p
 * maps mfn, writable or not as said; then p maps nothing, or what from maps, which
 * moves there. The caller flushes.
 */
void l1_grant_map(pte_t *p, pte_t new);
bool l1_grant_unmap(pte_t *p, mfn_t mfn, bool writable, pte_t *from);

/*
 * The L1 entry that maps va in the table l4, or NULL. The caller holds the mmu
 * lock; the tables are validated, so everything between is.
 */
pte_t *l1_lookup(mfn_t l4, u64 va);

#include "domain/domain.h"

static inline bool tables_unfinished(const struct vcpu *v)
{
	return v->mm_unfinished[0] || v->mm_unfinished[1] ||
	       v->mm_unfinished[2];
}

#endif
