/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which device memory guests may map, and how.
 *
 * What is read-only changes while other CPUs look. An element of the list is one
 * word, so they see it there or not; whoever maps a frame at that very moment may
 * get it either way, as if he had come a little earlier or later.
 */
#include <xen/errno.h>

#include "domain/domain.h"
#include "mm/alloc.h"
#include "mm/iomem.h"

#define MAX_DENIED 64
static struct {
	mfn_t first, last;
} denied[MAX_DENIED];
static unsigned int nr_denied;

/* Each: the first frame above, how many there are in the low bits; 0: unused. */
#define MAX_READONLY 512
#define COUNT_BITS 16
static u64 readonly[MAX_READONLY];
static unsigned int nr_readonly; /* elements that were ever used */

mfn_t iomem_end = 1ull << 40;

/* What a domain may map. The pieces neither overlap nor touch. */
#define MAX_PIECES 128
struct iomem {
	struct spinlock lock; /* inside its mmu_lock */
	u32 nr;
	struct piece {
		mfn_t first, last;
	} piece[MAX_PIECES];
};

void iomem_deny(mfn_t first, mfn_t last)
{
	BUG_ON(nr_denied == MAX_DENIED);
	denied[nr_denied].first = first;
	denied[nr_denied++].last = last;
}

/* Whether it is only ours. */
static bool is_denied(mfn_t first, mfn_t last)
{
	for (unsigned int i = 0; i < nr_denied; i++)
		if (first <= denied[i].last && last >= denied[i].first)
			return true;
	return false;
}

/* The pieces are apart from each other: whatever is in d's has to be in one. */
static bool is_in_pieces(struct iomem *io, mfn_t first, mfn_t last)
{
	bool found = false;

	spin_lock(&io->lock);
	for (unsigned int i = 0; i < io->nr && !found; i++)
		found = first >= io->piece[i].first && last <= io->piece[i].last;
	spin_unlock(&io->lock);
	return found;
}

bool iomem_permitted(struct domain *d, mfn_t first, mfn_t last)
{
	struct iomem *io = __atomic_load_n(&d->iomem, __ATOMIC_ACQUIRE);

	if (!io && !d->is_privileged)
		return false;
	return first <= last && last < iomem_end && !is_denied(first, last) &&
	       (!io || is_in_pieces(io, first, last));
}

bool iomem_has_any(const struct domain *d)
{
	const struct iomem *io = __atomic_load_n(&d->iomem, __ATOMIC_ACQUIRE);

	return d->is_privileged || (io && READ_ONCE(io->nr));
}

/* Take first to last out: a piece around them becomes two, if there is room. Locked. */
static int cut(struct iomem *io, mfn_t first, mfn_t last)
{
	for (unsigned int i = io->nr; i-- > 0;) {
		struct piece old = io->piece[i];

		if (first > old.last || last < old.first)
			continue;
		if (old.first < first && old.last > last && io->nr == MAX_PIECES)
			return -XEN_ENOSPC;
		io->piece[i] = io->piece[--io->nr];
		if (old.first < first)
			io->piece[io->nr++] = (struct piece){ old.first, first - 1 };
		if (old.last > last)
			io->piece[io->nr++] = (struct piece){ last + 1, old.last };
	}
	return 0;
}

/* Add them, and what touches them to the same piece. Locked. */
static int join(struct iomem *io, mfn_t first, mfn_t last)
{
	for (unsigned int i = io->nr; i-- > 0;) {
		struct piece old = io->piece[i];

		if ((first && first - 1 > old.last) || last + 1 < old.first)
			continue;
		first = min(first, old.first);
		last = max(last, old.last);
		io->piece[i] = io->piece[--io->nr];
	}
	if (io->nr == MAX_PIECES) /* then nothing was joined */
		return -XEN_ENOSPC;
	io->piece[io->nr++] = (struct piece){ first, last };
	return 0;
}

/* What it has before anything was given or taken: domain 0 all, others nothing. */
static struct iomem *iomem_of(struct domain *d)
{
	struct iomem *io = d->iomem;

	if (io)
		return io;
	io = new (struct iomem);
	if (!io)
		return NULL;
	spin_lock_init(&io->lock);
	if (d->is_privileged)
		join(io, 0, iomem_end - 1);
	__atomic_store_n(&d->iomem, io, __ATOMIC_RELEASE);
	return io;
}

int iomem_permit(struct domain *d, mfn_t first, mfn_t last, bool allow)
{
	struct iomem *io = iomem_of(d);
	int rc;

	if (!io)
		return -XEN_ENOMEM;
	spin_lock(&io->lock);
	rc = allow ? join(io, first, last) : cut(io, first, last);
	spin_unlock(&io->lock);
	return rc;
}

void iomem_domain_destroy(struct domain *d)
{
	heap_free(d->iomem);
	d->iomem = NULL;
}

bool iomem_is_readonly(mfn_t mfn)
{
	unsigned int n = READ_ONCE(nr_readonly);

	for (unsigned int i = 0; i < n; i++) {
		u64 x = READ_ONCE(readonly[i]);

		if (mfn - (x >> COUNT_BITS) < (x & ((1u << COUNT_BITS) - 1)))
			return true;
	}
	return false;
}

static u64 element(mfn_t first, mfn_t last)
{
	BUG_ON(last - first >= (1u << COUNT_BITS) - 1);
	return first << COUNT_BITS | (last - first + 1);
}

int iomem_protect(mfn_t first, mfn_t last)
{
	for (unsigned int i = 0; i < MAX_READONLY; i++) {
		if (readonly[i])
			continue;
		WRITE_ONCE(readonly[i], element(first, last));
		if (i >= nr_readonly)
			WRITE_ONCE(nr_readonly, i + 1);
		return 0;
	}
	return -XEN_ENOSPC;
}

void iomem_unprotect(mfn_t first, mfn_t last)
{
	u64 x = element(first, last);

	for (unsigned int i = 0; i < nr_readonly; i++) {
		if (readonly[i] == x) {
			WRITE_ONCE(readonly[i], 0);
			return;
		}
	}
	BUG();
}
