// SPDX-License-Identifier: GPL-2.0
/* What the host must have, and must not have yet, for a domain's network interfaces. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "device.h"
#include "paths.h"

/* Does a domain of another tool have the address? */
static bool mac_is_foreign(const char *mac)
{
	unsigned int domain_count, vif_count;
	char **ids = store_list(&domain_count, "/local/domain/0/backend/vif");
	bool found = false;

	for (unsigned int i = 0; i < domain_count && !found; i++) {
		char **vifs = store_list(&vif_count, "/local/domain/0/backend/vif/%s", ids[i]);

		for (unsigned int k = 0; k < vif_count && !found; k++) {
			char *has = store_read("/local/domain/0/backend/vif/%s/%s/mac", ids[i],
					       vifs[k]);

			found = has && !domain_by_id(atoi(ids[i])) && !strcasecmp(has, mac);
			free(has);
		}
		free(vifs);
	}
	free(ids);
	return found;
}

static int check_mac(const struct config *config, size_t i, struct error *e)
{
	const char *mac = config->vifs[i].mac;

	for (struct domain *d = domains; d; d = d->next) {
		if (d->config == config || d->renamed)
			continue;
		for (size_t k = 0; k < d->config->vif_count; k++)
			if (!strcmp(d->config->vifs[k].mac, mac))
				return error_set(e, EEXIST,
						 "vif[%zu]: mac: %s is vif %zu of "
						 "domain %s already",
						 i, mac, k, domain_label(d));
	}
	if (mac_is_foreign(mac))
		return error_set(e, EEXIST,
				 "vif[%zu]: mac: %s is in use by another domain "
				 "already",
				 i, mac);
	return 0;
}

/* There is none called @name: say which there are. */
static int no_bridge(const char *name, size_t i, struct error *e)
{
	char list[200] = "", pattern[256];
	const char *allowed = "is no bridge at all; `network start` makes one";
	glob_t found = { 0 };
	size_t n = 0;

	snprintf(pattern, sizeof(pattern), "%s/*/bridge", paths.net);
	if (!glob(pattern, 0, NULL, &found))
		allowed = "";
	for (size_t k = 0; k < found.gl_pathc && n < sizeof(list); k++) {
		const char *bridge = found.gl_pathv[k] + strlen(paths.net) + 1;

		n += snprintf(list + n, sizeof(list) - n, "%s%.*s", k ? ", " : "is ",
			      (int)strcspn(bridge, "/"), bridge);
	}
	globfree(&found);
	return error_set(e, ENOENT, "vif[%zu]: bridge: domain 0 has no bridge \"%s\"; there %s%s",
			 i, name, list, allowed);
}

static int check_vif(const struct config *config, size_t i, struct error *e)
{
	const struct vif_config *vif = &config->vifs[i];
	char path[256];

	if (check_mac(config, i, e))
		return -1;
	/* The rest is for the domain to see that has the bridge. */
	if (vif->backend)
		return 0;
	snprintf(path, sizeof(path), "%s/%s/bridge", paths.net, vif->bridge);
	if (access(path, F_OK))
		return no_bridge(vif->bridge, i, e);
	if (access(vif->script, X_OK))
		return error_errno(e, "vif[%zu]: script: %s", i, vif->script);
	snprintf(path, sizeof(path), "%s/%s", paths.net, vif->name ? vif->name : "");
	if (vif->name && !access(path, F_OK))
		return error_set(e, EEXIST,
				 "vif[%zu]: vifname: domain 0 has an interface \"%s\" "
				 "already",
				 i, vif->name);
	return 0;
}

int vifs_check(const struct config *config, struct error *e)
{
	for (size_t i = 0; i < config->vif_count; i++)
		if (check_vif(config, i, e))
			return -1;
	return 0;
}
