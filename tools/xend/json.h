/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading JSON that may hold anything: each function checks one thing and says
 * in one line what is wrong, by the name of the member and what is allowed.
 */
#ifndef XEND_JSON_H
#define XEND_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

/*
 * @where below is what messages put before a member's name: "" or "disk[1]: ".
 */

/* Parse text. NULL: bad JSON, with the line where. */
json_t *json_parse(const char *text, size_t length, struct error *e);

/* All members of @object are among @names (NULL ends them), and it is an object. */
int json_check_members(const json_t *object, const char *where, const char *const *names,
		       struct error *e);

/*
 * A string member of 1 to @max bytes without control characters. *value: NULL when
 * it is not there or null, and not @required; it lives as long as @object.
 */
int json_get_string(const json_t *object, const char *where, const char *name, bool required,
		    size_t max, const char **value, struct error *e);

/* A whole number from @min to @max; *value stays as it is when it is not there. */
int json_get_number(const json_t *object, const char *where, const char *name, bool required,
		    json_int_t min, json_int_t max, json_int_t *value, struct error *e);

/* One of @words (NULL ends them): *value is its index, or stays as it is. */
int json_get_word(const json_t *object, const char *where, const char *name, bool required,
		  const char *const *words, unsigned int *value, struct error *e);

/* An array, NULL when it is not there or null, of at most @max elements. */
int json_get_array(const json_t *object, const char *where, const char *name, size_t max,
		   json_t **array, struct error *e);

/*
 * A copy of @text for messages: at most 60 bytes of it, what is not printable
 * shown as '?'. One of four static buffers, for the main thread.
 */
const char *shown(const char *text);

#endif
