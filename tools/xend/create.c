// SPDX-License-Identifier: GPL-2.0
/*
 * Creating a domain, step by step, each begun when the one before it is done:
 *
 *   its record is written, its disks are claimed      (domain_create)
 *   memory is found; one domain at a time from here   (next_turn)
 *   the builder builds it, in a thread of its own     (start_build)
 *   console, xenstore, devices                        (connect)
 *   back ends and scripts are waited for              (devices_online)
 *   it runs, and serves those whom it served before   (online)
 *
 * Whatever fails, domain_undo() takes back all that there is by then.
 *
 * The builder unpacks a kernel and fills memory, which may take a second: in the main
 * loop the consoles of all other domains would stand still. It works on what it was
 * given and the hypervisor alone, so a thread costs nothing but the two calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ahead.h"
#include "balloon.h"
#include "build/build.h"
#include "device.h"
#include "domain.h"
#include "log.h"
#include "paths.h"
#include "worker.h"

/* What a domain costs beside its memory: structures, stacks, grant and shared frames. */
#define OVERHEAD_KIB 2048
#define OVERHEAD_VCPU_KIB 128

struct create {
	struct domain *domain;
	bool paused;
	uint64_t begun; /* mainloop_now() */
	struct build_request request;
	struct build_result built;
	struct error error;
	int rc;
	struct create *next; /* waiting for memory and the builder */
};

static struct create *queue, *current;

static void next_turn(void);

static int check_readable(const char *what, const char *path, struct error *e)
{
	struct stat st;
	int fd;

	if (stat(path, &st))
		return error_errno(e, "%s: %s", what, path);
	if (!S_ISREG(st.st_mode))
		return error_set(e, EINVAL, "%s: %s is not a regular file", what, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(e, "%s: %s", what, path);
	close(fd);
	return 0;
}

static int check_cpus(const struct config *config, struct error *e)
{
	struct control_node node;

	if (!config->pinned)
		return 0;
	if (control_node(control, &node, e))
		return -1;
	for (unsigned int cpu = node.cpus; cpu < CONTROL_MAX_CPUS; cpu++)
		if (cpu_map_has(&config->cpus, cpu))
			return error_set(e, EINVAL,
					 "cpu %u is not there; allowed are the host's, 0 "
					 "to %u",
					 cpu, node.cpus - 1);
	return 0;
}

int create_check(const struct config *config, struct error *e)
{
	if (check_readable("kernel", config->kernel, e) ||
	    (config->ramdisk && check_readable("ramdisk", config->ramdisk, e)) ||
	    check_cpus(config, e))
		return -1;
	return vifs_check(config, e) ? -1 : drivers_check(config, e);
}

static void failed(struct create *c, const struct error *e)
{
	struct domain *d = c->domain;
	struct error why = *e; /* it may be c's own */

	d->create = NULL;
	free(c);
	domain_undo(d, &why);
}

static void online(void *context, const struct error *e)
{
	struct create *c = context;
	struct domain *d = c->domain;
	struct error own;

	if (e) {
		failed(c, e);
		return;
	}
	d->state = DOMAIN_RUNNING;
	d->restart = false;
	if (record_save(d, &own) || (!c->paused && control_unpause(control, d->domid, &own))) {
		d->state = DOMAIN_CREATING;
		failed(c, &own);
		return;
	}
	log_info("%s: created, %llu MiB, %u VCPUs%s, in %llu ms, %llu of them building",
		 domain_label(d), (unsigned long long)d->config->memory_kib >> 10, d->config->vcpus,
		 c->paused ? ", paused" : "", (unsigned long long)(mainloop_now() - c->begun),
		 (unsigned long long)c->built.times.total_ns / 1000000);
	d->create = NULL;
	free(c);
	drivers_follow(d);
	domain_wake(d, NULL);
}

/* The domain is there; give it what it meets the world by. */
static int connect_domain(struct create *c, struct error *e)
{
	struct domain *d = c->domain;
	struct console_config config = { .domid = c->built.domid,
					 .name = d->config->name,
					 .ring_mfn = c->built.console_mfn,
					 .port = c->built.console_port,
					 .tcp_port = d->config->console_port };
	struct console_info info;

	d->domid = c->built.domid;
	d->started = time(NULL);
	if (record_save(d, e) || consoles_add(consoles, &config, e) ||
	    consoles_info(consoles, d->domid, &info, e) ||
	    domain_store_write(d, &c->built, &info, e) ||
	    store_introduce(d->domid, c->built.store_mfn, c->built.store_port, e))
		return -1;
	return 0;
}

static void built(void *context)
{
	struct create *c = context;
	struct error e;

	current = NULL;
	if (c->rc)
		failed(c, &c->error);
	else if (connect_domain(c, &e))
		failed(c, &e);
	else
		devices_online(c->domain, online, c);
	next_turn();
}

/* In a thread of its own. */
static void build(void *context)
{
	struct create *c = context;

	c->rc = build_domain(control, &c->request, &c->built, &c->error);
}

static void run_build(void *context)
{
	worker_run(build, built, context);
}

static void start_build(void *context, const struct error *e)
{
	struct create *c = context;

	if (!e) {
		if (!ahead_wait(c->request.kernel, run_build, c))
			run_build(c);
		return;
	}
	current = NULL;
	failed(c, e);
	next_turn();
}

static void next_turn(void)
{
	const struct config *config;

	if (current || !queue)
		return;
	current = queue;
	queue = queue->next;
	config = current->domain->config;
	memory_reserve(config->memory_kib + OVERHEAD_KIB + config->vcpus * OVERHEAD_VCPU_KIB,
		       start_build, current);
}

static void enqueue(struct create *c)
{
	struct create **p = &queue;

	while (*p)
		p = &(*p)->next;
	*p = c;
	next_turn();
}

void domain_create(struct domain *d, bool paused, done_fn *done, void *context)
{
	struct create *c = calloc(1, sizeof(*c));
	const struct config *config = d->config;
	struct error e;

	if (!c)
		log_die("out of memory");
	c->domain = d;
	c->paused = paused;
	c->begun = mainloop_now();
	uuid_parse(config->uuid, c->request.uuid);
	c->request.kernel = config->kernel;
	c->request.ramdisk = config->ramdisk;
	c->request.cmdline = config->cmdline;
	c->request.memory_kib = config->memory_kib;
	c->request.max_kib = config->maxmem_kib;
	c->request.cache = paths.cache;
	c->request.vcpus = config->vcpus;
	c->request.cpus = config->pinned ? &config->cpus : NULL;
	d->create = c;
	d->state = DOMAIN_CREATING;
	domain_add_waiter(d, done, context);
	log_info("%s: creating, uuid %s, kernel %s", domain_label(d), config->uuid, config->kernel);
	if (record_save(d, &e) || drivers_find(d, &e) || disks_claim(d, &e))
		failed(c, &e);
	else
		enqueue(c);
}
