/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control operations of the hypervisor (Xen 4.17's, and ours): domains made,
 * looked at, paused and destroyed; the host looked at. Built on Xen's stable
 * client libraries and the interface of include/xen, and on nothing else.
 *
 * Include this before any header of those libraries: they then see include/xen,
 * with the types that only tools have.
 *
 * Memory is counted in KiB, time in nanoseconds. Functions return 0, or -1 with
 * *e filled in (ESRCH: there is no such domain; EPERM: not root, or not in
 * domain 0). All may be called by several threads at once.
 */
#ifndef TOOLS_CONTROL_H
#define TOOLS_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/sysctl.h>

#include <xencall.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xengnttab.h>

#include "lib/error.h"

#define CONTROL_PAGE_SIZE 4096ul
#define CONTROL_MAX_CPUS 512

/*
 * The open libraries. The handles may be used directly; evtchn is for notifying
 * and binding without waiting: who waits for events opens one of his own, since
 * a handle has one queue.
 */
struct control {
	xencall_handle *call;
	xenforeignmemory_handle *memory;
	xenevtchn_handle *evtchn;
	xengnttab_handle *gnttab;
};

/* NULL: not in domain 0, not root, or modules are missing. */
struct control *control_open(struct error *e);

/* NULL is fine. */
void control_close(struct control *c);

/* A set of physical CPUs. */
struct cpu_map {
	uint8_t bits[CONTROL_MAX_CPUS / 8];
};

static inline void cpu_map_set(struct cpu_map *m, unsigned int cpu)
{
	if (cpu < CONTROL_MAX_CPUS)
		m->bits[cpu / 8] |= 1u << cpu % 8;
}

static inline bool cpu_map_has(const struct cpu_map *m, unsigned int cpu)
{
	return cpu < CONTROL_MAX_CPUS && m->bits[cpu / 8] >> cpu % 8 & 1;
}

/* What a domain is made with; all zero is not enough: see each. */
struct control_create {
	uint8_t uuid[16];
	unsigned int vcpus;	      /* > 0 */
	unsigned int grant_frames;    /* frames of its grant table; 0: 64 */
	unsigned int maptrack_frames; /* what it may map of others'; 0: 1024 */
	unsigned int ports;	      /* event channels; 0: 4096 */
	unsigned int domid;	      /* 0: the hypervisor chooses */
};

/* An empty, paused domain with its VCPUs. *domid: its id. */
int control_create(struct control *c, const struct control_create *how, unsigned int *domid,
		   struct error *e);

/*
 * Destroy a domain. Returns when the hypervisor has taken away all that it could:
 * frames that others still map, and the domain's number, go with the last mapping;
 * until then control_domain() shows it as dying.
 */
int control_destroy(struct control *c, unsigned int domid, struct error *e);

/* Pauses count: as many unpauses make it run. A new domain has one. */
int control_pause(struct control *c, unsigned int domid, struct error *e);
int control_unpause(struct control *c, unsigned int domid, struct error *e);

/* The most memory that the domain may have. Less than it has takes nothing away. */
int control_max_mem(struct control *c, unsigned int domid, uint64_t kib, struct error *e);

/*
 * Where a VCPU may run (hard affinity). Setting changes *cpus to what is in
 * effect: those of the set that exist. EINVAL: none of them does.
 */
int control_set_affinity(struct control *c, unsigned int domid, unsigned int vcpu,
			 struct cpu_map *cpus, struct error *e);
int control_get_affinity(struct control *c, unsigned int domid, unsigned int vcpu,
			 struct cpu_map *cpus, struct error *e);

struct control_domain {
	unsigned int id;
	uint8_t uuid[16];
	bool running, blocked, paused, shutdown, dying;
	unsigned int reason; /* with shutdown: SHUTDOWN_* of xen/sched.h */
	uint64_t memory_kib, max_kib;
	uint64_t cpu_time_ns;	  /* of all VCPUs */
	unsigned int vcpus;	  /* that are up */
	unsigned int max_vcpus;	  /* that exist */
	uint64_t shared_info_mfn; /* machine frame, what xenstored is told */
};

int control_domain(struct control *c, unsigned int domid, struct control_domain *d,
		   struct error *e);

/* All domains by rising id, domain 0 first; *list is the caller's to free(). */
int control_domains(struct control *c, struct control_domain **list, size_t *count,
		    struct error *e);

struct control_vcpu {
	bool online, blocked, running;
	uint64_t cpu_time_ns;
	unsigned int cpu; /* the one it runs on, or ran on last */
};

/* EINVAL or ENOENT: there is no such VCPU. */
int control_vcpu(struct control *c, unsigned int domid, unsigned int vcpu, struct control_vcpu *v,
		 struct error *e);

/* XEN_SCHEDULER_* of the scheduler in use. */
int control_scheduler(struct control *c, unsigned int *id, struct error *e);

/*
 * Read or set (op->cmd) a domain's or the scheduler's parameters, in the unions of
 * xen/domctl.h and xen/sysctl.h; sched_id is filled in when it is 0.
 */
int control_domain_scheduler(struct control *c, unsigned int domid,
			     struct xen_domctl_scheduler_op *op, struct error *e);
int control_node_scheduler(struct control *c, struct xen_sysctl_scheduler_op *op, struct error *e);

struct control_node {
	unsigned int cpus, nodes, cores_per_socket, threads_per_core;
	unsigned int max_cpu; /* highest number that a CPU can have */
	uint64_t cpu_khz;
	uint64_t total_kib, free_kib; /* free: what is being scrubbed included */
	uint32_t hw_caps[8];
	uint32_t capabilities; /* XEN_SYSCTL_PHYSCAP_* */
};

int control_node(struct control *c, struct control_node *n, struct error *e);

/* Who the hypervisor is; what it does not tell is empty. */
struct control_version {
	unsigned int major, minor;
	char extra[16];
	char caps[1024];
	char changeset[64];
	char commandline[1024];
	char compiler[64], compile_by[16], compile_domain[32], compile_date[32];
	unsigned int page_size; /* bytes */
};

int control_version(struct control *c, struct control_version *v, struct error *e);

/* What the hypervisor has printed; *text is NUL-terminated, the caller's to free(). */
int control_read_console(struct control *c, bool clear, char **text, size_t *bytes,
			 struct error *e);

/* The rest is for the builder. */

/* A port of the domain for domain 0 to bind. */
int control_alloc_port(struct control *c, unsigned int domid, uint32_t *port, struct error *e);

/*
 * A hypercall with one operand structure of so many bytes, copied both ways. what
 * names the operation in the message. Returns the hypercall's result, -1: failed.
 */
int control_domctl(struct control *c, struct xen_domctl *op, const char *what, struct error *e);
int control_sysctl(struct control *c, struct xen_sysctl *op, const char *what, struct error *e);
int control_memory_op(struct control *c, unsigned int cmd, void *arg, size_t bytes,
		      const char *what, struct error *e);

/*
 * Memory that hypercalls can read and write, zeroed. NULL: out of memory. Frees
 * take NULL.
 */
void *control_buffer(struct control *c, size_t bytes, struct error *e);
void control_buffer_free(struct control *c, void *p);

#endif
