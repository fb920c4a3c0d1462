/*
 * Event channels on the two-level ABI: a selector word a VCPU, 64 words of
 * pending bits, 64 words of mask bits, all in the shared info page.
 */
#include "event.h"
#include <xen/sched.h>
#include "clock.h"
#include "smp.h"
#include "test.h"

volatile unsigned long event_count[EVENT_COUNTED];
volatile unsigned long upcall_count;
void (*event_scan)(void);

static void scan_two_level(void)
{
	volatile struct vcpu_info *info = vcpu_info(smp_id());
	unsigned long sel, bits, w, b;

	sel = __atomic_exchange_n(&info->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
	for (; sel; sel &= sel - 1) {
		w = __builtin_ctzl(sel);
		bits = shared_info->evtchn_pending[w] & ~shared_info->evtchn_mask[w];
		for (; bits; bits &= bits - 1) {
			b = __builtin_ctzl(bits);
			event_clear(w * 64 + b);
			if (w * 64 + b < EVENT_COUNTED)
				__atomic_fetch_add(&event_count[w * 64 + b], 1, __ATOMIC_SEQ_CST);
		}
	}
}

void event_upcall(struct regs *regs)
{
	volatile struct vcpu_info *info = vcpu_info(smp_id());

	(void)regs;
	__atomic_fetch_add(&upcall_count, 1, __ATOMIC_SEQ_CST);
	/* Cleared before looking, or an event could be missed. */
	while (__atomic_exchange_n(&info->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST)) {
		if (event_scan)
			event_scan();
		else
			scan_two_level();
	}
}

long event_alloc_unbound(unsigned int dom, unsigned int remote)
{
	struct evtchn_alloc_unbound op = { .dom = dom, .remote_dom = remote };
	long rc = hv_event_channel_op(EVTCHNOP_alloc_unbound, &op);

	return rc ? rc : op.port;
}

long event_bind_interdomain(unsigned int remote, unsigned int port)
{
	struct evtchn_bind_interdomain op = { .remote_dom = remote, .remote_port = port };
	long rc = hv_event_channel_op(EVTCHNOP_bind_interdomain, &op);

	return rc ? rc : op.local_port;
}

long event_bind_virq(unsigned int virq, unsigned int vcpu)
{
	struct evtchn_bind_virq op = { .virq = virq, .vcpu = vcpu };
	long rc = hv_event_channel_op(EVTCHNOP_bind_virq, &op);

	return rc ? rc : op.port;
}

long event_bind_ipi(unsigned int vcpu)
{
	struct evtchn_bind_ipi op = { .vcpu = vcpu };
	long rc = hv_event_channel_op(EVTCHNOP_bind_ipi, &op);

	return rc ? rc : op.port;
}

long event_close(unsigned int port)
{
	struct evtchn_close op = { .port = port };

	return hv_event_channel_op(EVTCHNOP_close, &op);
}

long event_send(unsigned int port)
{
	struct evtchn_send op = { .port = port };

	return hv_event_channel_op(EVTCHNOP_send, &op);
}

long event_unmask(unsigned int port)
{
	struct evtchn_unmask op = { .port = port };

	return hv_event_channel_op(EVTCHNOP_unmask, &op);
}

long event_status(unsigned int port, struct evtchn_status *status)
{
	memset(status, 0xee, sizeof(*status));
	status->dom = DOMID_SELF;
	status->port = port;
	return hv_event_channel_op(EVTCHNOP_status, status);
}

static uint64_t bit(unsigned int port)
{
	return 1UL << (port % 64);
}

bool event_pending(unsigned int port)
{
	return __atomic_load_n(&shared_info->evtchn_pending[port / 64], __ATOMIC_SEQ_CST) &
	       bit(port);
}

void event_clear(unsigned int port)
{
	__atomic_fetch_and(&shared_info->evtchn_pending[port / 64], ~bit(port), __ATOMIC_SEQ_CST);
}

void event_mask(unsigned int port)
{
	__atomic_fetch_or(&shared_info->evtchn_mask[port / 64], bit(port), __ATOMIC_SEQ_CST);
}

bool event_masked(unsigned int port)
{
	return __atomic_load_n(&shared_info->evtchn_mask[port / 64], __ATOMIC_SEQ_CST) & bit(port);
}

bool event_wait(unsigned int port, unsigned long seen)
{
	uint64_t end = clock_now() + 10 * SECOND;

	while (event_count[port] <= seen) {
		if (clock_now() > end)
			return false;
		hv_sched_op(SCHEDOP_yield, 0);
	}
	return true;
}
