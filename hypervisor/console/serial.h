/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Serial ports: 16550 and what behaves like one. All of these are called by
 * console.c with the console lock held.
 */
#ifndef CONSOLE_SERIAL_H
#define CONSOLE_SERIAL_H

#include "lib/types.h"

#define SERIAL_PORTS 2 /* com1, com2 */

/* Set up port 0 or 1, anew if need be. False when there is no such UART. */
bool serial_open(unsigned int port);

/*
 * Send. Waits until the UART has taken all of it, or with deferred set only
 * puts it into the port's transmit ring, from where serial_poll() moves it.
 */
void serial_write(unsigned int port, const char *s, size_t n, bool deferred);

/* Move output on without waiting. True while some is left. */
bool serial_poll(unsigned int port);

/* A received character, or -1. */
int serial_receive(unsigned int port);

#endif
