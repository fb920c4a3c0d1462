/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains and VCPUs of the simulated machine: made as the tools and the dom0
 * builder make them, destroyed step by step as they are, and their hypercalls.
 */
#include <xen/errno.h>

#include "domain/create.h"
#include "domain/domain.h"
#include "domain/vcpu_op.h"
#include "event/event.h"
#include "hypercall/hypercall.h"
#include "lib/string.h"
#include "mm/alloc.h"
#include "mm/frame.h"
#include "mm/pagetable.h"
#include "mm/teardown.h"
#include "sched/sched.h"
#include "sim/internal.h"
#include "sim/sim.h"
#include "time/vtimer.h"

/* A page of each domain for the structures of hypercalls. */
static void *scratch[MAX_DOMAINS];

struct vcpu *sim_vcpu(struct domain *d, unsigned int id)
{
	struct vcpu *v = vcpu_create(d, id, 0);

	BUG_ON(!v);
	return v;
}

struct domain *sim_domain(u16 domid, unsigned int vcpus, bool up)
{
	struct domain *d;
	struct vcpu *v;

	BUG_ON(domain_by_id(domid));
	BUG_ON(domain_create(domid, domid == 0, vcpus, &d));
	domain_unpause(d);
	if (domid == 0)
		domain0 = d;
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
	domain_pause(d);
	sim_run();
	if (d == domain0)
		domain0 = NULL;
	while (domain_kill(d) == -ERESTART)
		;
}

void *sim_guest_page(struct domain *d)
{
	struct frame *f = domain_frames_alloc(d, 0, 0);

	BUG_ON(!f);
	return frame_to_virt(f);
}

struct vcpu *sim_idle_vcpu(unsigned int cpu)
{
	struct vcpu *v = vcpu_create(idle_domain, cpu, cpu);

	BUG_ON(!v);
	return v;
}

void sim_domains_init(void)
{
	BUG_ON(domain_create(DOMID_IDLE, false, MAX_VCPUS, &idle_domain));
}

void sim_domains_exit(void)
{
	struct domain *d;

	for_each_domain(d)
		sim_domain_destroy(d);
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
	sim_load_vcpu(prev, v);
	current = v;
	v->is_running = true;
	v->processor = sim_cpu;
	v->runstate.state = RUNSTATE_running;
}

/* Hypercalls of the current VCPU. */

bool sim_hypercall_step(unsigned int *nr, long *rc)
{
	struct guest_regs *r = &current->regs;
	u64 rip = r->rip;

	BUG_ON(*nr >= NR_HYPERCALLS);
	*rc = hypercall_table[*nr](r->rdi, r->rsi, r->rdx, r->r10, r->r8, 0);
	if (r->rip == rip)
		return true;
	/* Rewound to the SYSCALL, with the number in rax. */
	BUG_ON(r->rip != rip - 2);
	r->rip = rip;
	*nr = *rc;
	return false;
}

long sim_hypercall(unsigned int nr, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5)
{
	struct guest_regs *r = &current->regs;
	unsigned int n = 0;
	long rc;

	r->rdi = a1;
	r->rsi = a2;
	r->rdx = a3;
	r->r10 = a4;
	r->r8 = a5;
	while (!sim_hypercall_step(&nr, &rc))
		BUG_ON(++n > 10000000);
	return rc;
}

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

	return from_guest(op, size,
			  sim_hypercall(__HYPERVISOR_event_channel_op, cmd, (u64)arg, 0, 0, 0));
}

long sim_sched_op(int cmd, void *op, size_t size)
{
	return from_guest(op, size, do_sched_op(cmd, to_guest(op, size)));
}

long sim_vcpu_op(int cmd, unsigned int vcpu, void *op, size_t size)
{
	return from_guest(op, size, do_vcpu_op(cmd, vcpu, to_guest(op, size)));
}
