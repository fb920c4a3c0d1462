/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event channels, 2-level: every operation, its errors (as seen on Xen 4.17),
 * and that an event that is sent arrives.
 */
#include "test.h"

#include "event_ops.h"
#include "irq/pirq.h"
#include "sched/sched.h"
#include "sim/heap.h"

static struct domain *d0, *d1, *d2;

static int setup(void **state)
{
	sim_init(64 << 20);
	d0 = sim_domain(0, 4, false);
	d1 = sim_domain(1, 2, false);
	d2 = sim_domain(2, 1, false);
	sim_become(d1->vcpu[0]);
	return 0;
}

static int teardown(void **state)
{
	sim_exit();
	return 0;
}

/* Physical interrupts 0 to 15 exist, 5 is somebody else's, 6 is in use. */
static unsigned int pirq_port_bound[16];

int pirq_bind(struct domain *d, unsigned int pirq, u32 port, bool share)
{
	if (pirq >= 16)
		return -XEN_EINVAL;
	if (pirq == 5)
		return -XEN_EPERM;
	if (pirq == 6 && !share)
		return -XEN_EBUSY;
	assert_int_equal(pirq_port_bound[pirq], 0);
	pirq_port_bound[pirq] = port;
	return 0;
}

void pirq_unbind(struct domain *d, unsigned int pirq)
{
	assert_int_not_equal(pirq_port_bound[pirq], 0);
	pirq_port_bound[pirq] = 0;
}

static void test_alloc_unbound(void **state)
{
	struct evtchn_status s;

	assert_int_equal(ev_alloc_unbound(DOMID_SELF, 2), 1);
	assert_int_equal(ev_alloc_unbound(1, 2), 2);
	assert_int_equal(ev_alloc_unbound(DOMID_SELF, DOMID_SELF), 3);
	assert_int_equal(ev_status(DOMID_SELF, 1, &s), EVTCHNSTAT_unbound);
	assert_int_equal(s.u.unbound.dom, 2);
	assert_int_equal(s.vcpu, 0);
	assert_int_equal(ev_status(DOMID_SELF, 3, &s), EVTCHNSTAT_unbound);
	assert_int_equal(s.u.unbound.dom, 1);
	/* Others' ports are the control domain's to open. */
	assert_int_equal(ev_alloc_unbound(2, 1), -XEN_EPERM);
	assert_int_equal(ev_alloc_unbound(0, 1), -XEN_EPERM);
	assert_int_equal(ev_alloc_unbound(77, 1), -XEN_ESRCH);
	assert_int_equal(ev_alloc_unbound(DOMID_IO, 1), -XEN_ESRCH);
	sim_become(d0->vcpu[0]);
	assert_int_equal(ev_alloc_unbound(2, DOMID_SELF), 1);
	assert_int_equal(ev_status(2, 1, &s), EVTCHNSTAT_unbound);
	assert_int_equal(s.u.unbound.dom, 0); /* the caller, not dom itself */
	/* The lowest free port first. */
	sim_become(d1->vcpu[0]);
	assert_int_equal(ev_close(2), 0);
	assert_int_equal(ev_close(1), 0);
	assert_int_equal(ev_alloc_unbound(DOMID_SELF, 5), 1);
	assert_int_equal(ev_alloc_unbound(DOMID_SELF, 5), 2);
	assert_int_equal(ev_alloc_unbound(DOMID_SELF, 5), 4);
}

static void test_interdomain(void **state)
{
	struct evtchn_status s;
	long a = ev_alloc_unbound(DOMID_SELF, 2), b;

	assert_int_equal(ev_send(a), 0); /* nobody there: no error */
	assert_false(is_pending(d1, a));
	sim_become(d2->vcpu[0]);
	assert_int_equal(ev_alloc_unbound(DOMID_SELF, 0), 1);
	b = ev_bind_interdomain(1, a);
	assert_int_equal(b, 2);
	/* Pending at the end that bound, and only there. */
	assert_true(is_pending(d2, b));
	assert_true(d2->vcpu[0]->info->evtchn_upcall_pending);
	assert_false(is_pending(d1, a));
	assert_int_equal(ev_status(DOMID_SELF, b, &s), EVTCHNSTAT_interdomain);
	assert_int_equal(s.u.interdomain.dom, 1);
	assert_int_equal(s.u.interdomain.port, a);
	assert_int_equal(ev_send(b), 0);
	assert_true(is_pending(d1, a));
	assert_int_equal(d1->vcpu[0]->info->evtchn_pending_sel, 1);
	assert_true(d1->vcpu[0]->info->evtchn_upcall_pending);
	/* Taken, not there, not ours, no such domain. */
	assert_int_equal(ev_bind_interdomain(1, a), -XEN_EINVAL);
	assert_int_equal(ev_bind_interdomain(1, 9), -XEN_EINVAL);
	assert_int_equal(ev_bind_interdomain(1, 0), -XEN_EINVAL);
	assert_int_equal(ev_bind_interdomain(1, -1), -XEN_EINVAL);
	assert_int_equal(ev_bind_interdomain(77, a), -XEN_ESRCH);
	sim_become(d0->vcpu[0]);
	assert_int_equal(ev_bind_interdomain(2, 1), 1);
	assert_int_equal(ev_close(1), 0);
	sim_become(d1->vcpu[0]);
	assert_int_equal(ev_bind_interdomain(2, 1), -XEN_EINVAL); /* waits for 0 */
	assert_int_equal(ev_alloc_unbound(DOMID_SELF, 9), 2);	  /* nothing leaked */
	assert_int_equal(ev_status(DOMID_SELF, a, &s), EVTCHNSTAT_interdomain);
	assert_int_equal(s.u.interdomain.dom, 2);
	assert_int_equal(s.u.interdomain.port, b);
}

static void test_loopback(void **state)
{
	long a = ev_alloc_unbound(DOMID_SELF, DOMID_SELF);
	long b = ev_bind_interdomain(DOMID_SELF, a);

	assert_true(b > 0 && b != a);
	clear_pending(d1, b);
	assert_int_equal(ev_send(a), 0);
	assert_true(is_pending(d1, b) && !is_pending(d1, a));
	assert_int_equal(ev_send(b), 0);
	assert_true(is_pending(d1, a));
	assert_int_equal(ev_close(b), 0);
	assert_int_equal(ev_state(a), EVTCHNSTAT_unbound);
	assert_false(is_pending(d1, b));
	assert_int_equal(ev_bind_interdomain(1, a), b);
	assert_int_equal(ev_close(a), 0);
	assert_int_equal(ev_close(b), 0);
}

static void test_close_with_peer(void **state)
{
	struct evtchn_status s;
	long a = ev_alloc_unbound(DOMID_SELF, 2), b;

	sim_become(d2->vcpu[0]);
	b = ev_bind_interdomain(1, a);
	/* The end that binds closes: the other waits again, for the same one. */
	assert_int_equal(ev_close(b), 0);
	assert_int_equal(ev_send(b), -XEN_EINVAL);
	assert_int_equal(ev_close(b), -XEN_EINVAL);
	assert_int_equal(ev_bind_interdomain(1, a), b);
	sim_become(d1->vcpu[0]);
	assert_int_equal(ev_close(a), 0);
	assert_int_equal(ev_state(a), EVTCHNSTAT_closed);
	sim_become(d2->vcpu[0]);
	assert_int_equal(ev_status(DOMID_SELF, b, &s), EVTCHNSTAT_unbound);
	assert_int_equal(s.u.unbound.dom, 1);
	assert_int_equal(ev_send(b), 0);
	sim_become(d0->vcpu[0]);
	assert_int_equal(ev_bind_interdomain(2, b), -XEN_EINVAL);
	sim_become(d1->vcpu[0]);
	assert_int_equal(ev_bind_interdomain(2, b), a);

	/* The peer's domain dies. */
	sim_domain_destroy(d2);
	assert_int_equal(ev_state(a), EVTCHNSTAT_unbound);
	assert_int_equal(ev_send(a), 0);
}

static void test_virq(void **state)
{
	struct evtchn_status s;
	long port, global;

	assert_int_equal(ev_bind_virq(NR_VIRQS, 0), -XEN_EINVAL);
	assert_int_equal(ev_bind_virq(-1, 0), -XEN_EINVAL);
	assert_int_equal(ev_bind_virq(VIRQ_TIMER, 2), -XEN_ENOENT);
	assert_int_equal(ev_bind_virq(VIRQ_TIMER, -1), -XEN_ENOENT);
	assert_int_equal(ev_bind_virq(VIRQ_DOM_EXC, 1), -XEN_EINVAL);
	assert_int_equal(ev_bind_virq(VIRQ_DOM_EXC, 4096), -XEN_EINVAL);
	assert_int_equal(ev_bind_virq(VIRQ_ARCH_0, 1), -XEN_EINVAL);

	port = ev_bind_virq(VIRQ_TIMER, 1);
	assert_true(port > 0);
	assert_int_equal(ev_bind_virq(VIRQ_TIMER, 1), -XEN_EEXIST);
	assert_true(ev_bind_virq(VIRQ_TIMER, 0) > 0); /* every VCPU its own */
	assert_int_equal(ev_status(DOMID_SELF, port, &s), EVTCHNSTAT_virq);
	assert_int_equal(s.u.virq, VIRQ_TIMER);
	assert_int_equal(s.vcpu, 1);
	assert_int_equal(ev_send(port), -XEN_EINVAL);
	event_send_virq(d1->vcpu[1], VIRQ_DEBUG); /* not bound */
	assert_int_equal(d1->vcpu[1]->info->evtchn_upcall_pending, 0);
	event_send_virq(d1->vcpu[1], VIRQ_TIMER);
	assert_true(is_pending(d1, port));
	assert_true(d1->vcpu[1]->info->evtchn_upcall_pending);
	assert_false(d1->vcpu[0]->info->evtchn_upcall_pending);
	assert_int_equal(ev_close(port), 0);
	assert_false(is_pending(d1, port));
	event_send_virq(d1->vcpu[1], VIRQ_TIMER);
	assert_false(is_pending(d1, port));
	assert_int_equal(ev_bind_virq(VIRQ_TIMER, 1), port);

	/* A global one can move, is found wherever it is, and is closed there. */
	sim_become(d0->vcpu[0]);
	global = ev_bind_virq(VIRQ_DOM_EXC, 0);
	assert_true(global > 0);
	assert_int_equal(ev_bind_virq(VIRQ_DOM_EXC, 0), -XEN_EEXIST);
	assert_int_equal(ev_bind_vcpu(global, 3), 0);
	event_send_global_virq(VIRQ_DOM_EXC);
	assert_true(is_pending(d0, global));
	assert_true(d0->vcpu[3]->info->evtchn_upcall_pending);
	assert_false(d0->vcpu[0]->info->evtchn_upcall_pending);
	assert_int_equal(ev_close(global), 0);
	assert_int_equal(ev_bind_virq(VIRQ_DOM_EXC, 0), global);
	assert_int_equal(ev_status(DOMID_SELF, global, &s), EVTCHNSTAT_virq);
	assert_int_equal(s.vcpu, 0);
}

static void test_virq_handler(void **state)
{
	long port = ev_bind_virq(VIRQ_CONSOLE, 0), port0;

	sim_become(d0->vcpu[0]);
	port0 = ev_bind_virq(VIRQ_CONSOLE, 0);
	event_send_global_virq(VIRQ_CONSOLE);
	assert_true(is_pending(d0, port0) && !is_pending(d1, port));
	clear_pending(d0, port0);
	assert_int_equal(event_set_virq_handler(d1, VIRQ_TIMER), -XEN_EINVAL);
	assert_int_equal(event_set_virq_handler(d1, NR_VIRQS), -XEN_EINVAL);
	assert_int_equal(event_set_virq_handler(d1, VIRQ_CONSOLE), 0);
	assert_int_equal(event_set_virq_handler(d2, VIRQ_CONSOLE), -XEN_EBUSY);
	event_send_global_virq(VIRQ_CONSOLE);
	assert_true(!is_pending(d0, port0) && is_pending(d1, port));
	sim_domain_destroy(d1);
	event_send_global_virq(VIRQ_CONSOLE);
	assert_true(is_pending(d0, port0));
}

static void test_ipi(void **state)
{
	struct evtchn_status s;
	long port = ev_bind_ipi(1);

	assert_true(port > 0);
	assert_int_equal(ev_bind_ipi(2), -XEN_ENOENT);
	assert_int_equal(ev_bind_ipi(-1), -XEN_ENOENT);
	assert_int_equal(ev_status(DOMID_SELF, port, &s), EVTCHNSTAT_ipi);
	assert_int_equal(s.vcpu, 1);
	assert_int_equal(ev_send(port), 0);
	assert_true(is_pending(d1, port));
	assert_int_equal(upcall(d1->vcpu[0]), 0);
	assert_int_equal(upcall(d1->vcpu[1]), 1);
	assert_int_equal(ev_bind_vcpu(port, 0), -XEN_EINVAL);
	assert_true(ev_bind_ipi(1) > 0); /* more than one is fine */
}

static void test_pirq(void **state)
{
	struct evtchn_status s;
	long port;

	assert_int_equal(ev_bind_pirq(MAX_PIRQS, 0), -XEN_EINVAL);
	assert_int_equal(ev_bind_pirq(-1, 0), -XEN_EINVAL);
	assert_int_equal(ev_bind_pirq(16, 0), -XEN_EINVAL);
	assert_int_equal(ev_bind_pirq(5, 0), -XEN_EPERM);
	assert_int_equal(ev_bind_pirq(6, 0), -XEN_EBUSY);
	port = ev_bind_pirq(6, BIND_PIRQ__WILL_SHARE);
	assert_int_equal(port, 1);
	assert_int_equal(ev_bind_pirq(6, BIND_PIRQ__WILL_SHARE), -XEN_EEXIST);
	assert_int_equal(ev_status(DOMID_SELF, port, &s), EVTCHNSTAT_pirq);
	assert_int_equal(s.u.pirq, 6);
	assert_int_equal(event_pirq_port(d1, 6), port);
	assert_int_equal(event_pirq_port(d1, 7), 0);
	assert_int_equal(event_pirq_port(d2, 6), 0);
	assert_int_equal(ev_send(port), -XEN_EINVAL);
	assert_int_equal(ev_bind_vcpu(port, 1), 0);
	event_send_pirq(d1, 6);
	event_send_pirq(d1, 7);
	event_send_pirq(d1, 1 << 30);
	event_send_pirq(d2, 6);
	assert_int_equal(upcall(d1->vcpu[1]), 1);
	assert_int_equal(ev_close(port), 0);
	assert_int_equal(pirq_port_bound[6], 0);
	event_send_pirq(d1, 6);
	assert_false(is_pending(d1, port));
	assert_true(ev_bind_pirq(7, 0) > 0); /* left for the teardown */
}

static void test_bind_vcpu(void **state)
{
	long a = ev_alloc_unbound(DOMID_SELF, DOMID_SELF);
	long b = ev_bind_interdomain(DOMID_SELF, a);
	long timer = ev_bind_virq(VIRQ_TIMER, 0);
	struct evtchn_status s;

	upcall(d1->vcpu[0]);
	assert_int_equal(ev_bind_vcpu(a, 1), 0);
	assert_int_equal(ev_bind_vcpu(a, 2), -XEN_ENOENT);
	assert_int_equal(ev_bind_vcpu(a, -1), -XEN_ENOENT);
	assert_int_equal(ev_bind_vcpu(timer, 1), -XEN_EINVAL);
	assert_int_equal(ev_bind_vcpu(40, 0), -XEN_EINVAL);   /* closed */
	assert_int_equal(ev_bind_vcpu(4000, 0), -XEN_EINVAL); /* unknown */
	assert_int_equal(ev_bind_vcpu(40, 4096), -XEN_ENOENT);
	assert_int_equal(ev_send(b), 0);
	assert_int_equal(upcall(d1->vcpu[0]), 0);
	assert_int_equal(upcall(d1->vcpu[1]), 1);
	/* A port that is freed and given out again is VCPU 0's. */
	assert_int_equal(ev_close(a), 0);
	assert_int_equal(ev_alloc_unbound(DOMID_SELF, 2), a);
	assert_int_equal(ev_status(DOMID_SELF, a, &s), EVTCHNSTAT_unbound);
	assert_int_equal(s.vcpu, 0);
}

static void test_mask(void **state)
{
	long port = ev_bind_ipi(0);
	struct vcpu_info *info = d1->vcpu[0]->info;

	mask(d1, port);
	assert_int_equal(ev_send(port), 0);
	assert_true(is_pending(d1, port));
	assert_int_equal(info->evtchn_pending_sel, 0);
	assert_int_equal(info->evtchn_upcall_pending, 0);
	assert_int_equal(ev_unmask(port), 0);
	assert_false(is_masked(d1, port));
	assert_int_equal(info->evtchn_pending_sel, 1);
	assert_int_equal(info->evtchn_upcall_pending, 1);
	/* Pending already: nothing below is touched again. */
	info->evtchn_pending_sel = 0;
	info->evtchn_upcall_pending = 0;
	assert_int_equal(ev_send(port), 0);
	assert_int_equal(ev_unmask(port), 0); /* was not masked */
	assert_int_equal(info->evtchn_pending_sel, 0);
	assert_int_equal(info->evtchn_upcall_pending, 0);
	/* Unmask without an event. */
	clear_pending(d1, port);
	mask(d1, port);
	assert_int_equal(ev_unmask(port), 0);
	assert_int_equal(info->evtchn_pending_sel, 0);
	/* A word that is marked already: the upcall is on its way. */
	info->evtchn_pending_sel = 1;
	assert_int_equal(ev_send(port), 0);
	assert_int_equal(info->evtchn_upcall_pending, 0);
	/* Closed ports are left alone; unknown ones are an error. */
	mask(d1, 40);
	assert_int_equal(ev_unmask(40), 0);
	assert_true(is_masked(d1, 40));
	assert_int_equal(ev_unmask(0), 0);
	assert_int_equal(ev_unmask(64), -XEN_EINVAL);
	assert_int_equal(ev_unmask(-1), -XEN_EINVAL);
}

static void test_status(void **state)
{
	struct evtchn_status s;

	assert_int_equal(ev_status(DOMID_SELF, 0, &s), EVTCHNSTAT_closed);
	assert_int_equal(ev_status(DOMID_SELF, 63, &s), EVTCHNSTAT_closed);
	assert_int_equal(ev_status(DOMID_SELF, 64, &s), -XEN_EINVAL);
	assert_int_equal(ev_status(2, 1, &s), -XEN_EPERM);
	assert_int_equal(ev_status(77, 1, &s), -XEN_ESRCH);
	assert_int_equal(ev_close(0), -XEN_EINVAL);
	assert_int_equal(ev_send(0), -XEN_EINVAL);
	assert_int_equal(ev_send(64), -XEN_EINVAL);
	assert_int_equal(ev_send(1u << 31), -XEN_EINVAL);
	assert_int_equal(event_port_pending(d1, 40), -XEN_EINVAL); /* closed */
	assert_int_equal(event_port_pending(d1, 0), -XEN_EINVAL);
	assert_int_equal(event_port_pending(d1, 4096), -XEN_EINVAL);
}

static void test_exhaustion(void **state)
{
	struct evtchn_status s;
	long port, last = 0;

	while ((port = ev_alloc_unbound(DOMID_SELF, 2)) > 0) {
		assert_int_equal(port, last + 1);
		last = port;
	}
	assert_int_equal(port, -XEN_ENOSPC);
	assert_int_equal(last, 4095);
	assert_int_equal(ev_close(1000), 0);
	assert_int_equal(ev_close(3000), 0);
	assert_int_equal(ev_bind_ipi(0), 1000);
	assert_int_equal(ev_bind_ipi(0), 3000);
	assert_int_equal(ev_bind_ipi(0), -XEN_ENOSPC);
	/* Reset may be interrupted at any time, and goes on. */
	sim_preempt_every = 3;
	assert_int_equal(ev_reset(DOMID_SELF), 0);
	sim_preempt_every = 0;
	for (u32 p = 0; p < 4096; p++)
		assert_int_equal(ev_status(DOMID_SELF, p, &s), EVTCHNSTAT_closed);
	assert_int_equal(ev_alloc_unbound(DOMID_SELF, 2), 1);

	event_set_max_port(d2, 70);
	sim_become(d2->vcpu[0]);
	for (int i = 1; i <= 5; i++)
		assert_int_equal(ev_alloc_unbound(DOMID_SELF, 1), i);
	event_set_max_port(d2, 5);
	assert_int_equal(ev_close(2), 0);
	assert_int_equal(ev_alloc_unbound(DOMID_SELF, 1), 2);
	assert_int_equal(ev_alloc_unbound(DOMID_SELF, 1), -XEN_ENOSPC);
	event_set_max_port(d2, 70);
	for (int i = 6; i <= 70; i++)
		assert_int_equal(ev_alloc_unbound(DOMID_SELF, 1), i);
	assert_int_equal(ev_alloc_unbound(DOMID_SELF, 1), -XEN_ENOSPC);
	assert_int_equal(ev_bind_interdomain(1, 1), -XEN_ENOSPC);
}

static void test_reset_other(void **state)
{
	assert_int_equal(ev_bind_ipi(0), 1);
	assert_int_equal(ev_reset(2), -XEN_EPERM);
	assert_int_equal(ev_reset(77), -XEN_ESRCH);
	sim_become(d0->vcpu[0]);
	assert_int_equal(ev_reset(1), -XEN_EINVAL); /* runs */
	domain_pause(d1);
	assert_int_equal(ev_reset(1), 0);
	sim_become(d1->vcpu[0]);
	assert_int_equal(ev_state(1), EVTCHNSTAT_closed);
}

static void test_bad_calls(void **state)
{
	assert_int_equal(do_event_channel_op(99, NULL), -XEN_ENOSYS);
	assert_int_equal(do_event_channel_op(14, NULL), -XEN_ENOSYS);
	assert_int_equal(do_event_channel_op(-1, NULL), -XEN_ENOSYS);
	for (int cmd = 0; cmd <= EVTCHNOP_set_priority; cmd++) {
		assert_int_equal(do_event_channel_op(cmd, NULL), -XEN_EFAULT);
		assert_int_equal(do_event_channel_op(cmd, d2->shared), -XEN_EFAULT);
	}
	assert_int_equal(do_event_channel_op_compat(NULL), -XEN_EFAULT);
}

static void test_compat(void **state)
{
	struct evtchn_op *op = sim_guest_page(d1);
	long port = ev_bind_ipi(0);

	op->cmd = EVTCHNOP_send;
	op->u.send.port = port;
	assert_int_equal(do_event_channel_op_compat(op), 0);
	assert_true(is_pending(d1, port));
	op->cmd = EVTCHNOP_reset;
	assert_int_equal(do_event_channel_op_compat(op), -XEN_ENOSYS);
	op->cmd = EVTCHNOP_alloc_unbound;
	op->u.alloc_unbound = (struct evtchn_alloc_unbound){ .dom = DOMID_SELF };
	assert_int_equal(do_event_channel_op_compat(op), 0);
	assert_int_equal(op->u.alloc_unbound.port, port + 1);
}

/* A domain that dies opens no ports, whoever asks. */
static void test_dying(void **state)
{
	long a;

	sim_become(d2->vcpu[0]);
	a = ev_alloc_unbound(DOMID_SELF, 0);
	sim_become(d0->vcpu[0]);
	d2->is_dying = true;
	assert_int_equal(ev_alloc_unbound(2, 0), -XEN_EINVAL);
	d2->references++;
	sim_domain_destroy(d2);
	assert_int_equal(ev_bind_interdomain(2, a), -XEN_EINVAL);
	assert_int_equal(event_set_virq_handler(d2, VIRQ_CONSOLE), -XEN_EINVAL);
	domain_put(d2);
	assert_int_equal(ev_bind_interdomain(2, a), -XEN_ESRCH);
}

static void test_out_of_memory(void **state)
{
	struct evtchn_status s;
	long port = 0;

	for (int i = 1; i < 64; i++)
		assert_int_equal(ev_alloc_unbound(DOMID_SELF, 2), i);
	sim_heap_fail_after = 1;
	assert_int_equal(ev_alloc_unbound(DOMID_SELF, 2), -XEN_ENOMEM);
	assert_int_equal(ev_status(DOMID_SELF, 64, &s), -XEN_EINVAL);
	assert_int_equal(ev_alloc_unbound(DOMID_SELF, 2), 64);
	sim_heap_fail_after = 1;
	port = ev_bind_pirq(3, 0);
	assert_int_equal(port, -XEN_ENOMEM);
	assert_int_equal(ev_bind_pirq(3, 0), 65);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_alloc_unbound), test(test_interdomain),
		test(test_loopback),	  test(test_close_with_peer),
		test(test_virq),	  test(test_virq_handler),
		test(test_ipi),		  test(test_pirq),
		test(test_bind_vcpu),	  test(test_mask),
		test(test_status),	  test(test_exhaustion),
		test(test_reset_other),	  test(test_bad_calls),
		test(test_compat),	  test(test_dying),
		test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
