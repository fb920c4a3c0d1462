/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xend's log: one line an event, for an administrator. A line is
 * "<date> <time> <level> <text>", the text names the domain first where it is
 * about one.
 */
#ifndef XEND_LOG_H
#define XEND_LOG_H

/*
 * Write to @path from now on, opened for appending; before that, and with NULL,
 * lines go to standard error. Returns 0, or -1 with errno.
 */
int log_open(const char *path);

void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What makes going on impossible: logged, and xend ends with status 1. */
void log_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
