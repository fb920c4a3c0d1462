/* SPDX-License-Identifier: GPL-2.0-only */
/* mmuext_op for the hypervisor's own use. */
#ifndef MM_MMUEXT_H
#define MM_MMUEXT_H

#include <xen/xen.h>

struct vcpu;

/* One operation of v (current) on its own domain; as the hypercall's errors, and
 * -ERESTART: call again. */
int mmuext_one(struct vcpu *v, const struct mmuext_op *op);

#endif
