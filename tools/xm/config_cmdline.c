// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's command line: root=, the address in ip= (the order of its fields
 * is the kernel's: client, server, gateway, netmask, host name, device, how to
 * configure), nfsroot=, and extra at the end, which wins where the kernel takes
 * the last of two.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define CMDLINE_LONGEST 1023 /* bytes; the start-of-day page has 1024 with the 0 */

static bool check_addresses(struct config *config)
{
	static const char *const names[] = { "ip", "netmask", "gateway", "nfs_server" };
	struct in_addr address;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *text = config_text(config, names[i]);

		if (text && *text && inet_pton(AF_INET, text, &address) != 1)
			return config_error(config,
					    "%s is \"%.60s\": no IPv4 address, like "
					    "10.0.0.2",
					    names[i], text);
	}
	return true;
}

/* Parts of the command line end at a space. */
static bool check_words(struct config *config)
{
	static const char *const names[] = { "hostname", "nfs_root" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *text = config_text(config, names[i]);

		if (text && strpbrk(text, " \""))
			return config_error(config,
					    "%s is \"%.60s\": it cannot have spaces or "
					    "quotes on a kernel's command line",
					    names[i], text);
	}
	if (config_text(config, "hostname") && strchr(config_text(config, "hostname"), ':'))
		return config_error(config, "hostname cannot have a \":\" in it");
	return true;
}

/* How the address comes: "off" (ip= says it), a protocol, or NULL: not asked for. */
static bool find_protocol(struct config *config, const char **protocol)
{
	static const char *const words[] = { "off", "dhcp", "bootp", "rarp", "both", "on", "any" };
	const json_t *dhcp = json_object_get(config->vars, "dhcp");
	const char *word = json_string_value(dhcp);

	*protocol = NULL;
	if (json_is_true(dhcp)) {
		*protocol = "dhcp";
	} else if (word && *word) {
		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
			if (!strcmp(word, words[i]))
				*protocol = words[i];
		if (!*protocol)
			return config_error(config,
					    "dhcp is \"%.60s\": allowed are True, False, "
					    "dhcp, off, bootp, rarp, both, on, any",
					    word);
		if (!strcmp(*protocol, "off"))
			*protocol = NULL;
	}
	return true;
}

static const char *or_nothing(const char *text)
{
	return text ? text : "";
}

/* ip=, or what of it is wanted, to @out. */
static bool print_address(struct config *config, FILE *out)
{
	const char *ip = or_nothing(config_text(config, "ip"));
	const char *hostname = or_nothing(config_text(config, "hostname"));
	const char *netmask = or_nothing(config_text(config, "netmask"));
	const char *gateway = or_nothing(config_text(config, "gateway"));
	const char *server = or_nothing(config_text(config, "nfs_server"));
	const char *protocol;

	if (!find_protocol(config, &protocol))
		return false;
	if (*ip || protocol) {
		fprintf(out, " ip=%s:%s:%s:%s:%s:eth0:%s", ip, server, gateway, netmask, hostname,
			protocol ? protocol : "off");
		return true;
	}
	if (*netmask || *gateway)
		return config_error(config, "%s is set, but neither ip nor dhcp",
				    *netmask ? "netmask" : "gateway");
	/* ip= with a name alone would make the kernel wait for an interface. */
	if (*hostname)
		fprintf(out, " hostname=%s", hostname);
	return true;
}

json_t *config_cmdline(struct config *config)
{
	const char *root = config_text(config, "root"), *extra = config_text(config, "extra");
	const char *nfs_root = config_text(config, "nfs_root");
	const char *nfs_server = config_text(config, "nfs_server");
	char *text = NULL;
	size_t length = 0;
	json_t *cmdline;
	bool good;
	FILE *out;

	if (!check_addresses(config) || !check_words(config))
		return NULL;
	out = open_memstream(&text, &length);
	if (root && *root)
		fprintf(out, " root=%s", root);
	good = print_address(config, out);
	if (nfs_root && *nfs_root)
		fprintf(out, " nfsroot=%s%s%s", or_nothing(nfs_server),
			nfs_server && *nfs_server ? ":" : "", nfs_root);
	if (extra && *extra)
		fprintf(out, " %s", extra);
	fclose(out);
	if (good && length > CMDLINE_LONGEST + 1)
		good = config_error(config,
				    "the kernel's command line has %zu bytes: allowed are "
				    "%d",
				    length - 1, CMDLINE_LONGEST);
	/* Without the space in front. */
	cmdline = good ? json_string(length ? text + 1 : "") : NULL;
	free(text);
	return cmdline;
}
