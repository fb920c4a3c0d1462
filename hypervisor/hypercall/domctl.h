/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of domctl. Each operation has the domain that it is about, with a
 * reference, and our copy of the caller's structure, which goes back when the
 * operation succeeds. One operation runs at a time on the machine. Results: 0, an
 * error for the caller, or -ERESTART to be called again with the same.
 */
#ifndef HYPERCALL_DOMCTL_H
#define HYPERCALL_DOMCTL_H

#include <xen/domctl.h>

#include "domain/domain.h"

typedef long domctl_fn(struct domain *d, struct xen_domctl *op);

/* domctl_domain.c; d is NULL for create. */
domctl_fn domctl_createdomain, domctl_destroydomain, domctl_pausedomain, domctl_unpausedomain,
	domctl_resumedomain, domctl_max_vcpus, domctl_max_mem, domctl_setdomainhandle,
	domctl_setdebugging, domctl_settimeoffset, domctl_set_target, domctl_subscribe,
	domctl_set_virq_handler, domctl_set_address_size, domctl_get_address_size,
	domctl_setnodeaffinity, domctl_getnodeaffinity, domctl_settscinfo, domctl_gettscinfo;

/* domctl_vcpu.c */
domctl_fn domctl_setvcpucontext, domctl_getvcpucontext, domctl_getvcpuinfo, domctl_setvcpuaffinity,
	domctl_getvcpuaffinity, domctl_sendtrigger, domctl_set_ext_vcpucontext,
	domctl_get_ext_vcpucontext;

/* domctl_access.c: memory and hardware. */
domctl_fn domctl_getpageframeinfo3, domctl_hypercall_init, domctl_iomem_permission,
	domctl_ioport_permission, domctl_irq_permission, domctl_memory_mapping;

#endif
