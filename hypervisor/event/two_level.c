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

void two_level_clear_pending(struct domain *d, u32 port)
{
	shared_bit_clear(&d->shared->evtchn_pending[port / 64], port % 64);
}

/* An event that came while the port was masked has only set "pending". */
void two_level_unmask(struct domain *d, struct vcpu *v, u32 port)
{
	struct shared_info *s = d->shared;

	if (shared_bit_clear(&s->evtchn_mask[port / 64], port % 64) &&
	    two_level_bit(s->evtchn_pending, port))
		two_level_notify(v, port);
}

bool two_level_is_pending(const struct domain *d, u32 port)
{
	return two_level_bit(d->shared->evtchn_pending, port);
}

bool two_level_is_masked(const struct domain *d, u32 port)
{
	return two_level_bit(d->shared->evtchn_mask, port);
}
