/* SPDX-License-Identifier: GPL-2.0-only */
/* What simulated CPUs can reach; stops the program when that is too much. */
#ifndef SIM_REACH_H
#define SIM_REACH_H

#include "lib/types.h"

/*
 * Walk, as the hardware does, from every root that a VCPU has. No frame of another
 * domain or of the hypervisor may be reached unless a privileged domain saw to it,
 * and none that is a table or holds descriptors may be written. Nor by what TLBs
 * still hold from before: guests are taken to have touched all that they could.
 */
void sim_check_reach(void);

/* A guest writes to a frame: no CPU may be using it as a table meanwhile. */
void sim_check_store(mfn_t mfn);

/* Forget it all, the TLBs too: a new machine. */
void sim_reach_reset(void);

/* A privileged domain lets others map this frame (by working on their tables). */
void sim_reach_allow(mfn_t mfn);

#endif
