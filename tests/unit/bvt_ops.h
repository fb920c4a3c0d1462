/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of BVT share: domains of one busy VCPU with a weight, parameters. */
#ifndef UNIT_BVT_OPS_H
#define UNIT_BVT_OPS_H

#include <xenolith/sched.h>

#include "sched_ops.h"

#define ALLOWANCE MILLISECONDS(5)

static inline void set_mcuadv(struct vcpu *v, u16 mcuadv)
{
	struct xenolith_domctl_bvt p = { .mcuadv = mcuadv };

	assert_int_equal(sched_adjust(v->domain, &p, true), 0);
}

static inline void set_allowance(u32 us)
{
	struct xenolith_sysctl_bvt p = { .ctx_allow_us = us };

	assert_int_equal(sched_control(&p, true), 0);
}

/* A domain of one busy VCPU, with a weight: mcuadv is its inverse. */
static inline struct vcpu *weighted(u16 domid, u16 weight)
{
	struct vcpu *v = sim_domain(domid, 1, false)->vcpu[0];

	set_mcuadv(v, 840 / weight);
	sched_vcpu_up(v);
	return v;
}

#endif
