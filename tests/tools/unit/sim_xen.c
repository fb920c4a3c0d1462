/* SPDX-License-Identifier: GPL-2.0-only */
/* The simulated libraries: sim_xen.h. An event is a byte in a pipe. */
#include "sim_xen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOCAL_PORT 3

struct xenevtchn_handle {
	int pipe[2];
};

struct xencons_interface sim_page;
struct control sim_control;
int sim_mappings, sim_ports;
unsigned int sim_notified;

static struct xenevtchn_handle *handle;
static bool masked, pending;

void sim_reset(void)
{
	memset(&sim_page, 0, sizeof(sim_page));
	sim_mappings = sim_ports = 0;
	sim_notified = 0;
	masked = pending = false;
}

void sim_raise(void)
{
	if (masked || !sim_ports) {
		pending = true;
		return;
	}
	masked = true;
	pending = false;
	if (write(handle->pipe[1], "", 1) != 1)
		abort();
}

bool sim_masked(void)
{
	return masked;
}

void *xenforeignmemory_map(xenforeignmemory_handle *h, uint32_t dom, int prot, size_t pages,
			   const xen_pfn_t *frames, int *errors)
{
	(void)h, (void)dom, (void)prot, (void)errors;
	if (pages != 1 || frames[0] != SIM_FRAME) {
		errno = EINVAL;
		return NULL;
	}
	sim_mappings++;
	return &sim_page;
}

int xenforeignmemory_unmap(xenforeignmemory_handle *h, void *at, size_t pages)
{
	(void)h, (void)at, (void)pages;
	sim_mappings--;
	return 0;
}

xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *logger, unsigned int flags)
{
	(void)logger, (void)flags;
	handle = malloc(sizeof(*handle));
	if (pipe2(handle->pipe, O_CLOEXEC))
		abort();
	return handle;
}

int xenevtchn_close(xenevtchn_handle *h)
{
	close(h->pipe[0]);
	close(h->pipe[1]);
	free(h);
	return 0;
}

int xenevtchn_fd(xenevtchn_handle *h)
{
	return h->pipe[0];
}

xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *h)
{
	char byte;

	return read(h->pipe[0], &byte, 1) == 1 ? LOCAL_PORT : -1;
}

int xenevtchn_unmask(xenevtchn_handle *h, evtchn_port_t port)
{
	(void)h, (void)port;
	masked = false;
	if (pending)
		sim_raise();
	return 0;
}

int xenevtchn_notify(xenevtchn_handle *h, evtchn_port_t port)
{
	(void)h, (void)port;
	sim_notified++;
	return 0;
}

/* A port that was just bound is pending. */
xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *h, uint32_t domid,
						     evtchn_port_t port)
{
	(void)h, (void)domid;
	if (port != SIM_REMOTE_PORT) {
		errno = EINVAL;
		return -1;
	}
	sim_ports++;
	masked = false;
	sim_raise();
	return LOCAL_PORT;
}

int xenevtchn_unbind(xenevtchn_handle *h, evtchn_port_t port)
{
	char byte;

	(void)port;
	sim_ports--;
	fcntl(h->pipe[0], F_SETFL, O_NONBLOCK);
	while (read(h->pipe[0], &byte, 1) == 1)
		;
	fcntl(h->pipe[0], F_SETFL, 0);
	return 0;
}
