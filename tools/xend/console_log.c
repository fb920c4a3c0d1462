/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The log of a console: a file that everything is appended to. When that fails (the
 * disk is full), it is tried again with every tick; what the backlog no longer has
 * by then is lost, and the log says so.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xend/console_internal.h"

static int open_file(struct console_log *log)
{
	struct stat st;

	log->fd = open(log->path,
		       O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (log->fd < 0 || fstat(log->fd, &st))
		return -1;
	log->bytes = st.st_size;
	return 0;
}

static void close_file(struct console_log *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}

/* Begin a new file when this one is large enough. */
static void rotate(struct console_log *log)
{
	char old[sizeof(log->path) + 2];

	if (log->bytes < CONSOLE_LOG_BYTES)
		return;
	snprintf(old, sizeof(old), "%s.1", log->path);
	close_file(log);
	if (rename(log->path, old) || open_file(log))
		log->error = errno;
}

static bool append(struct console_log *log, const char *from, size_t bytes, size_t *done)
{
	ssize_t n = write(log->fd, from, bytes);

	if (n < 0 && errno == EINTR)
		n = 0;
	if (n < 0) {
		log->error = errno;
		return false;
	}
	log->bytes += n;
	*done = n;
	return true;
}

/* Tell what is missing here, once it can be written again. */
static bool tell_lost(struct console_log *log)
{
	char text[128];
	size_t done;

	if (log->lost == 0)
		return true;
	snprintf(text, sizeof(text), "\r\n[xend: %lu bytes lost: %s]\r\n", log->lost,
		 strerror(log->error));
	if (!append(log, text, strlen(text), &done))
		return false;
	log->lost = 0;
	return true;
}

void console_log_follow(struct console *con)
{
	struct console_log *log = &con->log;
	const struct backlog *b = &con->backlog;
	const char *from;
	size_t bytes, done;

	if (log->position < backlog_start(b)) {
		log->lost += backlog_start(b) - log->position;
		log->position = backlog_start(b);
	}
	if (log->fd < 0 && open_file(log))
		log->error = errno;
	while (log->fd >= 0 && (bytes = backlog_peek(b, log->position, &from)) > 0) {
		if (!tell_lost(log) || !append(log, from, bytes, &done))
			break;
		log->error = 0;
		log->position += done;
		rotate(log);
	}
	if (log->position < b->end)
		consoles_tick_later(con->all);
}

int console_log_open(struct console *con, struct error *e)
{
	struct console_log *log = &con->log;

	snprintf(log->path, sizeof(log->path), "%s/%s.log", con->all->log_dir, con->name);
	if (open_file(log) == 0)
		return 0;
	error_errno(e, "console log '%s'", log->path);
	close_file(log);
	return -1;
}

void console_log_close(struct console *con)
{
	close_file(&con->log);
}
