/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypercall vcpu_op: how a domain starts, stops and asks about its own
 * VCPUs. The VCPUs themselves exist already, the tools (or the dom0 builder) have
 * made them; the domain gives them a context and lets them run.
 */
#include <xen/errno.h>
#include <xen/vcpu.h>

#include "domain/domain.h"
#include "domain/vcpu_op.h"
#include "event/event.h"
#include "hypercall/hypercall.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/frame.h"
#include "mm/pagetable.h"
#include "sched/sched.h"
#include "time/vtime.h"
#include "time/vtimer.h"

/* A quarter of what an stime_t holds: sums of times cannot overflow. */
#define MAX_PERIOD (STIME_MAX >> 1)
#define MIN_PERIOD MILLISECONDS(1)

static long initialise(struct vcpu *v, const void *arg)
{
	struct vcpu_guest_context *context;
	long rc;

	/* Its place in shared_info ends at XEN_LEGACY_MAX_VCPUS. */
	if (event_info_is_private(v))
		return -XEN_EINVAL;
	if (tables_unfinished(current) && tables_finish(current))
		return hypercall_restart(__HYPERVISOR_vcpu_op, 3, (u64)VCPUOP_initialise,
					 (u64)v->id, (u64)arg);
	context = new (struct vcpu_guest_context);
	if (!context)
		return -XEN_ENOMEM;
	if (copy_from_guest(context, arg, sizeof(*context))) {
		rc = -XEN_EFAULT;
	} else if (__atomic_exchange_n(&v->initialising, true, __ATOMIC_ACQ_REL)) {
		rc = -XEN_EEXIST; /* another VCPU is at it */
	} else if (v->initialised) {
		rc = -XEN_EEXIST;
		__atomic_store_n(&v->initialising, false, __ATOMIC_RELEASE);
	} else {
		rc = vcpu_set_context(v, context);
		__atomic_store_n(&v->initialising, false, __ATOMIC_RELEASE);
	}
	heap_free(context);
	if (rc == -ERESTART)
		return hypercall_restart(__HYPERVISOR_vcpu_op, 3, (u64)VCPUOP_initialise,
					 (u64)v->id, (u64)arg);
	return rc;
}

/* The last VCPU that goes down takes its domain along: nothing could wake it. */
static long down(struct vcpu *v)
{
	bool others = false;
	struct vcpu *w;

	for_each_vcpu(v->domain, w)
		others |= w != v && !(READ_ONCE(w->pause_flags) & VCPU_DOWN);
	if (others)
		sched_vcpu_down(v);
	else
		domain_shutdown(v->domain, SHUTDOWN_poweroff);
	return 0;
}

/*
 * A place that is not mapped now is accepted, and what would be written to it is
 * lost; only the hypervisor's own range is refused.
 */
static long register_runstate(struct vcpu *v, const void *arg)
{
	struct vcpu_register_runstate_memory_area area;
	struct vcpu_runstate_info r;

	if (copy_from_guest(&area, arg, sizeof(area)))
		return -XEN_EFAULT;
	if (area.addr.p) {
		sched_runstate(v, &r);
		if (copy_to_guest(area.addr.v, &r, sizeof(r)) &&
		    area.addr.p >= HYPERVISOR_VIRT_START - sizeof(r) &&
		    area.addr.p < HYPERVISOR_VIRT_END)
			return -XEN_EFAULT;
	}
	WRITE_ONCE(v->runstate_guest, area.addr.v);
	return 0;
}

static long set_singleshot(struct vcpu *v, const void *arg)
{
	struct vcpu_set_singleshot_timer set;

	if (copy_from_guest(&set, arg, sizeof(set)))
		return -XEN_EFAULT;
	/* VCPU_SSHOTTMR_future means nothing any more: the past fires at once. */
	vtimer_set_singleshot(v, min(set.timeout_abs_ns, (u64)STIME_MAX));
	return 0;
}

static long set_periodic(struct vcpu *v, const void *arg)
{
	struct vcpu_set_periodic_timer set;

	if (copy_from_guest(&set, arg, sizeof(set)))
		return -XEN_EFAULT;
	if (set.period_ns < MIN_PERIOD || set.period_ns > MAX_PERIOD)
		return -XEN_EINVAL;
	vtimer_set_periodic(v, set.period_ns);
	return 0;
}

/*
 * The frame must be the guest's own and writable, and stays so, since we write
 * to it from now on; vcpu_info_release() gives it back.
 */
static long register_info(struct vcpu *v, const void *arg)
{
	struct vcpu_register_vcpu_info info;
	struct frame *f, *none = NULL;

	if (copy_from_guest(&info, arg, sizeof(info)))
		return -XEN_EFAULT;
	if (info.offset > PAGE_SIZE - sizeof(struct vcpu_info) ||
	    info.offset % _Alignof(struct vcpu_info))
		return -XEN_ENXIO;
	/* Nobody may look at its flags while they move. */
	if (v != current && !(READ_ONCE(v->pause_flags) & VCPU_DOWN))
		return -XEN_EINVAL;
	if (!mfn_valid(info.mfn))
		return -XEN_EINVAL;
	f = mfn_to_frame(info.mfn);
	if (!frame_get_writable(f, v->domain->id))
		return -XEN_EINVAL;
	if (!__atomic_compare_exchange_n(&v->info_frame, &none, f, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED)) {
		frame_put_writable(f);
		return -XEN_EINVAL;
	}
	event_move_vcpu_info(v, (struct vcpu_info *)((char *)frame_to_virt(f) + info.offset));
	return 0;
}

void vcpu_info_release(struct vcpu *v)
{
	struct frame *f = v->info_frame;

	if (!f)
		return;
	event_reset_vcpu_info(v);
	v->info_frame = NULL;
	frame_put_writable(f);
}

static long get_physid(struct vcpu *v, void *arg)
{
	struct vcpu_get_physid id;
	cpumask_t cpus = v->affinity;

	if (v->domain != domain0 || !cpus || (cpus & (cpus - 1)))
		return -XEN_EINVAL;
	id.phys_id = vcpu_physid(__builtin_ctzll(cpus));
	return copy_to_guest(arg, &id, sizeof(id)) ? -XEN_EFAULT : 0;
}

void vcpu_send_nmi(struct vcpu *v)
{
	if (!__atomic_exchange_n(&v->nmi_pending, true, __ATOMIC_SEQ_CST)) {
		cpu_raise_softirq(v->processor, SOFTIRQ_NMI);
		sched_unblock(v);
	}
}

long do_vcpu_op(int cmd, unsigned int vcpuid, void *arg)
{
	struct domain *d = current->domain;
	struct vcpu_runstate_info runstate;
	struct vcpu_register_time_memory_area area;
	struct vcpu *v;

	if (vcpuid >= d->max_vcpus)
		return -XEN_ENOENT;
	v = d->vcpu[index_nospec(vcpuid, d->max_vcpus)];
	if (!v)
		return -XEN_ENOENT;

	switch (cmd) {
	case VCPUOP_initialise:
		return initialise(v, arg);
	case VCPUOP_up:
		if (!v->initialised)
			return -XEN_EINVAL;
		sched_vcpu_up(v);
		return 0;
	case VCPUOP_down:
		return down(v);
	case VCPUOP_is_up:
		return !(READ_ONCE(v->pause_flags) & VCPU_DOWN);
	case VCPUOP_get_runstate_info:
		sched_runstate(v, &runstate);
		return copy_to_guest(arg, &runstate, sizeof(runstate)) ? -XEN_EFAULT : 0;
	case VCPUOP_register_runstate_memory_area:
		return register_runstate(v, arg);
	case VCPUOP_set_periodic_timer:
		return set_periodic(v, arg);
	case VCPUOP_stop_periodic_timer:
		vtimer_set_periodic(v, 0);
		return 0;
	case VCPUOP_set_singleshot_timer:
		return v == current ? set_singleshot(v, arg) : -XEN_EINVAL;
	case VCPUOP_stop_singleshot_timer:
		if (v != current)
			return -XEN_EINVAL;
		vtimer_stop_singleshot(v);
		return 0;
	case VCPUOP_register_vcpu_info:
		return register_info(v, arg);
	case VCPUOP_send_nmi:
		if (arg)
			return -XEN_EINVAL;
		vcpu_send_nmi(v);
		return 0;
	case VCPUOP_get_physid:
		return get_physid(v, arg);
	case VCPUOP_register_vcpu_time_memory_area:
		if (copy_from_guest(&area, arg, sizeof(area)))
			return -XEN_EFAULT;
		return vtime_register(v, area.addr.p);
	default:
		return -XEN_ENOSYS;
	}
}
