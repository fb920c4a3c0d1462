// SPDX-License-Identifier: GPL-2.0
/* Domains: list, create, look at, destroy, pause, shut down. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/sched.h>

#include "api.h"
#include "device.h"
#include "json.h"
#include "log.h"
#include "store.h"
#include "worker.h"

static const char *const no_members[] = { NULL };

/* The six letters of xm list. */
static void state_letters(const struct control_domain *info, char letters[7])
{
	snprintf(letters, 7, "%c%c%c%c%c%c", info->running ? 'r' : '-', info->blocked ? 'b' : '-',
		 info->paused ? 'p' : '-',
		 info->shutdown && info->reason != SHUTDOWN_crash ? 's' : '-',
		 info->shutdown && info->reason == SHUTDOWN_crash ? 'c' : '-',
		 info->dying ? 'd' : '-');
}

static json_t *console_port(int domid)
{
	struct console_info console;
	struct error ignored;

	if (domid < 0 || consoles_info(consoles, domid, &console, &ignored))
		return json_null();
	return json_integer(console.tcp_port);
}

/* Without a limit the hypervisor counts as far as it can. */
static json_t *limit(uint64_t kib)
{
	return kib >> 50 ? json_null() : json_integer(kib);
}

/* Names that other tools gave may hold anything. */
static json_t *name_string(char *name)
{
	json_t *string = name ? json_string(name) : NULL;

	free(name);
	return string ? string : json_string("(unnamed)");
}

static json_t *brief(const struct control_domain *info, const struct domain *d)
{
	json_t *name = d ? json_string(d->config->name) : name_string(domain_store_name(info->id));
	char letters[7];

	state_letters(info, letters);
	return json_pack("{s:o, s:I, s:I, s:o, s:I, s:s, s:I, s:o}", "name", name, "id",
			 (json_int_t)info->id, "memory_kib", (json_int_t)info->memory_kib,
			 "maxmem_kib", limit(info->max_kib), "vcpus", (json_int_t)info->vcpus,
			 "state", letters, "cpu_time_ns", (json_int_t)info->cpu_time_ns,
			 "console_port", console_port(info->id));
}

/* One that the hypervisor does not have: it is being created, or waits for its restart. */
static json_t *brief_absent(const struct domain *d)
{
	return json_pack("{s:s, s:n, s:I, s:I, s:I, s:s, s:I, s:n}", "name", d->config->name, "id",
			 "memory_kib", (json_int_t)0, "maxmem_kib",
			 (json_int_t)d->config->maxmem_kib, "vcpus", (json_int_t)0, "state",
			 "------", "cpu_time_ns", (json_int_t)0, "console_port");
}

void api_list(struct request *r, char *const *part)
{
	struct control_domain *list;
	json_t *all = json_array();
	struct error e;
	size_t count;

	(void)part;
	if (api_check(r, no_members)) {
		json_decref(all);
		return;
	}
	if (control_domains(control, &list, &count, &e)) {
		json_decref(all);
		reply_error(r, &e);
		return;
	}
	for (size_t i = 0; i < count; i++)
		json_array_append_new(all, brief(&list[i], domain_of(&list[i])));
	for (struct domain *d = domains; d; d = d->next) {
		bool there = false;

		for (size_t i = 0; i < count && !there; i++)
			there = domain_of(&list[i]) == d;
		if (!there)
			json_array_append_new(all, brief_absent(d));
	}
	free(list);
	reply_json(r, 200, all);
}

static json_t *disk_json(const struct device *device)
{
	const struct disk_config *disk = device->disk;
	long state = device->domain->domid < 0 ?
			     0 :
			     store_read_number(0, "%s/state", device_back(device));
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "vdev", disk->vdev, "backend",
				 disk->file ? "file" : "phy", "target", disk->target, "mode",
				 disk->mode == DISK_READ  ? "r" :
				 disk->mode == DISK_WRITE ? "w" :
							    "w!",
				 "number", (json_int_t)disk->number, "state", (json_int_t)state);
	char text[32];

	if (device->claimed) {
		snprintf(text, sizeof(text), "%u:%u", major(device->rdev), minor(device->rdev));
		json_object_set_new(json, "device", json_string(text));
	}
	if (device->loop >= 0) {
		snprintf(text, sizeof(text), "/dev/loop%d", device->loop);
		json_object_set_new(json, "loop", json_string(text));
	}
	return json;
}

static json_t *vif_json(const struct device *device)
{
	const struct vif_config *vif = device->vif;
	long state = device->domain->domid < 0 ?
			     0 :
			     store_read_number(0, "%s/state", device_back(device));
	char name[32];

	snprintf(name, sizeof(name), "vif%d.%u", device->domain->domid, device->number);
	return json_pack("{s:s, s:s, s:s, s:s, s:s*, s:I}", "mac", vif->mac, "bridge", vif->bridge,
			 "script", vif->script, "vifname", vif->name ? vif->name : name, "ip",
			 vif->ip, "state", (json_int_t)state);
}

static void add_detail(json_t *json, const struct domain *d)
{
	json_t *disks = json_array(), *vifs = json_array();
	struct console_info console;
	struct error ignored;

	for (size_t i = 0; i < d->device_count; i++) {
		const struct device *device = &d->devices[i];

		if (device->type == DEVICE_VBD)
			json_array_append_new(disks, disk_json(device));
		else
			json_array_append_new(vifs, vif_json(device));
	}
	json_object_set(json, "config", d->config->json);
	for (int event = 0; event < CONFIG_EVENTS; event++)
		json_object_set_new(json, event_names[event],
				    json_string(action_names[d->config->on[event]]));
	json_object_set_new(json, "devices", json_pack("{s:o, s:o}", "disks", disks, "vifs", vifs));
	json_object_set_new(json, "start_time", json_integer(d->started));
	json_object_set_new(json, "uuid", json_string(d->config->uuid));
	if (d->domid < 0 || consoles_info(consoles, d->domid, &console, &ignored))
		json_object_set_new(json, "console", json_null());
	else
		json_object_set_new(json, "console",
				    json_pack("{s:I, s:s, s:s}", "tcp_port",
					      (json_int_t)console.tcp_port, "pty", console.pty,
					      "log", console.log));
}

void api_get(struct request *r, char *const *part)
{
	struct control_domain info;
	struct domain *d;
	char uuid[UUID_SIZE];
	struct error e;
	json_t *json;
	int domid;

	if (api_check(r, no_members))
		return;
	if (domain_find(part[1], &d, &domid, &e) ||
	    (domid >= 0 && control_domain(control, domid, &info, &e))) {
		reply_error(r, &e);
		return;
	}
	json = domid >= 0 ? brief(&info, d) : brief_absent(d);
	if (d) {
		add_detail(json, d);
	} else {
		uuid_format(info.uuid, uuid);
		json_object_set_new(json, "uuid", json_string(uuid));
		json_object_set_new(json, "config", json_null());
		json_object_set_new(json, "console", json_null());
	}
	reply_json(r, 200, json);
}

/* Creating. */

struct creation {
	struct request *request;
	char uuid[UUID_SIZE];
};

static void created(void *context, const struct error *e)
{
	struct creation *c = context;
	struct domain *d;

	if (e) {
		reply_error(c->request, e);
	} else {
		d = domain_by_uuid(c->uuid);
		reply_json(c->request, 201,
			   json_pack("{s:s, s:I}", "name", d->config->name, "id",
				     (json_int_t)d->domid));
	}
	free(c);
}

static int get_paused(struct request *r, bool *paused, struct error *e)
{
	static const char *const names[] = { "paused", NULL };
	const char *value = request_query(r, "paused");

	if (request_check_query(r, names, e))
		return -1;
	if (value && strcmp(value, "1") && strcmp(value, "0"))
		return error_set(e, EINVAL, "?paused: \"%s\" is not allowed; 0 or 1", shown(value));
	*paused = value && *value == '1';
	return 0;
}

void api_create(struct request *r, char *const *part)
{
	struct config *config = NULL;
	struct creation *c;
	struct error e;
	bool paused = false;

	(void)part;
	if (!request_body(r)) {
		error_set(&e, EINVAL, "the request has no body; a configuration is wanted");
		reply_error(r, &e);
		return;
	}
	if (get_paused(r, &paused, &e) || !(config = config_parse(request_body(r), &e)) ||
	    domain_check_name(config->name, &e) || create_check(config, &e)) {
		log_error("%s%snot created: %s", config ? config->name : "", config ? ": " : "",
			  e.text);
		config_free(config);
		reply_error(r, &e);
		return;
	}
	if (domain_by_uuid(config->uuid)) {
		error_set(&e, EEXIST, "uuid: %s is domain %s already", config->uuid,
			  domain_label(domain_by_uuid(config->uuid)));
		config_free(config);
		reply_error(r, &e);
		return;
	}
	c = calloc(1, sizeof(*c));
	if (!c)
		log_die("out of memory");
	c->request = r;
	strcpy(c->uuid, config->uuid);
	domain_create(domain_new(config), paused, created, c);
}

/* Destroying. */

static void destroyed(void *context, const struct error *e)
{
	struct request *r = context;

	if (e)
		reply_error(r, e);
	else
		reply_done(r);
}

/* A domain of another tool: its memory is taken, its entries are that tool's. */
struct foreign {
	struct request *request;
	int domid;
	struct error error;
	int rc;
};

static void foreign_gone(void *context)
{
	struct foreign *f = context;

	if (!f->rc)
		log_info("(%d): destroyed; another tool made it", f->domid);
	destroyed(f->request, f->rc ? &f->error : NULL);
	free(f);
}

/* In a thread of its own. */
static void take_foreign(void *context)
{
	struct foreign *f = context;

	f->rc = control_destroy(control, f->domid, &f->error);
}

static void destroy_foreign(struct request *r, int domid)
{
	struct foreign *f;
	struct error e;

	if (!domid) {
		error_set(&e, EINVAL, "Domain-0 cannot be destroyed");
		reply_error(r, &e);
		return;
	}
	f = calloc(1, sizeof(*f));
	if (!f)
		log_die("out of memory");
	f->request = r;
	f->domid = domid;
	worker_run(take_foreign, foreign_gone, f);
}

void api_destroy(struct request *r, char *const *part)
{
	struct domain *d;
	struct error e;
	int domid;

	if (api_check(r, no_members))
		return;
	if (domain_find(part[1], &d, &domid, &e)) {
		reply_error(r, &e);
	} else if (!d) {
		destroy_foreign(r, domid);
	} else if (d->state == DOMAIN_CREATING || d->moving) {
		error_set(&e, EBUSY, "domain %s is being %s: wait for that to end", domain_label(d),
			  d->moving ? "replaced" : "created");
		reply_error(r, &e);
	} else {
		d->restart = false;
		domain_add_waiter(d, destroyed, r);
		domain_destroy(d);
	}
}

/* Pausing: the hypervisor counts, people do not. */

static void set_paused(struct request *r, char *const *part, bool paused)
{
	struct control_domain info;
	struct domain *d;
	struct error e;

	if (api_check(r, no_members) || api_domain(r, part, &d, &info))
		return;
	if (!info.id)
		error_set(&e, EINVAL, "Domain-0 cannot be %s", paused ? "paused" : "unpaused");
	else if (d && d->state != DOMAIN_RUNNING)
		error_set(&e, EBUSY, "domain %s is being created or destroyed", domain_label(d));
	else if (info.paused == paused)
		error_set(&e, EEXIST, "domain %s is %s", part[1],
			  paused ? "paused already" : "not paused");
	else if (!(paused ? control_pause : control_unpause)(control, info.id, &e)) {
		log_info("%s: %s", d ? domain_label(d) : part[1], paused ? "paused" : "unpaused");
		reply_done(r);
		return;
	}
	reply_error(r, &e);
}

void api_pause(struct request *r, char *const *part)
{
	set_paused(r, part, true);
}

void api_unpause(struct request *r, char *const *part)
{
	set_paused(r, part, false);
}

void api_shutdown(struct request *r, char *const *part)
{
	static const char *const members[] = { "reason", NULL };
	static const char *const reasons[] = { "poweroff", "reboot", "halt", NULL };
	struct control_domain info;
	unsigned int reason = 0;
	struct domain *d;
	struct error e;

	if (api_check(r, members) || api_domain(r, part, &d, &info))
		return;
	if (request_body(r) &&
	    json_get_word(request_body(r), "", "reason", false, reasons, &reason, &e))
		;
	else if (!info.id)
		error_set(&e, EINVAL, "Domain-0 is shut down from inside");
	else if (d && d->state != DOMAIN_RUNNING)
		error_set(&e, EBUSY, "domain %s is being created or destroyed", domain_label(d));
	else if (info.shutdown || info.dying)
		error_set(&e, EEXIST, "domain %s has ended already", part[1]);
	else if (!store_write(reasons[reason], "/local/domain/%u/control/shutdown", info.id))
		error_set(&e, EIO, "domain %s has no entries in xenstore", part[1]);
	else {
		log_info("%s: asked to %s", d ? domain_label(d) : part[1], reasons[reason]);
		reply_done(r);
		return;
	}
	reply_error(r, &e);
}
