/* SPDX-License-Identifier: GPL-2.0-only */
/* The exception table: where a fault of ours is expected. */
#ifndef CPU_USERCOPY_H
#define CPU_USERCOPY_H

#include "lib/types.h"

struct ex_entry {
	u64 address, fixup;
};

/* Where to go on after a fault at rip; 0 when none was expected there. */
u64 exception_fixup(u64 rip);

/* Boot, once, before any CPU sets CR4.SMAP. */
void usercopy_enable_smap(void);

#endif
