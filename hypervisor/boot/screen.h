/* SPDX-License-Identifier: GPL-2.0-only */
/* The screen as the boot loader left it. */
#ifndef BOOT_SCREEN_H
#define BOOT_SCREEN_H

#include "lib/types.h"

struct dom0_vga_console_info;

/* Fill info in, which is zeroed; false: there is nothing to tell. */
bool screen_describe(struct dom0_vga_console_info *info);

#endif
