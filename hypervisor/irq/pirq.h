/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Physical interrupts for guests, as event/ needs them. An interrupt that comes
 * is passed on by event_send_pirq().
 */
#ifndef IRQ_PIRQ_H
#define IRQ_PIRQ_H

#include "lib/types.h"

struct domain;

/* Numbers that a domain can have. */
#define MAX_PIRQS 1024

/*
 * Let d handle pirq from now on, its events being port's. share: others may
 * have it too. 0, -EINVAL: no such interrupt; -EPERM: not given to d; -EBUSY:
 * taken. The event lock of d is held.
 */
int pirq_bind(struct domain *d, unsigned int pirq, u32 port, bool share);
void pirq_unbind(struct domain *d, unsigned int pirq);

/* The guest has dealt with it (PHYSDEVOP_eoi): it may come again. */
void pirq_eoi(struct domain *d, unsigned int pirq);

#endif
