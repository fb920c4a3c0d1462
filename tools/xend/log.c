// SPDX-License-Identifier: GPL-2.0
/*
 * The log file. Each line is one write() to a file opened for appending, so
 * lines of two processes never mix and a killed xend has logged all it did.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

static int log_fd = STDERR_FILENO;

int log_open(const char *path)
{
	int fd = STDERR_FILENO;

	if (path) {
		fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
		if (fd < 0)
			return -1;
	}
	if (log_fd != STDERR_FILENO)
		close(log_fd);
	log_fd = fd;
	return 0;
}

/* What guests and scripts say may hold anything: one event stays one line. */
static void make_one_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = ' ';
}

static void write_line(const char *level, const char *format, va_list arguments)
{
	char line[2048], *text = line;
	size_t room = sizeof(line) - 1;
	time_t now = time(NULL);
	struct tm tm;
	int saved = errno;
	size_t n;

	localtime_r(&now, &tm);
	n = strftime(text, room, "%Y-%m-%d %H:%M:%S ", &tm);
	n += snprintf(text + n, room - n, "%s ", level);
	errno = saved;
	vsnprintf(text + n, room - n, format, arguments);
	make_one_line(text + n);
	n = strlen(text);
	text[n++] = '\n';
	if (write(log_fd, line, n) < 0) {
		/* There is nobody left to tell. */
	}
	errno = saved;
}

void log_info(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line("info", format, arguments);
	va_end(arguments);
}

void log_warning(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line("warning", format, arguments);
	va_end(arguments);
}

void log_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line("error", format, arguments);
	va_end(arguments);
}

void log_die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line("error", format, arguments);
	va_end(arguments);
	exit(1);
}
