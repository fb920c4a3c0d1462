// SPDX-License-Identifier: GPL-2.0
/* The list of domains, and finding one in it. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "domain.h"
#include "json.h"
#include "log.h"
#include "store.h"

struct control *control;
struct consoles *consoles;
struct domain *domains;

struct domain *domain_new(struct config *config)
{
	struct domain *d = calloc(1, sizeof(*d));

	if (!d)
		log_die("out of memory");
	d->config = config;
	d->domid = -1;
	d->state = DOMAIN_CREATING;
	devices_new(d);
	d->next = domains;
	domains = d;
	return d;
}

void domain_free(struct domain *d)
{
	for (struct domain **p = &domains; *p; p = &(*p)->next) {
		if (*p == d) {
			*p = d->next;
			break;
		}
	}
	timer_cancel(&d->timer);
	devices_free(d);
	config_free(d->config);
	free(d);
}

struct domain *domain_by_id(int domid)
{
	for (struct domain *d = domains; d; d = d->next)
		if (d->domid == domid && domid >= 0)
			return d;
	return NULL;
}

struct domain *domain_by_name(const char *name)
{
	for (struct domain *d = domains; d; d = d->next)
		if (!strcmp(d->config->name, name))
			return d;
	return NULL;
}

struct domain *domain_by_uuid(const char *uuid)
{
	for (struct domain *d = domains; d; d = d->next)
		if (!strcmp(d->config->uuid, uuid))
			return d;
	return NULL;
}

struct domain *domain_of(const struct control_domain *info)
{
	char uuid[UUID_SIZE];
	struct domain *d;

	uuid_format(info->uuid, uuid);
	d = domain_by_uuid(uuid);
	return d && (d->domid == (int)info->id || d->domid < 0) ? d : NULL;
}

void domain_add_waiter(struct domain *d, done_fn *done, void *context)
{
	struct waiter *w = calloc(1, sizeof(*w)), **p;

	if (!w)
		log_die("out of memory");
	w->done = done;
	w->context = context;
	for (p = &d->waiters; *p; p = &(*p)->next)
		;
	*p = w;
}

void domain_wake(struct domain *d, const struct error *e)
{
	while (d->waiters) {
		struct waiter *w = d->waiters;

		d->waiters = w->next;
		w->done(w->context, e);
		free(w);
	}
}

const char *domain_label(const struct domain *d)
{
	static char buffers[2][NAME_SIZE + 16];
	static unsigned int next;
	char *text = buffers[next++ % 2];

	if (d->domid >= 0)
		snprintf(text, sizeof(buffers[0]), "%s (%d)", d->config->name, d->domid);
	else
		snprintf(text, sizeof(buffers[0]), "%s", d->config->name);
	return text;
}

char *domain_store_name(unsigned int domid)
{
	char *name = domid ? store_read("/local/domain/%u/name", domid) : strdup("Domain-0");

	if (name && !*name) {
		free(name);
		name = NULL;
	}
	return name ? name : strdup("(unnamed)");
}

/* The id of a domain that another made, by its name; -1: there is none. */
static int foreign_by_name(const char *name)
{
	struct control_domain *list;
	struct error ignored;
	int domid = -1;
	size_t count;

	if (control_domains(control, &list, &count, &ignored))
		return -1;
	for (size_t i = 0; i < count && domid < 0; i++) {
		char *has;

		if (domain_of(&list[i]))
			continue;
		has = domain_store_name(list[i].id);
		if (!strcmp(has, name))
			domid = list[i].id;
		free(has);
	}
	free(list);
	return domid;
}

static int find_by_id(const char *text, struct domain **d, int *domid, struct error *e)
{
	struct control_domain info;
	unsigned long id = strtoul(text, NULL, 10);

	if (id <= 0x7fff && strlen(text) <= 5) {
		*domid = id;
		*d = domain_by_id(id);
		if (*d)
			return 0;
		if (!control_domain(control, id, &info, e)) {
			*d = domain_of(&info);
			*domid = *d ? (*d)->domid : (int)id;
			return 0;
		}
		if (e->number != ESRCH)
			return -1;
	}
	return error_set(e, ESRCH, "domain %s: there is no such domain", shown(text));
}

int domain_find(const char *name, struct domain **d, int *domid, struct error *e)
{
	*d = NULL;
	*domid = -1;
	if (*name && strspn(name, "0123456789") == strlen(name))
		return find_by_id(name, d, domid, e);
	*d = domain_by_name(name);
	*domid = *d ? (*d)->domid : foreign_by_name(name);
	if (*d || *domid >= 0)
		return 0;
	return error_set(e, ESRCH, "domain \"%s\": there is no such domain", shown(name));
}

int domain_check_name(const char *name, struct error *e)
{
	struct domain *d = domain_by_name(name);
	int foreign;

	if (d && d->domid >= 0)
		return error_set(e, EEXIST, "name: \"%s\" is the name of domain %d already", name,
				 d->domid);
	if (d)
		return error_set(e, EEXIST,
				 "name: \"%s\" is taken, by a domain that is being "
				 "created or restarted",
				 name);
	foreign = foreign_by_name(name);
	if (foreign >= 0)
		return error_set(e, EEXIST, "name: \"%s\" is the name of domain %d already", name,
				 foreign);
	return 0;
}
