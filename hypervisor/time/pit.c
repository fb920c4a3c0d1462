/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PIT has three channels, two registers that are for all of them, and a gate
 * and an output of channel 2 among other bits in a port. Channel 0 can be the
 * hypervisor's timer. Channel 2 is of no use to us once the clock runs
 * (reference.c), and kernels measure their TSC with it: it is domain 0's.
 *
 * Each channel keeps for itself which byte of its counter comes next, so that
 * domain 0 disturbs nobody, whatever it does there and on whichever CPU.
 */
#include "cpu/asm.h"
#include "time/pit.h"

#define PIT_COMMAND 0x43
#define COMMAND_CHANNEL 0xc0
#define CHANNEL_2 0x80
#define READ_BACK 0xc0 /* then bits choose channels: */
#define READ_BACK_2 0x08
#define READ_BACK_OTHERS 0x06

#define PORT_B 0x61
#define PORT_B_GUEST 0x03 /* gate of channel 2, speaker */
#define PORT_B_OURS 0x0c  /* which NMIs are let come */

u8 pit_port_in(u16 port)
{
	/* Nothing is to be read there; Xen says 0. */
	return port == PIT_COMMAND ? 0 : inb(port);
}

static void command(u8 value)
{
	switch (value & COMMAND_CHANNEL) {
	case CHANNEL_2:
		outb(PIT_COMMAND, value);
		break;
	case READ_BACK:
		/* What it latches stays until it is read: of channel 2 alone. */
		if (value & READ_BACK_2)
			outb(PIT_COMMAND, value & ~READ_BACK_OTHERS);
		break;
	}
}

void pit_port_out(u16 port, u8 value)
{
	switch (port) {
	case PIT_COMMAND:
		command(value);
		break;
	case PORT_B:
		outb(PORT_B, (inb(PORT_B) & PORT_B_OURS) | (value & PORT_B_GUEST));
		break;
	default:
		outb(port, value);
		break;
	}
}
