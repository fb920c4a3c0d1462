/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The last bytes that a domain printed. Everybody who gets them (log, pty, clients)
 * has a position of his own in the stream, counted in bytes from its beginning.
 */
#ifndef XEND_CONSOLE_BACKLOG_H
#define XEND_CONSOLE_BACKLOG_H

#include <stdint.h>
#include <string.h>

#include "xend/console.h"

struct backlog {
	uint64_t end;		    /* bytes that there ever were */
	char data[CONSOLE_BACKLOG]; /* byte n is at n % CONSOLE_BACKLOG */
};

/* The oldest position that is still there. */
static inline uint64_t backlog_start(const struct backlog *b)
{
	return b->end > CONSOLE_BACKLOG ? b->end - CONSOLE_BACKLOG : 0;
}

/* bytes is at most CONSOLE_BACKLOG. */
static inline void backlog_add(struct backlog *b, const char *from, size_t bytes)
{
	size_t at = b->end % CONSOLE_BACKLOG, first = CONSOLE_BACKLOG - at;

	if (first > bytes)
		first = bytes;
	memcpy(b->data + at, from, first);
	memcpy(b->data, from + first, bytes - first);
	b->end += bytes;
}

/*
 * What follows a position, which must be there still: *from is where its first
 * piece is, the bytes of which are returned; 0: it is the end.
 */
static inline size_t backlog_peek(const struct backlog *b, uint64_t position, const char **from)
{
	size_t at = position % CONSOLE_BACKLOG, bytes = b->end - position;

	*from = b->data + at;
	return bytes < CONSOLE_BACKLOG - at ? bytes : CONSOLE_BACKLOG - at;
}

#endif
