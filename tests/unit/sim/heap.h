/* SPDX-License-Identifier: GPL-2.0-only */
/* The heap can be made to run out. */
#ifndef SIM_HEAP_H
#define SIM_HEAP_H

/* The so-many-th allocation from now fails; 0: none. */
extern unsigned int sim_heap_fail_after;

#endif
