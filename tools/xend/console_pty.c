/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A console as a terminal. We hold both ends: a pty whose last user goes forgets
 * its settings, which here must be raw. So we cannot see whether anybody reads;
 * when nobody does, the kernel's buffer fills up, and what came next is what the
 * backlog still has when somebody does.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "xend/console_internal.h"

static void ready(struct watch *w, uint32_t events)
{
	struct console_pty *pty = container_of(w, struct console_pty, watch);
	struct console *con = container_of(pty, struct console, pty);

	if (events & EPOLLIN)
		console_type_from(con, w->fd);
	console_pty_follow(con);
}

void console_pty_follow(struct console *con)
{
	struct console_pty *pty = &con->pty;
	const struct backlog *b = &con->backlog;
	const char *from;
	char text[64];
	size_t bytes;
	ssize_t n = 1;

	if (pty->position < backlog_start(b)) {
		snprintf(text, sizeof(text), "\r\n[xend: %lu bytes left out]\r\n",
			 backlog_start(b) - pty->position);
		n = write(pty->watch.fd, text, strlen(text));
		if (n > 0)
			pty->position = backlog_start(b);
	}
	while (n > 0 && (bytes = backlog_peek(b, pty->position, &from)) > 0) {
		n = write(pty->watch.fd, from, bytes);
		if (n > 0)
			pty->position += n;
	}
	watch_change(con->all, &pty->watch,
		     console_input(con) | (pty->position < b->end ? EPOLLOUT : 0));
}

/* Bytes as they are, both ways. */
static int make_raw(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t))
		return -1;
	cfmakeraw(&t);
	return tcsetattr(fd, TCSANOW, &t);
}

static int make_pty(struct console *con, struct error *e)
{
	struct console_pty *pty = &con->pty;

	pty->watch.fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (pty->watch.fd < 0 || grantpt(pty->watch.fd) || unlockpt(pty->watch.fd) ||
	    ptsname_r(pty->watch.fd, pty->name, sizeof(pty->name)))
		return error_errno(e, "a pty for console '%s'", con->name);
	pty->slave = open(pty->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (pty->slave < 0 || make_raw(pty->slave))
		return error_errno(e, "pty '%s'", pty->name);
	pty->watch.ready = ready;
	if (watch_add(con->all, &pty->watch, EPOLLIN))
		return error_errno(e, "pty '%s'", pty->name);
	return 0;
}

/* Over the link of whoever had the name before. */
int console_pty_link(struct console *con, struct error *e)
{
	struct console_pty *pty = &con->pty;

	snprintf(pty->link, sizeof(pty->link), "%s/%s", con->all->pty_dir, con->name);
	if ((unlink(pty->link) && errno != ENOENT) || symlink(pty->name, pty->link)) {
		error_errno(e, "console link '%s'", pty->link);
		pty->link[0] = '\0';
		return -1;
	}
	return 0;
}

/* Unless it is another's by now. */
void console_pty_unlink(struct console *con)
{
	struct console_pty *pty = &con->pty;
	char to[sizeof(pty->name)] = "";

	if (pty->link[0] && readlink(pty->link, to, sizeof(to) - 1) > 0 &&
	    strcmp(to, pty->name) == 0)
		unlink(pty->link);
	pty->link[0] = '\0';
}

int console_pty_open(struct console *con, struct error *e)
{
	if (make_pty(con, e) == 0 && console_pty_link(con, e) == 0)
		return 0;
	console_pty_close(con);
	return -1;
}

void console_pty_close(struct console *con)
{
	console_pty_unlink(con);
	watch_close(con->all, &con->pty.watch);
	if (con->pty.slave >= 0)
		close(con->pty.slave);
	con->pty.slave = -1;
}
