/* SPDX-License-Identifier: GPL-2.0-only */
/* Where domain 0 goes, the machine goes. */
#ifndef DOMAIN_SHUTDOWN_H
#define DOMAIN_SHUTDOWN_H

#include "lib/types.h"

/* Domain 0 shut down for that SHUTDOWN_* reason: do the same to the machine. Returns
 * only where domains_stop() has nothing to do, and in the host build. */
void machine_follow_dom0(u32 reason);

/* The machine is about to go off or restart: all VCPUs but the caller's stop where they
 * are, and debug builds audit. The caller holds no lock. False when another VCPU is at
 * it already: the caller has to let itself be stopped, on its way back to its guest. */
bool domains_stop(void);

#endif
