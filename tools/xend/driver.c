// SPDX-License-Identifier: GPL-2.0
/*
 * Driver domains: a disk or network interface may be served by another domain than
 * domain 0, whose kernel has the back end and whose own hot-plug scripts do what xend's
 * do in domain 0.
 *
 * Configurations name that domain. It may end and come again, as another to the
 * hypervisor: when a domain has come up, its name's clients are given to it. They see
 * that their device has another back end, and begin again with that one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "domain.h"
#include "log.h"

const char *device_backend(const struct device *device)
{
	return device->type == DEVICE_VBD ? device->disk->backend : device->vif->backend;
}

/* The id of the domain that serves, which runs; -1: *e. */
static int find(const char *name, const char *what, size_t index, struct error *e)
{
	struct domain *d;
	int domid;

	if (!name)
		return 0;
	if (!domain_find(name, &d, &domid, e) && domid >= 0 &&
	    (!d || (d->state == DOMAIN_RUNNING && !d->preserved)))
		return domid;
	return error_set(e, ENOENT, "%s[%zu]: backend: there is no domain %s that runs", what,
			 index, name);
}

int drivers_check(const struct config *c, struct error *e)
{
	for (size_t i = 0; i < c->disk_count; i++)
		if (find(c->disks[i].backend, "disk", i, e) < 0)
			return -1;
	for (size_t i = 0; i < c->vif_count; i++)
		if (find(c->vifs[i].backend, "vif", i, e) < 0)
			return -1;
	return 0;
}

int drivers_find(struct domain *d, struct error *e)
{
	for (size_t i = 0; i < d->device_count; i++) {
		struct device *device = &d->devices[i];

		device->backend = find(device_backend(device),
				       device->type == DEVICE_VBD ? "disk" : "vif", device->index,
				       e);
		if (device->backend < 0)
			return -1;
	}
	return 0;
}

void drivers_recover(struct domain *d)
{
	for (size_t i = 0; i < d->device_count; i++)
		d->devices[i].backend =
			store_read_number(0, "%s/backend-id", device_front(&d->devices[i]));
}

/* The device begins again, with a back end in the domain of that id. */
static int give(struct device *device, int backend, struct error *e)
{
	struct store_batch b;

	device->backend = backend;
	do {
		if (store_begin(&b, e))
			return -1;
		device_write(device, &b);
		/* What the front end wrote for the one before. */
		batch_permissions(&b, device->domain->domid, backend, device_front(device));
		if (!store_commit(&b, e))
			return 0;
	} while (e->number == EAGAIN);
	return -1;
}

void drivers_follow(const struct domain *driver)
{
	struct error e;

	for (struct domain *d = domains; d; d = d->next) {
		if (d->state != DOMAIN_RUNNING || d->preserved)
			continue;
		for (size_t i = 0; i < d->device_count; i++) {
			struct device *device = &d->devices[i];
			const char *name = device_backend(device);

			if (!name || strcmp(name, driver->config->name) ||
			    device->backend == driver->domid)
				continue;
			if (give(device, driver->domid, &e))
				log_error("%s: %s: %s", domain_label(d), device_label(device),
					  e.text);
			else
				log_info("%s: %s: its back end is domain %d now", domain_label(d),
					 device_label(device), driver->domid);
		}
	}
}
