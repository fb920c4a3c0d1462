// SPDX-License-Identifier: GPL-2.0
/* A domain's VCPUs, and the CPUs they may run on. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "json.h"
#include "log.h"

static json_t *cpu_list(const struct cpu_map *map, unsigned int count)
{
	json_t *list = json_array();

	for (unsigned int cpu = 0; cpu < count; cpu++)
		if (cpu_map_has(map, cpu))
			json_array_append_new(list, json_integer(cpu));
	return list;
}

static json_t *vcpu_json(unsigned int domid, unsigned int number, unsigned int cpus,
			 struct error *e)
{
	struct control_vcpu vcpu;
	struct cpu_map map;
	json_t *json;

	if (control_vcpu(control, domid, number, &vcpu, e) ||
	    control_get_affinity(control, domid, number, &map, e))
		return NULL;
	json = json_pack("{s:I, s:n, s:s, s:I, s:o}", "id", (json_int_t)number, "cpu", "state",
			 !vcpu.online ? "--p" :
			 vcpu.blocked ? "-b-" :
			 vcpu.running ? "r--" :
					"---",
			 "time_ns", (json_int_t)vcpu.cpu_time_ns, "affinity", cpu_list(&map, cpus));
	if (vcpu.online)
		json_object_set_new(json, "cpu", json_integer(vcpu.cpu));
	return json;
}

void api_vcpus(struct request *r, char *const *part)
{
	static const char *const no_members[] = { NULL };
	struct control_domain info;
	struct control_node node;
	json_t *all = json_array();
	struct domain *d;
	struct error e;

	if (api_check(r, no_members) || api_domain(r, part, &d, &info)) {
		json_decref(all);
		return;
	}
	if (control_node(control, &node, &e)) {
		json_decref(all);
		reply_error(r, &e);
		return;
	}
	for (unsigned int i = 0; i < info.max_vcpus; i++) {
		json_t *vcpu = vcpu_json(info.id, i, node.cpus, &e);

		if (!vcpu) {
			json_decref(all);
			reply_error(r, &e);
			return;
		}
		json_array_append_new(all, vcpu);
	}
	reply_json(r, 200, all);
}

static int get_cpus(const json_t *body, struct cpu_map *map, struct error *e)
{
	struct control_node node;
	json_t *list = NULL, *cpu;
	size_t i;

	if (control_node(control, &node, e) ||
	    json_get_array(body, "", "cpus", CONTROL_MAX_CPUS, &list, e))
		return -1;
	if (!json_array_size(list))
		return error_set(e, EINVAL, "cpus: a list of CPUs is wanted, of 0 to %u",
				 node.cpus - 1);
	memset(map, 0, sizeof(*map));
	json_array_foreach(list, i, cpu)
	{
		if (!json_is_integer(cpu) || json_integer_value(cpu) < 0 ||
		    json_integer_value(cpu) >= node.cpus)
			return error_set(e, EINVAL,
					 "cpus[%zu]: not the number of a CPU; the host "
					 "has CPUs 0 to %u",
					 i, node.cpus - 1);
		cpu_map_set(map, json_integer_value(cpu));
	}
	return 0;
}

/* The VCPUs that @text names: from *first, up to but not *end. */
static int get_vcpus(const char *text, const struct control_domain *info, unsigned int *first,
		     unsigned int *end, struct error *e)
{
	unsigned long number;

	*first = 0;
	*end = info->max_vcpus;
	if (!strcmp(text, "all"))
		return 0;
	number = strtoul(text, NULL, 10);
	if (strspn(text, "0123456789") != strlen(text) || strlen(text) > 5 ||
	    number >= info->max_vcpus)
		return error_set(e, ESRCH,
				 "VCPU %s: there is no such VCPU; the domain has 0 to "
				 "%u, or \"all\"",
				 shown(text), info->max_vcpus - 1);
	*first = number;
	*end = number + 1;
	return 0;
}

void api_affinity(struct request *r, char *const *part)
{
	static const char *const members[] = { "cpus", NULL };
	struct control_domain info;
	unsigned int first, end;
	struct cpu_map map;
	struct domain *d;
	struct error e;

	if (api_check(r, members) || api_domain(r, part, &d, &info))
		return;
	if (get_cpus(request_body(r), &map, &e) || get_vcpus(part[3], &info, &first, &end, &e)) {
		reply_error(r, &e);
		return;
	}
	for (unsigned int vcpu = first; vcpu < end; vcpu++) {
		struct cpu_map in_effect = map;

		if (control_set_affinity(control, info.id, vcpu, &in_effect, &e)) {
			reply_error(r, &e);
			return;
		}
	}
	log_info("%s: VCPU %s has other CPUs to run on", part[1], part[3]);
	reply_done(r);
}
