/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trial KERNEL RAMDISK|- MIB[:MAXIMUM] VCPUS [CMDLINE]
 *
 * For those who work on the builder: build a domain without xend, let it run, and
 * copy its console to stdout until it shuts down. Then destroy it. Linux waits at
 * boot for somebody to answer on its xenstore ring: when xenstored runs, it is told
 * of the domain. Not installed.
 *
 * With BUILDS=N in the environment: build it N times and destroy it each time before
 * it runs, and show how much memory the host has lost by that.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "build/build.h"
#include "lib/control.h"

#include <xenstore.h>

#include <xen/io/console.h>

static void die(const struct error *e)
{
	fprintf(stderr, "trial: %s\n", e->text);
	exit(1);
}

static void copy_out(struct xencons_interface *ring)
{
	XENCONS_RING_IDX from = ring->out_cons, to = *(volatile XENCONS_RING_IDX *)&ring->out_prod;

	__sync_synchronize();
	for (; from != to; from++)
		putchar(ring->out[MASK_XENCONS_IDX(from, ring->out)]);
	fflush(stdout);
	ring->out_cons = to;
}

static void show_times(const struct build_times *t)
{
	fprintf(stderr,
		"trial: image %lu, create %lu, memory %lu, fill %lu, start %lu; total %lu ms\n",
		t->image_ns / 1000000, t->create_ns / 1000000, t->memory_ns / 1000000,
		t->fill_ns / 1000000, t->start_ns / 1000000, t->total_ns / 1000000);
}

static void introduce(const struct build_result *r)
{
	struct xs_handle *xs = xs_open(0);
	char path[64];

	if (!xs) {
		fprintf(stderr, "trial: no xenstored\n");
		return;
	}
	snprintf(path, sizeof(path), "/local/domain/%u/name", r->domid);
	xs_write(xs, XBT_NULL, path, "trial", 5);
	if (!xs_introduce_domain(xs, r->domid, r->store_mfn, r->store_port))
		perror("trial: xenstored");
	xs_close(xs);
}

/* Until it has shut down; its reason. */
static unsigned int watch(struct control *c, const struct build_result *r)
{
	struct xencons_interface *ring;
	struct control_domain d;
	struct pollfd fd = { .fd = xenevtchn_fd(c->evtchn), .events = POLLIN };
	struct error e;
	uint32_t gref = 0;
	int port;

	ring = xengnttab_map_grant_ref(c->gnttab, r->domid, gref, PROT_READ | PROT_WRITE);
	port = xenevtchn_bind_interdomain(c->evtchn, r->domid, r->console_port);
	if (!ring || port < 0) {
		perror("trial: console");
		return 99;
	}
	if (control_unpause(c, r->domid, &e))
		die(&e);
	do {
		if (poll(&fd, 1, 500) > 0) {
			xenevtchn_pending(c->evtchn);
			xenevtchn_unmask(c->evtchn, port);
		}
		copy_out(ring);
		xenevtchn_notify(c->evtchn, port);
		if (control_domain(c, r->domid, &d, &e))
			die(&e);
	} while (!d.shutdown);
	copy_out(ring);
	xenevtchn_unbind(c->evtchn, port);
	xengnttab_unmap(c->gnttab, ring, 1);
	return d.reason;
}

static void build_often(struct control *c, const struct build_request *r, unsigned int times)
{
	struct control_node before, after;
	struct build_result result;
	struct error e;

	if (control_node(c, &before, &e))
		die(&e);
	while (times-- > 0) {
		if (build_domain(c, r, &result, &e) || control_destroy(c, result.domid, &e))
			die(&e);
		show_times(&result.times);
	}
	if (control_node(c, &after, &e))
		die(&e);
	fprintf(stderr, "trial: free before %lu KiB, after %lu KiB\n", before.free_kib,
		after.free_kib);
}

int main(int argc, char **argv)
{
	struct build_request r = { 0 };
	struct build_result result;
	unsigned int reason;
	struct control *c;
	struct error e;
	char *end;

	if (argc < 5) {
		fprintf(stderr, "usage: trial KERNEL RAMDISK|- MIB[:MAXIMUM] VCPUS [CMDLINE]\n");
		return 2;
	}
	r.kernel = argv[1];
	r.ramdisk = strcmp(argv[2], "-") ? argv[2] : NULL;
	r.memory_kib = strtoull(argv[3], &end, 0) << 10;
	if (*end == ':')
		r.max_kib = strtoull(end + 1, NULL, 0) << 10;
	r.vcpus = strtoul(argv[4], NULL, 0);
	r.cmdline = argc > 5 ? argv[5] : NULL;
	r.cache = "/run/trial-kernels";
	c = control_open(&e);
	if (!c)
		die(&e);
	if (getenv("BUILDS")) {
		build_often(c, &r, atoi(getenv("BUILDS")));
		return 0;
	}
	if (build_domain(c, &r, &result, &e))
		die(&e);
	show_times(&result.times);
	introduce(&result);
	reason = watch(c, &result);
	if (control_destroy(c, result.domid, &e))
		die(&e);
	fprintf(stderr, "trial: domain %u shut down, reason %u\n", result.domid, reason);
	control_close(c);
	return 0;
}
