// SPDX-License-Identifier: GPL-2.0
/*
 * What domains do by themselves: power off, reboot, crash. xenstored tells of each by
 * its watch @releaseDomain, without saying whose; the hypervisor is asked then. What
 * follows is what the configuration says for that end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/sched.h>

#include "device.h"
#include "domain.h"
#include "log.h"
#include "store.h"

#define QUICK_S 10 /* a life shorter than this counts as a failure to live */
#define MAX_DELAY_S 60
#define MOVING_STEP_MS 50

static struct store_watch release_watch;

/* Restarting: at once, and after lives that were too short 1, 2, 4 ... 60 s later. */

static void restarted(void *context, const struct error *e)
{
	(void)context;
	(void)e; /* it is in the log */
}

static void restart_now(void *context)
{
	struct domain *d = context;
	struct error e;

	/* What it is to have may be with its predecessor still. */
	for (struct domain *o = domains; o; o = o->next) {
		if (o->moving) {
			timer_set(&d->timer, MOVING_STEP_MS, restart_now, d);
			return;
		}
	}
	if (create_check(d->config, &e)) {
		domain_add_waiter(d, restarted, NULL);
		domain_undo(d, &e);
		return;
	}
	d->restart = true;
	domain_create(d, false, restarted, NULL);
}

void life_restart(struct domain *d)
{
	time_t lived = time(NULL) - d->started;
	unsigned int delay = 0;

	d->quick_ends = lived >= 0 && lived < QUICK_S ? d->quick_ends + 1 : 0;
	if (d->quick_ends > 1)
		delay = d->quick_ends < 8 ? 1u << (d->quick_ends - 2) : MAX_DELAY_S;
	if (delay)
		log_warning("%s: has ended within %d s %u times in a row: restarted in %u s",
			    d->config->name, QUICK_S, d->quick_ends, delay);
	else
		log_info("%s: restarting", d->config->name);
	timer_set(&d->timer, delay * 1000, restart_now, d);
}

void life_continue(struct domain *d)
{
	timer_set(&d->timer, 0, restart_now, d);
}

/* Find "<name>-1" or the like that nobody has. */
static void spare_name(const char *name, char spare[NAME_SIZE])
{
	struct error ignored;
	unsigned int n = 0;

	do {
		char tail[12];
		int room;

		room = NAME_SIZE - 1 - snprintf(tail, sizeof(tail), "-%u", ++n);
		snprintf(spare, NAME_SIZE, "%.*s%s", room, name, tail);
	} while (domain_check_name(spare, &ignored));
}

static void devices_moved(void *context, const struct error *e)
{
	struct domain *d = context;

	(void)e;
	disks_release(d);
	d->moving = false;
	life_check();
}

void life_move_devices(struct domain *d)
{
	d->moving = true;
	devices_offline(d, devices_moved, d);
}

/* A new domain of the same configuration, to be started; only its UUID is another. */
static void make_heir(const struct domain *d)
{
	char text[UUID_SIZE];
	uint8_t uuid[16];
	struct config *config;
	struct domain *heir;
	struct error e;

	config = config_parse(d->config->json, &e);
	if (!config) {
		log_error("%s: not restarted: %s", domain_label(d), e.text);
		return;
	}
	uuid_random(uuid);
	uuid_format(uuid, text);
	config_set_uuid(config, text);
	heir = domain_new(config);
	heir->state = DOMAIN_DELAYED;
	heir->restart = true;
	heir->started = d->started;
	heir->quick_ends = d->quick_ends;
	if (record_save(heir, &e))
		log_error("%s: %s", heir->config->name, e.text);
	life_restart(heir);
}

/*
 * The domain stays under another name, without its devices, which a new one with its
 * name gets. The new one's record comes first: an xend that ends in between leaves two
 * of one name, and the next goes on from there.
 */
static void rename_and_restart(struct domain *d)
{
	char name[NAME_SIZE];
	bool has_heir = false;
	struct error e;

	for (struct domain *o = domains; o; o = o->next)
		has_heir |= o != d && !strcmp(o->config->name, d->config->name);
	if (!has_heir)
		make_heir(d);
	spare_name(d->config->name, name);
	log_info("%s: kept as %s", domain_label(d), name);
	config_set_name(d->config, name);
	d->preserved = d->renamed = true;
	if (record_save(d, &e) || domain_store_rename(d, &e) ||
	    consoles_rename(consoles, d->domid, name, &e))
		log_error("%s: %s", domain_label(d), e.text);
	life_move_devices(d);
}

static void act(struct domain *d, enum config_event event)
{
	struct error e;

	switch (d->config->on[event]) {
	case ACTION_RESTART:
		d->restart = true;
		domain_destroy(d);
		break;
	case ACTION_PRESERVE:
		d->preserved = true;
		if (record_save(d, &e))
			log_error("%s: %s", domain_label(d), e.text);
		break;
	case ACTION_RENAME_RESTART:
		rename_and_restart(d);
		break;
	case ACTION_DESTROY:
		domain_destroy(d);
		break;
	}
}

static void ended(struct domain *d, unsigned int reason)
{
	static const char *const what[] = {
		[SHUTDOWN_poweroff] = "has powered off",
		[SHUTDOWN_reboot] = "reboots",
		[SHUTDOWN_crash] = "has crashed",
		[SHUTDOWN_watchdog] = "was ended by its watchdog",
		[SHUTDOWN_soft_reset] = "asks for a soft reset",
	};
	enum config_event event = ON_CRASH;

	if (reason == SHUTDOWN_suspend) {
		/* Asked for from outside by who will resume it. */
		if (!d->suspended)
			log_info("%s: has suspended", domain_label(d));
		d->suspended = true;
		return;
	}
	if (reason == SHUTDOWN_poweroff)
		event = ON_POWEROFF;
	else if (reason == SHUTDOWN_reboot)
		event = ON_REBOOT;
	log_info("%s: %s; %s=%s", domain_label(d),
		 reason < sizeof(what) / sizeof(*what) ? what[reason] : "has ended",
		 event_names[event], action_names[d->config->on[event]]);
	act(d, event);
}

static const struct control_domain *find(const struct control_domain *list, size_t count,
					 const struct domain *d)
{
	char uuid[UUID_SIZE];

	for (size_t i = 0; i < count; i++) {
		if ((int)list[i].id != d->domid)
			continue;
		uuid_format(list[i].uuid, uuid);
		return strcmp(uuid, d->config->uuid) ? NULL : &list[i];
	}
	return NULL;
}

void life_check(void)
{
	struct control_domain *list;
	struct domain *d, *next;
	struct error e;
	size_t count;

	if (control_domains(control, &list, &count, &e)) {
		log_error("%s", e.text);
		return;
	}
	for (d = domains; d; d = next) {
		const struct control_domain *info = find(list, count, d);

		/* What is done about one changes the list only by itself, or at its head. */
		next = d->next;
		if (d->state != DOMAIN_RUNNING || d->moving)
			continue;
		if (!info || info->dying) {
			log_info("%s: was destroyed by another tool", domain_label(d));
			domain_destroy(d);
		} else if (info->shutdown && !d->preserved) {
			ended(d, info->reason);
		}
	}
	free(list);
}

static void released(void *context)
{
	(void)context;
	life_check();
}

int life_start(struct error *e)
{
	return store_watch(&release_watch, released, NULL, e, "@releaseDomain");
}
