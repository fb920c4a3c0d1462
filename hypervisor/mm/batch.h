/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmu_update and mmuext_op take arrays, tell at pdone (unless it is NULL) how many
 * elements were done, and are restarted with the rest when they run long.
 */
#ifndef MM_BATCH_H
#define MM_BATCH_H

#include <xen/errno.h>

#include "hypercall/hypercall.h"
#include "lib/types.h"
#include "machine.h"
#include "mm/pagetable.h"

/* In count of a restarted call: pdone holds what was done before. */
#define PREEMPTED (1u << 31)

/* *count without that, and *done before: 0 or -EFAULT. */
static inline long batch_begin(unsigned int *count, unsigned int *done, const void *pdone)
{
	*done = 0;
	if (likely(!(*count & PREEMPTED)))
		return 0;
	*count &= ~PREEMPTED;
	return pdone && copy_from_guest(done, pdone, sizeof(*done)) ? -XEN_EFAULT : 0;
}

/*
 * The result of a hypercall op that ended with rc, after done elements in all; left
 * more are at rest. With -ERESTART it goes on with those.
 */
static inline long batch_end(unsigned int op, long rc, unsigned int done, void *pdone,
			     const void *rest, unsigned int left, unsigned int foreigndom)
{
	/* As Xen: a count that cannot be told is no error. */
	if (pdone && copy_to_guest(pdone, &done, sizeof(done)))
		pdone = NULL;
	if (unlikely(rc == -ERESTART))
		return hypercall_restart(op, 4, (u64)rest, (u64)(left | PREEMPTED), (u64)pdone,
					 (u64)foreigndom);
	return rc;
}

#endif
