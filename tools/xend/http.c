// SPDX-License-Identifier: GPL-2.0
/*
 * HTTP over libmicrohttpd without threads: its epoll descriptor is one of the main
 * loop's, its timeouts are a timer.
 *
 * The library calls access() for a request's head, for each piece of its body, at the
 * body's end and, when the connection was suspended, once more after it was resumed.
 */
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "api.h"
#include "http.h"
#include "json.h"
#include "log.h"
#include "mainloop.h"
#include "paths.h"

#define CONNECTIONS 64
#define TIMEOUT_S 60 /* of a connection on which nothing happens */
#define MAX_SERVERS 2

struct server {
	struct MHD_Daemon *daemon;
	struct poll *poll;
	struct timer timer;
	char token[40]; /* empty: a Unix socket */
};

struct request {
	struct MHD_Connection *connection;
	char *method, *path;
	char *body;
	size_t length;
	bool too_long, answered, suspended;
	json_t *json;
	unsigned int status; /* of the answer */
	char *text;
	size_t text_length;
	const char *type;
};

static struct server servers[MAX_SERVERS];
static unsigned int server_count;
static unsigned int suspended_count;
static bool refusing, resumed;

const char *request_method(const struct request *r)
{
	return r->method;
}

const char *request_path(const struct request *r)
{
	return r->path;
}

const json_t *request_body(const struct request *r)
{
	return r->json;
}

const char *request_query(const struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name);
}

struct query_check {
	const char *const *names;
	struct error *e;
	bool bad;
};

static enum MHD_Result check_argument(void *context, enum MHD_ValueKind kind, const char *key,
				      const char *value)
{
	struct query_check *check = context;
	const char *const *name = check->names;

	(void)kind;
	(void)value;
	while (*name && strcmp(*name, key))
		name++;
	if (*name)
		return MHD_YES;
	check->bad = true;
	error_set(check->e, EINVAL, "?%s: unknown; allowed %s %s", shown(key),
		  *check->names ? "is" : "are", *check->names ? *check->names : "none");
	return MHD_NO;
}

int request_check_query(const struct request *r, const char *const *names, struct error *e)
{
	struct query_check check = { names, e, false };

	MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, check_argument, &check);
	return check.bad ? -1 : 0;
}

/* Answers. */

static void answer(struct request *r, unsigned int status, char *text, size_t length,
		   const char *type)
{
	if (r->answered)
		log_die("a request was answered twice: %s %s", r->method, r->path);
	r->answered = true;
	r->status = status;
	r->text = text;
	r->text_length = length;
	r->type = type;
	if (r->suspended) {
		suspended_count--;
		resumed = true;
		MHD_resume_connection(r->connection);
	}
}

void reply_json(struct request *r, unsigned int status, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	if (!text)
		log_die("out of memory, or text that is not UTF-8");
	answer(r, status, text, strlen(text), "application/json");
}

void reply_text(struct request *r, const char *text, size_t bytes)
{
	char *copy = malloc(bytes + 1);

	if (!copy)
		log_die("out of memory");
	memcpy(copy, text, bytes);
	answer(r, MHD_HTTP_OK, copy, bytes, "text/plain; charset=utf-8");
}

void reply_status(struct request *r, unsigned int status, const char *text)
{
	json_t *string = json_string(text);

	/* Files may have any name. */
	reply_json(r, status,
		   json_pack("{s:o}", "error", string ? string : json_string("(not UTF-8)")));
}

static unsigned int status_of(int number)
{
	switch (number) {
	case EINVAL:
	case ENOENT:
	case EROFS:
	case EACCES:
	case ENOTBLK:
	case ENOEXEC:
		return MHD_HTTP_BAD_REQUEST;
	case ESRCH:
		return MHD_HTTP_NOT_FOUND;
	case EEXIST:
	case EBUSY:
	case EADDRINUSE:
		return MHD_HTTP_CONFLICT;
	case EFBIG:
		return MHD_HTTP_CONTENT_TOO_LARGE;
	case ENOMEM:
	case ENOSPC:
		return MHD_HTTP_INSUFFICIENT_STORAGE;
	case EOPNOTSUPP:
	case ENOSYS:
		return MHD_HTTP_NOT_IMPLEMENTED;
	case ETIMEDOUT:
		return MHD_HTTP_GATEWAY_TIMEOUT;
	default:
		return MHD_HTTP_INTERNAL_SERVER_ERROR;
	}
}

void reply_error(struct request *r, const struct error *e)
{
	reply_status(r, status_of(e->number), e->text);
}

void reply_done(struct request *r)
{
	reply_json(r, MHD_HTTP_OK, json_object());
}

static enum MHD_Result send_answer(struct request *r)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(r->text_length, r->text, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result rc;

	if (!response)
		return MHD_NO;
	r->text = NULL;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, r->type);
	rc = MHD_queue_response(r->connection, r->status, response);
	MHD_destroy_response(response);
	return rc;
}

/* Requests. */

/* -1: not to be listened to; *text says why. */
static int check_peer(const struct server *s, struct MHD_Connection *connection, const char **text)
{
	const union MHD_ConnectionInfo *info;
	struct ucred peer;
	socklen_t size = sizeof(peer);
	const char *shown_token;
	size_t length;
	unsigned char differ = 0;

	if (!*s->token) {
		info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		*text = "only root may manage domains";
		return info &&
				       !getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &peer,
						   &size) &&
				       !peer.uid ?
			       0 :
			       -1;
	}
	*text = "a token is wanted: \"Authorization: Bearer\" and what the token file holds";
	shown_token = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
						  MHD_HTTP_HEADER_AUTHORIZATION);
	length = strlen(s->token);
	if (!shown_token || strncmp(shown_token, "Bearer ", 7) || strlen(shown_token + 7) != length)
		return -1;
	/* In the same time wherever they differ. */
	for (size_t i = 0; i < length; i++)
		differ |= shown_token[7 + i] ^ s->token[i];
	return differ ? -1 : 0;
}

static struct request *new_request(struct MHD_Connection *connection, const char *method,
				   const char *path)
{
	struct request *r = calloc(1, sizeof(*r));

	if (!r)
		log_die("out of memory");
	r->connection = connection;
	r->method = strdup(method);
	r->path = strdup(path);
	return r;
}

static void add_to_body(struct request *r, const char *data, size_t bytes)
{
	if (r->length + bytes > BODY_MAX)
		r->too_long = true;
	if (r->too_long)
		return;
	r->body = realloc(r->body, r->length + bytes);
	if (!r->body)
		log_die("out of memory");
	memcpy(r->body + r->length, data, bytes);
	r->length += bytes;
}

static void handle(const struct server *s, struct request *r)
{
	const char *refusal;
	struct error e;

	if (check_peer(s, r->connection, &refusal)) {
		reply_status(r, *s->token ? MHD_HTTP_UNAUTHORIZED : MHD_HTTP_FORBIDDEN, refusal);
		return;
	}
	if (refusing) {
		reply_status(r, MHD_HTTP_SERVICE_UNAVAILABLE, "xend is stopping");
		return;
	}
	if (r->too_long) {
		error_set(&e, EFBIG, "the request's body is too long; allowed are %u bytes",
			  BODY_MAX);
		reply_error(r, &e);
		return;
	}
	if (r->length) {
		r->json = json_parse(r->body, r->length, &e);
		if (!r->json) {
			reply_error(r, &e);
			return;
		}
	}
	api_handle(r);
}

static enum MHD_Result access_request(void *context, struct MHD_Connection *connection,
				      const char *path, const char *method, const char *version,
				      const char *data, size_t *bytes, void **per_connection)
{
	struct request *r = *per_connection;

	(void)version;
	if (!r) {
		*per_connection = new_request(connection, method, path);
		return MHD_YES;
	}
	if (r->answered)
		return send_answer(r);
	if (*bytes) {
		add_to_body(r, data, *bytes);
		*bytes = 0;
		return MHD_YES;
	}
	handle(context, r);
	if (r->answered)
		return send_answer(r);
	r->suspended = true;
	suspended_count++;
	MHD_suspend_connection(connection);
	return MHD_YES;
}

static void request_completed(void *context, struct MHD_Connection *connection,
			      void **per_connection, enum MHD_RequestTerminationCode why)
{
	struct request *r = *per_connection;

	(void)context;
	(void)connection;
	(void)why;
	*per_connection = NULL;
	if (!r)
		return;
	json_decref(r->json);
	free(r->method);
	free(r->path);
	free(r->body);
	free(r->text);
	free(r);
}

/* Servers. */

static void run(struct server *s)
{
	MHD_run(s->daemon);
}

static void server_ready(void *context, uint32_t events)
{
	(void)events;
	run(context);
}

static void server_timeout(void *context)
{
	run(context);
}

static void before_sleep(void)
{
	/* The library looks for resumed connections when it runs, and not before. */
	if (resumed) {
		resumed = false;
		for (unsigned int i = 0; i < server_count; i++)
			run(&servers[i]);
	}
	for (unsigned int i = 0; i < server_count; i++) {
		unsigned long long ms;

		if (MHD_get_timeout(servers[i].daemon, &ms) == MHD_YES)
			timer_set(&servers[i].timer, ms > 60000 ? 60000 : ms, server_timeout,
				  &servers[i]);
		else
			timer_cancel(&servers[i].timer);
	}
}

static void server_log(void *context, const char *format, va_list arguments)
{
	char text[300];

	(void)context;
	vsnprintf(text, sizeof(text), format, arguments);
	log_warning("http: %s", text);
}

static int serve(int listener, const char *token, struct error *e)
{
	struct server *s = &servers[server_count];
	const union MHD_DaemonInfo *info;

	snprintf(s->token, sizeof(s->token), "%s", token);
	s->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
				     0, NULL, NULL, access_request, s, MHD_OPTION_EXTERNAL_LOGGER,
				     server_log, NULL, MHD_OPTION_LISTEN_SOCKET, listener,
				     MHD_OPTION_NOTIFY_COMPLETED, request_completed, NULL,
				     MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
				     MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S, MHD_OPTION_END);
	if (!s->daemon) {
		close(listener);
		return error_set(e, EIO, "the HTTP server does not start");
	}
	info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	s->poll = poll_add(info->epoll_fd, EPOLLIN, server_ready, s);
	server_count++;
	mainloop_before_sleep(before_sleep);
	return 0;
}

int http_open_unix(struct error *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;
	mode_t old;

	if (strlen(paths.socket) >= sizeof(address.sun_path))
		return error_set(e, EINVAL, "%s: too long for a socket; allowed are %zu bytes",
				 paths.socket, sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, paths.socket);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return error_errno(e, "socket");
	unlink(paths.socket); /* an earlier xend's: the pid file is locked */
	old = umask(0177);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, CONNECTIONS)) {
		umask(old);
		error_errno(e, "%s", paths.socket);
		close(fd);
		return -1;
	}
	umask(old);
	return serve(fd, "", e);
}

static int make_token(char *token, size_t size, struct error *e)
{
	unsigned char bytes[16];
	int fd;

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return error_errno(e, "getrandom");
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(token + 2 * i, size - 2 * i, "%02x", bytes[i]);
	unlink(paths.token);
	fd = open(paths.token, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || dprintf(fd, "%s\n", token) < 0) {
		error_errno(e, "%s", paths.token);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

int http_open_tcp(unsigned int port, struct error *e)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char token[40];
	int fd, one = 1;

	if (make_token(token, sizeof(token), e))
		return -1;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return error_errno(e, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, CONNECTIONS)) {
		error_errno(e, "port %u of 127.0.0.1", port);
		close(fd);
		return -1;
	}
	return serve(fd, token, e);
}

void http_refuse(void)
{
	refusing = true;
}

void http_close(void)
{
	for (unsigned int i = 0; i < server_count; i++) {
		poll_remove(servers[i].poll);
		timer_cancel(&servers[i].timer);
		/* The library does not end with a connection suspended; the process does. */
		if (!suspended_count)
			MHD_stop_daemon(servers[i].daemon);
	}
	if (server_count)
		unlink(paths.socket);
	if (server_count > 1)
		unlink(paths.token);
	server_count = 0;
}
