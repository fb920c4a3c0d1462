/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * printf into a buffer. Conversions: %d %i %u %x %X %c %s %p %%, with the sizes
 * hh h l ll z, the flags 0 - + # and space, a width and a precision, each a
 * number or *.
 */
#ifndef LIB_FORMAT_H
#define LIB_FORMAT_H

#include <stdarg.h>

#include "lib/types.h"

/*
 * Write at most size bytes including the NUL (none at all when size is 0).
 * Both return the length that the whole text would have had.
 */
int format_va(char *buf, size_t size, const char *fmt, va_list args)
	__printf(3, 0);
int format(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

#endif
