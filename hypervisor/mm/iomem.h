/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Device memory: machine frames that are no RAM. Domain 0 may map them, but for
 * some that are ours, and some that it may only read. It gives others what they
 * may map of it.
 */
#ifndef MM_IOMEM_H
#define MM_IOMEM_H

#include "lib/types.h"
#include "machine.h"

struct domain;

/* Whether a domain may map frames first to last, which are not RAM of any domain. */
bool iomem_permitted(struct domain *d, mfn_t first, mfn_t last);

/*
 * Let d map frames first to last from now on, or no more; what it has mapped stays.
 * -ENOMEM, -ENOSPC: too many pieces. Callers keep others from changing d's rights
 * at the same time.
 */
int iomem_permit(struct domain *d, mfn_t first, mfn_t last, bool allow);

/*
 * Whether it was given any, as domain 0 was. Such a domain may choose how its
 * mappings are cached.
 */
bool iomem_has_any(const struct domain *d);

/* With the last reference to d. */
void iomem_domain_destroy(struct domain *d);

/* Whether it gets it read-only, whatever it asks for; what it writes is lost. */
bool iomem_is_readonly(mfn_t mfn);

/* Boot: the first frame beyond what the CPU can address. */
extern mfn_t iomem_end;

/* Boot: no guest may map the frames first to last. */
void iomem_deny(mfn_t first, mfn_t last);

/*
 * From now on frames first to last are read-only, in mappings made from now on;
 * until as many calls of the second as of the first. -ENOSPC: too many such.
 * Callers keep others from doing this at the same time.
 */
int iomem_protect(mfn_t first, mfn_t last);
void iomem_unprotect(mfn_t first, mfn_t last);

#endif
