/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's clock of known frequency, against which the TSC is measured:
 * HPET, else the ACPI PM timer, else the PIT. Slow to read.
 */
#ifndef TIME_REFERENCE_H
#define TIME_REFERENCE_H

#include "lib/types.h"

/* Boot: choose one and start it; says which in the log. */
void reference_init(void);

/* The machine slept: the clock may have stopped, or begun at any other value. */
void reference_resume(void);

/* Nanoseconds since reference_init() at a moment when the TSC was *tsc. */
u64 reference_read(u64 *tsc);

/*
 * Whether it may be read as seldom as once a second. The PIT's counter is too
 * short for that and serves for the start alone.
 */
bool reference_lasts(void);

#endif
