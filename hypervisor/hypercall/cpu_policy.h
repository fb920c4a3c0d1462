/* SPDX-License-Identifier: GPL-2.0-only */
/* CPU policies to tools and back, for sysctl and domctl. */
#ifndef HYPERCALL_CPU_POLICY_H
#define HYPERCALL_CPU_POLICY_H

#include <xen/domctl.h>

#include "cpu/cpu_policy.h"

/* Where the caller wants a policy, and how much; a null pointer: only how much. */
struct policy_buffers {
	xen_cpuid_leaf_t *leaves;
	xen_msr_entry_t *msrs;
	u32 *nr_leaves, *nr_msrs; /* room; then the number of entries */
};

/* A system policy, or d's if d is not NULL. 0, -EFAULT, -ENOBUFS. */
long cpu_policy_to_guest(enum cpu_policy_which which, const struct domain *d,
			 const struct policy_buffers *to);

/*
 * XEN_DOMCTL_get_cpu_policy and set_cpu_policy. The caller holds a reference on d,
 * and for set d is not current's and does not run. set: 0, -EFAULT, -E2BIG (too
 * many entries), -ENOMEM; -ERANGE, -EINVAL: err_leaf, err_subleaf or err_msr name
 * the entry at fault, and those before it are in effect.
 */
long domctl_get_cpu_policy(struct domain *d, struct xen_domctl_cpu_policy *op);
long domctl_set_cpu_policy(struct domain *d, struct xen_domctl_cpu_policy *op);

#endif
