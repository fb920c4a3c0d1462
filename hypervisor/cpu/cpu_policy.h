/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU policies: what CPUID tells, of the machine and to guests. As lists of leaves
 * they go to tools and come back from them.
 */
#ifndef CPU_CPU_POLICY_H
#define CPU_CPU_POLICY_H

#include <xen/xen.h>

#include "lib/types.h"

struct domain;

enum cpu_policy_which {
	CPU_POLICY_RAW,	 /* the CPU's own answers */
	CPU_POLICY_HOST, /* what the hypervisor works with: the same, tidied */
	CPU_POLICY_PV,	 /* what guests get, and the most they may get */
};

/* More leaves than a list can have, and as many as Xen says there may be. */
#define CPU_POLICY_LEAVES 120

/* Words of a featureset: Xen's list in <xen/arch-x86/cpufeatureset.h>. */
#define CPU_FEATURE_WORDS 19

/* A domain's own policy, when tools have set one. */
struct cpu_policy {
	u32 nr_leaves;
	xen_cpuid_leaf_t leaf[CPU_POLICY_LEAVES];
};

/* Boot, after cpu_features are known. */
void cpu_policy_init(void);

/* Fill in l->a to d of l->leaf, l->subleaf; zeroes where there is no such leaf. */
void cpu_policy_leaf(enum cpu_policy_which which, xen_cpuid_leaf_t *l);

/* As CPUID answers d's VCPUs, but for what differs between VCPUs. */
void cpu_policy_domain_leaf(const struct domain *d, xen_cpuid_leaf_t *l);

/*
 * Walk a list: *l is the leaf before, and becomes the next; begin with
 * CPU_POLICY_START. d's own policy if d is not NULL and has one, else the system's.
 * False: there is no next.
 */
#define CPU_POLICY_START ((xen_cpuid_leaf_t){ .leaf = ~0u, .subleaf = XEN_CPUID_NO_SUBLEAF })
bool cpu_policy_next(enum cpu_policy_which which, const struct domain *d, xen_cpuid_leaf_t *l);

/*
 * Set a leaf of d's own policy; features that guests cannot have are left out. 0;
 * -ERANGE: guests have no such leaf; -ENOMEM. The caller is the only one that does
 * this to d.
 */
int cpu_policy_domain_set(struct domain *d, const xen_cpuid_leaf_t *l);

/* The feature words of a system policy. */
void cpu_policy_features(enum cpu_policy_which which, u32 words[CPU_FEATURE_WORDS]);

#endif
