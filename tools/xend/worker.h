/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work that takes long (building a domain, taking its memory away) runs in a
 * thread of its own, so that the consoles and requests of other domains go on.
 * It touches nothing but what it was given; its end comes through the main loop.
 */
#ifndef XEND_WORKER_H
#define XEND_WORKER_H

/* @work runs in the thread, then @done in the main loop. */
void worker_run(void (*work)(void *context), void (*done)(void *context), void *context);

#endif
