/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XM_CONSOLE_H
#define XM_CONSOLE_H

#include <jansson.h>

/*
 * Open the console that @domain (what xend says of a domain) has. Returns its
 * file descriptor, or -1 after saying why not.
 */
int console_open(const json_t *domain);

/*
 * Carry bytes between the terminal and @fd until Ctrl-] is typed, the console is
 * closed or a signal ends xm; the terminal is then as it was. Closes @fd and
 * returns an exit code.
 */
int console_relay(int fd);

#endif
