// SPDX-License-Identifier: GPL-2.0
/*
 * Starting: whatever became of the xend before, its records, the hypervisor and
 * xenstore together say what there is. Domains that run are taken up as they are; what
 * was being created for somebody who is not there any more is undone; what was being
 * destroyed or restarted is gone on with. What other tools have made is none of this.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "domain.h"
#include "log.h"
#include "loopdev.h"
#include "paths.h"
#include "store.h"

/* The domain's number by what the hypervisor knows; false: it has none such. */
static bool find_running(struct domain *d, const struct control_domain *list, size_t count,
			 struct control_domain *info)
{
	char uuid[UUID_SIZE];

	for (size_t i = 0; i < count; i++) {
		uuid_format(list[i].uuid, uuid);
		if (list[i].id && !strcmp(uuid, d->config->uuid)) {
			d->domid = list[i].id;
			*info = list[i];
			return true;
		}
	}
	return false;
}

static int take_up_console(struct domain *d, struct error *e)
{
	struct console_config config = { .domid = d->domid,
					 .name = d->config->name,
					 .tcp_port = d->config->console_port };
	struct console_info info;

	config.ring_mfn = store_read_number(0, "/local/domain/%d/console/ring-ref", d->domid);
	config.port = store_read_number(0, "/local/domain/%d/console/port", d->domid);
	if (!config.ring_mfn)
		return error_set(e, ENOENT, "xenstore does not say where it is");
	if (consoles_add(consoles, &config, e) || consoles_info(consoles, d->domid, &info, e))
		return -1;
	store_write(info.pty, "/local/domain/%d/console/tty", d->domid);
	return 0;
}

static void take_up(struct domain *d)
{
	struct error e;

	drivers_recover(d);
	if (d->renamed)
		life_move_devices(d);
	else
		disks_recover(d);
	if (take_up_console(d, &e))
		log_error("%s: its console is not served: %s", domain_label(d), e.text);
	log_info("%s: found running", domain_label(d));
}

static void recover_domain(struct domain *d, const struct control_domain *list, size_t count)
{
	struct control_domain info;
	bool there = find_running(d, list, count, &info);

	for (size_t i = 0; i < d->device_count; i++)
		d->devices[i].scripted = true; /* as far as anybody knows */
	switch (d->state) {
	case DOMAIN_RUNNING:
		if (there && !info.dying) {
			take_up(d);
		} else {
			log_info("%s: is gone", domain_label(d));
			domain_destroy(d);
		}
		break;
	case DOMAIN_CREATING:
		log_info("%s: its creation was interrupted: %s", domain_label(d),
			 d->restart ? "begun again" : "undone");
		domain_destroy(d);
		break;
	case DOMAIN_DESTROYING:
		domain_destroy(d);
		break;
	case DOMAIN_DELAYED:
		d->restart = true;
		life_continue(d);
		break;
	}
}

/* A loop device of a domain that there is no record of. */
static bool detach_orphan(const struct loop_state *info, void *context)
{
	size_t length = strlen(paths.tag);
	char uuid[UUID_SIZE];

	(void)context;
	if (!strncmp(info->tag, paths.tag, length) &&
	    sscanf(info->tag + length, ":%36[0-9a-f-]:", uuid) == 1 && !domain_by_uuid(uuid)) {
		log_info("/dev/loop%d: of a domain that is gone: detached", info->number);
		loop_detach(info->number);
	}
	return false;
}

int recover(struct error *e)
{
	struct control_domain *list;
	struct domain *d, *next;
	size_t count;

	if (record_load(e) || control_domains(control, &list, &count, e))
		return -1;
	loop_each(detach_orphan, NULL);
	for (d = domains; d; d = next) {
		next = d->next;
		recover_domain(d, list, count);
	}
	free(list);
	return 0;
}
