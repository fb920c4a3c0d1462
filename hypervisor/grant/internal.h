/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grant tables inside.
 *
 * A grant in use has a pin count, kept beside the table where the guest cannot
 * write, and the flags GTF_reading and GTF_writing in memory that it can: those
 * tell the guest, the count tells us. Whoever uses a grant pins it first, which
 * checks the entry, and then holds the frame by references of its own; so a
 * guest that changes an entry in use harms nobody but itself.
 *
 * Locks. A table's lock guards the table, its pins and its version. Handles (the
 * maptrack) belong to the domain that maps, and are guarded by its mmu lock,
 * which every mapping needs anyway. The mmu lock comes first; no two tables'
 * locks are ever held together.
 */
#ifndef GRANT_INTERNAL_H
#define GRANT_INTERNAL_H

#include <xen/errno.h>
#include <xen/grant_table.h>

#include "domain/domain.h"
#include "grant/grant.h"
#include "lib/types.h"
#include "machine.h"

/* Internal: never a guest's to see. */
#ifndef XEN_ERESTART
#define XEN_ERESTART 85
#endif

/* Entries a frame of the table holds, by version, and of the status array. */
#define V1_SHIFT 9
#define V2_SHIFT 8
#define STATUS_SHIFT 11
#define V1_ENTRIES (1u << V1_SHIFT)
#define V2_ENTRIES (1u << V2_SHIFT)
#define STATUS_ENTRIES (1u << STATUS_SHIFT)

/*
 * A pin count: four counters of a byte, how often the grant is mapped for CPUs
 * and for devices, to read only and to write. Copying counts as CPUs. One that
 * has reached 128 refuses more, so that no counter runs into the next.
 */
#define PIN_HOST_READ (1u << 0)
#define PIN_HOST_WRITE (1u << 8)
#define PIN_DEVICE_READ (1u << 16)
#define PIN_DEVICE_WRITE (1u << 24)
#define PIN_HOST 0x0000ffffu
#define PIN_DEVICE 0xffff0000u
#define PIN_WRITE 0xff00ff00u
#define PIN_FULL 0x80808080u

/* A mapping that the domain has made; its handle is the index. 16 bytes. */
struct mapping {
	u32 ref; /* when free: the next free one */
	u32 mfn;
	u32 pin;   /* what it uses now; 0: free */
	u16 domid; /* who grants; the mapping holds a reference on it */
	u16 flags; /* GNTMAP_* as mapped */
};

#define MAPPINGS_SHIFT 8 /* a page of them */
#define MAPPINGS (1u << MAPPINGS_SHIFT)
#define NO_MAPPING 0xffffffffu

struct grant_table {
	/* The table, guarded by lock. */
	struct spinlock lock;
	u32 version, max_version; /* 1 or 2 */
	u32 nr_frames, max_frames;
	u32 entries;   /* that nr_frames hold in this version */
	u32 nr_status; /* frames; 0 in version 1 */
	u32 pinned;    /* entries in use, the reserved ones not counted */
	void **shared; /* max_frames pages */
	u32 **pins;    /* V1_ENTRIES for each */
	grant_status_t **status;

	/* What the domain has mapped, guarded by its mmu lock. */
	u32 max_maptrack;	   /* pages */
	u32 used_mappings;	   /* handles below have been used once */
	u32 free_mapping;	   /* list of free ones, or NO_MAPPING */
	u32 kill_next;		   /* how far grant_domain_kill() has got */
	struct mapping **maptrack; /* max_maptrack pages; NULL: never mapped */
};

/* Of an entry whose number is in range and clamped. */
static inline struct grant_entry_v1 *entry_v1(const struct grant_table *gt, u32 ref)
{
	return (struct grant_entry_v1 *)gt->shared[ref >> V1_SHIFT] + (ref & (V1_ENTRIES - 1));
}

static inline union grant_entry_v2 *entry_v2(const struct grant_table *gt, u32 ref)
{
	return (union grant_entry_v2 *)gt->shared[ref >> V2_SHIFT] + (ref & (V2_ENTRIES - 1));
}

static inline grant_status_t *entry_status(const struct grant_table *gt, u32 ref)
{
	return &gt->status[ref >> STATUS_SHIFT][ref & (STATUS_ENTRIES - 1)];
}

/* There are as many as version 1 has entries; version 2 leaves half unused. */
static inline u32 *entry_pin(const struct grant_table *gt, u32 ref)
{
	return &gt->pins[ref >> V1_SHIFT][ref & (V1_ENTRIES - 1)];
}

/* Flags and domid of an entry of either version, as the one word they are. */
static inline u32 *entry_word(const struct grant_table *gt, u32 ref)
{
	return gt->version == 1 ? (u32 *)entry_v1(gt, ref) : (u32 *)entry_v2(gt, ref);
}

/* What an entry grants, to copy. */
struct granted {
	mfn_t mfn; /* as the guest wrote it: not checked */
	u32 offset, length;
	bool transitive; /* it is this reference of domid's instead */
	u16 domid;
	u32 ref;
};

/*
 * entry.c. Use a grant: check that rd's entry grants domid what pin asks for,
 * mark it in use, and hold the frame, with a reference (and a writable use) for
 * each of the pin's uses. GNTST_okay or other status, and then nothing is held.
 * grant_use_end() gives the same back.
 */
int grant_use(struct domain *rd, u32 ref, u16 domid, u32 pin, mfn_t *mfn);
void grant_use_end(struct domain *rd, u32 ref, mfn_t mfn, u32 pin);

/*
 * The same in parts, for copying: what the entry grants, with the lock of the
 * table; and a frame of a domain.
 */
int grant_pin(struct grant_table *gt, u32 ref, u16 domid, u32 pin, struct granted *g);
void grant_unpin(struct grant_table *gt, u32 ref, u32 pin);
int grant_frame_get(mfn_t mfn, u16 domid, bool writable);
void grant_frame_put(mfn_t mfn, bool writable);

/* table.c: operations that take one structure. Errors are the ABI's. */
long grant_setup_table(void *uop);
long grant_query_size(void *uop);
long grant_set_version(void *uop);
long grant_get_version(void *uop);
long grant_get_status_frames(void *uop);
/* entry.c: two entries of d change places; GNTST_*. */
int grant_swap(struct domain *d, u32 a, u32 b);

/*
 * map.c, copy.c, transfer.c: operations on arrays. 0, an error or a restart. The
 * frequent ones are kept out of the hypercall's function, for what each saves on
 * the stack.
 */
__attribute__((noinline)) long grant_map(struct gnttab_map_grant_ref *uop, u32 count);
__attribute__((noinline)) long grant_unmap(struct gnttab_unmap_grant_ref *uop, u32 count);
long grant_replace(struct gnttab_unmap_and_replace *uop, u32 count);
__attribute__((noinline)) long grant_copy(struct gnttab_copy *uop, u32 count);
long grant_transfer(struct gnttab_transfer *uop, u32 count);

/* Handles, with the mmu lock of the domain that maps. */
static inline struct mapping *mapping_at(const struct grant_table *gt, u32 handle)
{
	return &gt->maptrack[handle >> MAPPINGS_SHIFT][handle & (MAPPINGS - 1)];
}

/* What a guest's handle stands for; NULL: nothing. */
static inline struct mapping *mapping_get(const struct grant_table *gt, u32 handle)
{
	struct mapping *m;

	if (unlikely(handle >= gt->used_mappings))
		return NULL;
	m = mapping_at(gt, index_nospec(handle, gt->used_mappings));
	return likely(m->pin) ? m : NULL;
}

/* maptrack.c: make sure that there is a free handle. False: no memory, or enough. */
bool mapping_grow(struct grant_table *gt);

/* Take the free handle that there is, for the caller to fill in. */
static inline struct mapping *mapping_alloc(struct grant_table *gt)
{
	struct mapping *m = mapping_at(gt, gt->free_mapping);

	gt->free_mapping = m->ref;
	return m;
}

static inline void mapping_free(struct grant_table *gt, struct mapping *m, u32 handle)
{
	m->pin = 0;
	m->ref = gt->free_mapping;
	gt->free_mapping = handle;
}

/* Go on with an array later, at element i. */
#define GRANT_RESTART(cmd, uop, i, count)                                             \
	hypercall_restart(__HYPERVISOR_grant_table_op, 3, (u64)(cmd), (u64)&(uop)[i], \
			  (u64)((count) - (i)))

#endif
