/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt lines: one interrupt of a device, a pin of an IO-APIC or a message,
 * and the domains that it goes to. Functions take the line's lock, which is
 * inside the event locks.
 */
#ifndef IRQ_LINE_H
#define IRQ_LINE_H

#include "irq/msi.h"
#include "lib/types.h"

struct domain;
struct line;

/*
 * The line of a GSI; a number below 16 means that ISA interrupt, which may be at
 * another pin. It is there for good. NULL: no such GSI, or out of memory.
 */
struct line *line_of_gsi(u32 gsi);

/*
 * How a GSI signals. -EINVAL: no such GSI; -EEXIST: it was told already, or is
 * in use.
 */
int line_setup_gsi(u32 gsi, bool level, bool active_low);

/* The line of a message, until line_destroy_msi(). Errors as msi_create(). */
int line_create_msi(const struct msi_source *source, struct line **line);
void line_destroy_msi(struct line *l);
bool line_is_msi(const struct line *l);

/* The GSI of a pin; not of a message. */
u32 line_gsi(const struct line *l);

/*
 * Send the line's interrupts to d as pirq, too. cpu: where the domain would like
 * to take them. -EBUSY: d or another does not want to share it, or too many do;
 * -ENOSPC: no vector is left; -EINVAL: it cannot be routed.
 */
int line_guest_add(struct line *l, struct domain *d, u32 pirq, bool share, unsigned int cpu);
/* No more. False: it did not. */
bool line_guest_remove(struct line *l, const struct domain *d);

/* d has served its interrupt: the next may come. */
void line_guest_done(struct line *l, const struct domain *d);

/* Let it interrupt another CPU. */
void line_retarget(struct line *l, unsigned int cpu);

/* Whether line_guest_done() is needed, and whether d's interrupts go to others too. */
bool line_needs_done(const struct line *l);
bool line_is_shared(const struct line *l);

#endif
