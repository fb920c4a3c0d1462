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

static void notify(struct vcpu *v, u32 port)
{
	if (v && !shared_bit_set(&v->info->evtchn_pending_sel, port / 64))
		upcall_pending(v);
}

static bool bit(const xen_ulong_t *words, u32 port)
{
	return READ_ONCE(words[port / 64]) >> (port % 64) & 1;
}

void two_level_set_pending(struct domain *d, struct vcpu *v, u32 port)
{
	struct shared_info *s = d->shared;

	if (shared_bit_set(&s->evtchn_pending[port / 64], port % 64))
		return;
	if (!bit(s->evtchn_mask, port))
		notify(v, port);
	sched_poll_event(d, port);
}

void two_level_clear_pending(struct domain *d, u32 port)
{
	shared_bit_clear(&d->shared->evtchn_pending[port / 64], port % 64);
}

/* An event that came while the port was masked has only set "pending". */
void two_level_unmask(struct domain *d, struct vcpu *v, u32 port)
{
	struct shared_info *s = d->shared;

	if (shared_bit_clear(&s->evtchn_mask[port / 64], port % 64) && bit(s->evtchn_pending, port))
		notify(v, port);
}

bool two_level_is_pending(const struct domain *d, u32 port)
{
	return bit(d->shared->evtchn_pending, port);
}

bool two_level_is_masked(const struct domain *d, u32 port)
{
	return bit(d->shared->evtchn_mask, port);
}
