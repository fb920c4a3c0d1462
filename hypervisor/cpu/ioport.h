/* SPDX-License-Identifier: GPL-2.0-only */
/* I/O ports for guests. */
#ifndef CPU_IOPORT_H
#define CPU_IOPORT_H

#include "lib/types.h"

struct domain;
struct vcpu;

/* May v use all of these ports now: by its IOPL and its domain's rights? */
bool ioport_permitted(const struct vcpu *v, u16 port, unsigned int bytes);

u32 ioport_in(struct vcpu *v, u16 port, unsigned int bytes);
void ioport_out(struct vcpu *v, u16 port, unsigned int bytes, u32 value);

/* A domain's rights: all ports but ours (dom0), or none. 0 or -ENOMEM. */
int ioport_domain_init(struct domain *d);
void ioport_domain_destroy(struct domain *d);

/* Boot: ports that no guest may touch. */
void ioport_deny(u16 first, u16 last);

#endif
