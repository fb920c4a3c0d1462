/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domain 0 has shut down. Power off means power off: a kernel that drives ACPI
 * itself has done it by now, one that does not wants us to. A crash restarts the
 * machine, unless `noreboot` keeps it for somebody to look at.
 */
#include <xen/sched.h>

#include "cpu/shutdown.h"
#include "domain/domain.h"
#include "domain/shutdown.h"
#include "machine.h"
#include "mm/audit.h"
#include "sched/sched.h"

bool domains_stop(void)
{
	static bool stopping;
	struct domain *d;
	struct vcpu *v;

	/* Another of domain 0's VCPUs was first, and waits for us to leave. */
	if (__atomic_exchange_n(&stopping, true, __ATOMIC_SEQ_CST))
		return false;
	for_each_domain(d)
		domain_pause(d);
	for_each_domain(d)
		for_each_vcpu(d, v)
			if (v != current)
				sched_sleep_sync(v);
	audit_report();
	return true;
}

void machine_follow_dom0(u32 reason)
{
	/* Who crashed may have died with a lock held. */
	if (reason == SHUTDOWN_crash)
		audit_report();
	else if (!domains_stop())
		return;
	switch (reason) {
	case SHUTDOWN_poweroff:
		log_info("Domain 0 has halted: powering off");
		machine_halt();
	case SHUTDOWN_reboot:
		log_info("Domain 0 wants a reboot: restarting");
		machine_restart();
	case SHUTDOWN_crash:
		log_error("Domain 0 crashed: restarting");
		machine_crashed();
	default:
		log_error("Domain 0 shut down for reason %u: restarting",
			  reason);
		machine_crashed();
	}
}
