/* SPDX-License-Identifier: GPL-2.0-only */
/* I/O ports for guests. */
#ifndef CPU_IOPORT_H
#define CPU_IOPORT_H

#include "lib/types.h"

struct domain;
struct vcpu;

/* May v, which is current, access so many ports now, by its I/O privilege level or
 * its bitmap? */
bool ioport_privileged(const struct vcpu *v, u16 port, unsigned int bytes);

/*
 * Where the guest has v's bitmap: a bit for each of so many ports, 0 where it may be
 * used. It is looked at when it is needed. -EINVAL: more ports than there are, or
 * the place is not the guest's.
 */
int ioport_set_bitmap(struct vcpu *v, const void *bitmap, u32 ports);

/*
 * Do one for v. Ports that its domain has no right to read as all ones, and
 * writes to them go nowhere, as on a bus where nobody answers: byte by byte, when
 * an access covers such ports and others.
 */
u32 ioport_in(struct vcpu *v, u16 port, unsigned int bytes);
void ioport_out(struct vcpu *v, u16 port, unsigned int bytes, u32 value);

/* A domain's rights: all ports but ours (dom0), or none. 0 or -ENOMEM. */
int ioport_domain_init(struct domain *d);
void ioport_domain_destroy(struct domain *d);

/*
 * Whether d may use all of ports [first, first + nr), which there are; and let it
 * use them, or no longer.
 */
bool ioport_permitted(const struct domain *d, u32 first, u32 nr);
void ioport_permit(struct domain *d, u32 first, u32 nr, bool allow);

/* Boot: ports that no guest may touch. */
void ioport_deny(u16 first, u16 last);

#endif
