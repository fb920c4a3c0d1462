// SPDX-License-Identifier: GPL-2.0
/* xm list and xm vcpu-list: what there is. */
#include "client.h"
#include "sxp.h"
#include "table.h"
#include "text.h"
#include "xm.h"

#include <stdio.h>
#include <string.h>

/* A number, or "-" where there is none. */
#define NUMBER_SIZE 24
static void number_or_dash(char text[NUMBER_SIZE], const json_t *number)
{
	if (json_is_integer(number))
		snprintf(text, NUMBER_SIZE, "%lld", json_integer_value(number));
	else
		strcpy(text, "-");
}

static void print_domains(const json_t *domains)
{
	struct table table = {};
	const json_t *domain;
	size_t i;

	table_row(&table, "Name\nID\nMem\nVCPUs\nState\nTime(s)\nConsole");
	json_array_foreach((json_t *)domains, i, domain)
	{
		long long ns = member_number(domain, "cpu_time_ns");
		char id[NUMBER_SIZE], console[NUMBER_SIZE];

		number_or_dash(id, json_object_get(domain, "id"));
		number_or_dash(console, json_object_get(domain, "console_port"));
		table_row(&table, "%s\n%s\n%lld\n%lld\n%s\n%lld.%lld\n%s",
			  member_text(domain, "name"), id,
			  member_number(domain, "memory_kib") / 1024,
			  member_number(domain, "vcpus"), member_text(domain, "state"),
			  ns / 1000000000, ns / 100000000 % 10, console);
	}
	table_print(&table);
}

int run_list(struct call *call)
{
	json_t *domains, *domain;
	int error = xend_domains(call->args, call->nr_args, &domains);
	size_t i;

	/* A domain that is named is answered with everything already. */
	if (!error && call->option['l'] && !call->nr_args) {
		json_t *brief = domains;

		error = xend_long_form(brief, &domains);
		json_decref(brief);
	}
	if (error)
		return error;
	if (call->option['j']) {
		print_json(domains);
	} else if (call->option['l']) {
		json_array_foreach(domains, i, domain) sxp_print("domain", domain);
	} else {
		print_domains(domains);
	}
	json_decref(domains);
	return XM_OK;
}

/* The rows of one domain's VCPUs, and their JSON into @all. */
static int add_vcpus(const json_t *domain, struct table *table, json_t *all)
{
	const char *name = member_text(domain, "name");
	long long id = member_number(domain, "id");
	char path[PATH_MAX_LENGTH];
	json_t *vcpus, *vcpu;
	int error;
	size_t i;

	/* One that waits to be started again has none. */
	if (!json_is_integer(json_object_get(domain, "id")))
		return XM_OK;
	snprintf(path, sizeof(path), "/domains/%lld/vcpus", id);
	error = xend_get(path, &vcpus);
	if (error)
		return error;
	json_array_foreach(vcpus, i, vcpu)
	{
		long long ns = member_number(vcpu, "time_ns");
		char on[NUMBER_SIZE], may[256];

		number_or_dash(on, json_object_get(vcpu, "cpu"));
		text_from_cpus(json_object_get(vcpu, "affinity"), may, sizeof(may));
		table_row(table, "%s\n%lld\n%lld\n%s\n%s\n%lld.%lld\n%s", name, id,
			  member_number(vcpu, "id"), on, member_text(vcpu, "state"),
			  ns / 1000000000, ns / 100000000 % 10, may);
	}
	json_array_append_new(all, json_pack("{s:s, s:I, s:o}", "name", name, "id", (json_int_t)id,
					     "vcpus", vcpus));
	return XM_OK;
}

int run_vcpu_list(struct call *call)
{
	struct table table = {};
	json_t *domains, *domain, *all = json_array();
	int error = xend_domains(call->args, call->nr_args, &domains);
	size_t i;

	if (error)
		return error;
	table_row(&table, "Name\nID\nVCPU\nCPU\nState\nTime(s)\nMay run on");
	json_array_foreach(domains, i, domain)
	{
		error = add_vcpus(domain, &table, all);
		if (error)
			return error;
	}
	if (call->option['j'])
		print_json(all);
	else
		table_print(&table);
	json_decref(all);
	json_decref(domains);
	return XM_OK;
}
