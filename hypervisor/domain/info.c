/* SPDX-License-Identifier: GPL-2.0-only */
/* What the control interface tells about a domain. */
#include <xen/domctl.h>

#include "domain/domain.h"
#include "domain/info.h"
#include "lib/string.h"
#include "machine.h"
#include "sched/sched.h"

void domain_info(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	bool blocked = true, running = false;
	struct vcpu_runstate_info runstate;
	struct vcpu *v;

	*info = (struct xen_domctl_getdomaininfo){
		.domain = d->id,
		.tot_pages = d->tot_pages,
		.max_pages = d->max_pages,
		.outstanding_pages = d->claimed,
		.shared_info_frame = d->shared_mfn,
		.max_vcpu_id = XEN_INVALID_MAX_VCPU_ID,
	};
	memcpy(info->handle, d->handle, sizeof(info->handle));
	for_each_vcpu(d, v) {
		sched_runstate(v, &runstate);
		info->cpu_time += runstate.time[RUNSTATE_running];
		info->max_vcpu_id = v->id;
		if (READ_ONCE(v->pause_flags) & VCPU_DOWN)
			continue;
		info->nr_online_vcpus++;
		blocked &= !!(READ_ONCE(v->pause_flags) & VCPU_BLOCKED);
		running |= READ_ONCE(v->is_running);
	}
	info->flags = (d->dying_stage ? XEN_DOMINF_dying : 0) |
		      (d->is_shut_down ? XEN_DOMINF_shutdown : 0) |
		      (d->control_pauses ? XEN_DOMINF_paused : 0) |
		      (d->is_debugged ? XEN_DOMINF_debugged : 0) |
		      (blocked ? XEN_DOMINF_blocked : 0) | (running ? XEN_DOMINF_running : 0) |
		      d->shutdown_reason << XEN_DOMINF_shutdownshift;
}
