/* SPDX-License-Identifier: GPL-2.0 */
/* Unpacking domain 0's own kernel ahead of the first domain that starts it. */
#ifndef XEND_AHEAD_H
#define XEND_AHEAD_H

#include <stdbool.h>

/* Begin, unless it is done already, or there is no such file. */
void ahead_start(void);

/*
 * True: this file is just being unpacked, from now on with what CPU it takes, and
 * @then is called at its end, from the main loop. One may wait at a time.
 */
bool ahead_wait(const char *kernel, void (*then)(void *context), void *context);

#endif
