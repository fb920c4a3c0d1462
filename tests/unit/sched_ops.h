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

/* Machines of so many CPUs. */
static inline int setup_1(void **state)
{
	sim_init_cpus(64 << 20, 1, "rrobin");
	return 0;
}

static inline int setup_2(void **state)
{
	sim_init_cpus(64 << 20, 2, NULL);
	return 0;
}

static inline int setup_4(void **state)
{
	sim_init_cpus(64 << 20, 4, NULL);
	return 0;
}

#define test(n, f) cmocka_unit_test_setup_teardown(f, setup_##n, teardown)

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
