/* SPDX-License-Identifier: GPL-2.0-only */
/* The page of code through which a guest makes hypercalls. */
#ifndef DOMAIN_HYPERCALL_PAGE_H
#define DOMAIN_HYPERCALL_PAGE_H

#include "lib/types.h"

struct domain;

/* Fill a frame of d's with it. 0, -EINVAL: not a frame d may write. */
int hypercall_page_write(struct domain *d, mfn_t mfn);

/* The same for a page that is mapped here. */
void hypercall_page_fill(void *page);

#endif
