// SPDX-License-Identifier: GPL-2.0
/* The host, its hypervisor, and xend itself. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "api.h"
#include "json.h"

static const char *const no_members[] = { NULL };

/* Text of the hypervisor's, whatever bytes it has. */
static json_t *safe_string(const char *text)
{
	json_t *string = json_string(text);

	return string ? string : json_string("(not UTF-8)");
}

void api_root(struct request *r, char *const *part)
{
	struct control_version v;
	struct error e;
	char text[64];

	(void)part;
	if (api_check(r, no_members))
		return;
	if (control_version(control, &v, &e)) {
		reply_error(r, &e);
		return;
	}
	snprintf(text, sizeof(text), "%u.%u%s", v.major, v.minor, v.extra);
	reply_json(r, 200,
		   json_pack("{s:s, s:o, s:i}", "version", XENOLITH_VERSION, "hypervisor",
			     safe_string(text), "interface", API_VERSION));
}

static void add_host(json_t *json)
{
	struct utsname host;

	uname(&host);
	json_object_set_new(json, "host", safe_string(host.nodename));
	json_object_set_new(json, "release", safe_string(host.release));
	json_object_set_new(json, "machine", safe_string(host.machine));
}

static void add_node(json_t *json, const struct control_node *node)
{
	char caps[8 * 9 + 1], *p = caps;

	for (int i = 0; i < 8; i++)
		p += sprintf(p, "%s%08x", i ? ":" : "", node->hw_caps[i]);
	json_object_set_new(json, "nr_cpus", json_integer(node->cpus));
	json_object_set_new(json, "nr_nodes", json_integer(node->nodes));
	json_object_set_new(json, "cores_per_socket", json_integer(node->cores_per_socket));
	json_object_set_new(json, "threads_per_core", json_integer(node->threads_per_core));
	json_object_set_new(json, "cpu_mhz", json_integer(node->cpu_khz / 1000));
	json_object_set_new(json, "hw_caps", json_string(caps));
	json_object_set_new(json, "total_memory_kib", json_integer(node->total_kib));
	json_object_set_new(json, "free_memory_kib", json_integer(node->free_kib));
}

static void add_version(json_t *json, const struct control_version *v)
{
	json_object_set_new(json, "xen_major", json_integer(v->major));
	json_object_set_new(json, "xen_minor", json_integer(v->minor));
	json_object_set_new(json, "xen_extra", safe_string(v->extra));
	json_object_set_new(json, "xen_caps", safe_string(v->caps));
	json_object_set_new(json, "xen_pagesize", json_integer(v->page_size));
	json_object_set_new(json, "xen_changeset", safe_string(v->changeset));
	json_object_set_new(json, "xen_commandline", safe_string(v->commandline));
	json_object_set_new(json, "cc_compiler", safe_string(v->compiler));
	json_object_set_new(json, "cc_compile_by", safe_string(v->compile_by));
	json_object_set_new(json, "cc_compile_date", safe_string(v->compile_date));
}

void api_node(struct request *r, char *const *part)
{
	struct control_version v;
	struct control_node node;
	unsigned int scheduler;
	struct error e;
	json_t *json;

	(void)part;
	if (api_check(r, no_members))
		return;
	if (control_node(control, &node, &e) || control_version(control, &v, &e) ||
	    scheduler_find(&scheduler, &e)) {
		reply_error(r, &e);
		return;
	}
	json = json_object();
	add_host(json);
	add_node(json, &node);
	add_version(json, &v);
	json_object_set_new(json, "xen_scheduler", json_string(scheduler_name(scheduler)));
	json_object_set_new(json, "xend_version", json_string(XENOLITH_VERSION));
	reply_json(r, 200, json);
}

void api_dmesg(struct request *r, char *const *part)
{
	static const char *const names[] = { "clear", NULL };
	const char *clear = request_query(r, "clear");
	struct error e;
	size_t bytes;
	char *text;

	(void)part;
	if (request_check_query(r, names, &e)) {
		reply_error(r, &e);
		return;
	}
	if (clear && strcmp(clear, "1") && strcmp(clear, "0")) {
		error_set(&e, EINVAL, "?clear: \"%s\" is not allowed; 0 or 1", shown(clear));
		reply_error(r, &e);
		return;
	}
	if (control_read_console(control, clear && *clear == '1', &text, &bytes, &e)) {
		reply_error(r, &e);
		return;
	}
	reply_text(r, text, bytes);
	free(text);
}
