/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The consoles of all domains: who has one, and what wakes us. One event channel
 * handle tells of all domains that they have printed (or read what was typed); an
 * epoll descriptor gathers that, pseudo terminals, connections and the tick.
 *
 * A domain that prints without end must not keep us from everything else: it may
 * print BUDGET bytes a tick, and its port stays masked when it has. It then waits
 * for its ring to empty, as on a slow line.
 */
#include "xend/console.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "xend/console_internal.h"

#define TICK_NS 100000000
#define BUDGET (64 << 10) /* bytes a tick; the backlog holds as many */
#define EVENT_COST 64	  /* bytes that an event without any counts as */
#define TURNS 64	  /* things done in one consoles_run() */

int watch_add(struct consoles *cs, struct watch *w, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };

	w->events = events;
	return epoll_ctl(cs->epoll, EPOLL_CTL_ADD, w->fd, &e);
}

void watch_change(struct consoles *cs, struct watch *w, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };

	if (w->events == events)
		return;
	w->events = events;
	epoll_ctl(cs->epoll, EPOLL_CTL_MOD, w->fd, &e);
}

void watch_close(struct consoles *cs, struct watch *w)
{
	if (w->fd < 0)
		return;
	epoll_ctl(cs->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	close(w->fd);
	w->fd = -1;
}

void consoles_tick_later(struct consoles *cs)
{
	struct itimerspec t = { .it_value.tv_nsec = TICK_NS };

	if (cs->ticking)
		return;
	cs->ticking = true;
	timerfd_settime(cs->timer.fd, 0, &t, NULL);
}

static void follow(struct console *con)
{
	console_log_follow(con);
	console_pty_follow(con);
	console_tcp_follow(con);
}

/* Empty the ring. Returns the bytes. */
static size_t take(struct console *con)
{
	char bytes[sizeof(con->ring.page->out)];
	size_t n = console_ring_take(&con->ring, bytes);

	backlog_add(&con->backlog, bytes, n);
	return n;
}

/* The domain has printed, or has read. */
static void serve(struct console *con)
{
	size_t n = take(con);

	if (n)
		xenevtchn_notify(con->all->evtchn, con->port);
	if (con->full && console_ring_space(&con->ring))
		con->full = false;
	con->budget -= n > EVENT_COST ? n : EVENT_COST;
	if (con->budget <= 0) {
		con->waiting = true;
		consoles_tick_later(con->all);
	} else {
		xenevtchn_unmask(con->all->evtchn, con->port);
	}
	follow(con);
}

static void events_ready(struct watch *w, uint32_t events)
{
	struct consoles *cs = container_of(w, struct consoles, events);
	int port = xenevtchn_pending(cs->evtchn);

	(void)events;
	for (struct console *con = cs->list; con && port >= 0; con = con->next)
		if (con->port == port)
			serve(con);
}

static void tick(struct watch *w, uint32_t events)
{
	struct consoles *cs = container_of(w, struct consoles, timer);
	uint64_t times;

	(void)events;
	if (read(w->fd, &times, sizeof(times)) < 0)
		return;
	cs->ticking = false;
	for (struct console *con = cs->list; con; con = con->next) {
		con->budget = BUDGET;
		if (con->waiting) {
			con->waiting = false;
			serve(con);
		} else if (con->log.position < con->backlog.end) {
			console_log_follow(con);
		}
	}
}

ssize_t console_type_from(struct console *con, int fd)
{
	size_t space = console_ring_space(&con->ring);
	char bytes[sizeof(con->ring.page->in)];
	ssize_t n = 1;

	if (space > 0)
		n = read(fd, bytes, space);
	if (space > 0 && n > 0) {
		console_ring_put(&con->ring, bytes, n);
		xenevtchn_notify(con->all->evtchn, con->port);
	}
	con->full = console_ring_space(&con->ring) == 0;
	return n;
}

static struct console *find(struct consoles *cs, unsigned int domid)
{
	struct console *con = cs->list;

	while (con && con->domid != domid)
		con = con->next;
	return con;
}

/* A name becomes part of paths. */
static int check_name(const char *name, struct error *e)
{
	if (name[0] == '\0' || strlen(name) >= sizeof(((struct console *)0)->name) ||
	    strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return error_set(e, EINVAL, "name '%s' cannot be that of a console's files", name);
	return 0;
}

static int connect_domain(struct console *con, const struct console_config *config, struct error *e)
{
	struct consoles *cs = con->all;
	xen_pfn_t frame = config->ring_mfn;
	void *page;

	page = xenforeignmemory_map(cs->control->memory, con->domid, PROT_READ | PROT_WRITE, 1,
				    &frame, NULL);
	if (!page)
		return error_errno(e, "console of domain %u: its ring, frame %lx", con->domid,
				   frame);
	console_ring_init(&con->ring, page);
	con->port = xenevtchn_bind_interdomain(cs->evtchn, con->domid, config->port);
	if (con->port < 0)
		return error_errno(e, "console of domain %u: its port %u", con->domid,
				   config->port);
	return 0;
}

static void free_console(struct console *con)
{
	struct consoles *cs = con->all;

	console_tcp_close(con);
	console_pty_close(con);
	console_log_close(con);
	if (con->port >= 0)
		xenevtchn_unbind(cs->evtchn, con->port);
	if (con->ring.page)
		xenforeignmemory_unmap(cs->control->memory, con->ring.page, 1);
	free(con);
}

int consoles_add(struct consoles *cs, const struct console_config *config, struct error *e)
{
	struct console *con;

	if (check_name(config->name, e))
		return -1;
	if (find(cs, config->domid))
		return error_set(e, EEXIST, "domain %u has a console already", config->domid);
	con = calloc(1, sizeof(*con));
	if (!con)
		return error_set(e, ENOMEM, "out of memory");
	con->all = cs;
	con->domid = config->domid;
	con->tcp_port = config->tcp_port ?: CONSOLE_BASE_PORT + config->domid;
	con->budget = BUDGET;
	con->port = con->log.fd = con->pty.watch.fd = con->pty.slave = con->listener.fd = -1;
	strcpy(con->name, config->name);
	if (connect_domain(con, config, e) || console_log_open(con, e) ||
	    console_pty_open(con, e) || console_tcp_open(con, e)) {
		free_console(con);
		return -1;
	}
	con->next = cs->list;
	cs->list = con;
	/* The new port is pending: what is in the ring is taken then. */
	return 0;
}

static void remove_console(struct console *con)
{
	struct console **at = &con->all->list;

	while (*at != con)
		at = &(*at)->next;
	*at = con->next;
	take(con);
	follow(con);
	free_console(con);
}

void consoles_remove(struct consoles *cs, unsigned int domid)
{
	struct console *con = find(cs, domid);

	if (con)
		remove_console(con);
}

int consoles_rename(struct consoles *cs, unsigned int domid, const char *name, struct error *e)
{
	struct console *con = find(cs, domid);
	char was[sizeof(con->name)], path[sizeof(con->log.path)];

	if (!con)
		return error_set(e, ESRCH, "domain %u has no console", domid);
	if (check_name(name, e))
		return -1;
	snprintf(path, sizeof(path), "%s/%s.log", cs->log_dir, name);
	if (rename(con->log.path, path))
		return error_errno(e, "console log '%s'", path);
	console_pty_unlink(con);
	strcpy(was, con->name);
	strcpy(con->name, name);
	if (console_pty_link(con, e)) {
		strcpy(con->name, was);
		console_pty_link(con, NULL);
		rename(path, con->log.path);
		return -1;
	}
	strcpy(con->log.path, path);
	return 0;
}

int consoles_info(struct consoles *cs, unsigned int domid, struct console_info *info,
		  struct error *e)
{
	const struct console *con = find(cs, domid);

	if (!con)
		return error_set(e, ESRCH, "domain %u has no console", domid);
	info->tcp_port = con->tcp_port;
	strcpy(info->pty, con->pty.name);
	strcpy(info->link, con->pty.link);
	strcpy(info->log, con->log.path);
	return 0;
}

/* A directory, and those above it. */
static int make_directory(const char *path, char *keep, size_t room, struct error *e)
{
	if (strlen(path) >= room)
		return error_set(e, EINVAL, "directory '%s': its name is too long", path);
	for (size_t i = 1; i <= strlen(path); i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(keep, path, i);
		keep[i] = '\0';
		if (mkdir(keep, 0755) && errno != EEXIST)
			return error_errno(e, "directory '%s'", keep);
	}
	return 0;
}

static int open_all(struct consoles *cs, const struct consoles_config *config, struct error *e)
{
	if (make_directory(config->log_dir, cs->log_dir, sizeof(cs->log_dir), e) ||
	    make_directory(config->pty_dir, cs->pty_dir, sizeof(cs->pty_dir), e))
		return -1;
	cs->epoll = epoll_create1(EPOLL_CLOEXEC);
	cs->timer.fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	cs->timer.ready = tick;
	if (cs->epoll < 0 || cs->timer.fd < 0 || watch_add(cs, &cs->timer, EPOLLIN))
		return error_errno(e, "consoles");
	cs->evtchn = xenevtchn_open(NULL, 0);
	if (!cs->evtchn)
		return error_errno(e, "cannot open /dev/xen/evtchn");
	cs->events.fd = xenevtchn_fd(cs->evtchn);
	cs->events.ready = events_ready;
	if (watch_add(cs, &cs->events, EPOLLIN))
		return error_errno(e, "consoles");
	return 0;
}

struct consoles *consoles_open(struct control *c, const struct consoles_config *config,
			       struct error *e)
{
	struct consoles *cs = calloc(1, sizeof(*cs));

	if (!cs) {
		error_set(e, ENOMEM, "out of memory");
		return NULL;
	}
	cs->control = c;
	cs->epoll = cs->timer.fd = cs->events.fd = -1;
	if (open_all(cs, config, e) == 0)
		return cs;
	consoles_close(cs);
	return NULL;
}

void consoles_close(struct consoles *cs)
{
	while (cs->list)
		remove_console(cs->list);
	watch_close(cs, &cs->timer);
	if (cs->evtchn)
		xenevtchn_close(cs->evtchn);
	if (cs->epoll >= 0)
		close(cs->epoll);
	free(cs);
}

int consoles_fd(struct consoles *cs)
{
	return cs->epoll;
}

/* One at a time: what is done for one may be the end of another. */
void consoles_run(struct consoles *cs)
{
	struct epoll_event e;

	for (int i = 0; i < TURNS && epoll_wait(cs->epoll, &e, 1, 0) == 1; i++) {
		struct watch *w = e.data.ptr;

		w->ready(w, e.events);
	}
}
