/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xenstore, as xend uses it: one connection, paths by format, watches that call
 * back from the main loop. A connection that breaks ends xend: without xenstored
 * there are no domains to manage, and it cannot be started twice.
 */
#ifndef XEND_STORE_H
#define XEND_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <xenstore.h>

#include "lib/error.h"

#define STORE_PATH_MAX 1024

/* Connect, and take part in the main loop. */
int store_open(struct error *e);
void store_close(void);

/* The value, NULL when there is none; the caller's to free(). */
char *store_read(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The value as a number, @otherwise when there is none or it is no number. */
long store_read_number(long otherwise, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Names of the entries below a path; NULL and *count 0 when there are none; free() it. */
char **store_list(unsigned int *count, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool store_exists(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Remove a path and all below it; none there is fine. */
void store_remove(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Remove a directory unless something is in it, which may come at the same time. */
void store_remove_empty(const char *path);
/* Write one value outside of a transaction, best effort. */
bool store_write(const char *value, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Many writes as one, all or nothing. store_commit() returns -1 with *e when one
 * of them failed, and -1 with e->number EAGAIN when the whole must be done again.
 */
struct store_batch {
	xs_transaction_t id;
	int number;		   /* errno of the first write that failed */
	char path[STORE_PATH_MAX]; /* ... and its path */
};

int store_begin(struct store_batch *b, struct error *e);
int store_commit(struct store_batch *b, struct error *e);
void batch_write(struct store_batch *b, const char *value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void batch_number(struct store_batch *b, uint64_t value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/*
 * Make a directory whose owner is @owner, and that @reader may read. -1 for no
 * reader. What is made below it is the same.
 */
void batch_directory(struct store_batch *b, int owner, int reader, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The same for a path that is there, and all below it. */
void batch_permissions(struct store_batch *b, int owner, int reader, const char *path);

typedef void store_fn(void *context);

/* Zeroed memory is a watch that is not set. */
struct store_watch {
	struct store_watch *next;
	char token[24];
	char path[STORE_PATH_MAX];
	store_fn *fn;
	void *context;
	bool set;
};

/*
 * Call @fn soon, and whenever something at or below the path may have changed. The
 * callback may unset any watch. @path may be "@releaseDomain".
 */
int store_watch(struct store_watch *w, store_fn *fn, void *context, struct error *e,
		const char *format, ...) __attribute__((format(printf, 5, 6)));
void store_unwatch(struct store_watch *w);

int store_introduce(unsigned int domid, uint64_t mfn, uint32_t port, struct error *e);
/* Told when a domain is gone, so that xenstored drops what it holds for it. */
void store_release(unsigned int domid);

#endif
