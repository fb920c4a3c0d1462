// SPDX-License-Identifier: GPL-2.0
/* From a request's method and path to who handles it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "json.h"

static const struct route {
	const char *method;
	const char *parts[PARTS]; /* "*" is anything */
	api_fn *fn;
} routes[] = {
	{ "GET", { NULL }, api_root },
	{ "GET", { "node" }, api_node },
	{ "GET", { "node", "dmesg" }, api_dmesg },
	{ "GET", { "node", "scheduler" }, api_get_node_scheduler },
	{ "PUT", { "node", "scheduler" }, api_set_node_scheduler },
	{ "GET", { "domains" }, api_list },
	{ "POST", { "domains" }, api_create },
	{ "GET", { "domains", "*" }, api_get },
	{ "DELETE", { "domains", "*" }, api_destroy },
	{ "POST", { "domains", "*", "pause" }, api_pause },
	{ "POST", { "domains", "*", "unpause" }, api_unpause },
	{ "POST", { "domains", "*", "shutdown" }, api_shutdown },
	{ "PUT", { "domains", "*", "memory" }, api_memory },
	{ "PUT", { "domains", "*", "maxmem" }, api_maxmem },
	{ "GET", { "domains", "*", "vcpus" }, api_vcpus },
	{ "PUT", { "domains", "*", "vcpus", "*", "affinity" }, api_affinity },
	{ "GET", { "domains", "*", "scheduler" }, api_get_scheduler },
	{ "PUT", { "domains", "*", "scheduler" }, api_set_scheduler },
};

/* Cut @path (of which a copy is made, to be freed) into parts. false: too many. */
static bool split(const char *path, char **copy, char *part[PARTS])
{
	unsigned int n = 0;
	char *p;

	memset(part, 0, PARTS * sizeof(*part));
	*copy = strdup(path);
	if (!*copy || **copy != '/')
		return false;
	for (p = *copy; *p;) {
		*p++ = 0;
		if (!*p && !n)
			return true; /* "/" */
		if (n == PARTS)
			return false;
		part[n++] = p;
		p += strcspn(p, "/");
	}
	return true;
}

static bool matches(const struct route *route, char *const *part)
{
	for (int i = 0; i < PARTS; i++) {
		if (!route->parts[i] != !part[i])
			return false;
		if (!part[i])
			return true;
		if (strcmp(route->parts[i], "*") ? strcmp(route->parts[i], part[i]) : !*part[i])
			return false;
	}
	return true;
}

void api_handle(struct request *r)
{
	char *copy, *part[PARTS], text[300], allowed[64] = "";
	bool known = split(request_path(r), &copy, part);

	for (size_t i = 0; known && i < sizeof(routes) / sizeof(*routes); i++) {
		if (!matches(&routes[i], part))
			continue;
		if (!strcmp(routes[i].method, request_method(r))) {
			routes[i].fn(r, part);
			free(copy);
			return;
		}
		snprintf(allowed + strlen(allowed), sizeof(allowed) - strlen(allowed), "%s%s",
			 *allowed ? ", " : "", routes[i].method);
	}
	free(copy);
	if (*allowed) {
		snprintf(text, sizeof(text), "%s %s: allowed is %s", shown(request_method(r)),
			 shown(request_path(r)), allowed);
		reply_status(r, 405, text);
	} else {
		snprintf(text, sizeof(text), "%s: there is no such resource",
			 shown(request_path(r)));
		reply_status(r, 404, text);
	}
}

int api_domain(struct request *r, char *const *part, struct domain **d, struct control_domain *info)
{
	struct error e;
	int domid;

	if (domain_find(part[1], d, &domid, &e)) {
		reply_error(r, &e);
		return -1;
	}
	if (domid < 0)
		error_set(&e, EBUSY, "domain %s is being created or restarted", part[1]);
	else if (!control_domain(control, domid, info, &e))
		return 0;
	reply_error(r, &e);
	return -1;
}

int api_check(struct request *r, const char *const *names)
{
	static const char *const none[] = { NULL };
	const json_t *body = request_body(r);
	struct error e;

	if ((body && json_check_members(body, "", names, &e)) || request_check_query(r, none, &e)) {
		reply_error(r, &e);
		return -1;
	}
	return 0;
}
