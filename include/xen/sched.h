/* SPDX-License-Identifier: MIT */
/*
 * What a VCPU asks of the scheduler.
 *
 * long sched_op(int cmd, void *arg), arg being the structure of cmd. The old
 * sched_op_compat(int cmd, unsigned long arg) knows yield, block, and shutdown
 * with the reason in arg.
 *
 * SCHEDOP_yield	let others run. No operand. Returns 0.
 * SCHEDOP_block	clear the upcall mask, then wait until an event is
 *			pending, with no window between the two. No operand. 0.
 * SCHEDOP_shutdown	stop the calling domain, all VCPUs, and tell the tools
 *			why. For SHUTDOWN_suspend the third operand (RDX) is the
 *			machine frame of start_info; the call then returns, 0 in
 *			the resumed domain, 1 if suspension was cancelled.
 * SCHEDOP_poll		wait until one of some ports is pending or a time is
 *			reached; the upcall mask stays as it is.
 * SCHEDOP_remote_shutdown	stop another domain. Privileged.
 * SCHEDOP_shutdown_code	do not stop, but report this reason when it
 *			happens.
 * SCHEDOP_watchdog	a timer that stops the domain unless it is set again.
 *			id 0: take a free one, returns its id (1 and up; -ENOSPC:
 *			none is free). Otherwise set it, or free it with timeout
 *			0. -EINVAL: that one is not in use.
 * SCHEDOP_pin_override	pin the calling VCPU to a physical CPU for a while.
 *			Control domain only.
 */
#ifndef __XEN_PUBLIC_SCHED_H__
#define __XEN_PUBLIC_SCHED_H__

#include "event_channel.h"

#define SCHEDOP_yield			0
#define SCHEDOP_block			1
#define SCHEDOP_shutdown		2
#define SCHEDOP_poll			3
#define SCHEDOP_remote_shutdown		4
#define SCHEDOP_shutdown_code		5
#define SCHEDOP_watchdog		6
#define SCHEDOP_pin_override		7

/* Why a domain stopped. The hypervisor passes it on; the tools act on it. */
#define SHUTDOWN_poweroff		0	/* it has finished */
#define SHUTDOWN_reboot			1	/* it wants to start again */
#define SHUTDOWN_suspend		2	/* its state may be saved now */
#define SHUTDOWN_crash			3	/* it (or the hypervisor) gave up */
#define SHUTDOWN_watchdog		4	/* its watchdog was not set again */
#define SHUTDOWN_soft_reset		5	/* it wants to start again in place, */
						/* keeping memory and VCPUs */
#define SHUTDOWN_MAX			5

#ifndef __ASSEMBLY__

struct sched_shutdown {
	unsigned int reason;		/* [in] SHUTDOWN_* */
};
typedef struct sched_shutdown sched_shutdown_t;
DEFINE_XEN_GUEST_HANDLE(sched_shutdown_t);

struct sched_poll {
	XEN_GUEST_HANDLE(evtchn_port_t) ports;	/* [in] */
	unsigned int nr_ports;		/* [in] at most 128, else -EINVAL */
	uint64_t timeout;		/* [in] system time in ns; 0: for ever */
};
typedef struct sched_poll sched_poll_t;
DEFINE_XEN_GUEST_HANDLE(sched_poll_t);

struct sched_remote_shutdown {
	domid_t domain_id;		/* [in] */
	unsigned int reason;		/* [in] SHUTDOWN_* */
};
typedef struct sched_remote_shutdown sched_remote_shutdown_t;
DEFINE_XEN_GUEST_HANDLE(sched_remote_shutdown_t);

struct sched_watchdog {
	uint32_t id;			/* [in] 0, or what the first call returned */
	uint32_t timeout;		/* [in] seconds from now */
};
typedef struct sched_watchdog sched_watchdog_t;
DEFINE_XEN_GUEST_HANDLE(sched_watchdog_t);

struct sched_pin_override {
	int32_t pcpu;			/* [in] physical CPU; negative: undo */
};
typedef struct sched_pin_override sched_pin_override_t;
DEFINE_XEN_GUEST_HANDLE(sched_pin_override_t);

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_SCHED_H__ */
