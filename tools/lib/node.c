/* SPDX-License-Identifier: GPL-2.0-only */
/* The host and its hypervisor, as control operations tell them: control.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/control.h"

#include <xen/event_channel.h>
#include <xen/version.h>

#define KIB(pages) ((pages) * (CONTROL_PAGE_SIZE / 1024))

int control_node(struct control *c, struct control_node *n, struct error *e)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_physinfo };
	const struct xen_sysctl_physinfo *p = &op.u.physinfo;

	if (control_sysctl(c, &op, "looking at the host", e) < 0)
		return -1;
	*n = (struct control_node){
		.cpus = p->nr_cpus,
		.nodes = p->nr_nodes,
		.cores_per_socket = p->cores_per_socket,
		.threads_per_core = p->threads_per_core,
		.max_cpu = p->max_cpu_id,
		.cpu_khz = p->cpu_khz,
		.total_kib = KIB(p->total_pages),
		.free_kib = KIB(p->free_pages),
		.capabilities = p->capabilities,
	};
	memcpy(n->hw_caps, p->hw_cap, sizeof(n->hw_caps));
	return 0;
}

/* A string that xen_version() tells, in room for so many bytes. */
static int version_string(struct control *c, int cmd, char *to, size_t bytes, struct error *e)
{
	char *p = control_buffer(c, bytes, e);
	int rc;

	if (!p)
		return -1;
	rc = xencall2(c->call, __HYPERVISOR_xen_version, cmd, (uintptr_t)p);
	if (rc < 0)
		error_errno(e, "asking for the hypervisor's version");
	memcpy(to, p, bytes);
	to[bytes - 1] = '\0';
	control_buffer_free(c, p);
	return rc < 0 ? -1 : 0;
}

static int compile_info(struct control *c, struct control_version *v, struct error *e)
{
	struct xen_compile_info info;

	if (version_string(c, XENVER_compile_info, (char *)&info, sizeof(info), e))
		return -1;
	memcpy(v->compiler, info.compiler, sizeof(info.compiler) - 1);
	memcpy(v->compile_by, info.compile_by, sizeof(info.compile_by) - 1);
	memcpy(v->compile_domain, info.compile_domain, sizeof(info.compile_domain) - 1);
	memcpy(v->compile_date, info.compile_date, sizeof(info.compile_date) - 1);
	return 0;
}

int control_version(struct control *c, struct control_version *v, struct error *e)
{
	int version = xencall2(c->call, __HYPERVISOR_xen_version, XENVER_version, 0);
	int page_size = xencall2(c->call, __HYPERVISOR_xen_version, XENVER_pagesize, 0);

	memset(v, 0, sizeof(*v));
	if (version < 0)
		return error_errno(e, "asking for the hypervisor's version");
	v->major = version >> 16;
	v->minor = version & 0xffff;
	v->page_size = page_size > 0 ? page_size : 0;
	if (version_string(c, XENVER_extraversion, v->extra, sizeof(v->extra), e) ||
	    version_string(c, XENVER_capabilities, v->caps, sizeof(v->caps), e) ||
	    version_string(c, XENVER_changeset, v->changeset, sizeof(v->changeset), e) ||
	    version_string(c, XENVER_commandline, v->commandline, sizeof(v->commandline), e))
		return -1;
	return compile_info(c, v, e);
}

/* The bytes read into a buffer, or -1. */
static int read_ring(struct control *c, bool clear, char *p, size_t room, struct error *e)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_readconsole };
	struct xen_sysctl_readconsole *r = &op.u.readconsole;

	r->clear = clear;
	r->count = room;
	set_xen_guest_handle(r->buffer, p);
	if (control_sysctl(c, &op, "reading the hypervisor's console", e) < 0)
		return -1;
	return r->count <= room ? r->count : room;
}

/*
 * How large the ring is nobody tells: read until it does not fill the room. Then
 * it is known, and can be read and cleared in one operation, so that nothing which
 * was printed in between is lost.
 */
int control_read_console(struct control *c, bool clear, char **text, size_t *bytes, struct error *e)
{
	size_t room = 16 << 10;
	char *p = NULL;
	int n;

	do {
		control_buffer_free(c, p);
		room *= 4;
		p = control_buffer(c, room, e);
		n = p ? read_ring(c, false, p, room, e) : -1;
	} while (n >= 0 && (size_t)n == room && room < 64u << 20);
	if (n >= 0 && clear)
		n = read_ring(c, true, p, room, e);
	*text = n >= 0 ? malloc(n + 1) : NULL;
	if (*text) {
		memcpy(*text, p, n);
		(*text)[n] = '\0';
		*bytes = n;
	} else if (n >= 0) {
		n = error_set(e, ENOMEM, "out of memory");
	}
	control_buffer_free(c, p);
	return n < 0 ? -1 : 0;
}

int control_alloc_port(struct control *c, unsigned int domid, uint32_t *port, struct error *e)
{
	struct evtchn_alloc_unbound *p = control_buffer(c, sizeof(*p), e);
	int rc;

	if (!p)
		return -1;
	p->dom = domid;
	p->remote_dom = 0;
	rc = xencall2(c->call, __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, (uintptr_t)p);
	if (rc < 0)
		error_errno(e, "a port for domain %u", domid);
	*port = p->port;
	control_buffer_free(c, p);
	return rc < 0 ? -1 : 0;
}
