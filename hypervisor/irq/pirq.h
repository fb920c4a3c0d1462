/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Physical interrupts for guests. A pirq is a domain's own number for one; it is
 * mapped to an interrupt line, then bound to an event channel. An interrupt that
 * comes is passed on by event_send_pirq().
 */
#ifndef IRQ_PIRQ_H
#define IRQ_PIRQ_H

#include "lib/types.h"

struct domain;
struct msi_source;
struct vcpu;

/* Numbers that a domain can have. */
#define MAX_PIRQS 1024

/*
 * Let d handle pirq from now on, its events being port's. share: others may
 * have it too. 0; -EINVAL: no such interrupt; -EPERM: not given to d; -EBUSY:
 * taken; -ENOSPC: no vector left. The event lock of d is held.
 */
int pirq_bind(struct domain *d, unsigned int pirq, u32 port, bool share);
void pirq_unbind(struct domain *d, unsigned int pirq);

/* The guest has dealt with it (PHYSDEVOP_eoi): it may come again. */
void pirq_eoi(struct domain *d, unsigned int pirq);

/* The port of a pirq that is bound is v's now: let it interrupt v's CPU. */
void pirq_follow(struct domain *d, unsigned int pirq, const struct vcpu *v);

/*
 * Give d a pirq for a GSI, or for a message. *pirq: the number wanted, negative:
 * any; becomes the number given. -EINVAL: no such GSI or number; -EPERM: giver may
 * not have it himself; -EEXIST: the GSI has another number, or the number another
 * interrupt; -ENOSPC: no number or vector left; -ENOMEM; others as msi_create().
 */
int pirq_map_gsi(struct domain *d, const struct domain *giver, u32 gsi, int *pirq);
int pirq_map_msi(struct domain *d, const struct msi_source *source, int *pirq);

/* Take it away, bound or not; its port stays and is silent. -EINVAL: not mapped. */
int pirq_unmap(struct domain *d, unsigned int pirq);

/* Keep a number free for a later map. -ENOSPC, -ENOMEM. */
int pirq_reserve(struct domain *d, bool gsi, u32 *pirq);

/*
 * Let d have the interrupt that is giver's pirq, or no more: it keeps the number,
 * and cannot bind it. To map it for somebody gives it, too; who does either has it
 * himself. -EINVAL: no such number; -EPERM: not mapped, or not giver's to give;
 * -EOPNOTSUPP: a message, which belongs to whom it is mapped for; -ENOMEM.
 */
int pirq_permit(struct domain *d, struct domain *giver, unsigned int pirq, bool allow);

bool pirq_is_mapped(const struct domain *d, unsigned int pirq);

/* XENIRQSTAT_* for PHYSDEVOP_irq_status_query. */
u32 pirq_status(struct domain *d, unsigned int pirq);

/*
 * From now on keep a bit in d's frame for each pirq, set when the guest has to
 * end the interrupt. unmask: pirq_eoi_unmasks() shall tell so. -EINVAL: not its
 * frame, or not writable; -EBUSY: there is one; -ENOMEM.
 */
int pirq_set_eoi_page(struct domain *d, u64 gfn, bool unmask);
bool pirq_eoi_unmasks(const struct domain *d);

/* With the last reference to d, whose ports are closed: give all back. */
void pirq_domain_destroy(struct domain *d);

#endif
