// SPDX-License-Identifier: GPL-2.0
/*
 * Domain configurations out of JSON. The JSON itself is kept, with the defaults
 * written into it; the structure's strings point into it.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "json.h"
#include "log.h"
#include "paths.h"

#define MAX_DISKS 128
#define MAX_VIFS 32
#define MAX_VCPUS 128
#define MAX_MEMORY_MIB (16 << 20)
#define MIN_MEMORY_MIB 1
#define DEFAULT_BRIDGE "xen-br0"

const char *const event_names[] = { "on_poweroff", "on_reboot", "on_crash", NULL };
const char *const action_names[] = { "destroy", "restart", "preserve", "rename-restart", NULL };
static const char *const backend_names[] = { "phy", "file", NULL };
static const char *const mode_names[] = { "r", "w", "w!", NULL };

static const char *const members[] = { "name",	    "uuid",	"kernel",	"ramdisk",
				       "cmdline",   "memory",	"maxmem",	"vcpus",
				       "cpus",	    "disks",	"vifs",		"on_poweroff",
				       "on_reboot", "on_crash", "console_port", NULL };
static const char *const disk_members[] = { "backend", "target",	 "vdev",
					    "mode",    "backend_domain", NULL };
static const char *const vif_members[] = { "mac",     "bridge",		"script", "ip",
					   "vifname", "backend_domain", NULL };

static int get_path(const json_t *json, const char *where, const char *name, bool required,
		    const char **path, struct error *e)
{
	if (json_get_string(json, where, name, required, 4095, path, e))
		return -1;
	if (*path && **path != '/')
		return error_set(e, EINVAL, "%s%s: \"%s\" is not an absolute path", where, name,
				 shown(*path));
	return 0;
}

static int parse_identity(struct config *c, struct error *e)
{
	uint8_t uuid[16];
	char text[UUID_SIZE];

	if (json_get_string(c->json, "", "name", true, 4095, &c->name, e))
		return -1;
	if (!name_is_good(c->name))
		return error_set(e, EINVAL,
				 "name: \"%s\" is not allowed; 1 to 64 of A-Z a-z 0-9 . _ -, "
				 "not only digits, not Domain-0",
				 shown(c->name));
	if (json_get_string(c->json, "", "uuid", false, 4095, &c->uuid, e))
		return -1;
	if (!c->uuid)
		uuid_random(uuid);
	else if (!uuid_parse(c->uuid, uuid))
		return error_set(e, EINVAL,
				 "uuid: \"%s\" is not of the form "
				 "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
				 shown(c->uuid));
	uuid_format(uuid, text);
	config_set_uuid(c, text);
	return 0;
}

static int parse_kernel(struct config *c, struct error *e)
{
	json_t *cmdline = json_object_get(c->json, "cmdline");

	if (get_path(c->json, "", "kernel", true, &c->kernel, e) ||
	    get_path(c->json, "", "ramdisk", false, &c->ramdisk, e))
		return -1;
	if (json_is_string(cmdline) && !json_string_length(cmdline))
		json_object_del(c->json, "cmdline");
	if (json_get_string(c->json, "", "cmdline", false, CMDLINE_MAX, &c->cmdline, e))
		return -1;
	if (!c->cmdline)
		c->cmdline = "";
	return 0;
}

static int parse_cpus(struct config *c, struct error *e)
{
	json_t *cpus, *cpu;
	size_t i;

	if (json_get_array(c->json, "", "cpus", CONTROL_MAX_CPUS, &cpus, e))
		return -1;
	c->pinned = cpus;
	if (cpus && !json_array_size(cpus))
		return error_set(e, EINVAL, "cpus: the list is empty; a domain needs a CPU");
	json_array_foreach(cpus, i, cpu)
	{
		if (!json_is_integer(cpu) || json_integer_value(cpu) < 0 ||
		    json_integer_value(cpu) >= CONTROL_MAX_CPUS)
			return error_set(e, EINVAL,
					 "cpus[%zu]: allowed are numbers of CPUs, 0 to %d", i,
					 CONTROL_MAX_CPUS - 1);
		cpu_map_set(&c->cpus, json_integer_value(cpu));
	}
	return 0;
}

static int parse_resources(struct config *c, struct error *e)
{
	json_int_t memory = 0, maxmem, vcpus = 1, port = 0;

	if (json_get_number(c->json, "", "memory", true, MIN_MEMORY_MIB, MAX_MEMORY_MIB, &memory,
			    e))
		return -1;
	maxmem = memory;
	if (json_get_number(c->json, "", "maxmem", false, MIN_MEMORY_MIB, MAX_MEMORY_MIB, &maxmem,
			    e) ||
	    json_get_number(c->json, "", "vcpus", false, 1, MAX_VCPUS, &vcpus, e) ||
	    json_get_number(c->json, "", "console_port", false, 1, 65535, &port, e))
		return -1;
	if (maxmem < memory)
		return error_set(e, EINVAL, "maxmem: %lld MiB is less than memory, %lld MiB",
				 (long long)maxmem, (long long)memory);
	c->memory_kib = memory * 1024;
	c->maxmem_kib = maxmem * 1024;
	c->vcpus = vcpus;
	c->console_port = port;
	return parse_cpus(c, e);
}

/* The domain that serves a device; domain 0 needs no name. */
static int get_backend(const struct config *c, const json_t *json, const char *where,
		       const char **backend, struct error *e)
{
	if (json_get_string(json, where, "backend_domain", false, 64, backend, e))
		return -1;
	if (!*backend)
		return 0;
	if (!strcmp(*backend, "Domain-0"))
		*backend = NULL;
	else if (!name_is_good(*backend))
		return error_set(e, EINVAL, "%sbackend: \"%s\" is not the name of a domain", where,
				 shown(*backend));
	else if (!strcmp(*backend, c->name))
		return error_set(e, EINVAL, "%sbackend: %s cannot serve itself", where, c->name);
	return 0;
}

static int parse_disk(struct config *c, const json_t *json, size_t i, struct error *e)
{
	struct disk_config *disk = &c->disks[i];
	unsigned int backend = 0, mode = 0;
	char where[24];

	snprintf(where, sizeof(where), "disk[%zu]: ", i);
	if (json_check_members(json, where, disk_members, e) ||
	    json_get_word(json, where, "backend", true, backend_names, &backend, e) ||
	    get_path(json, where, "target", true, &disk->target, e) ||
	    json_get_string(json, where, "vdev", true, 16, &disk->vdev, e) ||
	    json_get_word(json, where, "mode", true, mode_names, &mode, e) ||
	    get_backend(c, json, where, &disk->backend, e))
		return -1;
	disk->file = backend;
	disk->mode = mode;
	disk->number = vdev_number(disk->vdev);
	if (!disk->number)
		return error_set(e, EINVAL,
				 "%svdev: \"%s\" is unknown; allowed are names like "
				 "xvda, sda1 and hda",
				 where, shown(disk->vdev));
	for (size_t other = 0; other < i; other++)
		if (c->disks[other].number == disk->number)
			return error_set(e, EINVAL, "%svdev: \"%s\" is disk[%zu] already", where,
					 shown(disk->vdev), other);
	return 0;
}

static int parse_mac(struct config *c, json_t *json, const char *where, size_t i, struct error *e)
{
	struct vif_config *vif = &c->vifs[i];
	unsigned int b[6];
	char text[MAC_SIZE];
	int length = 0;

	if (json_get_string(json, where, "mac", false, 64, &vif->mac, e))
		return -1;
	if (!vif->mac) {
		mac_random(text);
	} else {
		if (strspn(vif->mac, "0123456789abcdefABCDEF:") != 17 ||
		    sscanf(vif->mac, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4],
			   &b[5], &length) != 6 ||
		    length != 17 || vif->mac[17])
			return error_set(e, EINVAL,
					 "%smac: \"%s\" is not a MAC address, six "
					 "pairs of hexadecimal digits with colons between",
					 where, shown(vif->mac));
		if (b[0] & 1)
			return error_set(e, EINVAL,
					 "%smac: %s is a group's address; the first "
					 "byte must be even",
					 where, vif->mac);
		if (!(b[0] | b[1] | b[2] | b[3] | b[4] | b[5]))
			return error_set(e, EINVAL, "%smac: %s is nobody's address", where,
					 vif->mac);
		for (int k = 0; k < MAC_SIZE; k++)
			text[k] = tolower((unsigned char)vif->mac[k]);
	}
	for (size_t other = 0; other < i; other++)
		if (!strcmp(c->vifs[other].mac, text))
			return error_set(e, EINVAL, "%smac: %s is vif[%zu] already", where, text,
					 other);
	json_object_set_new(json, "mac", json_string(text));
	vif->mac = json_string_value(json_object_get(json, "mac"));
	return 0;
}

/* The name of a network interface, as Linux allows it and no shell minds. */
static int get_interface(const json_t *json, const char *where, const char *name,
			 const char **value, struct error *e)
{
	if (json_get_string(json, where, name, false, 15, value, e))
		return -1;
	if (*value && (!name_is_good(*value) || **value == '-'))
		return error_set(e, EINVAL,
				 "%s%s: \"%s\" is not a name of an interface: 1 to 15 "
				 "of A-Z a-z 0-9 . _ -",
				 where, name, shown(*value));
	return 0;
}

static int parse_ip(struct vif_config *vif, const json_t *json, const char *where, struct error *e)
{
	char text[16 * 24] = "";
	json_t *list, *item;
	size_t i;

	if (json_get_array(json, where, "ip", 16, &list, e))
		return -1;
	json_array_foreach(list, i, item)
	{
		const char *ip = json_is_string(item) ? json_string_value(item) : "";
		char address[20], *slash, *end;
		struct in_addr in;
		long bits = 32;

		snprintf(address, sizeof(address), "%s", ip);
		slash = strchr(address, '/');
		if (slash) {
			*slash = 0;
			bits = isdigit((unsigned char)slash[1]) ? strtol(slash + 1, &end, 10) : -1;
			if (bits >= 0 && *end)
				bits = -1;
		}
		if (strlen(ip) >= sizeof(address) || bits < 0 || bits > 32 ||
		    !inet_pton(AF_INET, address, &in))
			return error_set(e, EINVAL,
					 "%sip[%zu]: \"%s\" is not an IPv4 address, "
					 "a.b.c.d or a.b.c.d/bits",
					 where, i, shown(ip));
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? " " : "",
			 ip);
	}
	if (*text)
		vif->ip = strdup(text);
	return 0;
}

static int parse_script(struct vif_config *vif, json_t *json, const char *where, struct error *e)
{
	const char *script;
	char path[4096 + 256];

	if (json_get_string(json, where, "script", false, 4095, &script, e))
		return -1;
	if (script && *script != '/' && (strchr(script, '/') || *script == '.'))
		return error_set(e, EINVAL,
				 "%sscript: \"%s\" is neither an absolute path nor a "
				 "file name",
				 where, shown(script));
	if (!script)
		snprintf(path, sizeof(path), "%s/vif-bridge", paths.our_scripts);
	else
		snprintf(path, sizeof(path), "%s%s%s", *script == '/' ? "" : paths.scripts,
			 *script == '/' ? "" : "/", script);
	json_object_set_new(json, "script", json_string(path));
	vif->script = json_string_value(json_object_get(json, "script"));
	return 0;
}

static int parse_vif(struct config *c, json_t *json, size_t i, struct error *e)
{
	struct vif_config *vif = &c->vifs[i];
	char where[24];

	snprintf(where, sizeof(where), "vif[%zu]: ", i);
	if (json_check_members(json, where, vif_members, e) || parse_mac(c, json, where, i, e) ||
	    get_interface(json, where, "bridge", &vif->bridge, e) ||
	    get_interface(json, where, "vifname", &vif->name, e) || parse_ip(vif, json, where, e) ||
	    parse_script(vif, json, where, e) || get_backend(c, json, where, &vif->backend, e))
		return -1;
	for (size_t other = 0; vif->name && other < i; other++)
		if (c->vifs[other].name && !strcmp(c->vifs[other].name, vif->name))
			return error_set(e, EINVAL, "%svifname: \"%s\" is vif[%zu] already", where,
					 vif->name, other);
	if (!vif->bridge) {
		json_object_set_new(json, "bridge", json_string(DEFAULT_BRIDGE));
		vif->bridge = json_string_value(json_object_get(json, "bridge"));
	}
	return 0;
}

static int parse_devices(struct config *c, struct error *e)
{
	json_t *disks, *vifs;

	if (json_get_array(c->json, "", "disks", MAX_DISKS, &disks, e) ||
	    json_get_array(c->json, "", "vifs", MAX_VIFS, &vifs, e))
		return -1;
	c->disks = calloc(json_array_size(disks) + 1, sizeof(*c->disks));
	c->vifs = calloc(json_array_size(vifs) + 1, sizeof(*c->vifs));
	if (!c->disks || !c->vifs)
		log_die("out of memory");
	for (; c->disk_count < json_array_size(disks); c->disk_count++)
		if (parse_disk(c, json_array_get(disks, c->disk_count), c->disk_count, e))
			return -1;
	while (c->vif_count < json_array_size(vifs)) {
		size_t i = c->vif_count++;

		if (parse_vif(c, json_array_get(vifs, i), i, e))
			return -1;
	}
	return 0;
}

static int parse_actions(struct config *c, struct error *e)
{
	for (int event = 0; event < CONFIG_EVENTS; event++) {
		unsigned int action = event == ON_REBOOT ? ACTION_RESTART : ACTION_DESTROY;

		if (json_get_word(c->json, "", event_names[event], false, action_names, &action, e))
			return -1;
		c->on[event] = action;
		json_object_set_new(c->json, event_names[event], json_string(action_names[action]));
	}
	return 0;
}

struct config *config_parse(const json_t *json, struct error *e)
{
	struct config *c;

	if (json_check_members(json, "", members, e))
		return NULL;
	c = calloc(1, sizeof(*c));
	if (!c)
		log_die("out of memory");
	c->json = json_deep_copy(json);
	if (parse_identity(c, e) || parse_kernel(c, e) || parse_resources(c, e) ||
	    parse_devices(c, e) || parse_actions(c, e)) {
		config_free(c);
		return NULL;
	}
	return c;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->vif_count; i++)
		free((char *)config->vifs[i].ip);
	free(config->disks);
	free(config->vifs);
	json_decref(config->json);
	free(config);
}

void config_set_name(struct config *config, const char *name)
{
	json_object_set_new(config->json, "name", json_string(name));
	config->name = json_string_value(json_object_get(config->json, "name"));
}

void config_set_uuid(struct config *config, const char *uuid)
{
	json_object_set_new(config->json, "uuid", json_string(uuid));
	config->uuid = json_string_value(json_object_get(config->json, "uuid"));
}
