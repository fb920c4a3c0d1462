/* SPDX-License-Identifier: GPL-2.0-only */
/* Domain 0's part of the PIT (Intel 8254): channel 2 with its gate, and the speaker. */
#ifndef TIME_PIT_H
#define TIME_PIT_H

#include "lib/types.h"

/* Channel 2, the command register, and the port with the gate. */
static inline bool pit_owns_port(u16 port)
{
	return port == 0x42 || port == 0x43 || port == 0x61;
}

/* A byte from or to one of them, for domain 0, on any CPU. */
u8 pit_port_in(u16 port);
void pit_port_out(u16 port, u8 value);

#endif
