// SPDX-License-Identifier: GPL-2.0
/*
 * A domain's own entries in xenstore: /vm/<uuid> and /local/domain/<domid>, as Xen's
 * xenstore-paths document has them. What the domain may write is its own directory in
 * there; it may read the rest, and nobody else may read any of it.
 *
 * All is written in one transaction, devices included, and /local/domain/<domid> goes
 * last when it is removed: as long as anything of a domain is there, so is the name
 * of its owner, /local/domain/<domid>/vm.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build/build.h"
#include "device.h"
#include "domain.h"
#include "log.h"
#include "store.h"

/* What the domain itself writes. */
static const char *const guest_entries[] = { "control/shutdown",
					     "control/feature-poweroff",
					     "control/feature-reboot",
					     "control/feature-suspend",
					     "control/sysrq",
					     "device/suspend/event-channel",
					     "data",
					     "error",
					     NULL };

/* All else below takes after the domain's directory: domain 0's, for the domain to read. */
static void write_directories(struct store_batch *b, int id)
{
	batch_directory(b, 0, id, "/local/domain/%d", id);
	for (int i = 0; guest_entries[i]; i++)
		batch_directory(b, id, -1, "/local/domain/%d/%s", id, guest_entries[i]);
}

static void write_vm(struct store_batch *b, const struct domain *d)
{
	const struct config *c = d->config;

	batch_directory(b, 0, d->domid, "/vm/%s", c->uuid);
	batch_write(b, c->uuid, "/vm/%s/uuid", c->uuid);
	batch_write(b, c->name, "/vm/%s/name", c->uuid);
	batch_number(b, d->started, "/vm/%s/start_time", c->uuid);
}

static void write_console(struct store_batch *b, int id, const struct build_result *built,
			  const struct console_info *console)
{
	batch_number(b, built->console_mfn, "/local/domain/%d/console/ring-ref", id);
	batch_number(b, built->console_port, "/local/domain/%d/console/port", id);
	batch_write(b, "1048576", "/local/domain/%d/console/limit", id);
	/* Not "xenconsoled", which serves only what is its own. */
	batch_write(b, "xend", "/local/domain/%d/console/type", id);
	batch_write(b, "pty", "/local/domain/%d/console/output", id);
	batch_write(b, console->pty, "/local/domain/%d/console/tty", id);
	batch_number(b, built->store_mfn, "/local/domain/%d/store/ring-ref", id);
	batch_number(b, built->store_port, "/local/domain/%d/store/port", id);
}

static void write_domain(struct store_batch *b, const struct domain *d)
{
	const struct config *c = d->config;
	int id = d->domid;
	char vm[UUID_SIZE + 4] = "/vm/";

	strcat(vm, c->uuid);
	batch_write(b, vm, "/local/domain/%d/vm", id);
	batch_write(b, c->name, "/local/domain/%d/name", id);
	batch_number(b, id, "/local/domain/%d/domid", id);
	batch_number(b, c->maxmem_kib, "/local/domain/%d/memory/static-max", id);
	batch_number(b, c->memory_kib, "/local/domain/%d/memory/target", id);
	for (unsigned int i = 0; i < c->vcpus; i++)
		batch_write(b, "online", "/local/domain/%d/cpu/%u/availability", id, i);
	batch_write(b, "1", "/local/domain/%d/control/platform-feature-multiprocessor-suspend", id);
	batch_write(b, "1", "/local/domain/%d/control/platform-feature-xs_reset_watches", id);
}

int domain_store_write(const struct domain *d, const struct build_result *built,
		       const struct console_info *console, struct error *e)
{
	struct store_batch b;

	do {
		if (store_begin(&b, e))
			return -1;
		write_directories(&b, d->domid);
		write_vm(&b, d);
		write_domain(&b, d);
		write_console(&b, d->domid, built, console);
		devices_write(d, &b);
		if (!store_commit(&b, e))
			return 0;
	} while (e->number == EAGAIN);
	return -1;
}

bool domain_store_is(const struct domain *d)
{
	char *vm = d->domid > 0 ? store_read("/local/domain/%d/vm", d->domid) : NULL;
	bool is = vm && !strncmp(vm, "/vm/", 4) && !strcmp(vm + 4, d->config->uuid);

	free(vm);
	return is;
}

void domain_store_remove(const struct domain *d)
{
	if (domain_store_is(d)) {
		store_remove("/local/domain/0/backend/vbd/%d", d->domid);
		store_remove("/local/domain/0/backend/vif/%d", d->domid);
		store_remove("/local/domain/0/error/backend/vbd/%d", d->domid);
		store_remove("/local/domain/0/error/backend/vif/%d", d->domid);
		store_remove("/vm/%s", d->config->uuid);
		store_remove("/local/domain/%d", d->domid);
	}
	store_remove_empty("/local/domain/0/backend/vbd");
	store_remove_empty("/local/domain/0/backend/vif");
	store_remove_empty("/local/domain/0/backend");
	store_remove_empty("/local/domain/0/error/backend/vbd");
	store_remove_empty("/local/domain/0/error/backend/vif");
	store_remove_empty("/local/domain/0/error/backend");
	store_remove_empty("/local/domain/0/error");
	store_remove_empty("/vm");
}

int domain_store_rename(const struct domain *d, struct error *e)
{
	struct store_batch b;

	do {
		if (store_begin(&b, e))
			return -1;
		batch_write(&b, d->config->name, "/vm/%s/name", d->config->uuid);
		batch_write(&b, d->config->name, "/local/domain/%d/name", d->domid);
		if (!store_commit(&b, e))
			return 0;
	} while (e->number == EAGAIN);
	return -1;
}
