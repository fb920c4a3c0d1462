/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Performance counters, in builds with perfc=y: how often things happened since
 * the start or the last reset. perfc_list.h names them. One costs an addition to
 * memory that no other CPU writes; without perfc=y nothing.
 */
#ifndef DEBUG_PERFC_H
#define DEBUG_PERFC_H

#include <xen/errno.h>

#include "machine.h"

struct xen_sysctl_perfc_op;

#ifdef CONFIG_PERFC

enum perfc {
#define PERFC(name, text) PERFC_##name,
#define PERFC_ARRAY(name, text, n) PERFC_##name, PERFC_##name##_last = PERFC_##name + (n)-1,
#include "debug/perfc_list.h"
#undef PERFC
#undef PERFC_ARRAY
	NR_PERFC
};

extern u32 perfc_counts[NR_CPUS][NR_PERFC];

#define perfc_incr(name) ((void)perfc_counts[this_cpu_id()][PERFC_##name]++)
/* i is below the length of the array. */
#define perfc_incr_at(name, i) ((void)perfc_counts[this_cpu_id()][PERFC_##name + (i)]++)

/* Boot: the keys p and P. */
void perfc_init(void);

/* sysctl perfc_op: 0, -EINVAL, -EFAULT; -ENOSYS in other builds. */
long perfc_control(struct xen_sysctl_perfc_op *op);

#else

#define perfc_incr(name) ((void)0)
#define perfc_incr_at(name, i) ((void)0)

static inline void perfc_init(void)
{
}

static inline long perfc_control(struct xen_sysctl_perfc_op *op)
{
	return -XEN_ENOSYS;
}

#endif

#endif
