/* SPDX-License-Identifier: GPL-2.0-only */
/* Where domain 0 goes, the machine goes. */
#ifndef DOMAIN_SHUTDOWN_H
#define DOMAIN_SHUTDOWN_H

#include "lib/types.h"

/* Domain 0 shut down for that SHUTDOWN_* reason: do the same to the machine. Does
 * not return, except in the host build. */
void machine_follow_dom0(u32 reason);

/* The machine is about to go off or restart: the other domains stop where they
 * are, and debug builds audit. The caller is of domain 0 and holds no lock. */
void domains_stop(void);

#endif
