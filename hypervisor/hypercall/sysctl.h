/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The operations of sysctl, one function each. Each gets a copy of the caller's
 * operands, in which it leaves what is [out]; a result of 0 has it copied back.
 * The caller is privileged; no lock is held. <xen/sysctl.h> says what they do.
 */
#ifndef HYPERCALL_SYSCTL_H
#define HYPERCALL_SYSCTL_H

#include <xen/sysctl.h>

/* sysctl_console.c */
long sysctl_readconsole(struct xen_sysctl_readconsole *op);
long sysctl_debug_keys(const struct xen_sysctl_debug_keys *op);

/* sysctl_machine.c */
long sysctl_physinfo(struct xen_sysctl_physinfo *info);
long sysctl_cputopoinfo(struct xen_sysctl_cputopoinfo *op);
long sysctl_numainfo(struct xen_sysctl_numainfo *op);
long sysctl_pcitopoinfo(struct xen_sysctl_pcitopoinfo *op);
long sysctl_availheap(struct xen_sysctl_availheap *op);
long sysctl_getcpuinfo(struct xen_sysctl_getcpuinfo *op);

/* sysctl_domains.c */
long sysctl_getdomaininfolist(struct xen_sysctl_getdomaininfolist *op);

/* sysctl_cpupool.c */
long sysctl_cpupool_op(struct xen_sysctl_cpupool_op *op);

/* sysctl_cpu_policy.c */
long sysctl_get_cpu_featureset(struct xen_sysctl_cpu_featureset *op);
long sysctl_get_cpu_policy(struct xen_sysctl_cpu_policy *op);

/* sysctl_power.c */
long sysctl_get_pmstat(struct xen_sysctl_get_pmstat *op);
long sysctl_pm_op(struct xen_sysctl_pm_op *op);
long sysctl_cpu_hotplug(const struct xen_sysctl_cpu_hotplug *op);

#endif
