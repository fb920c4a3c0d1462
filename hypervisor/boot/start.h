/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BOOT_START_H
#define BOOT_START_H

#include "lib/types.h"

/* head.S jumps here: magic says which protocol, info where its data is. */
void start_hypervisor(u32 magic, u32 info);

#endif
