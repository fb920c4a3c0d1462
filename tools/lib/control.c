/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every control operation is one structure in memory that the kernel keeps in
 * place for the hypervisor (a hypercall buffer), a hypercall with its address, and
 * the structure copied back. What an operation's structure points at must lie in
 * such a buffer too.
 */
#include "lib/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/event_channel.h>
#include <xen/memory.h>
#include <xen/version.h>

#define KIB(pages) ((pages) * (CONTROL_PAGE_SIZE / 1024))

struct control *control_open(struct error *e)
{
	struct control *c = calloc(1, sizeof(*c));
	const char *what = "/dev/xen/privcmd (hypercalls)";

	if (!c) {
		error_set(e, ENOMEM, "out of memory");
		return NULL;
	}
	c->call = xencall_open(NULL, 0);
	if (c->call) {
		what = "/dev/xen/privcmd (foreign memory)";
		c->memory = xenforeignmemory_open(NULL, 0);
	}
	if (c->memory) {
		what = "/dev/xen/evtchn (module xen-evtchn)";
		c->evtchn = xenevtchn_open(NULL, 0);
	}
	if (c->evtchn) {
		what = "/dev/xen/gntdev (module xen-gntdev)";
		c->gnttab = xengnttab_open(NULL, 0);
	}
	if (c->gnttab)
		return c;
	error_errno(e, "cannot open %s: is this domain 0, and are we root?", what);
	control_close(c);
	return NULL;
}

void control_close(struct control *c)
{
	if (!c)
		return;
	if (c->gnttab)
		xengnttab_close(c->gnttab);
	if (c->evtchn)
		xenevtchn_close(c->evtchn);
	if (c->memory)
		xenforeignmemory_close(c->memory);
	if (c->call)
		xencall_close(c->call);
	free(c);
}

void *control_buffer(struct control *c, size_t bytes, struct error *e)
{
	void *p = xencall_alloc_buffer(c->call, bytes);

	if (!p)
		error_set(e, ENOMEM, "out of memory: %zu bytes for a hypercall", bytes);
	else
		memset(p, 0, bytes);
	return p;
}

void control_buffer_free(struct control *c, void *p)
{
	if (p)
		xencall_free_buffer(c->call, p);
}

/* One hypercall whose last operand is a structure, copied there and back. */
static int call(struct control *c, unsigned int op, int cmd, void *arg, size_t bytes,
		const char *what, struct error *e)
{
	void *p = control_buffer(c, bytes, e);
	int rc;

	if (!p)
		return -1;
	memcpy(p, arg, bytes);
	rc = cmd < 0 ? xencall1(c->call, op, (uintptr_t)p) :
		       xencall2(c->call, op, cmd, (uintptr_t)p);
	if (rc >= 0)
		memcpy(arg, p, bytes);
	else
		error_errno(e, "%s", what);
	control_buffer_free(c, p);
	return rc;
}

int control_domctl(struct control *c, struct xen_domctl *op, const char *what, struct error *e)
{
	int rc;

	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	rc = call(c, __HYPERVISOR_domctl, -1, op, sizeof(*op), what, e);
	if (rc >= 0)
		return rc;
	if (errno == ESRCH)
		return error_set(e, ESRCH, "there is no domain %u", op->domain);
	if (errno == EACCES)
		return error_set(e, EACCES, "%s: the hypervisor has another interface than 4.17's",
				 what);
	return -1;
}

int control_sysctl(struct control *c, struct xen_sysctl *op, const char *what, struct error *e)
{
	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return call(c, __HYPERVISOR_sysctl, -1, op, sizeof(*op), what, e);
}

int control_memory_op(struct control *c, unsigned int cmd, void *arg, size_t bytes,
		      const char *what, struct error *e)
{
	return call(c, __HYPERVISOR_memory_op, cmd, arg, bytes, what, e);
}

/* An operation without operands but the domain. */
static int plain(struct control *c, unsigned int cmd, unsigned int domid, const char *what,
		 struct error *e)
{
	struct xen_domctl op = { .cmd = cmd, .domain = domid };

	return control_domctl(c, &op, what, e);
}

/* The best form of grant entries that the hypervisor lets domains use. */
static int grant_version(struct control *c, struct error *e)
{
	struct control_node n;

	if (control_node(c, &n, e))
		return -1;
	return n.capabilities & XEN_SYSCTL_PHYSCAP_gnttab_v2 ? 2 : 1;
}

int control_create(struct control *c, const struct control_create *how, unsigned int *domid,
		   struct error *e)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_createdomain, .domain = how->domid };
	struct xen_domctl_createdomain *d = &op.u.createdomain;
	int version = grant_version(c, e);

	if (version < 0)
		return -1;
	memcpy(d->handle, how->uuid, sizeof(d->handle));
	d->max_vcpus = how->vcpus;
	d->max_evtchn_port = (how->ports ?: 4096) - 1;
	d->max_grant_frames = how->grant_frames ?: 64;
	d->max_maptrack_frames = how->maptrack_frames ?: 1024;
	d->grant_opts = XEN_DOMCTL_GRANT_version(version);
	if (control_domctl(c, &op, "making a domain", e) < 0)
		return -1;
	*domid = op.domain;
	op = (struct xen_domctl){ .cmd = XEN_DOMCTL_max_vcpus, .domain = *domid };
	op.u.max_vcpus.max = how->vcpus;
	if (control_domctl(c, &op, "making its VCPUs", e) < 0) {
		control_destroy(c, *domid, NULL);
		return error_prefix(e, "vcpus = %u", how->vcpus);
	}
	return 0;
}

/* The hypervisor stops now and then, for others to have their turn. */
int control_destroy(struct control *c, unsigned int domid, struct error *e)
{
	int rc;

	do
		rc = plain(c, XEN_DOMCTL_destroydomain, domid, "destroying a domain", e);
	while (rc < 0 && errno == EAGAIN);
	return rc;
}

int control_pause(struct control *c, unsigned int domid, struct error *e)
{
	return plain(c, XEN_DOMCTL_pausedomain, domid, "pausing a domain", e);
}

int control_unpause(struct control *c, unsigned int domid, struct error *e)
{
	return plain(c, XEN_DOMCTL_unpausedomain, domid, "unpausing a domain", e);
}

int control_max_mem(struct control *c, unsigned int domid, uint64_t kib, struct error *e)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_max_mem, .domain = domid };

	op.u.max_mem.max_memkb = kib;
	return control_domctl(c, &op, "setting a domain's memory limit", e);
}

static int affinity(struct control *c, unsigned int cmd, unsigned int domid, unsigned int vcpu,
		    struct cpu_map *cpus, const char *what, struct error *e)
{
	struct xen_domctl op = { .cmd = cmd, .domain = domid };
	struct xen_domctl_vcpuaffinity *a = &op.u.vcpuaffinity;
	void *p = control_buffer(c, sizeof(*cpus), e);
	int rc;

	if (!p)
		return -1;
	memcpy(p, cpus, sizeof(*cpus));
	a->vcpu = vcpu;
	a->flags = XEN_VCPUAFFINITY_HARD;
	set_xen_guest_handle(a->cpumap_hard.bitmap, p);
	a->cpumap_hard.nr_bits = CONTROL_MAX_CPUS;
	rc = control_domctl(c, &op, what, e);
	if (rc >= 0)
		memcpy(cpus, p, sizeof(*cpus));
	control_buffer_free(c, p);
	return rc;
}

int control_set_affinity(struct control *c, unsigned int domid, unsigned int vcpu,
			 struct cpu_map *cpus, struct error *e)
{
	return affinity(c, XEN_DOMCTL_setvcpuaffinity, domid, vcpu, cpus,
			"setting where a VCPU may run", e);
}

int control_get_affinity(struct control *c, unsigned int domid, unsigned int vcpu,
			 struct cpu_map *cpus, struct error *e)
{
	memset(cpus, 0, sizeof(*cpus));
	return affinity(c, XEN_DOMCTL_getvcpuaffinity, domid, vcpu, cpus,
			"asking where a VCPU may run", e);
}

static void read_domain(struct control_domain *d, const struct xen_domctl_getdomaininfo *i)
{
	*d = (struct control_domain){
		.id = i->domain,
		.running = i->flags & XEN_DOMINF_running,
		.blocked = i->flags & XEN_DOMINF_blocked,
		.paused = i->flags & XEN_DOMINF_paused,
		.shutdown = i->flags & XEN_DOMINF_shutdown,
		.dying = i->flags & XEN_DOMINF_dying,
		.reason = i->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask,
		.memory_kib = KIB(i->tot_pages),
		.cpu_time_ns = i->cpu_time,
		.vcpus = i->nr_online_vcpus,
		.max_vcpus = i->max_vcpu_id == XEN_INVALID_MAX_VCPU_ID ? 0 : i->max_vcpu_id + 1,
		.shared_info_mfn = i->shared_info_frame,
	};
	memcpy(d->uuid, i->handle, sizeof(d->uuid));
	/* No limit is a number too big to count in KiB. */
	d->max_kib = i->max_pages > UINT64_MAX / 4 ? UINT64_MAX : KIB(i->max_pages);
}

int control_domain(struct control *c, unsigned int domid, struct control_domain *d, struct error *e)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getdomaininfo, .domain = domid };

	if (control_domctl(c, &op, "looking at a domain", e) < 0)
		return -1;
	/* When there is none, the next one comes. */
	if (op.u.getdomaininfo.domain != domid)
		return error_set(e, ESRCH, "there is no domain %u", domid);
	read_domain(d, &op.u.getdomaininfo);
	return 0;
}

/* The domains from an id on, as many as there is room for: their number. */
static int list_some(struct control *c, unsigned int first, struct control_domain *d,
		     unsigned int room, struct error *e)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_getdomaininfolist };
	struct xen_sysctl_getdomaininfolist *l = &op.u.getdomaininfolist;
	struct xen_domctl_getdomaininfo *info = control_buffer(c, room * sizeof(*info), e);
	int n = -1;

	if (!info)
		return -1;
	l->first_domain = first;
	l->max_domains = room;
	set_xen_guest_handle(l->buffer, info);
	if (control_sysctl(c, &op, "listing domains", e) >= 0) {
		n = l->num_domains < room ? l->num_domains : room;
		for (int i = 0; i < n; i++)
			read_domain(&d[i], &info[i]);
	}
	control_buffer_free(c, info);
	return n;
}

int control_domains(struct control *c, struct control_domain **list, size_t *count, struct error *e)
{
	const unsigned int room = 64;
	struct control_domain *d = NULL, *more;
	size_t have = 0;
	int n;

	do {
		more = reallocarray(d, have + room, sizeof(*d));
		if (!more) {
			free(d);
			return error_set(e, ENOMEM, "out of memory");
		}
		d = more;
		n = list_some(c, have ? d[have - 1].id + 1 : 0, d + have, room, e);
		if (n < 0) {
			free(d);
			return -1;
		}
		have += n;
	} while (n == room);
	*list = d;
	*count = have;
	return 0;
}

int control_vcpu(struct control *c, unsigned int domid, unsigned int vcpu, struct control_vcpu *v,
		 struct error *e)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_getvcpuinfo, .domain = domid };
	const struct xen_domctl_getvcpuinfo *i = &op.u.getvcpuinfo;

	op.u.getvcpuinfo.vcpu = vcpu;
	if (control_domctl(c, &op, "looking at a VCPU", e) < 0)
		return -1;
	*v = (struct control_vcpu){
		.online = i->online,
		.blocked = i->blocked,
		.running = i->running,
		.cpu_time_ns = i->cpu_time,
		.cpu = i->cpu,
	};
	return 0;
}

int control_scheduler(struct control *c, unsigned int *id, struct error *e)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_sched_id };

	if (control_sysctl(c, &op, "asking for the scheduler", e) < 0)
		return -1;
	*id = op.u.sched_id.sched_id;
	return 0;
}

int control_domain_scheduler(struct control *c, unsigned int domid,
			     struct xen_domctl_scheduler_op *s, struct error *e)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_scheduler_op, .domain = domid };

	if (!s->sched_id && control_scheduler(c, &s->sched_id, e))
		return -1;
	op.u.scheduler_op = *s;
	if (control_domctl(c, &op, "a domain's scheduling parameters", e) < 0)
		return -1;
	*s = op.u.scheduler_op;
	return 0;
}

int control_node_scheduler(struct control *c, struct xen_sysctl_scheduler_op *s, struct error *e)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_scheduler_op };

	if (!s->sched_id && control_scheduler(c, &s->sched_id, e))
		return -1;
	op.u.scheduler_op = *s;
	if (control_sysctl(c, &op, "the scheduler's parameters", e) < 0)
		return -1;
	*s = op.u.scheduler_op;
	return 0;
}
