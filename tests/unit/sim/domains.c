/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains and VCPUs of the simulated machine. The real ones (domain/domain.c)
 * need a CPU's descriptor tables and registers; these have only what the core
 * looks at, and use the core's own functions for it. In the same way the few
 * functions stand in that the hypercalls end in: contexts, shutting down.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <xen/errno.h>

#include "domain/domain.h"
#include "domain/vcpu_op.h"
#include "event/event.h"
#include "hypercall/hypercall.h"
#include "lib/string.h"
#include "mm/alloc.h"
#include "mm/frame.h"
#include "sched/sched.h"
#include "sim/internal.h"
#include "sim/sim.h"
#include "time/vtime.h"
#include "time/vtimer.h"

struct list domain_list = LIST_INIT(domain_list);
struct domain *domain0;
struct domain *idle_domain;
static struct domain *by_id[MAX_DOMAINS];

/* A page of each domain for the structures of hypercalls. */
static void *scratch[MAX_DOMAINS];

struct domain *domain_by_id(u16 domid)
{
	return domid < MAX_DOMAINS ? by_id[domid] : NULL;
}

struct domain *domain_get(u16 domid)
{
	struct domain *d = domid == DOMID_SELF ? current->domain : domain_by_id(domid);

	if (d)
		d->references++;
	return d;
}

void domain_put(struct domain *d)
{
	BUG_ON(d->references == 0);
	if (--d->references)
		return;
	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		if (!d->vcpu[i])
			continue;
		if (!d->is_idle)
			event_vcpu_destroy(d->vcpu[i]);
		free(d->vcpu[i]);
	}
	if (d->shared)
		frame_unshare(mfn_to_frame(d->shared_mfn));
	if (d->event)
		event_domain_destroy(d);
	if (d->id < MAX_DOMAINS)
		by_id[d->id] = NULL;
	free(d);
}

struct vcpu *sim_vcpu(struct domain *d, unsigned int id)
{
	struct vcpu *v = calloc(1, sizeof(*v));

	v->domain = d;
	v->id = id;
	v->is_idle = d->is_idle;
	v->kernel_mode = 1;
	if (!v->is_idle)
		BUG_ON(event_vcpu_init(v) || vtimer_vcpu_init(v) || sched_vcpu_init(v, 0));
	d->vcpu[id] = v;
	return v;
}

struct domain *sim_domain(u16 domid, unsigned int vcpus, bool up)
{
	struct domain *d = calloc(1, sizeof(*d));
	struct vcpu *v;

	d->id = domid;
	d->references = 1;
	d->max_vcpus = vcpus;
	d->frame_list = FRAME_NONE;
	d->max_pages = UINT64_MAX;
	d->is_idle = domid == DOMID_IDLE;
	list_init(&d->link);
	if (d->is_idle)
		return d;

	BUG_ON(by_id[domid]);
	by_id[domid] = d;
	list_add_tail(&domain_list, &d->link);
	if (domid == 0) {
		domain0 = d;
		d->is_privileged = true;
	}
	d->shared = page_alloc();
	d->shared_mfn = virt_to_mfn(d->shared);
	frame_share(mfn_to_frame(d->shared_mfn), d);
	BUG_ON(event_domain_init(d));
	scratch[domid] = sim_guest_page(d);
	for (unsigned int i = 0; i < vcpus; i++) {
		v = sim_vcpu(d, i);
		/* Tests that want the periodic timer set it. */
		vtimer_set_periodic(v, 0);
		v->initialised = true;
		if (up)
			sched_vcpu_up(v);
	}
	return d;
}

void sim_domain_destroy(struct domain *d)
{
	struct vcpu *v;

	domain_pause(d);
	sim_run();
	d->is_dying = true;
	while (event_domain_kill(d) == -XEN_ERESTART)
		;
	sched_watchdogs_destroy(d);
	for_each_vcpu(d, v) {
		vcpu_info_release(v);
		sched_vcpu_destroy(v);
		vtimer_vcpu_destroy(v);
	}
	if (d == domain0)
		domain0 = NULL;
	list_del(&d->link);
	while (d->frame_list != FRAME_NONE)
		frame_put(mfn_to_frame(d->frame_list));
	domain_put(d);
}

void *sim_guest_page(struct domain *d)
{
	struct frame *f = domain_frames_alloc(d, 0, 0);

	BUG_ON(!f);
	return frame_to_virt(f);
}

struct vcpu *sim_idle_vcpu(unsigned int cpu)
{
	return sim_vcpu(idle_domain, cpu);
}

void sim_domains_init(void)
{
	idle_domain = sim_domain(DOMID_IDLE, MAX_VCPUS, false);
}

void sim_domains_exit(void)
{
	while (!list_empty(&domain_list))
		sim_domain_destroy(list_first(&domain_list, struct domain, link));
	domain_put(idle_domain);
	idle_domain = NULL;
}

void sim_become(struct vcpu *v)
{
	struct vcpu *prev = current;

	if (prev == v)
		return;
	prev->is_running = false;
	prev->runstate.state = RUNSTATE_offline;
	current = v;
	v->is_running = true;
	v->processor = sim_cpu;
	v->runstate.state = RUNSTATE_running;
}

void domain_pause(struct domain *d)
{
	struct vcpu *v;

	d->pause_count++;
	for_each_vcpu(d, v)
		sched_sleep(v);
}

void domain_unpause(struct domain *d)
{
	struct vcpu *v;

	if (--d->pause_count)
		return;
	for_each_vcpu(d, v)
		sched_wake(v);
}

void domain_shutdown(struct domain *d, u32 reason)
{
	if (d->is_shut_down)
		return;
	d->is_shut_down = true;
	if (!d->shutdown_latched)
		d->shutdown_reason = reason;
	domain_pause(d);
	event_send_global_virq(VIRQ_DOM_EXC);
}

void domain_crash(struct domain *d, const char *fmt, ...)
{
	domain_shutdown(d, SHUTDOWN_crash);
}

int vcpu_set_context(struct vcpu *v, const struct vcpu_guest_context *context)
{
	if (context->user_regs.rip >> 47)
		return -XEN_EINVAL;
	v->initialised = true;
	return 0;
}

u64 vcpu_physid(unsigned int cpu)
{
	return (u64)(cpu + 1) << 32 | cpu;
}

int vtime_register(struct vcpu *v, u64 address)
{
	v->time_info_guest = address;
	return 0;
}

long hypercall_restart(unsigned int op, unsigned int nr_args, ...)
{
	return -XEN_ERESTART;
}

/* Hypercalls of the current VCPU. */

static void *to_guest(void *op, size_t size)
{
	return op ? memcpy(scratch[current->domain->id], op, size) : NULL;
}

static long from_guest(void *op, size_t size, long rc)
{
	if (op)
		memcpy(op, scratch[current->domain->id], size);
	return rc;
}

long sim_event_op(int cmd, void *op, size_t size)
{
	void *arg = to_guest(op, size);
	long rc;

	do
		rc = do_event_channel_op(cmd, arg);
	while (rc == -XEN_ERESTART);
	return from_guest(op, size, rc);
}

long sim_sched_op(int cmd, void *op, size_t size)
{
	return from_guest(op, size, do_sched_op(cmd, to_guest(op, size)));
}

long sim_vcpu_op(int cmd, unsigned int vcpu, void *op, size_t size)
{
	return from_guest(op, size, do_vcpu_op(cmd, vcpu, to_guest(op, size)));
}
