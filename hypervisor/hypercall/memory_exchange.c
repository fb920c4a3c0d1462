/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * XENMEM_exchange: a guest trades frames for others of a better kind, contiguous
 * or below some address, for its devices' sake.
 *
 * Done in chunks of the larger of the two extents. A chunk's new frames are
 * allocated first and its old ones taken from the domain next, which either both
 * succeed or leave all as it was; from there on nothing fails.
 */
#include <xen/errno.h>
#include <xen/memory.h>

#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "hypercall/memory.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/frame.h"

#define MAX_CHUNK_ORDER 9 /* 2 MiB between two looks at the clock */

struct exchange {
	struct domain *d;
	struct xen_memory_exchange x;
	unsigned int chunk_order;
	u64 chunk; /* number of the one in hand */
	u64 mfns[1u << MAX_CHUNK_ORDER];   /* taken from the domain */
	u64 frames[1u << MAX_CHUNK_ORDER]; /* new extents' first ones */
};

static int check(const struct exchange *e)
{
	const struct xen_memory_exchange *x = &e->x;

	if (x->in.extent_order > MAX_CHUNK_ORDER ||
	    x->out.extent_order > MAX_CHUNK_ORDER ||
	    x->in.nr_extents > UINT64_MAX >> (x->in.extent_order + 8) ||
	    x->out.nr_extents > UINT64_MAX >> (x->out.extent_order + 8) ||
	    x->in.nr_extents << x->in.extent_order !=
		    x->out.nr_extents << x->out.extent_order ||
	    x->in.domid != x->out.domid ||
	    x->nr_exchanged > x->in.nr_extents)
		return -XEN_EINVAL;
	return 0;
}

static u64 in_per_chunk(const struct exchange *e)
{
	return 1ull << (e->chunk_order - e->x.in.extent_order);
}

static u64 out_per_chunk(const struct exchange *e)
{
	return 1ull << (e->chunk_order - e->x.out.extent_order);
}

static int allocate(struct exchange *e)
{
	unsigned int order = e->x.out.extent_order;
	unsigned int bits = XENMEMF_get_address_bits(e->x.out.mem_flags);

	for (u64 i = 0; i < out_per_chunk(e); i++) {
		struct frame *f = frames_alloc(order, ALLOC_BITS(bits));

		if (!f) {
			while (i-- > 0)
				frames_free(mfn_to_frame(e->frames[i]), order);
			return -XEN_ENOMEM;
		}
		e->frames[i] = frame_to_mfn(f);
	}
	return 0;
}

static void undo_allocate(struct exchange *e)
{
	for (u64 i = 0; i < out_per_chunk(e); i++)
		frames_free(mfn_to_frame(e->frames[i]),
			    e->x.out.extent_order);
}

/* Take the chunk's frames from the domain: nobody but it may hold them. */
static int take(struct exchange *e)
{
	u64 n = 0;
	int rc;

	for (u64 i = 0; i < in_per_chunk(e); i++) {
		u64 mfn;

		rc = -XEN_EFAULT;
		if (copy_from_guest(&mfn,
				    e->x.in.extent_start.p +
					    e->chunk * in_per_chunk(e) + i,
				    sizeof(mfn)))
			goto undo;
		rc = -XEN_EINVAL;
		for (u64 j = 0; j < 1ull << e->x.in.extent_order; j++, n++) {
			e->mfns[n] = mfn + j;
			if (!mfn_valid(mfn + j) ||
			    !domain_frame_steal(e->d, mfn_to_frame(mfn + j)))
				goto undo;
		}
	}
	return 0;
undo:
	while (n-- > 0)
		domain_frame_add(e->d, mfn_to_frame(e->mfns[n]));
	return rc;
}

/* Give the new ones, number them as the guest wants, free the old ones. */
static int give(struct exchange *e)
{
	int rc = 0;

	for (u64 i = 0; i < out_per_chunk(e); i++) {
		u64 *slot = e->x.out.extent_start.p +
			    e->chunk * out_per_chunk(e) + i;
		u64 pfn = 0, mfn = e->frames[i];

		if (copy_from_guest(&pfn, slot, sizeof(pfn)))
			rc = -XEN_EFAULT;
		for (u64 j = 0; j < 1ull << e->x.out.extent_order; j++) {
			domain_frame_add(e->d, mfn_to_frame(mfn + j));
			machine_to_phys[mfn + j] = pfn + j;
		}
		if (copy_to_guest(slot, &mfn, sizeof(mfn)))
			rc = -XEN_EFAULT;
	}
	for (u64 i = 0; i < 1ull << e->chunk_order; i++) {
		machine_to_phys[e->mfns[i]] = UINT64_MAX;
		frames_free(mfn_to_frame(e->mfns[i]), 0);
	}
	return rc;
}

static long run(struct exchange *e, void *arg)
{
	u64 chunks;
	long rc = 0;

	e->chunk_order = max(e->x.in.extent_order, e->x.out.extent_order);
	chunks = e->x.in.nr_extents / in_per_chunk(e);
	e->chunk = DIV_ROUND_UP(e->x.nr_exchanged, in_per_chunk(e));
	for (u64 first = e->chunk; e->chunk < chunks; e->chunk++) {
		if (e->chunk > first && preempt_check()) {
			rc = memory_op_restart(XENMEM_exchange, 0, arg);
			break;
		}
		rc = allocate(e);
		if (rc)
			break;
		rc = take(e);
		if (rc) {
			undo_allocate(e);
			break;
		}
		rc = give(e);
		e->x.nr_exchanged = (e->chunk + 1) * in_per_chunk(e);
		if (rc)
			break;
	}
	if (copy_to_guest(arg, &e->x, sizeof(e->x)))
		return -XEN_EFAULT;
	return rc;
}

long memory_exchange(void *arg)
{
	struct exchange *e = new(struct exchange);
	long rc;

	if (!e)
		return -XEN_ENOMEM;
	rc = -XEN_EFAULT;
	if (copy_from_guest(&e->x, arg, sizeof(e->x)))
		goto out;
	rc = check(e);
	if (rc)
		goto out;
	rc = -XEN_EPERM;
	if (e->x.in.domid != DOMID_SELF && !current->domain->is_privileged)
		goto out;
	rc = -XEN_ESRCH;
	e->d = domain_get(e->x.in.domid);
	if (!e->d)
		goto out;
	rc = run(e, arg);
	domain_put(e->d);
out:
	heap_free(e);
	return rc;
}
