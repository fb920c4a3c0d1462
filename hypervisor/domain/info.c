/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain as tools see it: XEN_DOMCTL_getdomaininfo and
 * XEN_SYSCTL_getdomaininfolist. A snapshot of a domain that may be running: each
 * number is true at some time, not all at the same.
 */
#include <xen/domctl.h>
#include <xen/sched.h>

#include "domain/domain.h"
#include "domain/info.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/iomem.h"
#include "sched/sched.h"

/* What a domain that has not shut down has for a reason, as Xen shows it. */
#define NO_REASON 0xffffu

/* May be set by SCHEDOP_shutdown_code before the domain shuts down. */
static u32 reason(const struct domain *d)
{
	if (!READ_ONCE(d->is_shut_down) && !READ_ONCE(d->shutdown_latched))
		return NO_REASON;
	return READ_ONCE(d->shutdown_reason) & XEN_DOMINF_shutdownmask;
}

/* Blocked is a domain all of whose VCPUs that are up are, or that has none. */
static u32 vcpus_info(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	u32 flags = XEN_DOMINF_blocked;
	struct vcpu *v;

	for_each_vcpu(d, v) {
		struct vcpu_runstate_info state;
		u32 why = READ_ONCE(v->pause_flags);

		info->max_vcpu_id = v->id;
		sched_runstate(v, &state);
		info->cpu_time += state.time[RUNSTATE_running];
		if (why & VCPU_DOWN)
			continue;
		info->nr_online_vcpus++;
		if (!(why & VCPU_BLOCKED))
			flags &= ~XEN_DOMINF_blocked;
		if (state.state == RUNSTATE_running)
			flags |= XEN_DOMINF_running;
	}
	return flags;
}

void domain_info(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	memset(info, 0, sizeof(*info));
	info->domain = d->id;
	info->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
	info->flags = vcpus_info(d, info);
	if (READ_ONCE(d->is_dying))
		info->flags |= XEN_DOMINF_dying;
	if (READ_ONCE(d->is_shut_down))
		info->flags |= XEN_DOMINF_shutdown;
	if (READ_ONCE(d->control_pauses))
		info->flags |= XEN_DOMINF_paused;
	if (READ_ONCE(d->is_debugged))
		info->flags |= XEN_DOMINF_debugged;
	info->flags |= reason(d) << XEN_DOMINF_shutdownshift;
	info->tot_pages = READ_ONCE(d->tot_pages);
	/* Tools turn this into KiB: no limit must not overflow there. */
	info->max_pages = min(READ_ONCE(d->max_pages), (u64)UINT32_MAX);
	info->outstanding_pages = READ_ONCE(d->claimed);
	info->shared_info_frame = d->shared_mfn;
	memcpy(info->handle, d->handle, sizeof(info->handle));
	info->gpaddr_bits = PAGE_SHIFT + __builtin_ctzll(iomem_end);
	if (d == domain0)
		info->arch_config.emulation_flags = XEN_X86_EMU_PIT;
}
