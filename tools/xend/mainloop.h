/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The main loop: everything in xend runs in one thread, which waits in
 * epoll_wait() for file descriptors and timers and calls back. A callback must
 * not block; what takes long is a worker (worker.h), or waits for its next
 * callback.
 */
#ifndef XEND_MAINLOOP_H
#define XEND_MAINLOOP_H

#include <stdbool.h>
#include <stdint.h>

/* @events: what of EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR is the case. */
typedef void poll_fn(void *context, uint32_t events);

struct poll;

/*
 * Poll @fd for @events (EPOLL*, level-triggered) until poll_remove(). The
 * descriptor stays the caller's, who calls that before closing it.
 * Never fails: running out of memory or descriptors for this ends xend.
 */
struct poll *poll_add(int fd, uint32_t events, poll_fn *fn, void *context);
/* NULL is allowed. May be called from any callback, its own included. */
void poll_remove(struct poll *poll);

typedef void timer_fn(void *context);

/* Zeroed memory is a timer that is not set. */
struct timer {
	struct timer *next;
	uint64_t at; /* monotonic milliseconds */
	bool set;
	timer_fn *fn;
	void *context;
};

/* Call @fn once, @ms milliseconds from now; setting it again moves it. */
void timer_set(struct timer *timer, unsigned int ms, timer_fn *fn, void *context);
void timer_cancel(struct timer *timer);

/* Milliseconds of the monotonic clock. */
uint64_t mainloop_now(void);

/* @fn is called each time before the loop goes to sleep; one function, for good. */
void mainloop_before_sleep(void (*fn)(void));

void mainloop_start(void);
/* Returns after mainloop_stop(). */
void mainloop_run(void);
void mainloop_stop(void);
/* Everything was removed from it. */
void mainloop_end(void);

#endif
