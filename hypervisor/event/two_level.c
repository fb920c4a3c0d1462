/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The 2-level ABI: 64 words of 64 bits, "pending", in the shared info page, and
 * over them one word for each VCPU, evtchn_pending_sel, that says which of the
 * words to look at. The guest clears from the top down and we set from the
 * bottom up, so whoever comes second sees what the other did.
 *
 * Each step is one locked instruction and is the barrier that the next needs:
 * the guest may be clearing the same words on another CPU, and sched_event()
 * looks whether the VCPU sleeps only after its bits are set.
 */
#include "event/internal.h"

#define WORD(port) ((port) / 64)
#define BIT(port) (1ul << ((port) % 64))

static void notify(struct vcpu *v, u32 port)
{
	if (v && !(__atomic_fetch_or(&v->info->evtchn_pending_sel, 1ul << WORD(port),
				     __ATOMIC_SEQ_CST) &
		   1ul << WORD(port)))
		upcall_pending(v);
}

void two_level_set_pending(struct domain *d, struct vcpu *v, u32 port)
{
	struct shared_info *s = d->shared;

	if (__atomic_fetch_or(&s->evtchn_pending[WORD(port)], BIT(port), __ATOMIC_SEQ_CST) &
	    BIT(port))
		return;
	if (!(READ_ONCE(s->evtchn_mask[WORD(port)]) & BIT(port)))
		notify(v, port);
	sched_poll_event(d, port);
}

void two_level_clear_pending(struct domain *d, u32 port)
{
	__atomic_fetch_and(&d->shared->evtchn_pending[WORD(port)], ~BIT(port), __ATOMIC_SEQ_CST);
}

/* An event that came while the port was masked has only set "pending". */
void two_level_unmask(struct domain *d, struct vcpu *v, u32 port)
{
	struct shared_info *s = d->shared;

	if ((__atomic_fetch_and(&s->evtchn_mask[WORD(port)], ~BIT(port), __ATOMIC_SEQ_CST) &
	     BIT(port)) &&
	    two_level_is_pending(d, port))
		notify(v, port);
}

bool two_level_is_pending(struct domain *d, u32 port)
{
	return READ_ONCE(d->shared->evtchn_pending[WORD(port)]) & BIT(port);
}

bool two_level_is_masked(struct domain *d, u32 port)
{
	return READ_ONCE(d->shared->evtchn_mask[WORD(port)]) & BIT(port);
}
