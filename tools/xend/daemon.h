/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon itself, from its start to its end. */
#ifndef XEND_DAEMON_H
#define XEND_DAEMON_H

#include "lib/error.h"

struct daemon_options {
	unsigned int port; /* also serve 127.0.0.1:port; 0: no */
};

/* Get ready to serve. -1: *e says what is missing; what was begun ends with the process. */
int daemon_open(const struct daemon_options *options, struct error *e);
/* Serve until a signal says to stop, and what was under way is done. */
void daemon_serve(void);

#endif
