/* SPDX-License-Identifier: GPL-2.0-only */
/* Making domains, and ending them. */
#ifndef DOMAIN_CREATE_H
#define DOMAIN_CREATE_H

#include <xen/xen.h>

#include "lib/types.h"

struct domain;
struct vcpu;

/*
 * A domain without memory or VCPUs, paused once. domid: the id, or DOMID_ANY for
 * one that is free. -EEXIST: it is not; -ENOMEM. One at a time: boot, or under the
 * control interface's lock.
 */
#define DOMID_ANY DOMID_INVALID
int domain_create(u16 domid, bool privileged, u32 max_vcpus, struct domain **d);

/* A VCPU without a context, down; NULL: out of memory. */
struct vcpu *vcpu_create(struct domain *d, unsigned int id, unsigned int cpu);

/* Build domain 0 from the boot modules and let it run; panics. Boot. */
void dom0_build(void);

/*
 * End d, whatever it is doing: when this returns 0 it has nothing any more but
 * what others hold of it, and with the last of that it is gone. -ERESTART: call
 * again. The caller is not of d, holds a reference and no lock; of several callers
 * at a time the control interface's lock lets in one.
 */
int domain_kill(struct domain *d);

#endif
