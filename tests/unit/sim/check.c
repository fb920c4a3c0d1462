/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What must be true of the core between two hypercalls, whatever guests do.
 * Random tests and the fuzzer call these after each step.
 */
#include "event/internal.h"
#include "sched/sched.h"
#include "sim/check.h"
#include "sim/sim.h"

/* No VCPU runs twice, or while it must not; no CPU idles while one waits. */
static void check_vcpu(struct vcpu *v, unsigned int cpus)
{
	unsigned int running = 0;

	for (unsigned int cpu = 0; cpu < cpus; cpu++) {
		if (sim_current[cpu] != v)
			continue;
		running++;
		BUG_ON(v->processor != cpu || !v->is_running || !vcpu_runnable(v));
		BUG_ON(!(v->affinity & cpumask_of(cpu)));
	}
	BUG_ON(running > 1);
	BUG_ON(running != (v->runstate.state == RUNSTATE_running));
	BUG_ON(vcpu_runnable(v) != v->sched_runnable);
	BUG_ON(v->poll_port && running); /* ends when it runs again */
	if (running || !vcpu_runnable(v))
		return;
	BUG_ON(v->runstate.state != RUNSTATE_runnable);
	for (unsigned int cpu = 0; cpu < cpus; cpu++)
		BUG_ON(sim_current[cpu]->is_idle && (v->affinity & cpumask_of(cpu)));
}

void sim_check_sched(void)
{
	unsigned int cpus = __builtin_popcountll(sched_cpus());
	struct domain *d;
	struct vcpu *v;

	for_each_domain(d) {
		u32 pollers = 0;

		for_each_vcpu(d, v) {
			check_vcpu(v, cpus);
			pollers += v->poll_port != 0;
		}
		BUG_ON(d->pollers != pollers);
	}
}

static void check_channel(struct domain *d, struct channel *c, u32 port)
{
	struct channel *p;

	BUG_ON(c->vcpu >= d->max_vcpus);
	switch (c->state) {
	case EVTCHNSTAT_closed:
	case EVTCHNSTAT_unbound:
	case EVTCHNSTAT_ipi:
		break;
	case EVTCHNSTAT_interdomain:
		p = c->peer.channel;
		BUG_ON(domain_by_id(c->peer.domain->id) != c->peer.domain);
		BUG_ON(p != channel_get(c->peer.domain->event, c->peer.port));
		BUG_ON(p->state != EVTCHNSTAT_interdomain || p->peer.channel != c ||
		       p->peer.domain != d || p->peer.port != port);
		break;
	case EVTCHNSTAT_virq:
		BUG_ON(d->vcpu[virq_is_global(c->virq) ? 0 : c->vcpu]->event->virq_port[c->virq] !=
		       port);
		break;
	case EVTCHNSTAT_pirq:
		BUG_ON(d->event->pirq_port[c->pirq] != port);
		break;
	default:
		BUG();
	}
}

void sim_check_events(void)
{
	struct domain *d;
	struct vcpu *v;

	for_each_domain(d) {
		struct event_domain *ed = d->event;
		u32 used = 0, virqs = 0;

		BUG_ON(spin_is_locked(&ed->lock) || ed->nr_ports > ed->max_ports);
		for (u32 port = 0; port < ed->nr_ports; port++) {
			struct channel *c = channel_get(ed, port);

			check_channel(d, c, port);
			used += c->state != EVTCHNSTAT_closed;
			virqs += c->state == EVTCHNSTAT_virq;
			BUG_ON(port && port < ed->free_hint && c->state == EVTCHNSTAT_closed);
		}
		BUG_ON(used != ed->used);
		for_each_vcpu(d, v)
			for (u32 i = 0; i < NR_VIRQS; i++)
				virqs -= v->event->virq_port[i] != 0;
		BUG_ON(virqs);
	}
}
