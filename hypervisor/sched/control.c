/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What control software gets and sets: a domain's parameters (domctl), and the
 * scheduler's (sysctl). Whoever calls these has checked the privilege.
 */
#include <xen/domctl.h>
#include <xen/errno.h>
#include <xen/sysctl.h>
#include <xenolith/sched.h>

#include "sched/sched.h"

/* Our structures go where Xen's are. */
#define FITS(type, op) \
	_Static_assert(sizeof(struct type) <= sizeof(((struct op *)0)->u), #type " in " #op)

FITS(xenolith_domctl_bvt, xen_domctl_scheduler_op);
FITS(xenolith_domctl_atropos, xen_domctl_scheduler_op);
FITS(xenolith_sysctl_atropos, xen_sysctl_scheduler_op);
FITS(xenolith_sysctl_bvt, xen_sysctl_scheduler_op);
FITS(xenolith_sysctl_rrobin, xen_sysctl_scheduler_op);
_Static_assert(sizeof(struct xenolith_domctl_bvt) == 16, "fixed layout");
_Static_assert(sizeof(struct xenolith_domctl_atropos) == 16, "fixed layout");
_Static_assert(XENOLITH_SCHEDULER_RROBIN > XEN_SCHEDULER_NULL, "not one of Xen's");

/*
 * Tools made for Xen know its schedulers alone, and xl refuses to create a domain
 * under another. To them BVT looks like credit, whose weights mean the same: the
 * share is proportional to the weight, and to the inverse of mcuadv.
 */
#define CREDIT_WEIGHT_DEFAULT 256
#define PARTS XENOLITH_MCUADV_PARTS
#define WEIGHT_TIMES_RATE (CREDIT_WEIGHT_DEFAULT * XENOLITH_MCUADV_DEFAULT * PARTS)

static bool seen_as_credit(u32 sched_id)
{
	return sched_id == XEN_SCHEDULER_CREDIT && sched_current()->xen_id == sched_id;
}

static long adjust_as_credit(struct domain *d, struct xen_domctl_sched_credit *credit, bool set)
{
	struct xenolith_domctl_bvt bvt = { 0 };
	u32 rate;
	long rc;

	if (set) {
		if (credit->cap || credit->weight == 0)
			return -XEN_EINVAL;
		rate = max((WEIGHT_TIMES_RATE + credit->weight / 2) / credit->weight, 1);
		bvt.mcuadv = rate / PARTS;
		bvt.part = rate % PARTS;
	}
	rc = sched_adjust(d, &bvt, set);
	if (rc == 0) {
		rate = bvt.mcuadv * PARTS + bvt.part;
		*credit = (struct xen_domctl_sched_credit){
			.weight = (WEIGHT_TIMES_RATE + rate / 2) / rate,
		};
	}
	return rc;
}

/* The allowance stands for the slice, which is in milliseconds; only to be seen. */
static long control_as_credit(struct xen_sysctl_credit_schedule *credit, bool set)
{
	struct xenolith_sysctl_bvt bvt;
	long rc;

	if (set)
		return -XEN_EOPNOTSUPP;
	rc = sched_control(&bvt, false);
	*credit = (struct xen_sysctl_credit_schedule){
		.tslice_ms = DIV_ROUND_UP(bvt.ctx_allow_us, 1000),
	};
	return rc;
}

long sched_domctl(struct domain *d, struct xen_domctl_scheduler_op *op)
{
	bool put = op->cmd == XEN_DOMCTL_SCHEDOP_putinfo;

	if (seen_as_credit(op->sched_id) && (put || op->cmd == XEN_DOMCTL_SCHEDOP_getinfo))
		return adjust_as_credit(d, &op->u.credit, put);
	if (op->sched_id != sched_current()->id)
		return -XEN_EINVAL;
	switch (op->cmd) {
	case XEN_DOMCTL_SCHEDOP_putinfo:
	case XEN_DOMCTL_SCHEDOP_getinfo:
		return sched_adjust(d, &op->u, put);
	default:
		/* None of ours has parameters of a VCPU. */
		return -XEN_EINVAL;
	}
}

long sched_sysctl(struct xen_sysctl_scheduler_op *op)
{
	bool put;

	if (op->cpupool_id != 0)
		return -XEN_ESRCH;
	put = op->cmd == XEN_SYSCTL_SCHEDOP_putinfo;
	if (seen_as_credit(op->sched_id) && (put || op->cmd == XEN_SYSCTL_SCHEDOP_getinfo))
		return control_as_credit(&op->u.sched_credit, put);
	if (op->sched_id != sched_current()->id)
		return -XEN_EINVAL;
	switch (op->cmd) {
	case XEN_SYSCTL_SCHEDOP_putinfo:
	case XEN_SYSCTL_SCHEDOP_getinfo:
		return sched_control(&op->u, put);
	default:
		return -XEN_EINVAL;
	}
}
