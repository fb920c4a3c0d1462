/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Our side of a domain's console page (xen/io/console.h). The domain can write
 * whatever it likes into it at any time: our own indices are kept here and only
 * written there, its indices are read once and checked.
 */
#ifndef XEND_CONSOLE_RING_H
#define XEND_CONSOLE_RING_H

#include <stdbool.h>
#include <stddef.h>

#include <xen/xen.h>
#include <xen/io/console.h>

struct console_ring {
	struct xencons_interface *page;
	XENCONS_RING_IDX out_cons, in_prod; /* ours */
};

/* Begin where the page says that whoever served it before has stopped. */
void console_ring_init(struct console_ring *r, struct xencons_interface *page);

/*
 * Take what the domain has printed, into room for at least the whole ring. Returns
 * the bytes. What an index that cannot be stands for is dropped.
 */
size_t console_ring_take(struct console_ring *r, char *to);

/* How many bytes can be typed; 0 also when the domain's index cannot be. */
size_t console_ring_space(const struct console_ring *r);

/* Type as much as there is space for; returns the bytes taken. */
size_t console_ring_put(struct console_ring *r, const char *from, size_t bytes);

#endif
