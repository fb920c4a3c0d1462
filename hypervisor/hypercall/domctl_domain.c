/* SPDX-License-Identifier: GPL-2.0-only */
/* The operations of domctl on a domain as a whole: its life and its limits. */
#include <xen/domctl.h>
#include <xen/errno.h>

#include "domain/create.h"
#include "domain/domain.h"
#include "event/event.h"
#include "grant/grant.h"
#include "hypercall/bitmap.h"
#include "hypercall/domctl.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/pagetable.h"
#include "sched/sched.h"
#include "time/clock.h"
#include "time/vtime.h"

/* A domain begins without memory, and as if the tools had paused it once. */
static int check_config(const struct xen_domctl_createdomain *c)
{
	/* PV, and no hardware to share with it. */
	if (c->flags & XEN_DOMCTL_CDF_hvm || c->arch.emulation_flags)
		return -XEN_EOPNOTSUPP;
	if (c->flags & ~(XEN_DOMCTL_CDF_xs_domain | XEN_DOMCTL_CDF_s3_integrity) ||
	    c->iommu_opts || c->vmtrace_size ||
	    c->arch.misc_flags & ~XEN_X86_MSR_RELAXED)
		return -XEN_EINVAL;
	if (c->max_vcpus < 1 || c->max_vcpus > MAX_VCPUS)
		return -XEN_EINVAL;
	if (c->grant_opts & ~XEN_DOMCTL_GRANT_version_mask ||
	    XEN_DOMCTL_GRANT_version(c->grant_opts) < 1 ||
	    XEN_DOMCTL_GRANT_version(c->grant_opts) > GRANT_MAX_VERSION)
		return -XEN_EINVAL;
	return c->cpupool_id == 0 ? 0 : -XEN_ESRCH;
}

static int set_limits(struct domain *d, const struct xen_domctl_createdomain *c)
{
	u32 frames = c->max_grant_frames < 0 ? GRANT_MAX_FRAMES : (u32)c->max_grant_frames;
	u32 maptrack = c->max_maptrack_frames < 0 ? GRANT_MAX_MAPTRACK_FRAMES :
						    (u32)c->max_maptrack_frames;

	d->max_pages = 0;
	d->control_pauses = 1;
	memcpy(d->handle, c->handle, sizeof(d->handle));
	event_set_max_port(d, c->max_evtchn_port);
	return grant_set_limits(d, frames, maptrack, XEN_DOMCTL_GRANT_version(c->grant_opts));
}

long domctl_createdomain(struct domain *none, struct xen_domctl *op)
{
	const struct xen_domctl_createdomain *c = &op->u.createdomain;
	u16 id = op->domain;
	struct domain *d;
	int rc = check_config(c);

	if (rc)
		return rc;
	if (id == 0 || id >= MAX_DOMAINS)
		id = DOMID_ANY;
	rc = domain_create(id, false, c->max_vcpus, &d);
	if (rc)
		return rc;
	rc = set_limits(d, c);
	if (rc) {
		while (domain_kill(d) == -ERESTART)
			;
		return rc;
	}
	vtime_update_wallclock(d);
	op->domain = d->id;
	return 0;
}

long domctl_destroydomain(struct domain *d, struct xen_domctl *op)
{
	return domain_kill(d);
}

long domctl_pausedomain(struct domain *d, struct xen_domctl *op)
{
	if (d->control_pauses == UINT32_MAX)
		return -XEN_EOVERFLOW;
	d->control_pauses++;
	domain_pause_sync(d);
	return 0;
}

long domctl_unpausedomain(struct domain *d, struct xen_domctl *op)
{
	if (d->control_pauses == 0)
		return -XEN_EINVAL;
	d->control_pauses--;
	d->has_run = true;
	domain_unpause(d);
	return 0;
}

/* It was shut down to be suspended, and goes on as if it had not. */
long domctl_resumedomain(struct domain *d, struct xen_domctl *op)
{
	if (!d->is_shut_down)
		return 0;
	d->is_shutting_down = false;
	d->shutdown_latched = false;
	__atomic_store_n(&d->is_shut_down, false, __ATOMIC_SEQ_CST);
	domain_unpause(d);
	return 0;
}

/* All VCPUs, as many as it was created for; a second call finds them there. */
long domctl_max_vcpus(struct domain *d, struct xen_domctl *op)
{
	if (op->u.max_vcpus.max != d->max_vcpus || d->is_dying)
		return -XEN_EINVAL;
	for (unsigned int i = 0; i < d->max_vcpus; i++)
		if (!d->vcpu[i] && !vcpu_create(d, i, sched_place(d, i)))
			return -XEN_ENOMEM;
	return 0;
}

long domctl_max_mem(struct domain *d, struct xen_domctl *op)
{
	u64 pages = op->u.max_mem.max_memkb >> (PAGE_SHIFT - 10);

	spin_lock(&d->page_lock);
	d->max_pages = min(pages, (u64)UINT32_MAX);
	spin_unlock(&d->page_lock);
	return 0;
}

long domctl_setdomainhandle(struct domain *d, struct xen_domctl *op)
{
	memcpy(d->handle, op->u.setdomainhandle.handle, sizeof(d->handle));
	return 0;
}

long domctl_setdebugging(struct domain *d, struct xen_domctl *op)
{
	d->is_debugged = !!op->u.setdebugging.enable;
	return 0;
}

long domctl_settimeoffset(struct domain *d, struct xen_domctl *op)
{
	d->time_offset = op->u.settimeoffset.time_offset_seconds;
	vtime_update_wallclock(d);
	return 0;
}

long domctl_set_target(struct domain *d, struct xen_domctl *op)
{
	struct domain *target = domain_get(op->u.set_target.target);
	long rc = 0;

	if (!target)
		return -XEN_ESRCH;
	if (target == d || (d->target != DOMID_INVALID && d->target != target->id))
		rc = -XEN_EINVAL;
	else
		d->target = target->id;
	domain_put(target);
	return rc;
}

long domctl_subscribe(struct domain *d, struct xen_domctl *op)
{
	d->suspend_port = op->u.subscribe.port;
	return 0;
}

long domctl_set_virq_handler(struct domain *d, struct xen_domctl *op)
{
	return event_set_virq_handler(d, op->u.set_virq_handler.virq);
}

/* 64-bit guests only. */
long domctl_set_address_size(struct domain *d, struct xen_domctl *op)
{
	return op->u.address_size.size == 64 ? 0 : -XEN_EINVAL;
}

long domctl_get_address_size(struct domain *d, struct xen_domctl *op)
{
	op->u.address_size.size = 64;
	return 0;
}

/* One node. */
long domctl_setnodeaffinity(struct domain *d, struct xen_domctl *op)
{
	cpumask_t nodes;
	int rc = cpumask_from_guest(&nodes, &op->u.nodeaffinity.nodemap);

	return rc ? rc : nodes & 1 ? 0 : -XEN_EINVAL;
}

long domctl_getnodeaffinity(struct domain *d, struct xen_domctl *op)
{
	return cpumask_to_guest(&op->u.nodeaffinity.nodemap, 1);
}

/* The TSC is the machine's own: mode 2, or 0, which leaves it to us. */
long domctl_settscinfo(struct domain *d, struct xen_domctl *op)
{
	u32 mode = op->u.tsc_info.tsc_mode;

	return mode == 0 || mode == 2 ? 0 : mode == 1 ? -XEN_EOPNOTSUPP : -XEN_EINVAL;
}

long domctl_gettscinfo(struct domain *d, struct xen_domctl *op)
{
	op->u.tsc_info = (struct xen_domctl_tsc_info){
		.gtsc_khz = clock_tsc_hz() / 1000,
	};
	return 0;
}
