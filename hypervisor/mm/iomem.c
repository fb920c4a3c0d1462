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

void iomem_deny(mfn_t first, mfn_t last)
{
	BUG_ON(nr_denied == MAX_DENIED);
	denied[nr_denied].first = first;
	denied[nr_denied++].last = last;
}

bool iomem_permitted(const struct domain *d, mfn_t mfn)
{
	if (!d->is_privileged || mfn >= iomem_end)
		return false;
	for (unsigned int i = 0; i < nr_denied; i++)
		if (mfn >= denied[i].first && mfn <= denied[i].last)
			return false;
	return true;
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
