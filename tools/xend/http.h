/* SPDX-License-Identifier: GPL-2.0 */
/*
 * HTTP, by libmicrohttpd in the main loop. Each request is answered exactly once, at
 * once or later; one that is answered later is suspended meanwhile and costs nothing.
 */
#ifndef XEND_HTTP_H
#define XEND_HTTP_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/error.h"

#define BODY_MAX (256u << 10) /* bytes of a request's body */

struct request;

/* Serve paths.socket, for root's processes only. */
int http_open_unix(struct error *e);
/* Serve 127.0.0.1:port for who shows what is in paths.token, which is made here. */
int http_open_tcp(unsigned int port, struct error *e);
/* Refuse all requests from now on, with 503. */
void http_refuse(void);
void http_close(void);

const char *request_method(const struct request *r);
/* The path, decoded. */
const char *request_path(const struct request *r);
/* The value of ?name=value; NULL: not there. */
const char *request_query(const struct request *r, const char *name);
/* Every name in the query is among @names (NULL ends them). */
int request_check_query(const struct request *r, const char *const *names, struct error *e);
/* The body, NULL when there is none. */
const json_t *request_body(const struct request *r);

/* Take over @json. */
void reply_json(struct request *r, unsigned int status, json_t *json);
void reply_text(struct request *r, const char *text, size_t bytes);
/* The status follows from e->number. */
void reply_error(struct request *r, const struct error *e);
/* The same, with a status that no errno stands for. */
void reply_status(struct request *r, unsigned int status, const char *text);
/* Nothing to say but that it is done: {}. */
void reply_done(struct request *r);

#endif
