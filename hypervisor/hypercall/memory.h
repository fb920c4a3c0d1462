/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of memory_op. */
#ifndef HYPERCALL_MEMORY_H
#define HYPERCALL_MEMORY_H

#include "lib/types.h"

/* XENMEM_exchange, arg as the guest gave it. */
long memory_exchange(void *arg);

/* Continue cmd later; done comes back as progress. What it returns, return. */
long memory_op_restart(unsigned int cmd, u64 done, void *arg);

#endif
