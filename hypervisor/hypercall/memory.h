/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of memory_op. */
#ifndef HYPERCALL_MEMORY_H
#define HYPERCALL_MEMORY_H

#include "lib/types.h"

struct domain;

/* XENMEM_exchange, arg as the guest gave it. */
long memory_exchange(void *arg);

/* Operations of the tools (memory_tools.c), and what a guest sees of one. */
long memory_claim(void *arg);
long memory_map_set(void *arg);
long memory_map_get(void *arg);
long memory_acquire_resource(void *arg);

/* All other commands. (memory_refused.c) */
long memory_refused(unsigned int cmd, void *arg);

/* With the last reference to d. */
void memory_map_destroy(struct domain *d);

/* Continue cmd later; done comes back as progress. What it returns, return. */
long memory_op_restart(unsigned int cmd, u64 done, void *arg);

#endif
