// SPDX-License-Identifier: GPL-2.0
/*
 * xenstore through libxenstore. Requests wait for xenstored's answer, which is
 * microseconds of a local daemon; watches come through the main loop.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "log.h"
#include "mainloop.h"
#include "store.h"

static struct xs_handle *xs;
static struct poll *watch_poll;
static struct store_watch *watches;

#define FORMAT_PATH(path, format)                                 \
	do {                                                      \
		va_list arguments;                                \
		va_start(arguments, format);                      \
		vsnprintf(path, sizeof(path), format, arguments); \
		va_end(arguments);                                \
	} while (0)

static void dispatch(const char *token)
{
	for (struct store_watch *w = watches; w; w = w->next) {
		if (!strcmp(w->token, token)) {
			w->fn(w->context);
			return; /* the list may be another one now */
		}
	}
}

static void watch_ready(void *context, uint32_t events)
{
	char **event;

	(void)context;
	(void)events;
	errno = 0;
	while ((event = xs_check_watch(xs))) {
		dispatch(event[XS_WATCH_TOKEN]);
		free(event);
		errno = 0;
	}
	if (errno != EAGAIN)
		log_die("the connection to xenstored broke: %m");
}

int store_open(struct error *e)
{
	xs = xs_open(0);
	if (!xs)
		return error_set(e, errno, "xenstored does not run: %s: %s", xs_daemon_socket(),
				 strerror(errno));
	watch_poll = poll_add(xs_fileno(xs), EPOLLIN, watch_ready, NULL);
	return 0;
}

void store_close(void)
{
	poll_remove(watch_poll);
	watch_poll = NULL;
	xs_close(xs);
	xs = NULL;
}

/* xenstored is gone, and with it what xend is for. */
static void check_connection(void)
{
	if (errno == EPIPE || errno == ECONNRESET || errno == EBADF)
		log_die("the connection to xenstored broke: %m");
}

char *store_read(const char *format, ...)
{
	char path[STORE_PATH_MAX], *value;

	FORMAT_PATH(path, format);
	value = xs_read(xs, XBT_NULL, path, NULL);
	if (!value)
		check_connection();
	return value;
}

long store_read_number(long otherwise, const char *format, ...)
{
	char path[STORE_PATH_MAX], *value, *end;
	long number = otherwise;

	FORMAT_PATH(path, format);
	value = xs_read(xs, XBT_NULL, path, NULL);
	if (value && *value) {
		number = strtol(value, &end, 10);
		if (*end)
			number = otherwise;
	}
	free(value);
	return number;
}

char **store_list(unsigned int *count, const char *format, ...)
{
	char path[STORE_PATH_MAX], **names;

	FORMAT_PATH(path, format);
	*count = 0;
	names = xs_directory(xs, XBT_NULL, path, count);
	if (!names) {
		*count = 0;
		check_connection();
	}
	return names;
}

bool store_exists(const char *format, ...)
{
	char path[STORE_PATH_MAX], *value;

	FORMAT_PATH(path, format);
	value = xs_read(xs, XBT_NULL, path, NULL);
	free(value);
	return value;
}

void store_remove(const char *format, ...)
{
	char path[STORE_PATH_MAX];

	FORMAT_PATH(path, format);
	if (!xs_rm(xs, XBT_NULL, path) && errno != ENOENT) {
		check_connection();
		log_warning("xenstore: cannot remove %s: %m", path);
	}
}

void store_remove_empty(const char *path)
{
	xs_transaction_t t = xs_transaction_start(xs);
	unsigned int count;
	char **names;

	if (!t)
		return;
	names = xs_directory(xs, t, path, &count);
	if (names && !count)
		xs_rm(xs, t, path);
	/* One that fails has seen another's change: the directory is in use. */
	xs_transaction_end(xs, t, !names || count);
	free(names);
}

bool store_write(const char *value, const char *format, ...)
{
	char path[STORE_PATH_MAX];

	FORMAT_PATH(path, format);
	if (xs_write(xs, XBT_NULL, path, value, strlen(value)))
		return true;
	check_connection();
	log_warning("xenstore: cannot write %s: %m", path);
	return false;
}

int store_begin(struct store_batch *b, struct error *e)
{
	memset(b, 0, sizeof(*b));
	b->id = xs_transaction_start(xs);
	if (!b->id)
		return error_errno(e, "xenstore: cannot start a transaction");
	return 0;
}

int store_commit(struct store_batch *b, struct error *e)
{
	if (b->number) {
		xs_transaction_end(xs, b->id, true);
		return error_set(e, b->number, "xenstore: cannot write %s: %s", b->path,
				 strerror(b->number));
	}
	if (!xs_transaction_end(xs, b->id, false))
		return error_errno(e, "xenstore: cannot end a transaction");
	return 0;
}

static void batch_failed(struct store_batch *b, const char *path)
{
	if (b->number)
		return;
	b->number = errno ? errno : EIO;
	snprintf(b->path, sizeof(b->path), "%s", path);
}

void batch_write(struct store_batch *b, const char *value, const char *format, ...)
{
	char path[STORE_PATH_MAX];

	FORMAT_PATH(path, format);
	if (!b->number && !xs_write(xs, b->id, path, value, strlen(value)))
		batch_failed(b, path);
}

void batch_number(struct store_batch *b, uint64_t value, const char *format, ...)
{
	char path[STORE_PATH_MAX], text[24];

	FORMAT_PATH(path, format);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	if (!b->number && !xs_write(xs, b->id, path, text, strlen(text)))
		batch_failed(b, path);
}

void batch_directory(struct store_batch *b, int owner, int reader, const char *format, ...)
{
	struct xs_permissions permissions[2] = {
		{ .id = owner, .perms = XS_PERM_NONE },
		{ .id = reader, .perms = XS_PERM_READ },
	};
	char path[STORE_PATH_MAX];

	FORMAT_PATH(path, format);
	if (b->number)
		return;
	if (!xs_mkdir(xs, b->id, path) ||
	    !xs_set_permissions(xs, b->id, path, permissions, reader < 0 ? 1 : 2))
		batch_failed(b, path);
}

void batch_permissions(struct store_batch *b, int owner, int reader, const char *path)
{
	struct xs_permissions permissions[2] = {
		{ .id = owner, .perms = XS_PERM_NONE },
		{ .id = reader, .perms = XS_PERM_READ },
	};
	char below[STORE_PATH_MAX], **names;
	unsigned int count = 0;

	if (b->number)
		return;
	if (!xs_set_permissions(xs, b->id, path, permissions, 2))
		batch_failed(b, path);
	names = xs_directory(xs, b->id, path, &count);
	for (unsigned int i = 0; i < count; i++)
		if (snprintf(below, sizeof(below), "%s/%s", path, names[i]) < (int)sizeof(below))
			batch_permissions(b, owner, reader, below);
	free(names);
}

int store_watch(struct store_watch *w, store_fn *fn, void *context, struct error *e,
		const char *format, ...)
{
	static unsigned long serial;

	store_unwatch(w);
	FORMAT_PATH(w->path, format);
	snprintf(w->token, sizeof(w->token), "%lu", ++serial);
	w->fn = fn;
	w->context = context;
	if (!xs_watch(xs, w->path, w->token)) {
		check_connection();
		return error_errno(e, "xenstore: cannot watch %s", w->path);
	}
	w->set = true;
	w->next = watches;
	watches = w;
	return 0;
}

void store_unwatch(struct store_watch *w)
{
	if (!w->set)
		return;
	w->set = false;
	for (struct store_watch **p = &watches; *p; p = &(*p)->next) {
		if (*p == w) {
			*p = w->next;
			break;
		}
	}
	/* Events of it that are under way find no watch of their token. */
	xs_unwatch(xs, w->path, w->token);
}

int store_introduce(unsigned int domid, uint64_t mfn, uint32_t port, struct error *e)
{
	if (!xs_introduce_domain(xs, domid, mfn, port)) {
		check_connection();
		return error_errno(e, "xenstored does not take domain %u", domid);
	}
	return 0;
}

void store_release(unsigned int domid)
{
	if (!xs_release_domain(xs, domid))
		check_connection();
}
