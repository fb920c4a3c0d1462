/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame table: one record for each machine frame. This is where invariant 1
 * of the design lives: a frame has one owner, a reference count, and one type at
 * a time with a count of the uses as that type.
 *
 * References. A frame in use has at least one: its owner's (FRAME_ALLOCATED
 * counts as one). Each present entry of a validated L1 table, each grant
 * mapping, each CR3 and each pin holds one more. When the last goes, the frame
 * is free. The count is changed with atomic operations only.
 *
 * Types. A typed use (a writable mapping, being a page table, a GDT frame) holds
 * a reference and a type count. The type may change only while the type count is
 * zero. While a table is being checked the type is set and FRAME_VALIDATED is
 * clear; both happen under the mmu lock of the domain that owns the frame.
 */
#ifndef MM_FRAME_H
#define MM_FRAME_H

#include "lib/types.h"
#include "machine.h"

struct frame {
	u64 ref;   /* FRAME_ALLOCATED | references */
	u64 type;  /* see FRAME_TYPE_* below | type count */
	u32 next;  /* neighbours on the owner's or a free list, as mfn; */
	u32 prev;  /* FRAME_NONE at the ends */
	u16 owner; /* domid, DOMID_IO for what is not RAM, DOMID_INVALID */
	u16 done;  /* page table partly validated: entries done so far */
	union {
		u32 tlb_stamp; /* when the last typed use went (mm/tlb.h) */
		u32 order;     /* head of a free block: log2 of its size */
	};
};

#define FRAME_NONE 0xffffffffu

/* struct frame.ref */
#define FRAME_ALLOCATED (1ull << 63)
#define FRAME_SHARED (1ull << 62) /* the hypervisor's, shown to its owner */
#define FRAME_FREE (1ull << 61)	  /* head of a free block of the allocator */
#define FRAME_DIRTY (1ull << 60)  /* free block not yet scrubbed */
#define FRAME_BAD (1ull << 59)	  /* badpage=; never used */
#define FRAME_FOREIGN (1ull << 58) /* others than its owner have mapped it */
#define FRAME_REF_MASK ((1ull << 48) - 1)

/* struct frame.type: one of these in the top bits ... */
#define FRAME_TYPE_SHIFT 60
#define FRAME_TYPE_MASK (0xfull << FRAME_TYPE_SHIFT)
#define FRAME_NONE_TYPE (0ull << FRAME_TYPE_SHIFT)
#define FRAME_L1 (1ull << FRAME_TYPE_SHIFT)
#define FRAME_L2 (2ull << FRAME_TYPE_SHIFT)
#define FRAME_L3 (3ull << FRAME_TYPE_SHIFT)
#define FRAME_L4 (4ull << FRAME_TYPE_SHIFT)
#define FRAME_SEGDESC (5ull << FRAME_TYPE_SHIFT)
#define FRAME_WRITABLE (6ull << FRAME_TYPE_SHIFT)
/* ... then flags ... */
#define FRAME_VALIDATED (1ull << 59)
#define FRAME_PINNED (1ull << 58)
#define FRAME_PARTIAL (1ull << 57) /* being validated or undone; see below */
#define FRAME_UNDO (1ull << 56)	   /* with FRAME_PARTIAL: being undone */
/* ... and the count. */
#define FRAME_TYPE_COUNT ((1ull << 48) - 1)

static inline struct frame *mfn_to_frame(mfn_t mfn)
{
	return &frame_table[index_nospec(mfn, max_mfn)];
}

static inline mfn_t frame_to_mfn(const struct frame *f)
{
	return (mfn_t)(f - frame_table);
}

static inline void *frame_to_virt(const struct frame *f)
{
	return map_frame(frame_to_mfn(f));
}

/*
 * Take a reference on a frame that belongs to domid. False when it belongs to
 * somebody else, is free, or has too many references already. Any context.
 */
bool frame_get(struct frame *f, u16 domid);

/* As frame_get, from a caller that holds a reference already. */
void frame_get_again(struct frame *f);

/* Drop a reference; frees the frame when it was the last. Any context. */
void frame_put(struct frame *f);

/*
 * The same for many frames, with one TLB flush for all that go: what was the last
 * reference of is freed when the batch is full or ends. To begin with .nr = 0.
 */
struct frame_batch {
	unsigned int nr;
	u32 mfns[64];
};

void frame_batch_put(struct frame_batch *b, struct frame *f);
void frame_batch_end(struct frame_batch *b);

/*
 * Take a typed use as FRAME_WRITABLE or FRAME_SEGDESC, or one more use of a
 * page table type that is validated already. The caller holds a reference.
 * 0, -EBUSY when it has another type in use, -EINVAL when it would have to be
 * validated first (page tables: mm/pagetable.h does) or its content is not
 * valid for the type.
 */
static inline int frame_get_type(struct frame *f, u64 type);

/* For frame_get_type(), when it is not just one more use. */
int frame_get_type_slow(struct frame *f, u64 type);

/* Drop a typed use taken by frame_get_type() (not of a page table's last). */
void frame_put_type(struct frame *f);

/*
 * Give a frame with no typed use a type with a count of one, not yet validated,
 * after flushing what the old type left in TLBs. -EBUSY when it is in use.
 */
int frame_change_type(struct frame *f, u64 type);

static inline bool frame_has_type(const struct frame *f, u64 type)
{
	return (READ_ONCE(f->type) & (FRAME_TYPE_MASK | FRAME_VALIDATED)) ==
	       (type | FRAME_VALIDATED);
}

static inline int frame_get_type(struct frame *f, u64 type)
{
	u64 x = READ_ONCE(f->type);

	if (likely((x & (FRAME_TYPE_MASK | FRAME_VALIDATED)) ==
		   (type | FRAME_VALIDATED)) &&
	    likely((x + 1) & FRAME_TYPE_COUNT) && likely(x & FRAME_TYPE_COUNT) &&
	    likely(__atomic_compare_exchange_n(&f->type, &x, x + 1, false,
					       __ATOMIC_ACQ_REL,
					       __ATOMIC_RELAXED)))
		return 0;
	return frame_get_type_slow(f, type);
}

/*
 * A domain's frames (mm/domain_memory.c). domain_frame_add gives it a frame that
 * has FRAME_ALLOCATED and one reference; domain_frame_remove takes back one that
 * nobody refers to any more; domain_frame_free is for frame_put: no TLB may lead to
 * the frame then.
 */
void domain_frame_add(struct domain *d, struct frame *f);
void domain_frame_remove(struct domain *d, struct frame *f);
void domain_frame_free(struct frame *f);

/*
 * Take a frame away from d: then it has the one reference of its allocation and no
 * owner. False when it is not d's, or anybody else holds it, or it is shared.
 */
bool domain_frame_steal(struct domain *d, struct frame *f);

/* Show a page of the hypervisor's to a domain, which may map it writable. */
void frame_share(struct frame *f, struct domain *d);
/* Take it back from d: free at once or when the last mapping of it goes. */
void frame_unshare(struct frame *f, const struct domain *d);

/*
 * Show a page of the hypervisor's, which must never be freed from here on, to
 * privileged domains: they may map it as DOMID_XEN's, writable or not. Nobody counts
 * their mappings.
 */
void frame_show(struct frame *f, bool writable);

/* Both at once: a reference on domid's frame, and a writable use of it. */
static inline bool frame_get_writable(struct frame *f, u16 domid)
{
	if (!frame_get(f, domid))
		return false;
	if (frame_get_type(f, FRAME_WRITABLE) == 0)
		return true;
	frame_put(f);
	return false;
}

static inline void frame_put_writable(struct frame *f)
{
	frame_put_type(f);
	frame_put(f);
}

#endif
