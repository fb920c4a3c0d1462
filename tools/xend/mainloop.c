// SPDX-License-Identifier: GPL-2.0
/*
 * The main loop over epoll.
 *
 * A callback may remove any poll, one whose event was already fetched
 * included: polls are only marked as removed there and then, and freed when
 * all that one epoll_wait() returned has been handled.
 *
 * Timers are a list in the order of their times. There are a few dozen at the
 * most: one for each wait that is bounded.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "mainloop.h"

struct poll {
	int fd;
	poll_fn *fn; /* NULL: removed */
	void *context;
	struct poll *next_removed;
};

static int epoll = -1;
static bool stopping;
static struct poll *removed;
static struct timer *timers;
static void (*before_sleep)(void);

void mainloop_start(void)
{
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0)
		log_die("epoll_create1: %m");
}

struct poll *poll_add(int fd, uint32_t events, poll_fn *fn, void *context)
{
	struct poll *poll = calloc(1, sizeof(*poll));
	struct epoll_event event = { .events = events, .data.ptr = poll };

	if (!poll)
		log_die("out of memory");
	poll->fd = fd;
	poll->fn = fn;
	poll->context = context;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		log_die("cannot poll descriptor %d: %m", fd);
	return poll;
}

void poll_remove(struct poll *poll)
{
	if (!poll)
		return;
	epoll_ctl(epoll, EPOLL_CTL_DEL, poll->fd, NULL);
	poll->fn = NULL;
	poll->next_removed = removed;
	removed = poll;
}

static void free_removed(void)
{
	while (removed) {
		struct poll *poll = removed;

		removed = poll->next_removed;
		free(poll);
	}
}

uint64_t mainloop_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}

void timer_cancel(struct timer *timer)
{
	if (!timer->set)
		return;
	for (struct timer **p = &timers; *p; p = &(*p)->next) {
		if (*p == timer) {
			*p = timer->next;
			break;
		}
	}
	timer->set = false;
}

void timer_set(struct timer *timer, unsigned int ms, timer_fn *fn, void *context)
{
	struct timer **p = &timers;

	timer_cancel(timer);
	timer->at = mainloop_now() + ms;
	timer->fn = fn;
	timer->context = context;
	timer->set = true;
	while (*p && (*p)->at <= timer->at)
		p = &(*p)->next;
	timer->next = *p;
	*p = timer;
}

static void run_timers(void)
{
	uint64_t now = mainloop_now();

	/* Each is taken off before it is called: it may set itself, or cancel others. */
	while (timers && timers->at <= now) {
		struct timer *timer = timers;

		timers = timer->next;
		timer->set = false;
		timer->fn(timer->context);
	}
}

static int sleep_time(void)
{
	uint64_t now = mainloop_now();

	if (!timers)
		return -1;
	return timers->at > now ? (int)(timers->at - now) : 0;
}

void mainloop_before_sleep(void (*fn)(void))
{
	before_sleep = fn;
}

void mainloop_run(void)
{
	struct epoll_event events[32];

	while (!stopping) {
		int n;

		if (before_sleep)
			before_sleep();
		n = epoll_wait(epoll, events, 32, sleep_time());
		if (n < 0 && errno != EINTR)
			log_die("epoll_wait: %m");
		for (int i = 0; i < n; i++) {
			struct poll *poll = events[i].data.ptr;

			if (poll->fn)
				poll->fn(poll->context, events[i].events);
		}
		free_removed();
		run_timers();
	}
}

void mainloop_stop(void)
{
	stopping = true;
}

void mainloop_end(void)
{
	free_removed();
	close(epoll);
}
