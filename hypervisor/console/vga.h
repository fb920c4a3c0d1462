/* SPDX-License-Identifier: GPL-2.0-only */
/* The screen in text mode, 80 by 25. Called with the console lock held. */
#ifndef CONSOLE_VGA_H
#define CONSOLE_VGA_H

#include "lib/types.h"

/* The screen is in text mode. Writes go below what is on it. Boot. */
void vga_init(void);

/* Understands \n, \r, \t and \b. */
void vga_write(const char *s, size_t n);

#endif
