// SPDX-License-Identifier: GPL-2.0
/*
 * From the variables of a configuration file to the domain's configuration as
 * xend wants it: every member is there, defaults filled in, paths absolute.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_MEMORY 128 /* MiB */

const char *config_text(const struct config *config, const char *name)
{
	return json_string_value(json_object_get(config->vars, name));
}

json_t *config_path(const char *path)
{
	char *here;
	json_t *json;

	if (path[0] == '/')
		return json_string(path);
	here = get_current_dir_name();
	if (!here)
		return NULL;
	json = json_sprintf("%s/%s", strcmp(here, "/") ? here : "", path);
	free(here);
	return json;
}

static bool check_name(struct config *config)
{
	const char *name = config_text(config, "name");
	size_t length;

	if (!name)
		return config_error(config, "name is missing");
	length = strspn(name, "0123456789"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "abcdefghijklmnopqrstuvwxyz._-");
	if (!length || name[length] || length > 64)
		return config_error(config,
				    "name is \"%.80s\": allowed are 1 to 64 letters, "
				    "digits, \".\", \"_\" and \"-\"",
				    name);
	if (strspn(name, "0123456789") == length)
		return config_error(config,
				    "name is \"%s\": a number alone would be a domain's "
				    "number",
				    name);
	if (!strcmp(name, "Domain-0"))
		return config_error(config, "name is \"Domain-0\", which the first domain has");
	return true;
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

/* on_poweroff, on_reboot and on_crash, for which restart= stands where they are not set. */
static bool add_actions(struct config *config, json_t *domain)
{
	static const char *const events[] = { "on_poweroff", "on_reboot", "on_crash" };
	static const char *const actions[] = { "destroy", "restart", "preserve", "rename-restart",
					       NULL };
	static const struct {
		const char *restart, *action[3];
	} meanings[] = {
		{ "onreboot", { "destroy", "restart", "destroy" } }, /* the default */
		{ "always", { "restart", "restart", "restart" } },
		{ "never", { "destroy", "destroy", "destroy" } },
	};
	const char *restart = config_text(config, "restart");
	int meaning = 0;

	while (restart && strcmp(restart, meanings[meaning].restart))
		if (++meaning == 3)
			return config_error(config,
					    "restart is \"%.60s\": allowed are always, "
					    "onreboot, never",
					    restart);
	for (int i = 0; i < 3; i++) {
		const char *action = config_text(config, events[i]);

		if (action && !is_one_of(action, actions))
			return config_error(config,
					    "%s is \"%.60s\": allowed are destroy, "
					    "restart, preserve, rename-restart",
					    events[i], action);
		json_object_set_new(domain, events[i],
				    json_string(action ? action : meanings[meaning].action[i]));
	}
	return true;
}

static bool add_memory(struct config *config, json_t *domain)
{
	json_t *memory = json_object_get(config->vars, "memory");
	json_t *maxmem = json_object_get(config->vars, "maxmem");
	long long mib = memory ? json_integer_value(memory) : DEFAULT_MEMORY;

	if (maxmem && json_integer_value(maxmem) < mib)
		return config_error(config, "maxmem is %lld: less than memory, which is %lld",
				    json_integer_value(maxmem), mib);
	json_object_set_new(domain, "memory", json_integer(mib));
	json_object_set_new(domain, "maxmem",
			    json_integer(maxmem ? json_integer_value(maxmem) : mib));
	return true;
}

static bool add_cpus(struct config *config, json_t *domain)
{
	json_t *vcpus = json_object_get(config->vars, "vcpus");
	json_t *cpu = json_object_get(config->vars, "cpu");
	json_t *cpus = json_object_get(config->vars, "cpus");

	if (cpu && json_integer_value(cpu) < 0)
		cpu = NULL;
	if (cpu && cpus)
		return config_error(config, "cpu and cpus are both set: one of them is enough");
	json_object_set_new(domain, "vcpus", json_integer(vcpus ? json_integer_value(vcpus) : 1));
	if (cpu)
		json_object_set_new(domain, "cpus", json_pack("[O]", cpu));
	else
		json_object_set_new(domain, "cpus", cpus ? json_incref(cpus) : json_null());
	return true;
}

static bool add_kernel(struct config *config, json_t *domain)
{
	const char *kernel = config_text(config, "kernel");
	const char *ramdisk = config_text(config, "ramdisk");
	json_t *cmdline;

	if (!kernel || !*kernel)
		return config_error(config, "kernel is missing: the path of the kernel to start");
	json_object_set_new(domain, "kernel", config_path(kernel));
	json_object_set_new(domain, "ramdisk",
			    ramdisk && *ramdisk ? config_path(ramdisk) : json_null());
	cmdline = config_cmdline(config);
	return cmdline && !json_object_set_new(domain, "cmdline", cmdline);
}

/* Is the member @name the same in two objects of @array? Returns it then. */
static const char *twice(const json_t *array, const char *name)
{
	for (size_t i = 1; i < json_array_size(array); i++) {
		json_t *one = json_object_get(json_array_get(array, i), name);

		for (size_t j = 0; one && j < i; j++)
			if (json_equal(one, json_object_get(json_array_get(array, j), name)))
				return json_string_value(one);
	}
	return NULL;
}

static bool add_devices(struct config *config, json_t *domain)
{
	json_t *disks = json_array(), *vifs = json_array(), *text, *device;
	const char *same;
	size_t i;

	json_object_set_new(domain, "disks", disks);
	json_object_set_new(domain, "vifs", vifs);
	json_array_foreach(json_object_get(config->vars, "disk"), i, text)
	{
		device = config_disk(config, i, json_string_value(text));
		if (!device)
			return false;
		json_array_append_new(disks, device);
	}
	json_array_foreach(json_object_get(config->vars, "vif"), i, text)
	{
		device = config_vif(config, i, json_string_value(text));
		if (!device)
			return false;
		json_array_append_new(vifs, device);
	}
	if ((same = twice(disks, "vdev")))
		return config_error(config, "disk has %s twice", same);
	if ((same = twice(vifs, "mac")) || (same = twice(vifs, "vifname")))
		return config_error(config, "vif has %s twice", same);
	return true;
}

/* Members that go as they are when they are set. */
static void add_rest(struct config *config, json_t *domain)
{
	static const char *const names[] = { "uuid", "console_port" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		json_t *value = json_object_get(config->vars, names[i]);

		if (value)
			json_object_set(domain, names[i], value);
	}
}

json_t *config_domain(struct config *config)
{
	json_t *domain = json_object();

	if (check_name(config)) {
		json_object_set(domain, "name", json_object_get(config->vars, "name"));
		if (add_kernel(config, domain) && add_memory(config, domain) &&
		    add_cpus(config, domain) && add_devices(config, domain) &&
		    add_actions(config, domain)) {
			add_rest(config, domain);
			return domain;
		}
	}
	json_decref(domain);
	return NULL;
}
