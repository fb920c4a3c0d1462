/* SPDX-License-Identifier: GPL-2.0-only */
/* Making domains. */
#ifndef DOMAIN_CREATE_H
#define DOMAIN_CREATE_H

#include <xen/xen.h>

#include "lib/types.h"

struct domain;
struct vcpu;

/* A domain without memory or VCPUs, on the list; NULL: out of memory. The id
 * must be free. */
struct domain *domain_create(u16 domid, bool privileged, u32 max_vcpus);

/* A VCPU without a context, down; NULL: out of memory. */
struct vcpu *vcpu_create(struct domain *d, unsigned int id, unsigned int cpu);

/* Build domain 0 from the boot modules and let it run; panics. Boot. */
void dom0_build(void);

#endif
