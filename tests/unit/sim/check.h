/* SPDX-License-Identifier: GPL-2.0-only */
/* Invariants; each stops the program when one is broken. */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H

/* After sim_run(). */
void sim_check_sched(void);
void sim_check_events(void);

#endif
