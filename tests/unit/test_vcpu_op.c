/* SPDX-License-Identifier: GPL-2.0-only */
/* vcpu_op and set_timer_op: VCPUs' life, their timers, their vcpu_info. */
#include "test.h"

#include <string.h>

#include <xen/vcpu.h>

#include "domain/vcpu_op.h"
#include "event_ops.h"
#include "hypercall/hypercall.h"
#include "mm/alloc.h"
#include "mm/frame.h"
#include "sched/sched.h"
#include "sim/heap.h"
#include "time/vtimer.h"

static struct domain *d0, *d1;
static struct vcpu *v, *w; /* of d1: v runs, w is down */
static long timer_port;

static int setup(void **state)
{
	sim_init_cpus(64 << 20, 2, NULL);
	d1 = sim_domain(1, 40, false);
	d0 = sim_domain(0, 1, false);
	v = d1->vcpu[0];
	w = d1->vcpu[1];
	sched_vcpu_up(v);
	sim_run();
	sim_cpu = v->processor;
	timer_port = ev_bind_virq(VIRQ_TIMER, 0);
	return 0;
}

static int teardown(void **state)
{
	sim_exit();
	return 0;
}

static long op(int cmd, unsigned int vcpu)
{
	return sim_vcpu_op(cmd, vcpu, NULL, 0);
}

/* Whether VIRQ_TIMER came since last asked. */
static bool ticked(void)
{
	bool yes = is_pending(d1, timer_port);

	clear_pending(d1, timer_port);
	v->info->evtchn_pending_sel = 0;
	v->info->evtchn_upcall_pending = 0;
	return yes;
}

static void test_no_such(void **state)
{
	assert_int_equal(op(VCPUOP_is_up, 40), -XEN_ENOENT);
	assert_int_equal(op(VCPUOP_is_up, -1), -XEN_ENOENT);
	assert_int_equal(op(99, 40), -XEN_ENOENT);
	assert_int_equal(op(99, 0), -XEN_ENOSYS);
	assert_int_equal(op(14, 0), -XEN_ENOSYS);
}

static void test_bad_pointers(void **state)
{
	static const int cmds[] = {
		VCPUOP_initialise,
		VCPUOP_get_runstate_info,
		VCPUOP_register_runstate_memory_area,
		VCPUOP_set_periodic_timer,
		VCPUOP_set_singleshot_timer,
		VCPUOP_register_vcpu_info,
		VCPUOP_register_vcpu_time_memory_area,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cmds); i++) {
		assert_int_equal(do_vcpu_op(cmds[i], 0, NULL), -XEN_EFAULT);
		assert_int_equal(do_vcpu_op(cmds[i], 0, d0->shared), -XEN_EFAULT);
	}
}

static void test_life(void **state)
{
	/* It does not fit into one page. */
	struct vcpu_guest_context *g = frame_to_virt(domain_frames_alloc(d1, 1, 0));

	w->initialised = false;
	assert_int_equal(op(VCPUOP_is_up, 0), 1);
	assert_int_equal(op(VCPUOP_is_up, 1), 0);
	assert_int_equal(op(VCPUOP_up, 1), -XEN_EINVAL);
	g->user_regs.rip = 1ul << 63;
	assert_int_equal(do_vcpu_op(VCPUOP_initialise, 1, g), -XEN_EINVAL);
	sim_heap_fail_after = 1;
	assert_int_equal(do_vcpu_op(VCPUOP_initialise, 1, g), -XEN_ENOMEM);
	memset(g, 0, sizeof(*g));
	g->flags = VGCF_in_kernel;
	/* An empty page is a page table. */
	g->ctrlreg[3] = virt_to_mfn(sim_guest_page(d1)) << PAGE_SHIFT;
	assert_int_equal(do_vcpu_op(VCPUOP_initialise, 1, g), 0);
	assert_int_equal(do_vcpu_op(VCPUOP_initialise, 1, g), -XEN_EEXIST);
	assert_int_equal(do_vcpu_op(VCPUOP_initialise, 0, g), -XEN_EEXIST);
	/* Beyond shared_info it needs a place for its vcpu_info first. */
	d1->vcpu[33]->initialised = false;
	assert_int_equal(do_vcpu_op(VCPUOP_initialise, 33, g), -XEN_EINVAL);
	sim_run();
	assert_int_equal(op(VCPUOP_is_up, 1), 0);
	assert_int_equal(op(VCPUOP_up, 1), 0);
	assert_int_equal(op(VCPUOP_up, 1), 0);
	sim_run();
	assert_int_equal(w->runstate.state, RUNSTATE_running);
	assert_int_equal(op(VCPUOP_is_up, 1), 1);
	assert_int_equal(op(VCPUOP_down, 1), 0);
	assert_int_equal(op(VCPUOP_down, 1), 0);
	sim_run();
	assert_int_equal(w->runstate.state, RUNSTATE_offline);
	assert_false(d1->is_shut_down);
	/* The last one takes the domain along. */
	assert_int_equal(op(VCPUOP_down, 0), 0);
	sim_run();
	assert_true(d1->is_shut_down);
	assert_int_equal(d1->shutdown_reason, SHUTDOWN_poweroff);
}

static void test_runstate(void **state)
{
	struct vcpu_runstate_info r;
	struct vcpu_register_runstate_memory_area area = { 0 };
	struct vcpu_runstate_info *copy = sim_guest_page(d1);

	sim_advance(12345);
	assert_int_equal(sim_vcpu_op(VCPUOP_get_runstate_info, 0, &r, sizeof(r)), 0);
	assert_int_equal(r.state, RUNSTATE_running);
	assert_int_equal(r.time[RUNSTATE_running], 12345);
	assert_int_equal(sim_vcpu_op(VCPUOP_get_runstate_info, 1, &r, sizeof(r)), 0);
	assert_int_equal(r.state, RUNSTATE_offline);
	area.addr.v = copy;
	assert_int_equal(sim_vcpu_op(VCPUOP_register_runstate_memory_area, 1, &area, sizeof(area)),
			 0);
	assert_int_equal(copy->state, RUNSTATE_offline); /* at once */
	assert_ptr_equal(w->runstate_guest, copy);
	/* Not mapped now is fine, the hypervisor's own never. */
	area.addr.p = HYPERVISOR_VIRT_START;
	assert_int_equal(sim_vcpu_op(VCPUOP_register_runstate_memory_area, 1, &area, sizeof(area)),
			 -XEN_EFAULT);
	area.addr.p = HYPERVISOR_VIRT_START - 8;
	assert_int_equal(sim_vcpu_op(VCPUOP_register_runstate_memory_area, 1, &area, sizeof(area)),
			 -XEN_EFAULT);
	assert_ptr_equal(w->runstate_guest, copy);
	area.addr.p = 0x1000;
	assert_int_equal(sim_vcpu_op(VCPUOP_register_runstate_memory_area, 1, &area, sizeof(area)),
			 0);
	assert_int_equal((u64)w->runstate_guest, 0x1000);
	area.addr.p = 0;
	assert_int_equal(sim_vcpu_op(VCPUOP_register_runstate_memory_area, 1, &area, sizeof(area)),
			 0);
	assert_null(w->runstate_guest);
}

static long singleshot(unsigned int vcpu, u64 at, u32 flags)
{
	struct vcpu_set_singleshot_timer set = { .timeout_abs_ns = at, .flags = flags };

	return sim_vcpu_op(VCPUOP_set_singleshot_timer, vcpu, &set, sizeof(set));
}

static void test_singleshot(void **state)
{
	assert_int_equal(singleshot(1, now() + 10, 0), -XEN_EINVAL);
	assert_int_equal(op(VCPUOP_stop_singleshot_timer, 1), -XEN_EINVAL);
	assert_int_equal(singleshot(0, now() + 10, 0), 0);
	sim_advance(9);
	assert_false(ticked());
	sim_advance(1);
	assert_true(ticked());
	sim_advance(1000);
	assert_false(ticked());
	assert_int_equal(singleshot(0, now() + 10, 0), 0);
	assert_int_equal(op(VCPUOP_stop_singleshot_timer, 0), 0);
	sim_advance(1000);
	assert_false(ticked());
	/* The past: at once, whatever the flags say. */
	assert_int_equal(singleshot(0, now() - 10, VCPU_SSHOTTMR_future), 0);
	sim_run();
	assert_true(ticked());
	assert_int_equal(singleshot(0, -1ul, 0), 0);
	sim_advance(SECONDS(1000));
	assert_false(ticked());
}

static void test_set_timer(void **state)
{
	assert_int_equal(do_set_timer_op(now() + 500), 0);
	assert_int_equal(do_set_timer_op(now() + 700), 0); /* the last one counts */
	sim_advance(699);
	assert_false(ticked());
	sim_advance(1);
	assert_true(ticked());
	assert_int_equal(do_set_timer_op(now() + 500), 0);
	assert_int_equal(do_set_timer_op(0), 0);
	sim_advance(1000);
	assert_false(ticked());
	assert_int_equal(do_set_timer_op(1), 0);
	sim_run();
	assert_true(ticked());
	/* What cannot be meant: soon, but not at once. */
	assert_int_equal(do_set_timer_op(-1), 0);
	sim_run();
	assert_false(ticked());
	sim_advance(MILLISECONDS(100));
	assert_true(ticked());
	assert_int_equal(do_set_timer_op(now() + (1ll << 50) + 1), 0);
	sim_advance(MILLISECONDS(100));
	assert_true(ticked());
	assert_int_equal(do_set_timer_op(now() + (1ll << 50) - 1), 0);
	sim_advance(MILLISECONDS(200));
	assert_false(ticked());
}

/* A blocked VCPU is woken by it, and it follows its VCPU to another CPU. */
static void test_timer_wakes(void **state)
{
	unsigned int cpu;

	do_set_timer_op(now() + 5000);
	do_sched_op(SCHEDOP_block, NULL);
	sim_run();
	assert_int_equal(v->runstate.state, RUNSTATE_blocked);
	sim_advance(4999);
	assert_int_equal(v->runstate.state, RUNSTATE_blocked);
	sim_advance(1);
	assert_int_equal(v->runstate.state, RUNSTATE_running);
	assert_true(ticked());

	sim_cpu = cpu = v->processor;
	do_set_timer_op(now() + 5000);
	sched_set_affinity(v, cpumask_of(!cpu));
	sim_run();
	assert_int_equal(v->processor, !cpu);
	assert_int_equal(v->vtimer->singleshot.cpu, !cpu);
	sim_advance(5000);
	assert_true(ticked());
	assert_int_equal(sim_count.kicks, 0);
}

static long periodic(unsigned int vcpu, u64 ns)
{
	struct vcpu_set_periodic_timer set = { .period_ns = ns };

	return sim_vcpu_op(VCPUOP_set_periodic_timer, vcpu, &set, sizeof(set));
}

static void test_periodic(void **state)
{
	assert_int_equal(periodic(0, 0), -XEN_EINVAL);
	assert_int_equal(periodic(0, MILLISECONDS(1) - 1), -XEN_EINVAL);
	assert_int_equal(periodic(0, 1ul << 62), -XEN_EINVAL);
	assert_int_equal(periodic(0, -1ul), -XEN_EINVAL);
	assert_int_equal(periodic(1, (1ul << 62) - 1), 0);
	assert_int_equal(periodic(0, MILLISECONDS(4)), 0);
	for (int i = 0; i < 10; i++) {
		sim_advance(MILLISECONDS(4) - 1);
		assert_false(ticked());
		sim_advance(1);
		assert_true(ticked());
	}
	/* It stands still while its VCPU does, and then comes once, in step. */
	sim_advance(MILLISECONDS(1));
	sim_cpu = v->processor;
	do_sched_op(SCHEDOP_block, NULL);
	sim_run();
	assert_false(timer_is_set(&v->vtimer->periodic));
	sim_advance(MILLISECONDS(13));
	assert_int_equal(v->runstate.state, RUNSTATE_blocked);
	sched_event(v);
	sim_run();
	assert_true(ticked());
	sim_advance(MILLISECONDS(2) - 1);
	assert_false(ticked());
	sim_advance(1);
	assert_true(ticked());
	/* It follows to another CPU. */
	sched_set_affinity(v, cpumask_of(!v->processor));
	sim_advance(MILLISECONDS(4));
	assert_true(ticked());
	assert_int_equal(v->vtimer->periodic.cpu, v->processor);
	sim_cpu = v->processor;
	assert_int_equal(op(VCPUOP_stop_periodic_timer, 0), 0);
	sim_advance(SECONDS(1));
	assert_false(ticked());
	assert_int_equal(op(VCPUOP_stop_periodic_timer, 0), 0);
}

/* PV guests start with 100 Hz, once they run. Set by another VCPU, too. */
static void test_periodic_default(void **state)
{
	struct domain *d = sim_domain(2, 2, false);
	struct vcpu *x = d->vcpu[1];
	long port;

	vtimer_vcpu_destroy(x);
	assert_int_equal(vtimer_vcpu_init(x), 0);
	assert_int_equal(x->vtimer->period, MILLISECONDS(10));
	assert_false(timer_is_set(&x->vtimer->periodic));
	sched_vcpu_up(x);
	sim_run();
	sim_cpu = x->processor;
	port = ev_bind_virq(VIRQ_TIMER, 1);
	sim_advance(MILLISECONDS(10));
	assert_true(is_pending(d, port));
	vtimer_set_periodic(x, 0);
	clear_pending(d, port);
	/* As VCPU 0 of another CPU would: the timer goes to where x is. */
	timer_migrate(&x->vtimer->periodic, !x->processor);
	sim_cpu = !x->processor;
	vtimer_set_periodic(x, MILLISECONDS(5));
	x->info->evtchn_pending_sel = 0;
	sim_advance(MILLISECONDS(5));
	assert_true(is_pending(d, port));
}

static long register_info(unsigned int vcpu, u64 mfn, u32 offset)
{
	struct vcpu_register_vcpu_info i = { .mfn = mfn, .offset = offset };

	return sim_vcpu_op(VCPUOP_register_vcpu_info, vcpu, &i, sizeof(i));
}

static void test_vcpu_info(void **state)
{
	char *page = sim_guest_page(d1);
	u64 mfn = virt_to_mfn(page);
	struct vcpu_info *info = (void *)(page + 64);
	long port = ev_bind_ipi(1);

	assert_int_equal(register_info(0, mfn, 4095), -XEN_ENXIO);
	assert_int_equal(register_info(0, mfn, 4096 - 56), -XEN_ENXIO);
	assert_int_equal(register_info(0, mfn, 4), -XEN_ENXIO);
	assert_int_equal(register_info(0, mfn, -8), -XEN_ENXIO);
	assert_int_equal(register_info(0, 1ull << 40, 0), -XEN_EINVAL);
	assert_int_equal(register_info(0, virt_to_mfn(sim_guest_page(d0)), 0), -XEN_EINVAL);
	mfn_to_frame(mfn)->type = FRAME_L1 | FRAME_VALIDATED | 1;
	assert_int_equal(register_info(0, mfn, 0), -XEN_EINVAL);
	mfn_to_frame(mfn)->type = 0;
	assert_int_equal(mfn_to_frame(mfn)->ref & FRAME_REF_MASK, 1);

	/* What is pending moves along, and everything is marked. */
	v->info->evtchn_upcall_mask = 1;
	v->info->time.version = 44;
	v->info->arch.cr2 = 0x1234;
	assert_int_equal(register_info(0, mfn, 64), 0);
	assert_ptr_equal(v->info, info);
	assert_int_equal(info->evtchn_upcall_mask, 1);
	assert_int_equal(info->evtchn_upcall_pending, 1);
	assert_int_equal(info->evtchn_pending_sel, ~0ul);
	assert_int_equal(info->time.version, 44);
	assert_int_equal(info->arch.cr2, 0x1234);
	assert_int_equal(register_info(0, mfn, 64), -XEN_EINVAL); /* once */
	assert_int_equal(register_info(0, mfn, 4095), -XEN_ENXIO);

	/* Another VCPU's: only while it is down. Then events go there. */
	sched_vcpu_up(w);
	sim_run();
	assert_int_equal(register_info(1, mfn, 128), -XEN_EINVAL);
	sched_vcpu_down(w);
	sim_run();
	assert_int_equal(register_info(1, mfn, 128), 0);
	info = (void *)(page + 128);
	memset(info, 0, sizeof(*info));
	ev_send(port);
	assert_int_equal(info->evtchn_upcall_pending, 1);
	assert_int_equal(info->evtchn_pending_sel, 1);
	assert_int_equal(mfn_to_frame(mfn)->type & FRAME_TYPE_COUNT, 2);
	/* A VCPU beyond shared_info. */
	assert_true(event_info_is_private(d1->vcpu[32]));
	assert_false(event_info_is_private(d1->vcpu[31]));
	assert_int_equal(register_info(32, mfn, 192), 0);
	assert_false(event_info_is_private(d1->vcpu[32]));
	/* The domain dies: the frame is given back (checked at the end). */
	vcpu_info_release(w);
	vcpu_info_release(w);
	assert_int_equal(mfn_to_frame(mfn)->type & FRAME_TYPE_COUNT, 2);
	assert_int_equal(register_info(1, mfn, 128), 0);
}

static void test_others(void **state)
{
	struct vcpu_get_physid id;
	struct vcpu_register_time_memory_area area = { 0 };

	area.addr.p = 0x123456;
	assert_int_equal(op(VCPUOP_send_nmi, 0), 0);
	assert_true(v->nmi_pending);
	sim_run();
	assert_int_equal(do_vcpu_op(VCPUOP_send_nmi, 0, d1), -XEN_EINVAL);
	assert_int_equal(sim_vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &area, sizeof(area)),
			 0);
	assert_int_equal(v->time_info_guest, 0x123456);
	assert_int_equal(sim_vcpu_op(VCPUOP_get_physid, 0, &id, sizeof(id)), -XEN_EINVAL);
	sched_set_affinity(v, 1);
	assert_int_equal(sim_vcpu_op(VCPUOP_get_physid, 0, &id, sizeof(id)), -XEN_EINVAL);
	/* Domain 0, when it is pinned. */
	sched_vcpu_up(d0->vcpu[0]);
	sim_run();
	sim_cpu = d0->vcpu[0]->processor;
	assert_int_equal(sim_vcpu_op(VCPUOP_get_physid, 0, &id, sizeof(id)), -XEN_EINVAL);
	sched_set_affinity(d0->vcpu[0], 2);
	sim_run();
	sim_cpu = 1;
	assert_int_equal(sim_vcpu_op(VCPUOP_get_physid, 0, &id, sizeof(id)), 0);
	assert_int_equal(id.phys_id, vcpu_physid(1));
	assert_int_equal(do_vcpu_op(VCPUOP_get_physid, 0, NULL), -XEN_EFAULT);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_no_such),	test(test_bad_pointers), test(test_life),
		test(test_runstate),	test(test_singleshot),	 test(test_set_timer),
		test(test_timer_wakes), test(test_periodic),	 test(test_periodic_default),
		test(test_vcpu_info),	test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
