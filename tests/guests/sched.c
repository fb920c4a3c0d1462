/*
 * sched_op: yield, block, poll, the watchdog, and requests that are refused.
 * What a shutdown does has guests of its own.
 */
#include "test.h"
#include <xen/sched.h>
#include <xen/vcpu.h>
#include "clock.h"
#include "event.h"
#include "smp.h"

static evtchn_port_t ports[200];
static long port;

static long poll(unsigned int count, uint64_t timeout)
{
	struct sched_poll op = { .nr_ports = count, .timeout = timeout };

	set_xen_guest_handle(op.ports, ports);
	return hv_sched_op(SCHEDOP_poll, &op);
}

static void yield(void)
{
	CHECK_EQ(hv_sched_op(SCHEDOP_yield, 0), 0);
	CHECK_EQ(hv_sched_op(SCHEDOP_yield, 0x1000), 0);
}

/* Block enables events; with one pending it comes straight back. */
static void block(void)
{
	unsigned long seen = event_count[port];

	events_disable();
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(hv_sched_op(SCHEDOP_block, 0), 0);
	CHECK_EQ(vcpu_info(0)->evtchn_upcall_mask, 0);
	CHECK_EQ(event_count[port], seen + 1);
	events_disable();
}

/* Poll leaves the mask alone and looks at the pending bits only. */
static void polling(void)
{
	uint64_t start;

	ports[0] = port;
	event_mask(port);
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(poll(1, 0), 0);
	CHECK(event_pending(port));
	event_clear(port);
	/* Nothing comes: until the timeout. */
	start = clock_now();
	CHECK_EQ(poll(1, start + 10 * MILLISECOND), 0);
	CHECK(clock_now() >= start + 10 * MILLISECOND);
	CHECK_EQ(vcpu_info(0)->evtchn_upcall_mask, 1);
	/* No ports: a sleep. */
	start = clock_now();
	CHECK_EQ(poll(0, start + 5 * MILLISECOND), 0);
	CHECK(clock_now() >= start + 5 * MILLISECOND);
	/* In the past: no sleep. */
	CHECK_EQ(poll(1, 1), 0);
	/* An event wakes it, though masked. */
	ports[1] = event_bind_virq(VIRQ_TIMER, 0);
	event_mask(ports[1]);
	start = clock_now();
	CHECK_EQ(hv_set_timer_op(start + 5 * MILLISECOND), 0);
	CHECK_EQ(poll(2, start + 100 * SECOND), 0);
	CHECK(event_pending(ports[1]));
	CHECK(clock_now() >= start + 5 * MILLISECOND);
	event_clear(ports[1]);
	event_clear(port);
	/* An upcall that waits, unmasked or not, is reason enough not to sleep. */
	CHECK_EQ(event_unmask(port), 0);
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(vcpu_info(0)->evtchn_upcall_pending, 1);
	event_clear(port);
	CHECK_EQ(event_close(ports[1]), 0);
	/* Refused. */
	CHECK_EQ(poll(129, 1), -EINVAL);
	CHECK_EQ(poll(128, 1), -EINVAL); /* port 0 among them */
	ports[0] = 4096;
	CHECK_EQ(poll(1, 1), -EINVAL);
	ports[0] = -1;
	CHECK_EQ(poll(1, 1), -EINVAL);
	CHECK_EQ(hv_sched_op(SCHEDOP_poll, 0x1000), -EFAULT);
	{
		struct sched_poll op = { .nr_ports = 1, .timeout = 1 };

		set_xen_guest_handle(op.ports, (evtchn_port_t *)0x1000);
		CHECK_EQ(hv_sched_op(SCHEDOP_poll, &op), -EFAULT);
	}
	events_enable();
	events_disable();
}

static long watchdog(unsigned int id, unsigned int seconds)
{
	struct sched_watchdog op = { .id = id, .timeout = seconds };

	return hv_sched_op(SCHEDOP_watchdog, &op);
}

static void watchdogs(void)
{
	long a = watchdog(0, 100), b = watchdog(0, 100);

	CHECK_EQ(a, 1);
	CHECK_EQ(b, 2);
	CHECK_EQ((int)watchdog(0, 100), -ENOSPC); /* both taken */
	CHECK_EQ(watchdog(3, 100), -EINVAL);
	CHECK_EQ(watchdog(a, 50), 0);
	CHECK_EQ(watchdog(a, 0), 0);
	CHECK_EQ(watchdog(a, 0), -EINVAL); /* not running */
	CHECK_EQ(watchdog(a, 10), -EINVAL);
	CHECK_EQ(watchdog(b, 0), 0);
	CHECK_EQ(hv_sched_op(SCHEDOP_watchdog, 0x1000), -EFAULT);
}

static void others(void)
{
	struct sched_remote_shutdown remote = { .domain_id = 77, .reason = SHUTDOWN_poweroff };
	struct sched_pin_override pin = { .pcpu = 0 };

	CHECK_EQ(hv_sched_op(SCHEDOP_remote_shutdown, &remote), -ESRCH);
	remote.domain_id = DOMID_SELF;
	CHECK_EQ(hv_sched_op(SCHEDOP_remote_shutdown, &remote), -ESRCH);
	CHECK_EQ(hv_sched_op(SCHEDOP_remote_shutdown, 0x1000), -EFAULT);
	CHECK_EQ(hv_sched_op(SCHEDOP_shutdown, 0x1000), -EFAULT);
	CHECK_EQ(hv_sched_op(SCHEDOP_shutdown_code, 0x1000), -EFAULT);
	CHECK_EQ(hv_sched_op(SCHEDOP_pin_override, &pin), 0);
	CHECK_EQ(hv_sched_op(SCHEDOP_pin_override, &pin), -EBUSY);
	pin.pcpu = -1;
	CHECK_EQ(hv_sched_op(SCHEDOP_pin_override, &pin), 0);
	CHECK_EQ(hv_sched_op(SCHEDOP_pin_override, &pin), -EINVAL);
	pin.pcpu = 4096;
	CHECK_EQ(hv_sched_op(SCHEDOP_pin_override, &pin), -EINVAL);
	CHECK_EQ(hv_sched_op(8, 0), -ENOSYS);
	CHECK_EQ(hv_sched_op(-1, 0), -ENOSYS);
	/* The call of old interfaces knows yield and block, by the same numbers. */
	CHECK_EQ(hypercall(__HYPERVISOR_sched_op_compat, SCHEDOP_yield, 0), 0);
	CHECK_EQ(hypercall(__HYPERVISOR_sched_op_compat, 99, 0), -ENOSYS);
}

int test_main(struct start_info *si)
{
	(void)si;
	events_disable();
	CHECK_EQ(hv_vcpu_op(VCPUOP_stop_periodic_timer, 0, 0), 0);
	port = event_bind_ipi(0);
	REQUIRE(port > 0);
	yield();
	block();
	polling();
	watchdogs();
	others();
	return 0;
}
