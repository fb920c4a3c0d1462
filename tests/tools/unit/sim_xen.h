/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A few functions of Xen's client libraries, for tools on a machine without Xen: one
 * domain, whose console page is memory of the test, and its event channel.
 */
#ifndef SIM_XEN_H
#define SIM_XEN_H

#include <stdbool.h>

#include "lib/control.h"

#include <xen/io/console.h>

#define SIM_FRAME 0x1234ul /* the console's frame */
#define SIM_REMOTE_PORT 7u /* the domain's port */

extern struct xencons_interface sim_page;
extern struct control sim_control;

/* What is held at present: mappings of the page, bound ports. */
extern int sim_mappings, sim_ports;
/* Events that the domain was sent. */
extern unsigned int sim_notified;

/* A fresh domain. */
void sim_reset(void);

/* The domain sends an event. Masked ports keep it. */
void sim_raise(void);

/* Has the port been taken off and not unmasked yet? */
bool sim_masked(void);

#endif
