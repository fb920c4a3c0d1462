/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of CPUs in the control interface's form, struct xenctl_bitmap. */
#ifndef HYPERCALL_BITMAP_H
#define HYPERCALL_BITMAP_H

#include <xen/domctl.h>

#include "lib/types.h"

/*
 * Fill the caller's bitmap: bits that it has beyond ours are cleared, those of ours
 * that it has no room for are left out. 0, -EFAULT, -EINVAL (an absurd size).
 */
int cpumask_to_guest(const struct xenctl_bitmap *map, cpumask_t cpus);

/* Read it; bits beyond ours are not looked at. 0, -EFAULT. */
int cpumask_from_guest(cpumask_t *cpus, const struct xenctl_bitmap *map);

#endif
