/* SPDX-License-Identifier: GPL-2.0 */
/* The pid file, whose lock is what keeps xend single: it ends with the process. */
#ifndef XEND_PIDFILE_H
#define XEND_PIDFILE_H

#include <sys/types.h>

#include "lib/error.h"

/* Be the one xend, until the process ends. EEXIST: another is. */
int pidfile_take(struct error *e);

/* The running xend's pid, 0 when none runs. */
pid_t pidfile_owner(void);

#endif
