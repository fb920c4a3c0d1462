/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes become what two domains do: event channel, scheduler, VCPU and timer
 * hypercalls, stores to the memory that they share with the hypervisor, and
 * time that passes. After each step the invariants of sim/check.c must hold; at
 * the end everything is destroyed and every frame must have come back.
 *
 * Domain 0 is privileged and has one VCPU, domain 1 has two, on two CPUs. Most
 * operands are folded into small ranges, so that operations meet; some bytes
 * make one wild.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <xen/errno.h>
#include <xen/vcpu.h>

#include "event/event.h"
#include "hypercall/hypercall.h"
#include "mm/alloc.h"
#include "mm/audit.h"
#include "mm/frame.h"
#include "sched/sched.h"
#include "sim/check.h"
#include "sim/sim.h"

#define CPUS 2
#define PAGES 6

static const uint8_t *bytes;
static size_t bytes_left;

static struct domain *dom[2];
static char *page[2][PAGES]; /* guests' memory for frames that calls name */
static char *arg[2];	     /* and for operands, two pages */

static u8 byte(void)
{
	if (!bytes_left)
		return 0;
	bytes_left--;
	return *bytes++;
}

static u32 word(void)
{
	return byte() | byte() << 8 | byte() << 16 | (u32)byte() << 24;
}

/* A small number, or now and then any. */
static u32 small(u32 limit)
{
	u8 b = byte();

	return b == 0xff ? word() : b % limit;
}

static u16 domid(void)
{
	static const u16 ids[] = { DOMID_SELF, 0, 1, 1, 0, 7, DOMID_IO, DOMID_IDLE };

	return ids[byte() % 8];
}

static u64 gfn(unsigned int d)
{
	u8 b = byte();

	if (b == 0xff)
		return word();
	if (b >= 0xf0)
		return virt_to_mfn(dom[d]->shared);
	return virt_to_mfn(page[b >= 0xe0 ? !d : d][b % PAGES]);
}

static stime_t soon(void)
{
	u8 b = byte();

	return b == 0xff ? (stime_t)((u64)word() << 33) : now() + (b - 16) * MICROSECONDS(500);
}

static void event_op(unsigned int d)
{
	union {
		struct evtchn_alloc_unbound alloc_unbound;
		struct evtchn_bind_interdomain bind_interdomain;
		struct evtchn_bind_virq bind_virq;
		struct evtchn_bind_vcpu bind_vcpu;
		struct evtchn_status status;
		struct evtchn_init_control control;
		struct evtchn_expand_array array;
		struct evtchn_set_priority priority;
		u32 port;
		u16 dom;
	} *op = (void *)arg[d];
	u8 cmd = byte() % 16;

	memset(op, 0, sizeof(*op));
	switch (cmd) {
	case EVTCHNOP_alloc_unbound:
		op->alloc_unbound.dom = domid();
		op->alloc_unbound.remote_dom = domid();
		break;
	case EVTCHNOP_bind_interdomain:
		op->bind_interdomain.remote_dom = domid();
		op->bind_interdomain.remote_port = small(16);
		break;
	case EVTCHNOP_bind_virq:
	case EVTCHNOP_bind_pirq:
		op->bind_virq.virq = small(NR_VIRQS + 1);
		op->bind_virq.vcpu = small(3);
		break;
	case EVTCHNOP_bind_vcpu:
		op->bind_vcpu.port = small(16);
		op->bind_vcpu.vcpu = small(3);
		break;
	case EVTCHNOP_status:
		op->status.dom = domid();
		op->status.port = small(16);
		break;
	case EVTCHNOP_reset:
		op->dom = domid();
		/* Rarely: it ends everything interesting. */
		if (byte() % 8)
			return;
		sim_preempt_every = byte() % 4;
		break;
	case EVTCHNOP_init_control:
		op->control.control_gfn = gfn(d);
		op->control.offset = small(64) * 72;
		op->control.vcpu = small(3);
		break;
	case EVTCHNOP_expand_array:
		op->array.array_gfn = gfn(d);
		break;
	case EVTCHNOP_set_priority:
		op->priority.port = small(16);
		op->priority.priority = small(17);
		break;
	default:
		op->port = small(16);
		break;
	}
	sim_hypercall(__HYPERVISOR_event_channel_op, cmd, (u64)op, 0, 0, 0);
	sim_preempt_every = 0;
}

static void sched_op(unsigned int d)
{
	union {
		struct sched_poll poll;
		struct sched_watchdog watchdog;
		struct sched_remote_shutdown remote;
		s32 pcpu;
		u32 reason;
	} *op = (void *)arg[d];
	evtchn_port_t *ports = (void *)(arg[d] + PAGE_SIZE);
	u8 cmd = byte() % 9;

	memset(op, 0, sizeof(*op));
	switch (cmd) {
	case SCHEDOP_poll:
		op->poll.nr_ports = small(4);
		for (u32 i = 0; i < 3; i++)
			ports[i] = small(16);
		op->poll.ports.p = ports;
		op->poll.timeout = soon();
		break;
	case SCHEDOP_watchdog:
		op->watchdog.id = small(4);
		op->watchdog.timeout = small(4);
		break;
	case SCHEDOP_remote_shutdown:
		op->remote.domain_id = domid();
		break;
	case SCHEDOP_pin_override:
		op->pcpu = (s32)small(5) - 2;
		break;
	default:
		op->reason = byte();
		break;
	}
	do_sched_op(cmd, op);
}

static void vcpu_op(unsigned int d)
{
	union {
		struct vcpu_register_runstate_memory_area area;
		struct vcpu_set_periodic_timer periodic;
		struct vcpu_set_singleshot_timer singleshot;
		struct vcpu_register_vcpu_info info;
		struct vcpu_guest_context context;
	} *op = (void *)arg[d];
	u8 cmd = byte() % 15;

	memset(op, 0, sizeof(*op));
	switch (cmd) {
	case VCPUOP_register_runstate_memory_area:
	case VCPUOP_register_vcpu_time_memory_area:
		op->area.addr.p = byte() % 4 ? (u64)page[d][byte() % PAGES] + byte() :
					       (u64)word() << 32;
		break;
	case VCPUOP_set_periodic_timer:
		op->periodic.period_ns = MICROSECONDS(500) * small(40);
		break;
	case VCPUOP_set_singleshot_timer:
		op->singleshot.timeout_abs_ns = soon();
		op->singleshot.flags = byte();
		break;
	case VCPUOP_register_vcpu_info:
		op->info.mfn = gfn(d);
		op->info.offset = small(80) * 64;
		break;
	}
	do_vcpu_op(cmd, small(3), byte() == 0xff ? NULL : op);
}

/* What the guest can do to what it shares with us. */
static void store(unsigned int d)
{
	struct shared_info *s = dom[d]->shared;
	u8 where = byte(), port = byte() % 16;
	event_word_t *words = (void *)page[d][where % PAGES];

	switch (where / 32) {
	case 0:
		s->evtchn_pending[0] &= ~(1ul << port);
		break;
	case 1:
		s->evtchn_mask[0] ^= 1ul << port;
		break;
	case 2:
		current->info->evtchn_upcall_mask = port & 1;
		break;
	case 3:
		current->info->evtchn_upcall_pending = 0;
		current->info->evtchn_pending_sel = 0;
		break;
	case 4: /* takes an event out of its queue, as it should */
		words[port] &= ~(1u << EVTCHN_FIFO_PENDING | 1u << EVTCHN_FIFO_LINKED |
				 EVTCHN_FIFO_LINK_MASK);
		break;
	case 5:
		words[port] ^= 1u << EVTCHN_FIFO_MASKED;
		break;
	default:
		words[byte() * 4 % 1024 + port % 4] = word();
		break;
	}
}

static void hypervisor_does(void)
{
	struct domain *d = dom[byte() % 2];
	struct vcpu *v = d->vcpu[byte() % d->max_vcpus];

	switch (byte() % 8) {
	case 0:
		event_send_virq(v, byte() % NR_VIRQS);
		break;
	case 1:
		event_send_global_virq(byte() % NR_VIRQS);
		break;
	case 2:
		sched_set_affinity(v, byte());
		break;
	case 3:
		domain_pause(d);
		break;
	case 4:
		/* The tools bring back what has shut down, too. */
		d->is_shut_down = false;
		if (d->pause_count)
			domain_unpause(d);
		break;
	case 5:
		event_set_virq_handler(d, byte() % (NR_VIRQS + 1));
		break;
	case 6:
		event_set_max_port(d, byte());
		break;
	default:
		sched_vcpu_up(v);
		break;
	}
}

static void step(void)
{
	u8 b = byte();
	unsigned int d;

	sim_cpu = b >> 7;
	if (current->is_idle || b % 16 == 0) {
		hypervisor_does();
		return;
	}
	d = current->domain->id;
	switch (b % 16) {
	case 1:
		sim_advance(MICROSECONDS(250) * byte());
		break;
	case 2:
		do_set_timer_op(soon());
		break;
	case 3:
		current->kernel_mode ^= 1;
		sched_runstate_to_guest(current);
		break;
	case 4:
	case 5:
	case 6:
		store(d);
		break;
	case 7:
	case 8:
		sched_op(d);
		break;
	case 9:
	case 10:
		vcpu_op(d);
		break;
	default:
		event_op(d);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bytes = data;
	bytes_left = size;
	sim_init_cpus(1 << 20, CPUS, NULL);
	for (unsigned int d = 0; d < 2; d++) {
		dom[d] = sim_domain(d, 1 + d, true);
		for (unsigned int p = 0; p < PAGES; p++)
			page[d][p] = sim_guest_page(dom[d]);
		arg[d] = frame_to_virt(domain_frames_alloc(dom[d], 2, 0));
	}
	sim_run();
	while (bytes_left) {
		step();
		/* Now and then several things happen before anybody looks. */
		if (byte() % 4 == 0)
			continue;
		sim_run();
		sim_check_sched();
		sim_check_events();
		if (audit())
			panic("the audit found something");
	}
	sim_cpu = 0;
	sim_run();
	sim_exit();
	return 0;
}
