/*
 * Time: the time info page, system time and wallclock; the one-shot timer of
 * set_timer_op, and the VCPU's one-shot and periodic timers.
 */
#include "test.h"
#include <xen/sched.h>
#include <xen/vcpu.h>
#include "clock.h"
#include "event.h"
#include "smp.h"

static unsigned int port;

static void clock(void)
{
	volatile struct vcpu_time_info *info = &vcpu_info(0)->time;
	uint64_t last = 0, now, start, khz;
	int i, back = 0;

	CHECK_EQ(info->version & 1, 0);
	start = clock_now();
	CHECK(start > MILLISECOND && start < 1000 * SECOND);
	/* It never goes back, through updates of the info as well. */
	for (i = 0; i < 20000 || now < start + 20 * MILLISECOND; i++) {
		now = clock_now();
		back += now < last;
		last = now;
	}
	CHECK_EQ(back, 0);
	/* The frequency it stands for, of any processor made since 1995. */
	khz = (1000000UL << 32) / info->tsc_to_system_mul;
	khz = info->tsc_shift < 0 ? khz << -info->tsc_shift : khz >> info->tsc_shift;
	CHECK(khz > 100000 && khz < 10000000, "%lu kHz", khz);
	CHECK(info->tsc_timestamp <= rdtsc());
	CHECK_EQ(shared_info->wc_version & 1, 0);
	CHECK(shared_info->wc_nsec < SECOND);
}

/* set_timer_op: fires once, not early; 0 takes it back. */
static void one_shot(void)
{
	unsigned long seen = event_count[port];
	uint64_t when = clock_now() + 5 * MILLISECOND;

	CHECK_EQ(hv_set_timer_op(when), 0);
	CHECK(event_wait(port, seen));
	CHECK(clock_now() >= when);
	CHECK_EQ(event_count[port], seen + 1);
	/* In the past: at once. */
	CHECK_EQ(hv_set_timer_op(clock_now() - MILLISECOND), 0);
	CHECK(event_wait(port, seen + 1));
	CHECK_EQ(hv_set_timer_op(1), 0);
	CHECK(event_wait(port, seen + 2));
	/* Set again before it fired, only the last counts. */
	when = clock_now() + 8 * MILLISECOND;
	CHECK_EQ(hv_set_timer_op(when - 6 * MILLISECOND), 0);
	CHECK_EQ(hv_set_timer_op(when), 0);
	CHECK(event_wait(port, seen + 3));
	CHECK(clock_now() >= when);
	/* Taken back. */
	CHECK_EQ(hv_set_timer_op(clock_now() + 3 * MILLISECOND), 0);
	CHECK_EQ(hv_set_timer_op(0), 0);
	when = clock_now() + 10 * MILLISECOND;
	while (clock_now() < when)
		hv_sched_op(SCHEDOP_yield, 0);
	CHECK_EQ(event_count[port], seen + 4);
}

static long single(uint64_t when, uint32_t flags)
{
	struct vcpu_set_singleshot_timer op = { .timeout_abs_ns = when, .flags = flags };

	return hv_vcpu_op(VCPUOP_set_singleshot_timer, 0, &op);
}

static void singleshot(void)
{
	unsigned long seen = event_count[port];
	uint64_t when = clock_now() + 5 * MILLISECOND;

	CHECK_EQ(single(when, 0), 0);
	CHECK(event_wait(port, seen));
	CHECK(clock_now() >= when);
	CHECK_EQ(single(when, 0), 0); /* past */
	CHECK(event_wait(port, seen + 1));
	/* The flag that once refused the past means nothing any more. */
	CHECK_EQ(single(when, VCPU_SSHOTTMR_future), 0);
	CHECK(event_wait(port, seen + 2));
	CHECK_EQ(single(clock_now() + 100 * SECOND, VCPU_SSHOTTMR_future), 0);
	CHECK_EQ(hv_vcpu_op(VCPUOP_stop_singleshot_timer, 0, 0), 0);
	CHECK_EQ(hv_vcpu_op(VCPUOP_stop_singleshot_timer, 0, 0), 0);
	CHECK_EQ(event_count[port], seen + 3);
	CHECK_EQ(hv_vcpu_op(VCPUOP_set_singleshot_timer, 0, 0x1000), -EFAULT);
	/* Only the VCPU itself may, and only if it exists. */
	CHECK_EQ(hv_vcpu_op(VCPUOP_stop_singleshot_timer, 4096, 0), -ENOENT);
}

static long periodic(uint64_t period)
{
	struct vcpu_set_periodic_timer op = { .period_ns = period };

	return hv_vcpu_op(VCPUOP_set_periodic_timer, 0, &op);
}

static void every(void)
{
	unsigned long seen = event_count[port];
	uint64_t start = clock_now(), end;

	CHECK_EQ(periodic(2 * MILLISECOND), 0);
	CHECK(event_wait(port, seen + 4));
	CHECK(clock_now() >= start + 8 * MILLISECOND);
	CHECK_EQ(hv_vcpu_op(VCPUOP_stop_periodic_timer, 0, 0), 0);
	seen = event_count[port];
	end = clock_now() + 10 * MILLISECOND;
	while (clock_now() < end)
		hv_sched_op(SCHEDOP_yield, 0);
	CHECK(event_count[port] <= seen + 1); /* one may have been on its way */
	/* Not faster than a millisecond, nor slower than anybody lives. */
	CHECK_EQ(periodic(MILLISECOND - 1), -EINVAL);
	CHECK_EQ(periodic(0), -EINVAL);
	CHECK_EQ(periodic(1UL << 63), -EINVAL);
	CHECK_EQ(hv_vcpu_op(VCPUOP_set_periodic_timer, 0, 0x1000), -EFAULT);
	CHECK_EQ(hv_vcpu_op(VCPUOP_stop_periodic_timer, 4096, 0), -ENOENT);
}

/* Blocking until the timer: events are enabled by it, time has passed after. */
static void blocking(void)
{
	unsigned long seen = event_count[port];
	uint64_t when = clock_now() + 20 * MILLISECOND;

	events_disable();
	CHECK_EQ(hv_set_timer_op(when), 0);
	CHECK_EQ(hv_sched_op(SCHEDOP_block, 0), 0);
	CHECK(clock_now() >= when);
	CHECK_EQ(event_count[port], seen + 1);
	CHECK_EQ(vcpu_info(0)->evtchn_upcall_mask, 0);
}

int test_main(struct start_info *si)
{
	long rc;

	(void)si;
	clock();
	/* dom0 starts with a periodic timer; as every kernel does, stop it. */
	CHECK_EQ(hv_vcpu_op(VCPUOP_stop_periodic_timer, 0, 0), 0);
	rc = event_bind_virq(VIRQ_TIMER, 0);
	REQUIRE(rc > 0);
	port = rc;
	events_enable();
	one_shot();
	singleshot();
	every();
	blocking();
	return 0;
}
