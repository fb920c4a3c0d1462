/* SPDX-License-Identifier: GPL-2.0-only */
/* Invariant 3 of the design: recount everything, and compare. */
#ifndef MM_AUDIT_H
#define MM_AUDIT_H

#include "lib/types.h"

struct domain;
struct frame;

/*
 * Recompute the references and type counts of every frame of every domain from
 * page tables, VCPUs and what modules hold, check that every use of a frame is of
 * the type it has, and log each that differs. Returns their number. No domain may
 * be running: all are paused meanwhile. Debug builds only; others return 0 at once.
 */
unsigned int audit(void);

/* Run it and log one line: `audit: clean` or `audit: FAILED`. */
void audit_report(void);

/*
 * For modules that hold frames (audit_held.c calls each): one reference, and with
 * type not 0 one use of that FRAME_* type.
 */
void audit_hold(mfn_t mfn, u64 type);

#endif
