/* SPDX-License-Identifier: GPL-2.0-only */
/* The operations of domctl on one VCPU of a domain. */
#include <xen/domctl.h>
#include <xen/errno.h>

#include "domain/domain.h"
#include "domain/vcpu_op.h"
#include "hypercall/bitmap.h"
#include "hypercall/domctl.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/pagetable.h"
#include "sched/sched.h"
#include "time/vtime.h"

static struct vcpu *vcpu_of(struct domain *d, u32 id)
{
	return id < d->max_vcpus ? d->vcpu[index_nospec(id, MAX_VCPUS)] : NULL;
}

/* Without a context: as it was made, not yet brought up. */
static long reset(struct vcpu *v)
{
	long rc;

	sched_vcpu_down(v);
	spin_lock(&v->domain->mmu_lock);
	rc = vcpu_drop_roots(v);
	spin_unlock(&v->domain->mmu_lock);
	if (rc == 0)
		v->initialised = false;
	return rc;
}

static long load(struct vcpu *v, const struct vcpu_guest_context *context)
{
	long rc;

	/* A VCPU that has run already gets another context, all of it. */
	rc = vcpu_set_context(v, context);
	if (rc)
		return rc;
	if (context->flags & VGCF_online)
		sched_vcpu_up(v);
	else
		sched_vcpu_down(v);
	return 0;
}

long domctl_setvcpucontext(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_vcpucontext *c = &op->u.vcpucontext;
	struct vcpu *v = vcpu_of(d, c->vcpu);
	struct vcpu_guest_context *context = NULL;
	long rc;

	if (!v || d->is_dying)
		return -XEN_EINVAL;
	if (c->ctxt.p) {
		context = new(struct vcpu_guest_context);
		if (!context)
			return -XEN_ENOMEM;
		if (copy_from_guest(context, c->ctxt.p, sizeof(*context))) {
			heap_free(context);
			return -XEN_EFAULT;
		}
	}
	domain_pause_sync(d);
	rc = context ? load(v, context) : reset(v);
	/* Who builds a domain clears the shared page, and then sets VCPU 0. */
	if (rc == 0 && v->id == 0)
		vtime_update_wallclock(d);
	domain_unpause(d);
	heap_free(context);
	return rc;
}

long domctl_getvcpucontext(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_vcpucontext *c = &op->u.vcpucontext;
	struct vcpu *v = vcpu_of(d, c->vcpu);
	struct vcpu_guest_context *context;
	long rc = 0;

	if (!v)
		return -XEN_ESRCH;
	if (!v->initialised)
		return -XEN_ENODATA;
	context = new(struct vcpu_guest_context);
	if (!context)
		return -XEN_ENOMEM;
	domain_pause_sync(d);
	vcpu_get_context(v, context);
	domain_unpause(d);
	if (copy_to_guest(c->ctxt.p, context, sizeof(*context)))
		rc = -XEN_EFAULT;
	heap_free(context);
	return rc;
}

long domctl_getvcpuinfo(struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_getvcpuinfo *info = &op->u.getvcpuinfo;
	struct vcpu *v = vcpu_of(d, info->vcpu);
	struct vcpu_runstate_info runstate;

	if (!v)
		return info->vcpu < d->max_vcpus ? -XEN_ESRCH : -XEN_EINVAL;
	sched_runstate(v, &runstate);
	info->online = !(READ_ONCE(v->pause_flags) & VCPU_DOWN);
	info->blocked = !!(READ_ONCE(v->pause_flags) & VCPU_BLOCKED);
	info->running = READ_ONCE(v->is_running);
	info->cpu_time = runstate.time[RUNSTATE_running];
	info->cpu = v->processor;
	return 0;
}

/* What of it a domain's VCPUs can have. */
static cpumask_t in_effect(cpumask_t cpus)
{
	return cpus & sched_cpus();
}

long domctl_setvcpuaffinity(struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
	struct vcpu *v = vcpu_of(d, a->vcpu);
	cpumask_t hard, soft;
	long rc = 0;

	if (!v)
		return -XEN_ESRCH;
	if (!(a->flags & (XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT)) || d->is_dying)
		return -XEN_EINVAL;
	if (a->flags & XEN_VCPUAFFINITY_FORCE)
		sched_pin_override(v, -1);
	if (a->flags & XEN_VCPUAFFINITY_HARD) {
		rc = cpumask_from_guest(&hard, &a->cpumap_hard);
		rc = rc ? rc : sched_set_affinity(v, hard);
		rc = rc ? rc : cpumask_to_guest(&a->cpumap_hard, in_effect(sched_get_affinity(v)));
	}
	if (rc == 0 && a->flags & XEN_VCPUAFFINITY_SOFT) {
		rc = cpumask_from_guest(&soft, &a->cpumap_soft);
		rc = rc ? rc : sched_set_soft_affinity(v, soft);
		soft = in_effect(sched_get_soft_affinity(v)) & sched_get_affinity(v);
		rc = rc ? rc : cpumask_to_guest(&a->cpumap_soft, soft);
	}
	return rc;
}

long domctl_getvcpuaffinity(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
	struct vcpu *v = vcpu_of(d, a->vcpu);
	long rc = 0;

	if (!v)
		return -XEN_ESRCH;
	if (!(a->flags & (XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT)))
		return -XEN_EINVAL;
	if (a->flags & XEN_VCPUAFFINITY_HARD)
		rc = cpumask_to_guest(&a->cpumap_hard, sched_get_affinity(v));
	if (rc == 0 && a->flags & XEN_VCPUAFFINITY_SOFT)
		rc = cpumask_to_guest(&a->cpumap_soft, sched_get_soft_affinity(v));
	return rc;
}

/* The one trigger that a PV guest has is the NMI. */
long domctl_sendtrigger(struct domain *d, struct xen_domctl *op)
{
	struct vcpu *v = vcpu_of(d, op->u.sendtrigger.vcpu);

	if (op->u.sendtrigger.trigger != XEN_DOMCTL_SENDTRIGGER_NMI)
		return -XEN_EOPNOTSUPP;
	if (!v)
		return -XEN_ESRCH;
	vcpu_send_nmi(v);
	return 0;
}

long domctl_set_ext_vcpucontext(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_ext_vcpucontext *e = &op->u.ext_vcpucontext;
	struct vcpu *v = vcpu_of(d, e->vcpu);

	if (!v)
		return -XEN_ESRCH;
	/* All up to the machine-check registers, which guests have none of. */
	if (e->size < offsetof(struct xen_domctl_ext_vcpucontext, mcg_cap) ||
	    !canonical(e->sysenter_callback_eip) || !canonical(e->syscall32_callback_eip))
		return -XEN_EINVAL;
	domain_pause_sync(d);
	v->sysenter_callback = (struct callback){
		.address = e->sysenter_callback_eip,
		.masks_events = e->sysenter_disables_events,
	};
	v->syscall32_callback = (struct callback){
		.address = e->syscall32_callback_eip,
		.masks_events = e->syscall32_disables_events,
	};
	domain_unpause(d);
	return 0;
}

long domctl_get_ext_vcpucontext(struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_ext_vcpucontext *e = &op->u.ext_vcpucontext;
	struct vcpu *v = vcpu_of(d, e->vcpu);

	if (!v)
		return -XEN_ESRCH;
	*e = (struct xen_domctl_ext_vcpucontext){
		.vcpu = v->id,
		.size = sizeof(*e),
		.sysenter_callback_eip = v->sysenter_callback.address,
		.sysenter_disables_events = v->sysenter_callback.masks_events,
		.syscall32_callback_eip = v->syscall32_callback.address,
		.syscall32_disables_events = v->syscall32_callback.masks_events,
	};
	return 0;
}
