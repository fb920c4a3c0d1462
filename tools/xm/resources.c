// SPDX-License-Identifier: GPL-2.0
/* What a domain may have of the machine: memory, CPUs, time. */
#include "client.h"
#include "text.h"
#include "xm.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define MIB_MAX (1LL << 40) /* so that KiB fit */

/* PUT {@name: KiB} for the domain and the MiB that the command line gives. */
static int put_memory(struct call *call, const char *rest, const char *name)
{
	char path[PATH_MAX_LENGTH];
	long long mib;
	int error;

	if (!text_number(call->args[1], 1, MIB_MAX, &mib))
		return fail(XM_USAGE, "\"%s\" is no number of MiB", call->args[1]);
	error = xend_domain_path(path, call->args[0], rest);
	if (error)
		return error;
	return xend_do("PUT", path, json_pack("{s:I}", name, (json_int_t)mib * 1024), NULL);
}

int run_set_mem(struct call *call)
{
	return put_memory(call, "/memory", "target_kib");
}

int run_maxmem(struct call *call)
{
	return put_memory(call, "/maxmem", "limit_kib");
}

static int count_cpus(unsigned int *n)
{
	json_t *node;
	int error = xend_get("/node", &node);

	if (error)
		return error;
	*n = member_number(node, "nr_cpus");
	json_decref(node);
	return *n > 0 && *n <= 4096 ? XM_OK : fail(XM_FAILED, "xend does not say how many CPUs");
}

int run_pincpu(struct call *call)
{
	const char *domain = call->args[0], *vcpu = call->args[1], *set = call->args[2];
	char path[PATH_MAX_LENGTH], rest[48], error_text[256], all[24];
	unsigned int nr_cpus;
	json_t *cpus;
	long long n;
	int error;

	if (strcmp(vcpu, "all") && !text_number(vcpu, 0, 65535, &n))
		return fail(XM_USAGE, "\"%s\" is no virtual CPU: give its number, or \"all\"",
			    vcpu);
	snprintf(rest, sizeof(rest), "/vcpus/%s/affinity", vcpu);
	error = xend_domain_path(path, domain, rest);
	if (!error)
		error = count_cpus(&nr_cpus);
	if (error)
		return error;
	snprintf(all, sizeof(all), "0-%u", nr_cpus - 1);
	cpus = text_cpus(strcmp(set, "all") ? set : all, nr_cpus, error_text, sizeof(error_text));
	if (!cpus)
		return fail(XM_USAGE, "%s", error_text);
	return xend_do("PUT", path, json_pack("{s:o}", "cpus", cpus), NULL);
}

/* Show the scheduler's parameters at @path, or set @name to @value. */
static int scheduler(struct call *call, const char *path, const char *name, const char *value)
{
	json_t *now, *member;
	const char *key;
	long long number;
	int error;

	if (value && !text_number(value, 0, UINT_MAX, &number))
		return fail(XM_USAGE, "\"%s\" is no number", value);
	if (value)
		return xend_do("PUT", path, json_pack("{s:I}", name, (json_int_t)number), NULL);
	error = xend_get(path, &now);
	if (error)
		return error;
	if (call->option['j']) {
		print_json(now);
	} else {
		json_object_foreach(now, key, member)
		{
			printf("%s ", key);
			if (json_is_string(member))
				puts(json_string_value(member));
			else
				print_json(member);
		}
	}
	json_decref(now);
	return XM_OK;
}

int run_bvt(struct call *call)
{
	char path[PATH_MAX_LENGTH];
	int error = xend_domain_path(path, call->args[0], "/scheduler");

	return error ? error : scheduler(call, path, "mcuadv", call->args[1]);
}

/* Show or set them; on the command line they have this order. */
int run_atropos(struct call *call)
{
	static const char *const names[] = { "period_us", "slice_us", "latency_us", "xtratime" };
	char path[PATH_MAX_LENGTH];
	int error = xend_domain_path(path, call->args[0], "/scheduler");
	json_t *body;

	if (error)
		return error;
	if (!call->args[1])
		return scheduler(call, path, NULL, NULL);
	body = json_object();
	for (int i = 0; i < 4; i++) {
		const char *text = call->args[1 + i];
		long long number;

		if (!text || !text_number(text, 0, UINT_MAX, &number)) {
			json_decref(body);
			return text ? fail(XM_USAGE, "\"%s\" is no number", text) :
				      fail(XM_USAGE, "give all of PERIOD SLICE LATENCY XTRATIME");
		}
		json_object_set_new(body, names[i], json_integer(number));
	}
	return xend_do("PUT", path, body, NULL);
}

int run_bvt_ctxallow(struct call *call)
{
	return scheduler(call, "/node/scheduler", "ctx_allow_us", call->args[0]);
}

int run_rrobin(struct call *call)
{
	return scheduler(call, "/node/scheduler", "slice_us", call->args[0]);
}
