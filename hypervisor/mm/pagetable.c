/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Validation of page tables. Read mm/frame.h and mm/pagetable.h first.
 *
 * entry_get/entry_put count what one entry means: an L1 entry holds a reference
 * on the frame it maps, and a writable use when it maps it so; a higher entry
 * holds a use of the table below. table_get/table_put do so for a whole table,
 * and so recurse, four levels at most.
 */
#include <xen/errno.h>

#include "cpu/layout.h"
#include "domain/domain.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/frame.h"
#include "mm/iomem.h"
#include "mm/pagetable.h"

/* What a guest may set in an entry. The CPU's own use of U is forced. */
#define ENTRY_ALLOWED                                                     \
	(PTE_PRESENT | PTE_RW | PTE_USER | PTE_ACCESSED | PTE_DIRTY |     \
	 PTE_AVAIL | PTE_NX | PTE_MFN_MASK)
#define L1_ALLOWED (ENTRY_ALLOWED | PTE_GLOBAL | PTE_AVAIL_HIGH)
#define CACHE_BITS (PTE_PWT | PTE_PCD | PTE_PSE /* PAT in L1 */)

/*
 * The entry as the CPU shall see it. Guest kernels run in ring 3 as their user
 * programs do, so every page of theirs is a user page; and global translations
 * would outlive the switch to another guest.
 */
static inline pte_t adjust(pte_t e)
{
	return (e | PTE_USER) & ~PTE_GLOBAL;
}

/* *e maps what is not RAM: less of it may be granted than it asks for. */
static int l1_get_iomem(struct domain *d, pte_t *e)
{
	mfn_t mfn = pte_mfn(*e);

	if (!iomem_permitted(d, mfn, mfn))
		return -XEN_EPERM;
	if ((*e & PTE_RW) && iomem_is_readonly(mfn))
		*e &= ~PTE_RW;
	return 0;
}

/* *entry is present, and may be mapped: take what it will hold. */
static int l1_get(struct domain *d, struct domain *pg_owner, pte_t *entry)
{
	pte_t e = *entry;
	mfn_t mfn = pte_mfn(e);
	struct frame *f;

	if (unlikely(e & ~L1_ALLOWED) &&
	    ((e & ~(L1_ALLOWED | CACHE_BITS)) || !iomem_has_any(d)))
		return -XEN_EINVAL;
	if (unlikely(!mfn_valid(mfn)))
		return l1_get_iomem(d, entry);
	f = mfn_to_frame(mfn);
	if (unlikely(!frame_get(f, pg_owner->id))) {
		if (f->owner == DOMID_IO)
			return l1_get_iomem(d, entry);
		/* Ours to be seen: the machine-to-physical table, trace buffers. */
		if (f->owner == DOMID_XEN && pg_owner->id == DOMID_XEN &&
		    d->is_privileged &&
		    (!(e & PTE_RW) || (READ_ONCE(f->ref) & FRAME_SHARED)))
			return 0;
		return -XEN_EBUSY;
	}
	if (unlikely(pg_owner != d))
		__atomic_or_fetch(&f->ref, FRAME_FOREIGN, __ATOMIC_RELAXED);
	if (e & PTE_RW) {
		int rc = frame_get_type(f, FRAME_WRITABLE);

		if (unlikely(rc)) {
			frame_put(f);
			return rc;
		}
	}
	return 0;
}

static inline void l1_put(pte_t e)
{
	mfn_t mfn = pte_mfn(e);
	struct frame *f;

	if (unlikely(!mfn_valid(mfn)))
		return;
	f = mfn_to_frame(mfn);
	/* Not counted: device memory, and what is ours. */
	if (unlikely(f->owner >= DOMID_FIRST_RESERVED))
		return;
	if (e & PTE_RW)
		frame_put_type(f);
	frame_put(f);
}

/*
 * l1_get() for the ordinary case, a reference on a frame of d's own for a
 * read-only entry with nothing unusual in it; false: take the long way.
 */
static inline bool l1_get_simple(const struct domain *d, pte_t e)
{
	mfn_t mfn = pte_mfn(e);

	if (unlikely(e & (~L1_ALLOWED | PTE_RW)) || unlikely(!mfn_valid(mfn)))
		return false;
	return frame_get(mfn_to_frame(mfn), d->id);
}

static inline bool is_hypervisor_slot(unsigned int level, unsigned int i)
{
	_Static_assert(L4_SLOT_FIRST % 16 == 0 &&
		       L4_SLOT_LAST == L4_SLOT_FIRST + 15, "");
	return level == 4 && (i & ~15u) == L4_SLOT_FIRST;
}

/* An entry of a higher level. */
static int entry_get(struct domain *d, pte_t e, unsigned int level)
{
	if (unlikely(e & ~ENTRY_ALLOWED) || !mfn_valid(pte_mfn(e)))
		return -XEN_EINVAL;
	return table_get(d, mfn_to_frame(pte_mfn(e)), level - 1);
}

static void entry_put(struct domain *d, pte_t e, unsigned int level)
{
	table_put(d, mfn_to_frame(pte_mfn(e)), level - 1);
}

/* Remember a table that is being undone, to go on with it later. */
static void unfinished_add(struct vcpu *v, struct frame *f, unsigned int level)
{
	struct frame **slot = &v->mm_unfinished[level - 2];

	ASSERT(*slot == NULL || *slot == f);
	if (*slot == NULL) {
		frame_get_again(f);
		*slot = f;
	}
}

static bool unfinished_below(const struct vcpu *v, unsigned int level)
{
	while (level-- > 2)
		if (v->mm_unfinished[level - 2])
			return true;
	return false;
}

/*
 * Most entries of most tables are empty. After one that is: how many more the
 * loop may pass by, up or down, since its whole group of eight is.
 */
#define GROUP 8

static inline unsigned int empty_after(const pte_t *p)
{
	if ((u64)p % (GROUP * sizeof(*p)) ||
	    ((p[1] | p[2] | p[3] | p[4] | p[5] | p[6] | p[7]) & PTE_PRESENT))
		return 0;
	return GROUP - 1;
}

static inline unsigned int empty_before(const pte_t *p)
{
	p -= GROUP - 1;
	if ((u64)p % (GROUP * sizeof(*p)) ||
	    ((p[0] | p[1] | p[2] | p[3] | p[4] | p[5] | p[6]) & PTE_PRESENT))
		return 0;
	return GROUP - 1;
}

/* An L1 table's entries are many, and done at one go. */
static void l1_undo(struct frame *f)
{
	pte_t *table = frame_to_virt(f);

	for (pte_t *p = table + f->done; p-- > table;) {
		pte_t e = *p;

		if (e & PTE_PRESENT)
			l1_put(e);
		else
			p -= empty_before(p);
	}
	f->done = 0;
}

static int l1_validate(struct domain *d, struct frame *f)
{
	pte_t *table = frame_to_virt(f);

	for (pte_t *p = table + f->done; p < table + PTES; p++) {
		pte_t e = *p;

		if (!(e & PTE_PRESENT)) {
			p += empty_after(p);
			continue;
		}
		if (unlikely(!l1_get_simple(d, e))) {
			pte_t granted = e;
			int rc = l1_get(d, d, &granted);

			if (unlikely(rc)) {
				f->done = p - table;
				return rc;
			}
			if (granted != e)
				*p = e = granted;
		}
		if (unlikely(adjust(e) != e))
			*p = adjust(e);
	}
	f->done = PTES;
	return 0;
}

/*
 * Uncount entries from the last counted one down. When the work is preempted the
 * table stays as it is and is noted with the current VCPU: an entry below that
 * was preempted has been uncounted, and its table noted at its own level.
 */
static int table_undo(struct domain *d, struct frame *f, unsigned int level)
{
	pte_t *table = frame_to_virt(f);

	ASSERT(f->type & FRAME_UNDO);
	if (level == 1)
		l1_undo(f);
	/* Validation may have failed below, and left work there. */
	if (f->done && unfinished_below(current, level)) {
		unfinished_add(current, f, level);
		return -ERESTART;
	}
	for (unsigned int i = f->done; i-- > 0;) {
		pte_t e = table[i];

		if (!(e & PTE_PRESENT)) {
			i -= empty_before(&table[i]);
			continue;
		}
		if (is_hypervisor_slot(level, i))
			continue;
		f->done = i;
		entry_put(d, e, level);
		if (unfinished_below(current, level) || preempt_check()) {
			unfinished_add(current, f, level);
			return -ERESTART;
		}
	}
	f->done = 0;
	if (level == 4)
		memset(&table[L4_SLOT_FIRST], 0,
		       (L4_SLOT_LAST - L4_SLOT_FIRST + 1) * sizeof(pte_t));
	__atomic_and_fetch(&f->type, ~(FRAME_PARTIAL | FRAME_UNDO),
			   __ATOMIC_RELEASE);
	frame_put_type(f);
	frame_put(f);
	return 0;
}

/* Count entries from the first uncounted one up. */
static int table_validate(struct domain *d, struct frame *f, unsigned int level)
{
	pte_t *table = frame_to_virt(f);

	if (level == 1)
		return l1_validate(d, f);
	for (unsigned int i = f->done; i < PTES; i++) {
		pte_t e = table[i];
		int rc;

		if (!(e & PTE_PRESENT)) {
			i += empty_after(&table[i]);
			continue;
		}
		if (is_hypervisor_slot(level, i))
			continue;
		rc = entry_get(d, e, level);
		if (unlikely(rc)) {
			f->done = i;
			return rc;
		}
		if (adjust(e) != e)
			table[i] = adjust(e);
		if (preempt_check()) {
			f->done = i + 1;
			return -ERESTART;
		}
	}
	f->done = PTES;
	if (level == 4) {
		memcpy(&table[L4_SLOT_FIRST], &idle_l4[L4_SLOT_FIRST],
		       (L4_SLOT_LAST - L4_SLOT_FIRST + 1) * sizeof(pte_t));
		table[pt_index(DESCRIPTORS_VIRT, 4)] =
			pte_make(d->descriptor_l3,
				 PTE_PRESENT | PTE_RW | PTE_ACCESSED);
	}
	return 0;
}

int table_get(struct domain *d, struct frame *f, unsigned int level)
{
	u64 type = table_type(level);
	u64 x;
	int rc;

	if (unlikely(d->is_dying || !frame_get(f, d->id)))
		return -XEN_EINVAL;
again:
	x = READ_ONCE(f->type);
	if (x & FRAME_PARTIAL) {
		if (x & FRAME_UNDO) {
			unsigned int l = (x & FRAME_TYPE_MASK) >>
					 FRAME_TYPE_SHIFT;

			rc = table_undo(d, f, l);
			if (rc == 0)
				goto again;
			frame_put(f);
			return rc;
		}
		if ((x & FRAME_TYPE_MASK) != type) {
			frame_put(f);
			return -XEN_EINVAL;
		}
		/* Go on where it stopped, with its count and reference. */
		frame_put(f);
	} else if ((x & FRAME_TYPE_COUNT) == 0) {
		rc = frame_change_type(f, type);
		if (rc) {
			frame_put(f);
			return rc;
		}
		f->done = 0;
	} else {
		if (likely(frame_get_type(f, type) == 0))
			return 0;
		frame_put(f);
		return -XEN_EINVAL;
	}

	rc = table_validate(d, f, level);
	if (rc == 0) {
		__atomic_and_fetch(&f->type, ~FRAME_PARTIAL, __ATOMIC_RELAXED);
		__atomic_or_fetch(&f->type, FRAME_VALIDATED, __ATOMIC_RELEASE);
	} else if (rc == -ERESTART) {
		__atomic_or_fetch(&f->type, FRAME_PARTIAL, __ATOMIC_RELAXED);
	} else {
		__atomic_or_fetch(&f->type, FRAME_PARTIAL | FRAME_UNDO,
				  __ATOMIC_RELAXED);
		table_undo(d, f, level);
	}
	return rc;
}

void table_put(struct domain *d, struct frame *f, unsigned int level)
{
	if ((READ_ONCE(f->type) & FRAME_TYPE_COUNT) > 1) {
		/* Only under the mmu lock does the count of a table fall. */
		frame_put_type(f);
		frame_put(f);
		return;
	}
	ASSERT(f->type & FRAME_VALIDATED);
	__atomic_and_fetch(&f->type, ~FRAME_VALIDATED, __ATOMIC_RELAXED);
	__atomic_or_fetch(&f->type, FRAME_PARTIAL | FRAME_UNDO,
			  __ATOMIC_RELEASE);
	f->done = PTES;
	table_undo(d, f, level);
}

void table_abandon(struct domain *d, struct frame *f)
{
	if (!(READ_ONCE(f->type) & FRAME_PARTIAL))
		return;
	__atomic_or_fetch(&f->type, FRAME_UNDO, __ATOMIC_RELAXED);
	table_undo(d, f, (f->type & FRAME_TYPE_MASK) >> FRAME_TYPE_SHIFT);
}

int tables_finish(struct vcpu *v)
{
	/* From the bottom up: what is noted above waits for it. */
	for (unsigned int level = 2; level <= 4; level++) {
		const u64 undoing = table_type(level) | FRAME_UNDO;
		struct frame *f = v->mm_unfinished[level - 2];
		struct domain *d;
		int rc = 0;

		if (!f)
			continue;
		/* Our reference on the frame keeps its owner. */
		d = domain_by_id(f->owner);
		v->mm_unfinished[level - 2] = NULL;
		spin_lock(&d->mmu_lock);
		/*
		 * Somebody may have gone on with it, or finished, meanwhile; it
		 * may even be undone as another table, which is noted with them.
		 */
		if ((READ_ONCE(f->type) & (FRAME_TYPE_MASK | FRAME_UNDO)) ==
		    undoing)
			rc = table_undo(d, f, level);
		spin_unlock(&d->mmu_lock);
		frame_put(f);
		if (rc)
			return rc;
	}
	return 0;
}

/* How a present entry changes, as far as counts go. */
enum l1_change {
	L1_SAME,    /* nothing that is counted */
	L1_PROTECT, /* the same frame, writable no more: as fork does it */
	L1_OTHER,
};

static inline enum l1_change l1_compare(pte_t old, pte_t new)
{
	const pte_t what = PTE_MFN_MASK | PTE_PRESENT | PTE_RW | CACHE_BITS;
	pte_t change = (old ^ new) & what;

	if (new & ~L1_ALLOWED)
		return L1_OTHER;
	if (change == 0)
		return L1_SAME;
	if (change == PTE_RW && (old & PTE_RW) && mfn_valid(pte_mfn(old)) &&
	    mfn_to_frame(pte_mfn(old))->owner < DOMID_FIRST_RESERVED)
		return L1_PROTECT;
	return L1_OTHER;
}

static inline void l1_write(pte_t *p, pte_t old, pte_t new, bool preserve_ad)
{
	const pte_t ad = PTE_ACCESSED | PTE_DIRTY;

	new = adjust(new);
	if (likely(!preserve_ad)) {
		WRITE_ONCE(*p, new);
		return;
	}
	/* Nobody but the CPU writes to it, and that sets each of the two once. */
	while (!__atomic_compare_exchange_n(p, &old, new | (old & ad), false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

int l1_update(struct domain *d, struct domain *pg_owner, pte_t *p, pte_t new,
	      bool preserve_ad)
{
	pte_t old = READ_ONCE(*p);

	if (!(new & PTE_PRESENT)) {
		WRITE_ONCE(*p, new);
		if (old & PTE_PRESENT)
			l1_put(old);
		return 0;
	}
	switch (l1_compare(old, new)) {
	case L1_SAME:
		l1_write(p, old, new, preserve_ad);
		return 0;
	case L1_PROTECT:
		l1_write(p, old, new, preserve_ad);
		frame_put_type(mfn_to_frame(pte_mfn(old)));
		return 0;
	case L1_OTHER:
		break;
	}
	if (pg_owner != d || !l1_get_simple(d, new)) {
		pte_t granted = new;
		int rc = l1_get(d, pg_owner, &granted);

		if (unlikely(rc))
			return rc;
		new = granted;
	}
	l1_write(p, old, new, preserve_ad);
	if (old & PTE_PRESENT)
		l1_put(old);
	return 0;
}

void l1_grant_map(pte_t *p, pte_t new)
{
	struct frame *f = mfn_to_frame(pte_mfn(new));
	pte_t old = READ_ONCE(*p);

	/* One more of each; neither count can be 0. */
	frame_get_again(f);
	if (new & PTE_RW)
		__atomic_add_fetch(&f->type, 1, __ATOMIC_RELAXED);
	WRITE_ONCE(*p, adjust(new));
	if (old & PTE_PRESENT)
		l1_put(old);
}

bool l1_grant_unmap(pte_t *p, mfn_t mfn, bool writable, pte_t *from)
{
	pte_t old = READ_ONCE(*p), new = 0;
	pte_t expected = pte_make(mfn, PTE_PRESENT | (writable ? PTE_RW : 0));
	struct frame *f = mfn_to_frame(mfn);

	if ((old ^ expected) & (PTE_MFN_MASK | PTE_PRESENT | PTE_RW))
		return false;
	if (unlikely(from)) {
		if (p == from)
			return false;
		new = READ_ONCE(*from);
		WRITE_ONCE(*from, 0);
	}
	WRITE_ONCE(*p, new);
	/* Never the last of either. */
	if (writable)
		__atomic_sub_fetch(&f->type, 1, __ATOMIC_RELEASE);
	__atomic_sub_fetch(&f->ref, 1, __ATOMIC_RELEASE);
	return true;
}

int entry_update(struct domain *d, struct domain *pg_owner, pte_t *p,
		 unsigned int level, pte_t new, bool preserve_ad)
{
	pte_t old = READ_ONCE(*p);
	int rc;

	if (level == 1)
		return l1_update(d, pg_owner, p, new, preserve_ad);
	if (is_hypervisor_slot(level, ((u64)p & ~PAGE_MASK) / sizeof(*p)))
		return -XEN_EINVAL;
	if (new & PTE_PRESENT) {
		if (((old ^ new) & (PTE_MFN_MASK | PTE_PRESENT)) == 0) {
			if (new & ~ENTRY_ALLOWED)
				return -XEN_EINVAL;
			old = 0; /* the same table below: nothing to count */
		} else {
			rc = entry_get(d, new, level);
			if (rc)
				return rc;
		}
		new = adjust(new);
		if (preserve_ad)
			new |= READ_ONCE(*p) & (PTE_ACCESSED | PTE_DIRTY);
	}
	WRITE_ONCE(*p, new);
	if (old & PTE_PRESENT)
		entry_put(d, old, level);
	return 0;
}

pte_t *l1_lookup(mfn_t l4, u64 va)
{
	pte_t *table = map_frame(l4);

	if (is_hypervisor_slot(4, pt_index(va, 4)))
		return NULL;
#pragma GCC unroll 3
	for (unsigned int level = 4; level > 1; level--) {
		pte_t e = READ_ONCE(table[pt_index(va, level)]);

		if (!(e & PTE_PRESENT))
			return NULL;
		table = map_frame(pte_mfn(e));
	}
	return &table[pt_index(va, 1)];
}
