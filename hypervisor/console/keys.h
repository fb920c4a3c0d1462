/* SPDX-License-Identifier: GPL-2.0-only */
/* Keys that an operator types to the hypervisor: a function each. */
#ifndef CONSOLE_KEYS_H
#define CONSOLE_KEYS_H

#include "lib/types.h"

/*
 * Call fn(key) when key is typed. It runs from a timer: interrupts off, no lock
 * held. help is a few words for the list that `h` prints. Boot.
 */
void key_register(char key, void (*fn)(unsigned char key), const char *help);

/* key was typed, or sent with the debug_keys sysctl. */
void key_handle(unsigned char key);

/* Boot: the keys that belong to nobody else. */
void keys_init(void);

#endif
