/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages of failures: error.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/error.h"

int error_set(struct error *e, int number, const char *format, ...)
{
	va_list args;

	if (!e)
		return -1;
	e->number = number;
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	return -1;
}

int error_errno(struct error *e, const char *format, ...)
{
	int number = errno;
	va_list args;
	size_t used;

	if (!e)
		return -1;
	e->number = number;
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	used = strlen(e->text);
	snprintf(e->text + used, sizeof(e->text) - used, ": %s", strerror(number));
	return -1;
}

int error_prefix(struct error *e, const char *format, ...)
{
	char was[sizeof(e->text)];
	va_list args;
	size_t used;

	if (!e)
		return -1;
	strcpy(was, e->text);
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	used = strlen(e->text);
	snprintf(e->text + used, sizeof(e->text) - used, ": %s", was);
	return -1;
}
