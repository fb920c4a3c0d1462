/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of the scheduler share. */
#ifndef UNIT_SCHED_OPS_H
#define UNIT_SCHED_OPS_H

#include "event_ops.h"
#include "sched/sched.h"
#include "sim/check.h"
#include "sim/sim.h"

#define SLICE MILLISECONDS(10)

static inline int teardown(void **state)
{
	sim_delay_save = false;
	sim_exit();
	return 0;
}

/* Machines of so many CPUs, with round robin and with BVT. */
#define SETUP(n, sched)                                     \
	static inline int setup_##n##_##sched(void **state) \
	{                                                   \
		sim_init_cpus(64 << 20, n, #sched);         \
		return 0;                                   \
	}

SETUP(1, rrobin)
SETUP(2, rrobin)
SETUP(4, rrobin)
SETUP(1, bvt)
SETUP(2, bvt)
SETUP(4, bvt)
SETUP(1, atropos)
SETUP(2, atropos)
SETUP(4, atropos)

#define test(n, sched, f) cmocka_unit_test_setup_teardown(f, setup_##n##_##sched, teardown)
/* What no scheduler may do otherwise. */
#define test_all(n, f)                                                       \
	{ #f " (rrobin)", f, setup_##n##_rrobin, teardown, NULL },           \
		{ #f " (atropos)", f, setup_##n##_atropos, teardown, NULL }, \
	{                                                                    \
#f " (bvt)", f, setup_##n##_bvt, teardown, NULL              \
	}

/* A domain of one VCPU that runs for ever. */
static inline struct vcpu *spinner(u16 domid)
{
	return sim_domain(domid, 1, true)->vcpu[0];
}

/* How long v has run. */
static inline stime_t ran(struct vcpu *v)
{
	struct vcpu_runstate_info r;

	sched_runstate(v, &r);
	return r.time[RUNSTATE_running];
}

static inline bool runs(struct vcpu *v)
{
	return v->runstate.state == RUNSTATE_running;
}

/* As v, in a hypercall on the CPU that runs it. */
static inline void on_cpu_of(struct vcpu *v)
{
	assert_true(runs(v));
	sim_cpu = v->processor;
	assert_ptr_equal(current, v);
}

static inline void block(struct vcpu *v)
{
	on_cpu_of(v);
	assert_int_equal(do_sched_op(SCHEDOP_block, NULL), 0);
}

#endif
