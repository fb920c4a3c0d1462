// SPDX-License-Identifier: GPL-2.0
/*
 * What disks and network interfaces share: their entries in xenstore, and the way
 * they come and go.
 *
 * The entries are written with the domain's. The kernel of domain 0 sees a new back
 * end appear, and takes it up: its state becomes InitWait. A vif's script then makes
 * the interface part of the host's network. From there front and back end get on by
 * themselves.
 *
 * A device goes when its domain cannot answer any more, paused or dead: xend ends it
 * in the front end's name, by writing that this is closed, and the back end then
 * finishes what it has in hand and closes in order. One that does not within the time
 * it has loses its entries, which the kernel takes for its removal.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xen/io/xenbus.h>

#include "device.h"
#include "log.h"
#include "script.h"

#define BACKEND_MS 10000 /* for a back end to appear, or to close */
#define SCRIPT_MS 10000
#define SYSFS_MS 5000 /* for the kernel to remove a back end's device */
#define SYSFS_STEP_MS 10

static const char *const type_names[] = { "vbd", "vif" };

void devices_new(struct domain *d)
{
	const struct config *c = d->config;
	size_t n = 0;

	d->devices = calloc(c->disk_count + c->vif_count + 1, sizeof(*d->devices));
	if (!d->devices)
		log_die("out of memory");
	for (size_t i = 0; i < c->disk_count; i++, n++) {
		d->devices[n].type = DEVICE_VBD;
		d->devices[n].index = i;
		d->devices[n].disk = &c->disks[i];
		d->devices[n].number = c->disks[i].number;
	}
	for (size_t i = 0; i < c->vif_count; i++, n++) {
		d->devices[n].type = DEVICE_VIF;
		d->devices[n].index = i;
		d->devices[n].vif = &c->vifs[i];
		d->devices[n].number = i;
	}
	for (size_t i = 0; i < n; i++) {
		d->devices[i].domain = d;
		d->devices[i].loop = -1;
	}
	d->device_count = n;
}

void devices_free(struct domain *d)
{
	for (size_t i = 0; i < d->device_count; i++) {
		store_unwatch(&d->devices[i].watch);
		timer_cancel(&d->devices[i].timer);
	}
	free(d->devices);
}

static char *path_buffer(void)
{
	static char buffers[4][128];
	static unsigned int next;

	return buffers[next++ % 4];
}

const char *device_front(const struct device *device)
{
	char *path = path_buffer();

	snprintf(path, 128, "/local/domain/%d/device/%s/%u", device->domain->domid,
		 type_names[device->type], device->number);
	return path;
}

const char *device_back(const struct device *device)
{
	char *path = path_buffer();

	snprintf(path, 128, "/local/domain/%d/backend/%s/%d/%u", device->backend,
		 type_names[device->type], device->domain->domid, device->number);
	return path;
}

const char *device_label(const struct device *device)
{
	char *text = path_buffer();

	if (device->type == DEVICE_VBD)
		snprintf(text, 128, "disk %s", device->disk->vdev);
	else
		snprintf(text, 128, "vif %u", device->number);
	return text;
}

static void write_disk(struct store_batch *b, const struct device *device, const char *front,
		       const char *back)
{
	const struct disk_config *disk = device->disk;
	char physical[32];

	batch_number(b, disk->number, "%s/virtual-device", front);
	batch_write(b, "disk", "%s/device-type", front);
	batch_write(b, disk->vdev, "%s/dev", back);
	batch_write(b, disk->file ? "file" : "phy", "%s/type", back);
	batch_write(b, disk->target, "%s/params", back);
	batch_write(b, disk->mode == DISK_READ ? "r" : "w", "%s/mode", back);
	batch_write(b, "disk", "%s/device-type", back);
	batch_write(b, "0", "%s/removable", back);
	batch_write(b, device->index ? "0" : "1", "%s/bootable", back);
	/* The script of a driver domain says which device, and when it is there. */
	if (device->backend)
		return;
	snprintf(physical, sizeof(physical), "%x:%x", major(device->rdev), minor(device->rdev));
	batch_write(b, physical, "%s/physical-device", back);
	/* There is no script to wait for. */
	batch_write(b, "connected", "%s/hotplug-status", back);
}

static void write_vif(struct store_batch *b, const struct device *device, const char *front,
		      const char *back)
{
	const struct vif_config *vif = device->vif;

	batch_number(b, device->number, "%s/handle", front);
	batch_write(b, vif->mac, "%s/mac", front);
	batch_number(b, device->number, "%s/handle", back);
	batch_write(b, vif->mac, "%s/mac", back);
	batch_write(b, vif->bridge, "%s/bridge", back);
	batch_write(b, vif->script, "%s/script", back);
	batch_write(b, "vif", "%s/type", back);
	if (vif->ip)
		batch_write(b, vif->ip, "%s/ip", back);
	if (vif->name)
		batch_write(b, vif->name, "%s/vifname", back);
}

void device_write(const struct device *device, struct store_batch *b)
{
	const char *front = device_front(device), *back = device_back(device);
	const struct domain *d = device->domain;

	batch_directory(b, d->domid, device->backend, "%s", front);
	batch_directory(b, device->backend, d->domid, "%s", back);
	batch_write(b, front, "%s/frontend", back);
	batch_number(b, d->domid, "%s/frontend-id", back);
	batch_write(b, d->config->name, "%s/domain", back);
	batch_write(b, "1", "%s/online", back);
	if (device->type == DEVICE_VBD)
		write_disk(b, device, front, back);
	else
		write_vif(b, device, front, back);
	batch_number(b, XenbusStateInitialising, "%s/state", back);
	batch_number(b, XenbusStateInitialising, "%s/state", front);
	/* A front end that is there looks again when this changes: so it is the last. */
	batch_number(b, device->backend, "%s/backend-id", front);
	batch_write(b, back, "%s/backend", front);
}

void devices_write(const struct domain *d, struct store_batch *b)
{
	for (size_t i = 0; i < d->device_count; i++)
		device_write(&d->devices[i], b);
}

/* All devices of a domain on their way up or down. */
struct party {
	struct domain *domain;
	size_t left;
	struct error error; /* the first */
	bool failed;
	done_fn *done;
	void *context;
	struct timer timer;
};

/* One device and its party, for callbacks. */
struct guest {
	struct party *party;
	struct device *device;
	unsigned int polls;
};

static void party_over(void *context)
{
	struct party *p = context;

	p->done(p->context, p->failed ? &p->error : NULL);
	free(p);
}

static void leave(struct guest *g, const struct error *e)
{
	struct party *p = g->party;

	store_unwatch(&g->device->watch);
	timer_cancel(&g->device->timer);
	if (e && !p->failed) {
		p->failed = true;
		p->error = *e;
	}
	free(g);
	if (!--p->left)
		timer_set(&p->timer, 0, party_over, p);
}

static void start_party(struct domain *d, void (*begin)(struct guest *g), done_fn *done,
			void *context)
{
	struct party *p = calloc(1, sizeof(*p));

	if (!p)
		log_die("out of memory");
	p->domain = d;
	p->done = done;
	p->context = context;
	p->left = d->device_count;
	if (!p->left)
		timer_set(&p->timer, 0, party_over, p);
	for (size_t i = 0; i < d->device_count; i++) {
		struct guest *g = calloc(1, sizeof(*g));

		if (!g)
			log_die("out of memory");
		g->party = p;
		g->device = &d->devices[i];
		begin(g);
	}
}

/* Scripts of vifs, with the environment that Xen's tools give them. */

static void run_vif_script(struct guest *g, const char *verb, script_fn *done)
{
	const struct device *device = g->device;
	const char *arguments[] = { verb, "type_if=vif", NULL };
	char vif[64], path[160], netdev[64], script[4400], who[128];
	const char *environment[] = {
		"XENBUS_TYPE=vif", "XENBUS_BASE_PATH=backend", vif, path, netdev, script, NULL
	};

	snprintf(vif, sizeof(vif), "vif=vif%d.%u", device->domain->domid, device->number);
	snprintf(netdev, sizeof(netdev), "netdev=vif%d.%u", device->domain->domid, device->number);
	snprintf(path, sizeof(path), "XENBUS_PATH=%s", device_back(device));
	snprintf(script, sizeof(script), "script=%s", device->vif->script);
	snprintf(who, sizeof(who), "%s: %s", domain_label(device->domain), device_label(device));
	g->device->scripted = true;
	script_run(who, device->vif->script, arguments, environment, SCRIPT_MS, done, g);
}

/* Going online. */

static void online_failed(struct guest *g, const char *what)
{
	const struct device *device = g->device;
	char *why = store_read("/local/domain/%d/error/backend/%s/%d/%u/error", device->backend,
			       type_names[device->type], device->domain->domid, device->number);
	struct error e;

	error_set(&e, EIO, "%s: %s%s%s", device_label(device), what, why ? ": " : "",
		  why ? why : "");
	free(why);
	leave(g, &e);
}

/* What a script has said, here or in a driver domain: 1 connected, 0 nothing yet, -1 *e. */
static int hotplug_status(const struct device *device, struct error *e)
{
	char *status = store_read("%s/hotplug-status", device_back(device));
	char *why = store_read("%s/hotplug-error", device_back(device));
	int rc = status && !strcmp(status, "connected");

	if (status && !strcmp(status, "error"))
		rc = error_set(e, EIO, "%s: %s failed: %s", device_label(device),
			       device->type == DEVICE_VIF ? device->vif->script : "block",
			       why ? why : "it does not say why");
	free(status);
	free(why);
	return rc;
}

static void online_script_ended(void *context, const struct error *error)
{
	struct guest *g = context;
	struct error e = { 0 };

	if (error)
		error_set(&e, error->number, "%s: %s", device_label(g->device), error->text);
	else if (!hotplug_status(g->device, &e))
		error_set(&e, EIO, "%s: %s ended without writing hotplug-status",
			  device_label(g->device), g->device->vif->script);
	leave(g, *e.text ? &e : NULL);
}

/* A driver domain runs its scripts itself. */
static void online_hotplug(void *context)
{
	struct guest *g = context;
	struct error e;
	int rc = hotplug_status(g->device, &e);

	if (rc)
		leave(g, rc < 0 ? &e : NULL);
}

static void online_hotplug_too_late(void *context)
{
	struct guest *g = context;

	online_failed(g, "its driver domain's script has said nothing: has it the rules of "
			 "xen-backend.rules?");
}

static void online_state(void *context)
{
	struct guest *g = context;
	long state = store_read_number(0, "%s/state", device_back(g->device));
	struct error e;

	if (state < XenbusStateInitWait)
		return;
	if (state > XenbusStateConnected) {
		online_failed(g, "the back end refuses it");
		return;
	}
	store_unwatch(&g->device->watch);
	timer_cancel(&g->device->timer);
	if (g->device->backend) {
		timer_set(&g->device->timer, SCRIPT_MS, online_hotplug_too_late, g);
		if (store_watch(&g->device->watch, online_hotplug, g, &e, "%s/hotplug-status",
				device_back(g->device)))
			leave(g, &e);
	} else if (g->device->type == DEVICE_VIF) {
		run_vif_script(g, "online", online_script_ended);
	} else {
		leave(g, NULL);
	}
}

static void online_too_late(void *context)
{
	struct guest *g = context;
	const char *driver = device_backend(g->device);
	char what[200];

	snprintf(what, sizeof(what), "domain %s has no back end for %s is xen-%sback loaded?",
		 driver ? driver : "0",
		 g->device->type == DEVICE_VBD ? "disks:" : "network interfaces:",
		 g->device->type == DEVICE_VBD ? "blk" : "net");
	online_failed(g, what);
}

static void online_begin(struct guest *g)
{
	struct error e;

	timer_set(&g->device->timer, BACKEND_MS, online_too_late, g);
	if (store_watch(&g->device->watch, online_state, g, &e, "%s/state", device_back(g->device)))
		leave(g, &e);
}

void devices_online(struct domain *d, done_fn *done, void *context)
{
	start_party(d, online_begin, done, context);
}

/* Going offline. */

static void offline_sysfs(void *context)
{
	struct guest *g = context;
	struct device *device = g->device;
	char path[128];

	/* The interface and the hold on the disk go with the kernel's device. */
	snprintf(path, sizeof(path), "/sys/bus/xen-backend/devices/%s-%d-%u",
		 type_names[device->type], device->domain->domid, device->number);
	if (access(path, F_OK)) {
		leave(g, NULL);
	} else if (++g->polls * SYSFS_STEP_MS > SYSFS_MS) {
		log_warning("%s: %s: %s is still there", domain_label(device->domain),
			    device_label(device), path);
		leave(g, NULL);
	} else {
		timer_set(&device->timer, SYSFS_STEP_MS, offline_sysfs, g);
	}
}

static void offline_remove(struct guest *g)
{
	store_unwatch(&g->device->watch);
	timer_cancel(&g->device->timer);
	store_remove("%s", device_front(g->device));
	store_remove("%s", device_back(g->device));
	if (g->device->backend)
		leave(g, NULL);
	else
		offline_sysfs(g);
}

static void offline_too_late(void *context)
{
	struct guest *g = context;

	log_warning("%s: %s did not close within %d s, and is removed all the same",
		    domain_label(g->device->domain), device_label(g->device), BACKEND_MS / 1000);
	offline_remove(g);
}

static void offline_state(void *context)
{
	struct guest *g = context;
	long state = store_read_number(XenbusStateClosed, "%s/state", device_back(g->device));

	/* One that the kernel never took up has nothing to close. */
	if (state == XenbusStateClosed || state == XenbusStateInitialising)
		offline_remove(g);
}

static void offline_close(struct guest *g)
{
	struct device *device = g->device;
	const char *back = device_back(device), *front = device_front(device);
	struct error e;

	if (!store_exists("%s/state", back)) {
		offline_remove(g);
		return;
	}
	store_write("0", "%s/online", back);
	if (store_exists("%s/state", front))
		store_write("6", "%s/state", front); /* XenbusStateClosed */
	timer_set(&device->timer, BACKEND_MS, offline_too_late, g);
	if (store_watch(&device->watch, offline_state, g, &e, "%s/state", back)) {
		log_warning("%s: %s: %s", domain_label(device->domain), device_label(device),
			    e.text);
		offline_remove(g);
	}
}

static void offline_script_ended(void *context, const struct error *error)
{
	struct guest *g = context;

	(void)error; /* it is in the log */
	offline_close(g);
}

static void offline_begin(struct guest *g)
{
	if (g->device->type == DEVICE_VIF && !g->device->backend && g->device->scripted &&
	    store_exists("%s/state", device_back(g->device)))
		run_vif_script(g, "offline", offline_script_ended);
	else
		offline_close(g);
}

void devices_offline(struct domain *d, done_fn *done, void *context)
{
	start_party(d, offline_begin, done, context);
}
