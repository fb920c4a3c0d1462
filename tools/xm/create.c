// SPDX-License-Identifier: GPL-2.0
/*
 * xm create: find and run the configuration file, and ask xend for the domain.
 *
 * With -c the domain is made paused, the console attached, and then it runs: its
 * first line is seen even if it is its last.
 */
#include "client.h"
#include "config.h"
#include "console.h"
#include "sxp.h"
#include "xm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONFIGURATIONS "/etc/xen"

/* Where @name is: a path as it is, a plain name in /etc/xen. */
static int find_file(const char *name, char *path, size_t size)
{
	const char *where = getenv("XM_CONFIG_DIR");

	if (strchr(name, '/')) {
		snprintf(path, size, "%s", name);
		return XM_OK;
	}
	if (!where || !*where)
		where = CONFIGURATIONS;
	snprintf(path, size, "%s/%s", where, name);
	if (!access(path, F_OK))
		return XM_OK;
	if (!access(name, F_OK))
		return fail(XM_FAILED, "no configuration %s; if you mean the file here, say ./%s",
			    path, name);
	return fail(XM_FAILED, "no configuration %s", path);
}

/* The arguments into @config: the file first, unless -f tells it, then NAME=VALUE. */
static int read_arguments(struct call *call, struct config *config, char *path, size_t size)
{
	const char *file = call->option['f'];
	int first = 0;

	if (!file) {
		if (!call->nr_args || strchr(call->args[0], '='))
			return fail(XM_USAGE, "no configuration file given; use: xm create %s",
				    call->command->arguments);
		file = call->args[first++];
		int error = find_file(file, path, size);

		if (error)
			return error;
		file = path;
	}
	config->file = file;
	config->overrides = call->args + first;
	config->nr_overrides = call->nr_args - first;
	for (int i = first; i < call->nr_args; i++) {
		const char *equals = strchr(call->args[i], '=');

		if (!equals || equals == call->args[i])
			return fail(XM_USAGE, "\"%s\" is not NAME=VALUE", call->args[i]);
	}
	return XM_OK;
}

/* Open the new domain's console; the domain is paused. -1 after saying why not. */
static int open_console(long long id)
{
	char path[PATH_MAX_LENGTH];
	json_t *domain;
	int fd;

	snprintf(path, sizeof(path), "/domains/%lld", id);
	if (xend_get(path, &domain))
		return -1;
	fd = console_open(domain);
	json_decref(domain);
	return fd;
}

static int create(struct call *call, json_t *domain)
{
	bool console = call->option['c'], paused = call->option['p'];
	char path[PATH_MAX_LENGTH];
	json_t *answer;
	long long id;
	int error, fd = -1;

	error = xend_do("POST", console || paused ? "/domains?paused=1" : "/domains", domain,
			&answer);
	if (error)
		return error;
	id = member_number(answer, "id");
	fprintf(console ? stderr : stdout, "Created domain %s, number %lld%s\n",
		member_text(answer, "name"), id, paused ? ", paused" : "");
	json_decref(answer);
	fflush(stdout);
	if (!console)
		return XM_OK;
	fd = open_console(id);
	if (!paused) {
		snprintf(path, sizeof(path), "/domains/%lld/unpause", id);
		error = xend_do("POST", path, NULL, NULL);
	}
	if (fd < 0)
		return XM_FAILED;
	if (error) {
		close(fd);
		return error;
	}
	return console_relay(fd);
}

int run_create(struct call *call)
{
	struct config config = {};
	char path[4096];
	json_t *domain = NULL;
	int error = read_arguments(call, &config, path, sizeof(path));

	if (error)
		return error;
	if (!config_run(&config))
		return fail(XM_FAILED, "%s", config.error);
	domain = config_domain(&config);
	json_decref(config.vars);
	if (!domain)
		return fail(XM_FAILED, "%s: %s", config.file, config.error);
	if (!call->option['n'])
		return create(call, domain);
	if (call->option['j'])
		print_json(domain);
	else
		sxp_print("domain", domain);
	json_decref(domain);
	return XM_OK;
}
