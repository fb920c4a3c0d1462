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
 * -EOPNOTSUPP	this scheduler has no parameters of a domain, or none that can be put
 * -ENOSPC	(domctl, Atropos) no CPU that the domain may run on has that much left
 * -ESRCH	(sysctl) cpupool_id is not 0, the one pool
 */
#ifndef __XENOLITH_PUBLIC_SCHED_H__
#define __XENOLITH_PUBLIC_SCHED_H__

#include <stdint.h>

/* sched_id. Xen's own end far below. */
#define XENOLITH_SCHEDULER_RROBIN 100 /* round robin, sched=rrobin */
#define XENOLITH_SCHEDULER_BVT 101    /* borrowed virtual time, sched=bvt */
#define XENOLITH_SCHEDULER_ATROPOS 102 /* reserved time, sched=atropos */

#define XENOLITH_MCUADV_MIN 1
#define XENOLITH_MCUADV_MAX 1000
#define XENOLITH_MCUADV_DEFAULT 10
#define XENOLITH_MCUADV_PARTS 64

#define XENOLITH_WARP_MAX 1000000
#define XENOLITH_WARP_US_MAX 10000000

/* Slices and allowances, in microseconds. */
#define XENOLITH_SLICE_US_MIN 100
#define XENOLITH_SLICE_US_MAX 1000000

/*
 * BVT, a domain. A VCPU's virtual time advances by mcuadv while it runs for one
 * minimum charging unit (100 microseconds), so half the mcuadv is twice the share.
 * It has a fraction, for shares that are no simple ratio; that alone may be enough.
 *
 * One that may warp is treated, from when it wakes, as if its virtual time were earlier.
 */
struct xenolith_domctl_bvt {
	uint16_t mcuadv;    /* XENOLITH_MCUADV_MIN .. _MAX */
	uint8_t part;	    /* and so many of XENOLITH_MCUADV_PARTS, fewer than those */
	uint8_t warpback;   /* boolean: may warp */
	uint32_t warpvalue; /* how far back: units of virtual time, to XENOLITH_WARP_MAX */
	uint32_t warpl;	    /* runs warped no longer than this, microseconds; 0: no limit */
	uint32_t warpu;	    /* then not again for this long; both to XENOLITH_WARP_US_MAX */
};

/* BVT, the system. */
struct xenolith_sysctl_bvt {
	uint32_t ctx_allow_us; /* how long a VCPU may run ahead of others */
};

/* Atropos' periods, in microseconds; a slice is 0 or from XENOLITH_SLICE_US_MIN on. */
#define XENOLITH_PERIOD_US_MIN 500
#define XENOLITH_PERIOD_US_MAX 1000000

/*
 * Atropos, a domain. Each of its VCPUs is promised slice_us of CPU time in every period
 * of period_us, if it wants that much; all of a CPU may be promised, and no more.
 */
struct xenolith_domctl_atropos {
	uint32_t period_us;  /* XENOLITH_PERIOD_US_MIN .. _MAX */
	uint32_t slice_us;   /* up to period_us; 0: nothing is promised */
	uint32_t latency_us; /* who slept beyond its period runs this soon; 0: in a period */
	uint8_t xtratime;    /* boolean: may have time that nobody uses; 1 if slice_us is 0 */
	uint8_t pad[3];
};

/* Atropos, the system; cannot be put. */
struct xenolith_sysctl_atropos {
	uint32_t cpus;	       /* how many there are */
	uint32_t reserved_ppm; /* of them, a whole one being 1000000 */
};

/* Round robin, the system. */
struct xenolith_sysctl_rrobin {
	uint32_t slice_us; /* a turn */
};

#endif
