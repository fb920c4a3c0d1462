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
FITS(xenolith_sysctl_bvt, xen_sysctl_scheduler_op);
FITS(xenolith_sysctl_rrobin, xen_sysctl_scheduler_op);
_Static_assert(sizeof(struct xenolith_domctl_bvt) == 16, "fixed layout");
_Static_assert(XENOLITH_SCHEDULER_RROBIN > XEN_SCHEDULER_NULL, "not one of Xen's");

long sched_domctl(struct domain *d, struct xen_domctl_scheduler_op *op)
{
	if (op->sched_id != sched_current()->id)
		return -XEN_EINVAL;
	switch (op->cmd) {
	case XEN_DOMCTL_SCHEDOP_putinfo:
	case XEN_DOMCTL_SCHEDOP_getinfo:
		return sched_adjust(d, &op->u, op->cmd == XEN_DOMCTL_SCHEDOP_putinfo);
	default:
		/* None of ours has parameters of a VCPU. */
		return -XEN_EINVAL;
	}
}

long sched_sysctl(struct xen_sysctl_scheduler_op *op)
{
	if (op->cpupool_id != 0)
		return -XEN_ESRCH;
	if (op->sched_id != sched_current()->id)
		return -XEN_EINVAL;
	switch (op->cmd) {
	case XEN_SYSCTL_SCHEDOP_putinfo:
	case XEN_SYSCTL_SCHEDOP_getinfo:
		return sched_control(&op->u, op->cmd == XEN_SYSCTL_SCHEDOP_putinfo);
	default:
		return -XEN_EINVAL;
	}
}
