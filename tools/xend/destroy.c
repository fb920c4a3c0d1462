// SPDX-License-Identifier: GPL-2.0
/*
 * Taking a domain away, whatever it is in the middle of:
 *
 *   the record says so, and it is paused              (domain_destroy)
 *   devices are closed in order, or without it        (devices_offline)
 *   the console's last words are taken                (offline)
 *   the hypervisor takes its memory, in a thread      (take_away)
 *   the last mapping of its frames is waited for      (wait_gone)
 *   loop devices, xenstore, record                    (clean_up)
 *
 * Each step can be done again, so one that was interrupted by the end of xend is simply
 * begun from the top.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "domain.h"
#include "log.h"
#include "store.h"
#include "worker.h"

#define STEP_MS 20
#define GONE_MS 20000 /* for the last mapping to go */
#define DISKS_MS 5000 /* for loop devices to be detached */

struct destroy {
	struct domain *domain;
	bool undo; /* a creation failed, for ... */
	struct error why;
	bool lingers; /* something still maps its frames */
	unsigned int waited_ms;
	struct error error; /* of the thread */
	int rc;
};

/* Is the domain of our id still ours? The number may have been given again. */
static bool is_there(const struct domain *d)
{
	struct control_domain info;
	char uuid[UUID_SIZE];
	struct error ignored;

	if (d->domid <= 0 || control_domain(control, d->domid, &info, &ignored))
		return false;
	uuid_format(info.uuid, uuid);
	return !strcmp(uuid, d->config->uuid);
}

static void finish(struct destroy *t)
{
	struct domain *d = t->domain;
	struct error e;

	d->destroy = NULL;
	if (t->undo) {
		log_error("%s: not created: %s", d->config->name, t->why.text);
	} else if (t->lingers) {
		error_set(&t->why, ETIMEDOUT,
			  "domain %s is destroyed, but something still maps "
			  "its memory: it goes when that ends",
			  domain_label(d));
		log_warning("%s: %s", domain_label(d), t->why.text);
	} else {
		log_info("%s: gone", domain_label(d));
	}
	domain_wake(d, t->undo || t->lingers ? &t->why : NULL);
	d->domid = -1;
	if (d->restart) {
		d->state = DOMAIN_DELAYED;
		if (record_save(d, &e))
			log_error("%s: %s", d->config->name, e.text);
		life_restart(d);
	} else {
		record_remove(d);
		domain_free(d);
	}
	free(t);
}

/* Who looks at a loop device in this moment keeps it from being detached. */
static void wait_disks(void *context)
{
	struct destroy *t = context;

	if (disks_are_free(t->domain)) {
		finish(t);
	} else if (t->waited_ms >= DISKS_MS) {
		log_warning("%s: a loop device of it is still in use", domain_label(t->domain));
		finish(t);
	} else {
		t->waited_ms += STEP_MS;
		timer_set(&t->domain->timer, STEP_MS, wait_disks, t);
	}
}

static void clean_up(struct destroy *t)
{
	struct domain *d = t->domain;

	disks_release(d);
	if (d->domid > 0) {
		if (domain_store_is(d))
			store_release(d->domid);
		domain_store_remove(d);
	}
	t->waited_ms = 0;
	wait_disks(t);
}

static void wait_gone(void *context)
{
	struct destroy *t = context;

	if (!is_there(t->domain)) {
		clean_up(t);
	} else if (t->waited_ms >= GONE_MS) {
		t->lingers = true;
		clean_up(t);
	} else {
		t->waited_ms += STEP_MS;
		timer_set(&t->domain->timer, STEP_MS, wait_gone, t);
	}
}

static void taken_away(void *context)
{
	struct destroy *t = context;

	if (t->rc && t->error.number != ESRCH)
		log_error("%s: %s", domain_label(t->domain), t->error.text);
	wait_gone(t);
}

/* In a thread of its own. */
static void take_away(void *context)
{
	struct destroy *t = context;

	t->rc = control_destroy(control, t->domain->domid, &t->error);
}

static void offline(void *context, const struct error *e)
{
	struct destroy *t = context;

	(void)e;
	consoles_remove(consoles, t->domain->domid);
	if (is_there(t->domain))
		worker_run(take_away, taken_away, t);
	else
		clean_up(t);
}

static void start(struct destroy *t)
{
	struct domain *d = t->domain;
	struct error e;

	d->destroy = t;
	d->state = DOMAIN_DESTROYING;
	timer_cancel(&d->timer);
	if (record_save(d, &e))
		log_error("%s: %s", domain_label(d), e.text);
	if (d->domid <= 0) {
		clean_up(t);
		return;
	}
	if (is_there(d) && control_pause(control, d->domid, &e) && e.number != ESRCH)
		log_warning("%s: %s", domain_label(d), e.text);
	/* Without its entries there is nothing of its devices, or they are another's. */
	if (domain_store_is(d))
		devices_offline(d, offline, t);
	else
		offline(t, NULL);
}

static struct destroy *new_destroy(struct domain *d)
{
	struct destroy *t = calloc(1, sizeof(*t));

	if (!t)
		log_die("out of memory");
	t->domain = d;
	return t;
}

void domain_destroy(struct domain *d)
{
	if (d->destroy)
		return;
	log_info("%s: destroying", domain_label(d));
	start(new_destroy(d));
}

void domain_undo(struct domain *d, const struct error *why)
{
	struct destroy *t = new_destroy(d);

	t->undo = true;
	t->why = *why;
	d->restart = false;
	start(t);
}
