/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose frames, whose tables: the foreigndom argument of mmu_update and
 * mmuext_op. Its low half names the domain whose frames are meant; the high
 * half, when not zero, one more than the domain whose tables change.
 */
#ifndef MM_FOREIGN_H
#define MM_FOREIGN_H

#include <xen/errno.h>
#include <xen/xen.h>

#include "domain/domain.h"
#include "lib/types.h"

/* Other domains than the caller's: 0, -ESRCH, -EPERM. References are held. */
int foreign_get_slow(unsigned int foreigndom, struct domain **pt_owner,
		     struct domain **pg_owner);
void foreign_put_slow(struct domain *pt_owner, struct domain *pg_owner);

static inline int foreign_get(unsigned int foreigndom,
			      struct domain **pt_owner,
			      struct domain **pg_owner)
{
	if (likely(foreigndom == DOMID_SELF)) {
		*pt_owner = *pg_owner = current->domain;
		return 0;
	}
	return foreign_get_slow(foreigndom, pt_owner, pg_owner);
}

static inline void foreign_put(unsigned int foreigndom,
			       struct domain *pt_owner, struct domain *pg_owner)
{
	if (unlikely(foreigndom != DOMID_SELF))
		foreign_put_slow(pt_owner, pg_owner);
}

/* The CPUs that run the VCPUs in a guest's bitmap: 0 or -EFAULT. */
int guest_vcpu_mask(struct domain *d, const void *bitmap, cpumask_t *cpus);

#endif
