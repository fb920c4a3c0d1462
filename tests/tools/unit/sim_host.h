/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Just enough of a hypervisor to build one domain on, behind the functions of Xen's
 * client libraries: frames, one domain, and what is set of it. Every call can be
 * made the one that fails.
 */
#ifndef SIM_HOST_H
#define SIM_HOST_H

#include "lib/control.h"

#define SIM_DOMID 7u
#define SIM_FRAMES 65536u /* numbers of frames that there can be */
#define SIM_NO_PFN (~0ull)

extern struct sim_host {
	/* To be set before. */
	unsigned int largest_order; /* of extents that there are */
	uint64_t free_frames;
	uint64_t taken_later; /* more that there seem to be */
	int fail_at;	      /* the call that fails, from 1 on; 0: none */

	int calls;
	bool exists;
	unsigned int vcpus;
	uint64_t max_kib, map_bytes;
	uint64_t frames;	  /* that the domain has */
	uint64_t pfn[SIM_FRAMES]; /* by frame */
	xen_pfn_t hypercall_page, l4;
	unsigned int ports;
	struct cpu_map affinity[8];
	struct vcpu_guest_context vcpu;
	int mappings, buffers; /* held at present */
	int extents[20];       /* handed out, by order */
} sim_host;

extern struct control sim_host_control;

#define SIM_SHARED_INFO 5u
#define SIM_GRANT_TABLE 6u

void sim_host_reset(void);

/* A frame's bytes. */
void *sim_frame(xen_pfn_t frame);

#endif
