/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timers of VCPUs. Both kinds raise VIRQ_TIMER, and both follow their VCPU
 * from CPU to CPU, so that they fire where it runs and no interrupt between CPUs
 * is needed.
 *
 * The single-shot timer runs on while its VCPU does not: it is what a blocked
 * VCPU waits for. The periodic timer stands still then: a VCPU that was away for
 * several periods gets one event when it comes back, and a blocked VCPU is not
 * woken by it. PV guests start with a periodic timer of 100 Hz, which modern
 * ones stop at once.
 */
#include <xen/errno.h>
#include <xen/xen.h>

#include "event/event.h"
#include "hypercall/hypercall.h"
#include "machine.h"
#include "mm/alloc.h"
#include "sched/sched.h"
#include "time/vtimer.h"

#define DEFAULT_PERIOD MILLISECONDS(10)

static void singleshot_fired(void *data)
{
	event_send_virq(data, VIRQ_TIMER);
}

/* One event for all periods that have ended, and the timer for the next. */
static void periodic_work(struct vcpu *v)
{
	struct vtimer *vt = v->vtimer;
	stime_t period = READ_ONCE(vt->period);
	stime_t t = now();

	if (!period)
		return;
	if (t - vt->last >= period) {
		vt->last = t - (t - vt->last) % period;
		event_send_virq(v, VIRQ_TIMER);
	}
	timer_set(&vt->periodic, vt->last + period);
}

static void periodic_fired(void *data)
{
	struct vcpu *v = data;

	/* Else it was set by another VCPU just when this one was switched out. */
	if (v == current)
		periodic_work(v);
}

static void poll_fired(void *data)
{
	struct vcpu *v = data;

	if (READ_ONCE(v->poll_port))
		sched_unblock(v);
}

int vtimer_vcpu_init(struct vcpu *v)
{
	struct vtimer *vt = new (struct vtimer);

	if (!vt)
		return -XEN_ENOMEM;
	timer_init(&vt->singleshot, singleshot_fired, v, v->processor);
	timer_init(&vt->periodic, periodic_fired, v, v->processor);
	timer_init(&vt->poll, poll_fired, v, v->processor);
	vt->period = DEFAULT_PERIOD;
	vt->last = now();
	v->vtimer = vt;
	return 0;
}

void vtimer_vcpu_destroy(struct vcpu *v)
{
	struct vtimer *vt = v->vtimer;

	if (!vt)
		return;
	timer_kill(&vt->singleshot);
	timer_kill(&vt->periodic);
	timer_kill(&vt->poll);
	v->vtimer = NULL;
	heap_free(vt);
}

void vtimer_set_singleshot(struct vcpu *v, stime_t deadline)
{
	timer_migrate(&v->vtimer->singleshot, this_cpu_id());
	timer_set(&v->vtimer->singleshot, deadline);
}

void vtimer_stop_singleshot(struct vcpu *v)
{
	timer_stop(&v->vtimer->singleshot);
}

void vtimer_set_periodic(struct vcpu *v, stime_t period)
{
	struct vtimer *vt = v->vtimer;

	timer_stop(&vt->periodic);
	vt->last = now();
	WRITE_ONCE(vt->period, period);
	/* If it does not run, vtimer_switch_in() will set it. */
	if (period && READ_ONCE(v->is_running)) {
		timer_migrate(&vt->periodic, READ_ONCE(v->processor));
		timer_set(&vt->periodic, vt->last + period);
	}
}

void vtimer_set_poll(struct vcpu *v, stime_t deadline)
{
	if (deadline) {
		timer_migrate(&v->vtimer->poll, this_cpu_id());
		timer_set(&v->vtimer->poll, deadline);
	} else {
		timer_stop(&v->vtimer->poll);
	}
}

void vtimer_switch_out(struct vcpu *v)
{
	if (READ_ONCE(v->vtimer->period))
		timer_stop(&v->vtimer->periodic);
}

void vtimer_switch_in(struct vcpu *v)
{
	struct vtimer *vt = v->vtimer;

	timer_migrate(&vt->singleshot, v->processor);
	if (READ_ONCE(vt->period)) {
		timer_migrate(&vt->periodic, v->processor);
		periodic_work(v);
	}
}

/*
 * Times that cannot be meant are taken for the wrapped arithmetic of an old
 * guest, which may have work to do or have none: it is called soon, but not at
 * once, lest it set the same time again and again.
 */
#define FAR_FUTURE (1ll << 50) /* 13 days */

long do_set_timer_op(s64 timeout)
{
	struct vcpu *v = current;

	if (timeout == 0) {
		vtimer_stop_singleshot(v);
		return 0;
	}
	if (unlikely(timeout < 0 || timeout - now() > FAR_FUTURE))
		timeout = now() + MILLISECONDS(100);
	vtimer_set_singleshot(v, timeout);
	return 0;
}
