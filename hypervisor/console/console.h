/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console: where messages go (serial lines, screen, and a ring in memory
 * that keeps the last of them), and where the operator types.
 */
#ifndef CONSOLE_CONSOLE_H
#define CONSOLE_CONSOLE_H

#include "lib/types.h"

/*
 * Boot, in this order. Early: open the devices of `console=` and show on them
 * what was logged so far; vga_text tells whether the screen is in text mode.
 * Late: timers run from here on and take over transmission and input. End: dom0
 * is about to run; the screen is its own from now on, and so is the input
 * unless `conswitch=` says otherwise.
 */
void console_init_early(bool vga_text);
void console_init_late(void);
void console_end_boot(void);

/* A message of the hypervisor: to the devices and the ring. Any context. */
void console_write(const char *s, size_t n);

/* Output of dom0: to the devices alone. */
void console_guest_write(const char *s, size_t n);

/* Input for dom0: takes up to n bytes, returns how many there were. */
size_t console_guest_read(char *buf, size_t n);

/*
 * The ring. All bytes ever written are numbered, modulo 2^32; these are there:
 * oldest, up to end but without it.
 */
void console_ring_range(u32 *oldest, u32 *end);

/*
 * Read up to len bytes from number *index on, or from the oldest if that is gone,
 * into buf. Returns how many; *index becomes the number of the next.
 */
u32 console_ring_read(char *buf, u32 len, u32 *index);

/* Forget what is before a number. */
void console_ring_forget(u32 index);

/*
 * The machine ends: send what still waits, and from now on send at once. After a
 * crash nobody's lock is waited for any more, for it may never be released.
 */
void console_end(bool crash);

/* The machine did not end, but slept: the serial lines are to be set up again. */
void console_resume(void);

/* Whether somebody else than a person at the screen can see the console. */
bool console_has_serial(void);

#endif
