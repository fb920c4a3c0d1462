/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains and VCPUs come and go. A domain lives while it has references: its
 * place on the list is one, all its frames together are one, and so is whoever
 * works with it.
 */
#include <stdarg.h>

#include <xen/errno.h>
#include <xen/sched.h>

#include "cpu/debugreg.h"
#include "cpu/fpu.h"
#include "cpu/guest_mode.h"
#include "cpu/ioport.h"
#include "cpu/traps.h"
#include "domain/create.h"
#include "domain/domain.h"
#include "domain/shutdown.h"
#include "event/event.h"
#include "grant/grant.h"
#include "hypercall/memory.h"
#include "lib/format.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/frame.h"
#include "mm/iomem.h"
#include "sched/sched.h"
#include "time/vtimer.h"

struct domain *domain0;
struct domain *idle_domain;

static struct spinlock list_lock = SPINLOCK_INIT;
static struct domain *by_id[MAX_DOMAINS];
static u16 last_id; /* given to a domain that did not care */

struct domain *domain_by_id(u16 domid)
{
	if (domid >= MAX_DOMAINS)
		return NULL;
	return READ_ONCE(by_id[index_nospec(domid, MAX_DOMAINS)]);
}

/* Unless the last has gone already. */
static bool reference_get(struct domain *d)
{
	u32 n = READ_ONCE(d->references);

	do {
		if (n == 0)
			return false;
	} while (!__atomic_compare_exchange_n(&d->references, &n, n + 1, false,
					      __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return true;
}

struct domain *domain_get(u16 domid)
{
	struct domain *d;

	if (domid == DOMID_SELF)
		domid = current->domain->id;
	spin_lock(&list_lock);
	d = domain_by_id(domid);
	if (d && !reference_get(d))
		d = NULL;
	spin_unlock(&list_lock);
	return d;
}

struct domain *domain_get_from(unsigned int first)
{
	struct domain *d = NULL;

	spin_lock(&list_lock);
	for (unsigned int id = first; id < MAX_DOMAINS; id++) {
		d = by_id[id];
		if (d && reference_get(d))
			break;
		d = NULL;
	}
	spin_unlock(&list_lock);
	return d;
}

struct domain *domain_next(struct domain *d)
{
	struct domain *next = domain_get_from(d->id + 1);

	domain_put(d);
	return next;
}

/* Its timers and its place in the scheduler have gone. */
static void vcpu_destroy(struct vcpu *v)
{
	if (!v->is_idle) {
		event_vcpu_destroy(v);
		fpu_vcpu_destroy(v);
		page_free(v->traps);
	}
	v->domain->vcpu[v->id] = NULL;
	page_free(v);
}

void domain_put(struct domain *d)
{
	struct vcpu *v;

	if (__atomic_sub_fetch(&d->references, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	d->is_dying = true; /* or was never quite there */
	for_each_vcpu(d, v)
		vcpu_destroy(v);
	descriptors_destroy(d);
	ioport_domain_destroy(d);
	iomem_domain_destroy(d);
	grant_domain_destroy(d);
	event_domain_destroy(d);
	memory_map_destroy(d);
	if (d->shared)
		frame_unshare(mfn_to_frame(d->shared_mfn), d);
	heap_free(d->cpu_policy);
	spin_lock(&list_lock);
	if (domain_by_id(d->id) == d)
		by_id[d->id] = NULL;
	spin_unlock(&list_lock);
	heap_free(d);
}

/*
 * The id that a new domain gets, or -EEXIST, -ENOMEM: none is free. It stays so
 * until the domain is there, since one domain is created at a time.
 */
static int id_choose(u16 domid)
{
	u16 id = last_id;

	if (domid != DOMID_ANY)
		return domain_by_id(domid) ? -XEN_EEXIST : domid;
	/*
	 * Not at once one that has just become free: who still means the old
	 * domain shall not find the new one.
	 */
	do
		id = id + 1 < MAX_DOMAINS ? id + 1 : 1;
	while (domain_by_id(id) && id != last_id);
	if (domain_by_id(id))
		return -XEN_ENOMEM;
	last_id = id;
	return id;
}

/* The parts of a domain that are not for idle ones. */
static int parts_create(struct domain *d)
{
	int rc;

	d->shared = page_alloc();
	if (!d->shared)
		return -XEN_ENOMEM;
	d->shared_mfn = virt_to_mfn(d->shared);
	frame_share(mfn_to_frame(d->shared_mfn), d);
	rc = descriptors_init(d);
	rc = rc ? rc : ioport_domain_init(d);
	rc = rc ? rc : event_domain_init(d);
	return rc ? rc : grant_domain_init(d);
}

int domain_create(u16 domid, bool privileged, u32 max_vcpus, struct domain **out)
{
	int id = domid == DOMID_IDLE ? (int)domid : id_choose(domid), rc = 0;
	struct domain *d;

	_Static_assert(sizeof(struct vcpu) <= PAGE_SIZE, "a VCPU is a page");
	if (id < 0)
		return id;
	d = new(struct domain);
	if (!d)
		return -XEN_ENOMEM;
	d->id = id;
	d->is_privileged = privileged;
	d->is_idle = id == DOMID_IDLE;
	d->references = 1;
	d->max_vcpus = max_vcpus;
	d->frame_list = FRAME_NONE;
	d->max_pages = UINT64_MAX;
	d->target = DOMID_INVALID;
	d->pause_count = !d->is_idle;
	if (!d->is_idle)
		rc = parts_create(d);
	if (rc) {
		domain_put(d);
		return rc;
	}
	/* From now on others find it. */
	if (!d->is_idle)
		__atomic_store_n(&by_id[id], d, __ATOMIC_RELEASE);
	*out = d;
	return 0;
}

struct vcpu *vcpu_create(struct domain *d, unsigned int id, unsigned int cpu)
{
	struct vcpu *v = page_alloc();

	if (!v)
		return NULL;
	v->domain = d;
	v->id = id;
	v->is_idle = d->is_idle;
	v->processor = cpu;
	v->kernel_mode = 1;
	if (!v->is_idle) {
		debugreg_init(v);
		v->pause_flags = VCPU_DOWN;
		v->traps = page_alloc();
		if (!v->traps || fpu_vcpu_init(v) || descriptors_init_vcpu(v) ||
		    event_vcpu_init(v) || vtimer_vcpu_init(v) ||
		    sched_vcpu_init(v, cpu)) {
			vtimer_vcpu_destroy(v);
			vcpu_destroy(v);
			return NULL;
		}
	}
	d->vcpu[id] = v;
	return v;
}

void domain_pause(struct domain *d)
{
	struct vcpu *v;

	__atomic_add_fetch(&d->pause_count, 1, __ATOMIC_SEQ_CST);
	for_each_vcpu(d, v)
		sched_sleep(v);
}

void domain_pause_sync(struct domain *d)
{
	struct vcpu *v;

	domain_pause(d);
	for_each_vcpu(d, v)
		sched_sleep_sync(v);
}

void domain_unpause(struct domain *d)
{
	struct vcpu *v;

	if (__atomic_sub_fetch(&d->pause_count, 1, __ATOMIC_SEQ_CST) != 0)
		return;
	for_each_vcpu(d, v)
		sched_wake(v);
}

void domain_shutdown(struct domain *d, u32 reason)
{
	if (d == domain0)
		machine_follow_dom0(reason);
	if (__atomic_exchange_n(&d->is_shut_down, true, __ATOMIC_SEQ_CST))
		return;
	if (!d->shutdown_latched)
		d->shutdown_reason = reason;
	domain_pause(d);
	if (d->suspend_port && reason == SHUTDOWN_suspend)
		event_send(d, d->suspend_port);
	else
		event_send_global_virq(VIRQ_DOM_EXC);
}

void domain_crash(struct domain *d, const char *fmt, ...)
{
	struct vcpu *v = current;
	char why[160];
	va_list args;

	va_start(args, fmt);
	format_va(why, sizeof(why), fmt, args);
	va_end(args);
	log_error("Domain %u crashed: %s", d->id, why);
	if (v->domain == d)
		dump_guest(v);
	domain_shutdown(d, SHUTDOWN_crash);
}
