/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Talking to xend: see client.c. Every function prints why it failed and
 * returns an exit code, XM_OK (0) when xend did what was asked.
 */
#ifndef XM_CLIENT_H
#define XM_CLIENT_H

#include <stddef.h>
#include <jansson.h>

/*
 * GET @path; *@answer is then the caller's to json_decref.
 */
int xend_get(const char *path, json_t **answer);

/* The same for a text, which ends with a 0; the caller frees it. */
int xend_get_text(const char *path, char **text, size_t *length);

/*
 * @method POST, PUT or DELETE. @body (may be NULL) is consumed. @answer may be
 * NULL; else *@answer is NULL if xend had nothing to say.
 */
int xend_do(const char *method, const char *path, json_t *body, json_t **answer);

/*
 * "/domains/DOMAIN" and @rest into @path. Fails if no domain can have that name
 * or number.
 */
#define PATH_MAX_LENGTH 160
int xend_domain_path(char path[PATH_MAX_LENGTH], const char *domain, const char *rest);

/*
 * The same for a domain that xend told of: by its number, or by its name if it
 * has none now (it waits to be started again).
 */
int xend_path_of(char path[PATH_MAX_LENGTH], const json_t *domain, const char *rest);

/*
 * An array of what xend says of each domain: of all in short, or at length of those
 * that @names (of @n) tell.
 */
int xend_domains(char **names, int n, json_t **domains);

/* The domains of @brief at length. */
int xend_long_form(json_t *brief, json_t **domains);

/* Members of an object, whatever is there: "" and 0 stand for what is missing. */
const char *member_text(const json_t *object, const char *name);
long long member_number(const json_t *object, const char *name);

#endif
