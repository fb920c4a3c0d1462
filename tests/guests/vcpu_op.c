/*
 * VCPUs: bringing the second one up and down, events to it, where a VCPU's
 * info and run state are kept. Needs two processors.
 */
#include "test.h"
#include <xen/sched.h>
#include <xen/vcpu.h>
#include "clock.h"
#include "event.h"
#include "mm.h"
#include "smp.h"
#include "trap.h"

static volatile unsigned long step, seen_id, seen_arg, stop;
static struct vcpu_guest_context ctxt;

static bool wait_for(volatile unsigned long *what, unsigned long value)
{
	uint64_t end = clock_now() + 10 * SECOND;

	while (*what != value) {
		if (clock_now() > end)
			return false;
		hv_sched_op(SCHEDOP_yield, 0);
	}
	return true;
}

static bool wait_down(void)
{
	uint64_t end = clock_now() + 10 * SECOND;

	while (hv_vcpu_op(VCPUOP_is_up, 1, 0) == 1) {
		if (clock_now() > end)
			return false;
		hv_sched_op(SCHEDOP_yield, 0);
	}
	return true;
}

/* The second VCPU: says hello, goes down, comes back where it went. */
static void second(void *arg)
{
	seen_id = smp_id();
	seen_arg = (unsigned long)arg;
	step = 1;
	smp_down();
	step = 2;
	events_enable();
	while (!stop)
		hv_sched_op(SCHEDOP_block, 0);
	events_disable();
	step = 3;
}

static void initialise(void)
{
	CHECK_EQ(smp_count(), 2);
	CHECK_EQ(hv_vcpu_op(VCPUOP_is_up, 0, 0), 1);
	CHECK_EQ(hv_vcpu_op(VCPUOP_is_up, 1, 0), 0);
	CHECK_EQ(hv_vcpu_op(VCPUOP_is_up, 2, 0), -ENOENT);
	CHECK_EQ(hv_vcpu_op(VCPUOP_up, 1, 0), -EINVAL); /* not initialised */
	CHECK_EQ(hv_vcpu_op(VCPUOP_initialise, 0, 0x1000), -EFAULT);
	CHECK_EQ(hv_vcpu_op(VCPUOP_initialise, 1, 0x1000), -EFAULT);
	CHECK_EQ(hv_vcpu_op(VCPUOP_initialise, 2, &ctxt), -ENOENT);
	/* Contexts that cannot be: no page table; an address that is none. */
	smp_context(&ctxt, 1, second, (void *)4711);
	ctxt.ctrlreg[3] = 0;
	CHECK_EQ(hv_vcpu_op(VCPUOP_initialise, 1, &ctxt), -EINVAL);
	smp_context(&ctxt, 1, second, (void *)4711);
	ctxt.ctrlreg[3] = virt_to_maddr(&ctxt);
	CHECK_EQ(hv_vcpu_op(VCPUOP_initialise, 1, &ctxt), -EINVAL);
	smp_context(&ctxt, 1, second, (void *)4711);
	ctxt.user_regs.rip = 0x1234567812345678;
	CHECK_EQ(hv_vcpu_op(VCPUOP_initialise, 1, &ctxt), -EINVAL);
	smp_context(&ctxt, 1, second, (void *)4711);
	ctxt.event_callback_eip = 0x1234567812345678;
	CHECK_EQ(hv_vcpu_op(VCPUOP_initialise, 1, &ctxt), -EINVAL);
	CHECK_EQ(smp_start(1, second, (void *)4711), 0);
	CHECK(wait_for(&step, 1));
	CHECK_EQ(seen_id, 1);
	CHECK_EQ(seen_arg, 4711);
	CHECK(wait_down());
	CHECK_EQ(hv_vcpu_op(VCPUOP_initialise, 1, &ctxt), -EEXIST);
	CHECK_EQ(hv_vcpu_op(VCPUOP_initialise, 0, &ctxt), -EEXIST);
	CHECK_EQ(hv_vcpu_op(VCPUOP_up, 1, 0), 0);
	CHECK(wait_for(&step, 2));
	CHECK_EQ(hv_vcpu_op(VCPUOP_is_up, 1, 0), 1);
	CHECK_EQ(hv_vcpu_op(VCPUOP_up, 1, 0), 0); /* up already */
}

static volatile unsigned long nmis;

static bool count_nmi(struct regs *regs)
{
	(void)regs;
	CHECK_EQ(smp_id(), 1);
	nmis++;
	return true;
}

static void events(void)
{
	long port = event_bind_ipi(1), moved = event_bind_virq(VIRQ_DOM_EXC, 0), a, b;
	struct evtchn_bind_vcpu bind = { .vcpu = 1 };

	CHECK_EQ(event_send(port), 0);
	CHECK(wait_for(&event_count[port], 1));
	CHECK_EQ(event_send(port), 0);
	CHECK(wait_for(&event_count[port], 2));
	/* An interdomain port moved to VCPU 1. */
	a = event_alloc_unbound(DOMID_SELF, DOMID_SELF);
	b = event_bind_interdomain(DOMID_SELF, a);
	event_clear(b);
	bind.port = a;
	CHECK_EQ(hv_event_channel_op(EVTCHNOP_bind_vcpu, &bind), 0);
	CHECK_EQ(event_send(b), 0);
	CHECK(wait_for(&event_count[a], 1));
	CHECK_EQ(event_close(moved), 0);
	/* Per-VCPU virtual interrupts are bound once for each. */
	CHECK((a = event_bind_virq(VIRQ_TIMER, 0)) > 0);
	CHECK((b = event_bind_virq(VIRQ_TIMER, 1)) > 0);
	CHECK_EQ(event_bind_virq(VIRQ_TIMER, 1), -EEXIST);
	CHECK_EQ(event_close(a) | event_close(b), 0);
	/* Timers are a VCPU's own business. */
	CHECK_EQ(hv_vcpu_op(VCPUOP_stop_singleshot_timer, 1, 0), -EINVAL);
	CHECK_EQ(hv_vcpu_op(VCPUOP_stop_periodic_timer, 1, 0), 0);
	/* An NMI enters by entry 2 of its trap table. */
	trap_handler(TRAP_NMI, count_nmi);
	CHECK_EQ(hv_vcpu_op(VCPUOP_send_nmi, 1, 0), 0);
	CHECK(wait_for(&nmis, 1));
	stop = 1;
	CHECK_EQ(event_send(port), 0);
	CHECK(wait_for(&step, 3));
	CHECK(wait_down());
	CHECK_EQ(event_close(port), 0);
}

static void runstate(void)
{
	static struct vcpu_runstate_info area __attribute__((aligned(64)));
	struct vcpu_register_runstate_memory_area reg;
	struct vcpu_runstate_info info;
	volatile struct vcpu_runstate_info *live = &area;
	uint64_t sum, before, end;

	CHECK_EQ(hv_vcpu_op(VCPUOP_get_runstate_info, 0, &info), 0);
	CHECK_EQ(info.state, RUNSTATE_running);
	sum = info.time[0] + info.time[1] + info.time[2] + info.time[3];
	CHECK(info.state_entry_time && info.state_entry_time <= clock_now());
	CHECK(sum <= clock_now());
	before = info.time[RUNSTATE_running];
	CHECK_EQ(hv_vcpu_op(VCPUOP_get_runstate_info, 0, &info), 0);
	CHECK(info.time[RUNSTATE_running] > before);
	/* Down is a request: a moment later the VCPU has stopped running, too. */
	end = clock_now() + 10 * SECOND;
	do
		CHECK_EQ(hv_vcpu_op(VCPUOP_get_runstate_info, 1, &info), 0);
	while (info.state != RUNSTATE_offline && clock_now() < end);
	CHECK_EQ(info.state, RUNSTATE_offline);
	reg.addr.v = &area;
	area.state = 77;
	CHECK_EQ(hv_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &reg), 0);
	CHECK_EQ(live->state, RUNSTATE_running);
	before = live->time[RUNSTATE_blocked];
	events_enable();
	sum = event_bind_virq(VIRQ_TIMER, 0);
	/* On a busy host the time may have come before the VCPU blocks. */
	end = clock_now() + 10 * SECOND;
	do {
		CHECK_EQ(hv_set_timer_op(clock_now() + 5 * MILLISECOND), 0);
		hv_sched_op(SCHEDOP_block, 0);
	} while (live->time[RUNSTATE_blocked] < before + MILLISECOND && clock_now() < end);
	CHECK(live->time[RUNSTATE_blocked] >= before + MILLISECOND);
	CHECK_EQ(live->state, RUNSTATE_running);
	events_disable();
	CHECK_EQ(event_close(sum), 0);
	CHECK_EQ(hv_vcpu_op(VCPUOP_register_runstate_memory_area, 0, 0x1000), -EFAULT);
	/* An area that is not mapped is found out only when it is written. */
	reg.addr.v = (void *)0x1000;
	CHECK_EQ(hv_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &reg), 0);
	reg.addr.v = (void *)HYPERVISOR_VIRT_START;
	CHECK_EQ(hv_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &reg), -EFAULT);
	reg.addr.v = NULL;
	CHECK_EQ(hv_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &reg), 0);
}

static long move_info(unsigned int vcpu, unsigned long mfn, unsigned int offset)
{
	struct vcpu_register_vcpu_info op = { .mfn = mfn, .offset = offset };

	return hv_vcpu_op(VCPUOP_register_vcpu_info, vcpu, &op);
}

static void info_area(void)
{
	struct vcpu_info *old = &shared_info->vcpu_info[0];
	char *page = page_alloc();
	long port = event_bind_ipi(0);
	unsigned long seen;

	CHECK_EQ(move_info(0, virt_to_mfn(page), PAGE_SIZE - sizeof(*old) + 8), -ENXIO);
	CHECK_EQ(move_info(0, virt_to_mfn(page), 4), -ENXIO);
	CHECK_EQ(move_info(0, 0xfffffffff, 0), -EINVAL);
	CHECK_EQ(move_info(0, virt_to_mfn((void *)start_info->pt_base), 0), -EINVAL);
	CHECK_EQ(move_info(4096, virt_to_mfn(page), 0), -ENOENT);
	CHECK_EQ(move_info(0, virt_to_mfn(page), 256), 0);
	vcpu_info_moved[0] = (void *)(page + 256);
	CHECK_EQ(move_info(0, virt_to_mfn(page), 256), -EINVAL); /* once only */
	/* It came with its contents, and something to look for. */
	CHECK_EQ(vcpu_info(0)->evtchn_upcall_mask, old->evtchn_upcall_mask);
	CHECK_EQ(vcpu_info(0)->evtchn_upcall_pending, 1);
	CHECK_EQ(vcpu_info(0)->evtchn_pending_sel, -1UL);
	CHECK(clock_now() > 0);
	seen = event_count[port];
	events_enable();
	CHECK_EQ(event_send(port), 0);
	CHECK_EQ(event_count[port], seen + 1);
	events_disable();
	CHECK_TRAP(TRAP_PF, 0, "movb 0x1234, %%al", : : "rax");
	CHECK_EQ(trap_seen.cr2, 0x1234);
	/* The frame must stay as it is. */
	CHECK_EQ(map_readonly(page), 0);
	CHECK_EQ(mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(page)), -EINVAL);
	CHECK_EQ(map_writable(page), 0);
}

static void others(void)
{
	static struct vcpu_time_info area;
	struct vcpu_register_time_memory_area reg;
	struct vcpu_get_physid physid;

	reg.addr.v = &area;
	CHECK_EQ(hv_vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &reg), 0);
	CHECK(area.version && area.version % 2 == 0);
	CHECK_EQ(area.tsc_to_system_mul, vcpu_info(0)->time.tsc_to_system_mul);
	reg.addr.v = NULL;
	CHECK_EQ(hv_vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &reg), 0);
	CHECK_EQ(hv_vcpu_op(VCPUOP_get_physid, 0, &physid), -EINVAL); /* not pinned */
	CHECK_EQ(hv_vcpu_op(14, 0, 0), -ENOSYS);
	CHECK_EQ(hv_vcpu_op(-1, 0, 0), -ENOSYS);
}

int test_main(struct start_info *si)
{
	(void)si;
	events_disable();
	CHECK_EQ(hv_vcpu_op(VCPUOP_stop_periodic_timer, 0, 0), 0);
	initialise();
	events();
	runstate();
	info_area();
	others();
	return 0;
}
