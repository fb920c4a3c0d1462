/* SPDX-License-Identifier: GPL-2.0 */
/* Memory for new domains: what is free, and what domain 0 can give. */
#ifndef XEND_BALLOON_H
#define XEND_BALLOON_H

#include <stdint.h>

#include "domain.h"

#define DOM0_MIN_KIB (256u << 10) /* domain 0 keeps this */

/*
 * See that @kib are free in the hypervisor, by making domain 0 smaller if need be.
 * @done is called once, also at once; with ENOMEM when it cannot be had. One at a time.
 */
void memory_reserve(uint64_t kib, done_fn *done, void *context);

/* Change a domain's balloon target: xenstore's memory/target. */
int memory_set_target(unsigned int domid, uint64_t kib, struct error *e);

#endif
