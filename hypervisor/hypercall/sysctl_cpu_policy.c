/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU features and policies for tools: those of the system by sysctl, those of a
 * domain by domctl. Entries go to the caller one by one. MSRs of a policy are two,
 * which tell guests of features; guests have neither here.
 */
#include <xen/errno.h>

#include "hypercall/cpu_policy.h"
#include "hypercall/sysctl.h"
#include "machine.h"

#define MSR_PLATFORM_INFO 0xce
#define MSR_ARCH_CAPS 0x10a

static const xen_msr_entry_t policy_msrs[] = {
	{ .idx = MSR_PLATFORM_INFO },
	{ .idx = MSR_ARCH_CAPS },
};

static long leaves_to_guest(enum cpu_policy_which which, const struct domain *d,
			    xen_cpuid_leaf_t *to, u32 *nr)
{
	xen_cpuid_leaf_t l = CPU_POLICY_START;
	u32 room = *nr, n = 0;

	while (cpu_policy_next(which, d, &l)) {
		if (n == room)
			return -XEN_ENOBUFS;
		if (copy_to_guest(to + n, &l, sizeof(l)))
			return -XEN_EFAULT;
		n++;
	}
	*nr = n;
	return 0;
}

long cpu_policy_to_guest(enum cpu_policy_which which, const struct domain *d,
			 const struct policy_buffers *to)
{
	long rc;

	if (!to->leaves) {
		*to->nr_leaves = CPU_POLICY_LEAVES;
	} else {
		rc = leaves_to_guest(which, d, to->leaves, to->nr_leaves);
		if (rc)
			return rc;
	}
	if (to->msrs) {
		if (*to->nr_msrs < ARRAY_SIZE(policy_msrs))
			return -XEN_ENOBUFS;
		if (copy_to_guest(to->msrs, policy_msrs, sizeof(policy_msrs)))
			return -XEN_EFAULT;
	}
	*to->nr_msrs = ARRAY_SIZE(policy_msrs);
	return 0;
}

long domctl_get_cpu_policy(struct domain *d, struct xen_domctl_cpu_policy *op)
{
	return cpu_policy_to_guest(CPU_POLICY_PV, d,
				   &(struct policy_buffers){ op->leaves.p, op->msrs.p,
							     &op->nr_leaves, &op->nr_msrs });
}

static long set_leaves(struct domain *d, struct xen_domctl_cpu_policy *op)
{
	for (u32 i = 0; i < op->nr_leaves; i++) {
		xen_cpuid_leaf_t l;
		int rc;

		if (copy_from_guest(&l, op->leaves.p + i, sizeof(l)))
			return -XEN_EFAULT;
		rc = cpu_policy_domain_set(d, &l);
		if (rc == -XEN_ERANGE) {
			op->err_leaf = l.leaf;
			op->err_subleaf = l.subleaf;
		}
		if (rc)
			return rc;
	}
	return 0;
}

/* All that can be set is what is there already: nothing. */
static long set_msrs(struct xen_domctl_cpu_policy *op)
{
	for (u32 i = 0; i < op->nr_msrs; i++) {
		xen_msr_entry_t m;

		if (copy_from_guest(&m, op->msrs.p + i, sizeof(m)))
			return -XEN_EFAULT;
		if ((m.idx == MSR_PLATFORM_INFO || m.idx == MSR_ARCH_CAPS) && m.flags == 0 &&
		    m.val == 0)
			continue;
		op->err_msr = m.idx;
		return -XEN_EINVAL;
	}
	return 0;
}

long domctl_set_cpu_policy(struct domain *d, struct xen_domctl_cpu_policy *op)
{
	long rc;

	op->err_leaf = op->err_subleaf = XEN_CPUID_NO_SUBLEAF;
	op->err_msr = XEN_CPUID_NO_SUBLEAF;
	if (op->nr_leaves > CPU_POLICY_LEAVES || op->nr_msrs > ARRAY_SIZE(policy_msrs))
		return -XEN_E2BIG;
	rc = set_leaves(d, op);
	return rc ? rc : set_msrs(op);
}

/* The system's policies by their number in the interface. */
static const struct {
	bool there;
	enum cpu_policy_which which;
} policies[] = {
	[XEN_SYSCTL_cpu_policy_raw] = { true, CPU_POLICY_RAW },
	[XEN_SYSCTL_cpu_policy_host] = { true, CPU_POLICY_HOST },
	[XEN_SYSCTL_cpu_policy_pv_max] = { true, CPU_POLICY_PV },
	[XEN_SYSCTL_cpu_policy_pv_default] = { true, CPU_POLICY_PV },
	[XEN_SYSCTL_cpu_policy_hvm_default] = { false },
}, featuresets[] = {
	[XEN_SYSCTL_cpu_featureset_raw] = { true, CPU_POLICY_RAW },
	[XEN_SYSCTL_cpu_featureset_host] = { true, CPU_POLICY_HOST },
	[XEN_SYSCTL_cpu_featureset_pv] = { true, CPU_POLICY_PV },
	[XEN_SYSCTL_cpu_featureset_pv_max] = { true, CPU_POLICY_PV },
	[XEN_SYSCTL_cpu_featureset_hvm_max] = { false },
};

long sysctl_get_cpu_policy(struct xen_sysctl_cpu_policy *op)
{
	u32 i = op->index;

	if (op->_rsvd || i >= ARRAY_SIZE(policies))
		return -XEN_EINVAL;
	i = index_nospec(i, ARRAY_SIZE(policies));
	if (!policies[i].there)
		return -XEN_EOPNOTSUPP;
	return cpu_policy_to_guest(policies[i].which, NULL,
				   &(struct policy_buffers){ op->leaves.p, op->msrs.p,
							     &op->nr_leaves, &op->nr_msrs });
}

long sysctl_get_cpu_featureset(struct xen_sysctl_cpu_featureset *op)
{
	u32 words[CPU_FEATURE_WORDS], n = min(op->nr_features, (u32)CPU_FEATURE_WORDS);
	u32 i = op->index;

	if (!op->features.p) {
		op->nr_features = CPU_FEATURE_WORDS;
		return 0;
	}
	if (i >= ARRAY_SIZE(featuresets))
		return -XEN_EINVAL;
	i = index_nospec(i, ARRAY_SIZE(featuresets));
	if (!featuresets[i].there)
		return -XEN_EOPNOTSUPP;
	cpu_policy_features(featuresets[i].which, words);
	if (copy_to_guest(op->features.p, words, n * sizeof(*words)))
		return -XEN_EFAULT;
	if (op->nr_features < CPU_FEATURE_WORDS)
		return -XEN_ENOBUFS;
	op->nr_features = n;
	return 0;
}
