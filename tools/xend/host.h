/* SPDX-License-Identifier: GPL-2.0 */
/* What xend needs of the host. tests/tools links another host.c. */
#ifndef XEND_HOST_H
#define XEND_HOST_H

#include "lib/error.h"

/* Root, domain 0, xenstored. -1: *e names what is missing. */
int host_check(struct error *e);

#endif
