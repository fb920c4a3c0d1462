/* SPDX-License-Identifier: GPL-2.0-only */
/* The door of the control interface. */
#ifndef HYPERCALL_CONTROL_H
#define HYPERCALL_CONTROL_H

#include "lib/types.h"

/* What the structures of domctl, sysctl and platform_op have in common. */
struct control_header {
	u32 cmd;
	u32 version;
};

/*
 * Read the head of the caller's structure. Privilege is checked here, once,
 * first: 0, -EPERM, -EFAULT, -EACCES (another version of the interface).
 */
long control_enter(void *arg, u32 version, struct control_header *h);

#endif
