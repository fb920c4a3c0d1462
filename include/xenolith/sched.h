/* SPDX-License-Identifier: MIT */
/*
 * Xenolith's own schedulers, as control software sees them: what stands in the
 * unions of XEN_DOMCTL_scheduler_op and XEN_SYSCTL_scheduler_op when sched_id is
 * one of these. Which one runs: the one that answers getinfo by its own number.
 * XEN_SYSCTL_sched_id names the scheduler of Xen's that tools made for Xen may
 * take it for: credit for BVT, null for round robin.
 *
 * getinfo fills the structure. putinfo takes all of it: get, change, put. After a
 * put it holds what is in effect. Both need control privilege.
 *
 * -EINVAL	sched_id is not the scheduler that runs; cmd is none of putinfo and
 *		getinfo; or a parameter is out of its range, and none is changed
 * -EOPNOTSUPP	this scheduler has no parameters of a domain; or a warp parameter
 *		is not zero: warping is not built yet
 * -ESRCH	(sysctl) cpupool_id is not 0, the one pool
 */
#ifndef __XENOLITH_PUBLIC_SCHED_H__
#define __XENOLITH_PUBLIC_SCHED_H__

#include <stdint.h>

/* sched_id. Xen's own end far below. */
#define XENOLITH_SCHEDULER_RROBIN 100 /* round robin, sched=rrobin */
#define XENOLITH_SCHEDULER_BVT 101    /* borrowed virtual time, sched=bvt */

#define XENOLITH_MCUADV_MIN 1
#define XENOLITH_MCUADV_MAX 1000
#define XENOLITH_MCUADV_DEFAULT 10
#define XENOLITH_MCUADV_PARTS 64

/* Slices and allowances, in microseconds. */
#define XENOLITH_SLICE_US_MIN 100
#define XENOLITH_SLICE_US_MAX 1000000

/*
 * BVT, a domain. A VCPU's virtual time advances by mcuadv while it runs for one
 * minimum charging unit (100 microseconds), so half the mcuadv is twice the share.
 * It has a fraction, for shares that are no simple ratio; that alone may be enough.
 * The rest is for warping, and 0.
 */
struct xenolith_domctl_bvt {
	uint16_t mcuadv;    /* XENOLITH_MCUADV_MIN .. _MAX */
	uint8_t part;	    /* and so many of XENOLITH_MCUADV_PARTS, fewer than those */
	uint8_t warpback;   /* boolean: may warp */
	uint32_t warpvalue; /* how far back, in virtual time */
	uint32_t warpl;	    /* longest time warped, microseconds */
	uint32_t warpu;	    /* shortest time between, microseconds */
};

/* BVT, the system. */
struct xenolith_sysctl_bvt {
	uint32_t ctx_allow_us; /* how long a VCPU may run ahead of others */
};

/* Round robin, the system. */
struct xenolith_sysctl_rrobin {
	uint32_t slice_us; /* a turn */
};

#endif
