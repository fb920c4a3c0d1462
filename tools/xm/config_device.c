// SPDX-License-Identifier: GPL-2.0
/*
 * Disks and network interfaces of a configuration, one string each:
 *
 *	phy:DEVICE,VDEV,MODE[,BACKEND] or file:PATH,VDEV,MODE[,BACKEND]
 *	mac=MAC, bridge=BRIDGE, ip=ADDRESS..., script=SCRIPT, vifname=NAME, backend=BACKEND
 *
 * The second may be empty. BACKEND is the name of a driver domain. Whether a disk is there and free is xend's to see.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPTS "/etc/xen/scripts"
#define INTERFACE_LONGEST 15 /* bytes in the name of a network interface */

/* Cut the spaces off both ends of @text. */
static char *trim(char *text)
{
	size_t length;

	text += strspn(text, " ");
	length = strlen(text);
	while (length && text[length - 1] == ' ')
		length--;
	text[length] = '\0';
	return text;
}

/* xvda, sdb2, hdc: how a domain's kernel names a disk. */
static bool is_vdev(const char *text)
{
	size_t letters;

	if (!strncmp(text, "xvd", 3))
		text += 3;
	else if (!strncmp(text, "sd", 2) || !strncmp(text, "hd", 2))
		text += 2;
	else
		return false;
	letters = strspn(text, "abcdefghijklmnopqrstuvwxyz");
	text += letters;
	return letters >= 1 && letters <= 2 && strspn(text, "0123456789") == strlen(text) &&
	       strlen(text) <= 3 && text[0] != '0';
}

#define DOMAIN_ALLOWED \
	"allowed are names of domains, 1 to 64 letters, digits, \".\", \"_\" and \"-\""

static bool is_domain(const char *text)
{
	size_t length = strlen(text);

	return length >= 1 && length <= 64 &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
		       length;
}

static json_t *target(const char *backend, const char *name)
{
	if (!strcmp(backend, "phy") && name[0] != '/')
		return json_sprintf("/dev/%s", name);
	return config_path(name);
}

json_t *config_disk(struct config *config, size_t index, const char *text)
{
	char *copy = strdup(text), *rest = copy, *backend, *name, *vdev, *mode, *domain;
	json_t *disk = NULL;

	backend = strsep(&rest, ":");
	name = rest ? strsep(&rest, ",") : NULL;
	vdev = rest ? trim(strsep(&rest, ",")) : NULL;
	mode = rest ? trim(strsep(&rest, ",")) : NULL;
	domain = rest ? trim(strsep(&rest, ",")) : NULL;
	backend = trim(backend);
	if (name)
		name = trim(name);
	if (!mode || rest || !*name)
		config_error(config,
			     "disk[%zu] is \"%.200s\": must be phy:DEVICE,VDEV,MODE or "
			     "file:PATH,VDEV,MODE, and may end with \",BACKEND\"",
			     index, text);
	else if (strcmp(backend, "phy") && strcmp(backend, "file"))
		config_error(config, "disk[%zu] is of kind \"%.60s\": allowed are phy and file",
			     index, backend);
	else if (!is_vdev(vdev))
		config_error(config,
			     "disk[%zu] is for \"%.60s\": allowed are names like xvda, "
			     "sda1, hdc",
			     index, vdev);
	else if (strcmp(mode, "r") && strcmp(mode, "w") && strcmp(mode, "w!"))
		config_error(config, "disk[%zu] has mode \"%.60s\": allowed are r, w and w!", index,
			     mode);
	else if (domain && !is_domain(domain))
		config_error(config, "disk[%zu] has backend \"%.60s\": " DOMAIN_ALLOWED, index,
			     domain);
	else
		disk = json_pack("{s:s, s:o, s:s, s:s}", "backend", backend, "target",
				 target(backend, name), "vdev", vdev, "mode", mode);
	if (disk && domain)
		json_object_set_new(disk, "backend_domain", json_string(domain));
	free(copy);
	return disk;
}

/* "00:16:3E:..." in lower case, or NULL if that is no address of one interface. */
static json_t *mac(const char *text)
{
	unsigned int b[6];
	int end = -1;

	if (strlen(text) != 17 || strspn(text, "0123456789abcdefABCDEF:") != 17)
		return NULL;
	sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", b, b + 1, b + 2, b + 3, b + 4, b + 5, &end);
	if (end != 17 || b[0] & 1 || !(b[0] | b[1] | b[2] | b[3] | b[4] | b[5]))
		return NULL;
	return json_sprintf("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
}

static json_t *interface(const char *text)
{
	size_t length = strlen(text);

	if (!length || length > INTERFACE_LONGEST || strpbrk(text, "/ :") || text[0] == '.')
		return NULL;
	return json_string(text);
}

/* Addresses or networks with spaces between them, as an array. */
static json_t *addresses(char *text)
{
	json_t *array = json_array();
	char *one;

	while ((one = strsep(&text, " "))) {
		char *slash = strchr(one, '/'), address[16];
		int length = slash ? slash - one : (int)strlen(one);

		if (!*one)
			continue;
		snprintf(address, sizeof(address), "%.*s", length, one);
		if (length > 15 || inet_pton(AF_INET, address, &(struct in_addr){}) != 1 ||
		    (slash && (strspn(slash + 1, "0123456789") != strlen(slash + 1) || !slash[1] ||
			       strlen(slash) > 3 || atoi(slash + 1) > 32))) {
			json_decref(array);
			return NULL;
		}
		json_array_append_new(array, json_string(one));
	}
	if (!json_array_size(array)) {
		json_decref(array);
		return NULL;
	}
	return array;
}

static json_t *script(const char *text)
{
	if (!*text)
		return NULL;
	return text[0] == '/' ? json_string(text) : json_sprintf(SCRIPTS "/%s", text);
}

/* One key=value of a vif into @vif. */
static bool vif_part(struct config *config, size_t index, json_t *vif, char *part)
{
	char *value = part, *key = trim(strsep(&value, "="));
	const char *allowed;
	json_t *json = NULL;

	if (!value)
		return config_error(config, "vif[%zu]: \"%.60s\" is not KEY=VALUE", index, key);
	value = trim(value);
	if (json_object_get(vif, key))
		return config_error(config, "vif[%zu]: %s is there twice", index, key);
	if (!strcmp(key, "mac")) {
		allowed = "allowed are addresses of one interface, like 00:16:3e:01:02:03";
		json = mac(value);
	} else if (!strcmp(key, "bridge") || !strcmp(key, "vifname")) {
		allowed = "allowed are names of up to 15 letters without space, \":\" and \"/\"";
		json = interface(value);
	} else if (!strcmp(key, "ip")) {
		allowed = "allowed are IPv4 addresses and networks, with spaces between them";
		json = addresses(strdupa(value));
	} else if (!strcmp(key, "script")) {
		allowed = "allowed are paths, from " SCRIPTS " on";
		json = script(value);
	} else if (!strcmp(key, "backend")) {
		allowed = DOMAIN_ALLOWED;
		json = is_domain(value) ? json_string(value) : NULL;
		key = "backend_domain";
	} else {
		return config_error(config,
				    "vif[%zu]: unknown key \"%.60s\": allowed are mac, "
				    "bridge, ip, script, vifname, backend",
				    index, key);
	}
	if (!json)
		return config_error(config, "vif[%zu]: %s is \"%.60s\": %s", index, key, value,
				    allowed);
	json_object_set_new(vif, key, json);
	return true;
}

json_t *config_vif(struct config *config, size_t index, const char *text)
{
	const char *bridge = config_text(config, "bridge");
	char *copy = strdup(text), *rest = copy, *part;
	json_t *vif = json_object();
	bool good = true;

	if (*trim(rest))
		while (good && (part = strsep(&rest, ",")))
			good = vif_part(config, index, vif, part);
	free(copy);
	if (good && bridge && *bridge && !json_object_get(vif, "bridge")) {
		json_t *json = interface(bridge);

		if (!json)
			good = config_error(config,
					    "bridge is \"%.60s\": no interface can have "
					    "that name",
					    bridge);
		else
			json_object_set_new(vif, "bridge", json);
	}
	if (!good) {
		json_decref(vif);
		return NULL;
	}
	return vif;
}
