/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of a domain's memory. */
#ifndef MM_TEARDOWN_H
#define MM_TEARDOWN_H

struct domain;

/*
 * Give back what d holds: its VCPUs' roots and descriptor tables, its pins, its
 * frames. d is dying, none of its VCPUs runs or will. What modules hold (event,
 * vcpu_info) they give back first. Frames that other domains map stay until they
 * unmap them. 0, or -ERESTART: call again.
 */
int domain_memory_release(struct domain *d);

#endif
