/* SPDX-License-Identifier: GPL-2.0-only */
/* Time as guests see it: the pages from which they compute it themselves. */
#ifndef TIME_VTIME_H
#define TIME_VTIME_H

#include "lib/types.h"

struct domain;
struct vcpu;

/*
 * v is current on this CPU, its page tables are loaded, and it is about to run:
 * bring its time information up to date. Cheap when there is nothing to do.
 */
void vtime_update(struct vcpu *v);

/*
 * The current VCPU wants for v, itself or another of its domain, a copy of the
 * time information at guest address address; 0 for none any more. 0 or
 * -XEN_EFAULT.
 */
int vtime_register(struct vcpu *v, u64 address);

/* Tell a domain the time of day: when it is created, and when it is set. */
void vtime_update_wallclock(struct domain *d);

/* For clock.c: when timers run; and when VCPUs that run must hear of a rate. */
void vtime_init(void);
void vtime_scale_changed(void);

#endif
