/* SPDX-License-Identifier: GPL-2.0-only */
/* What vcpu_op.c needs of others, and others of it. The call: hypercall.h. */
#ifndef DOMAIN_VCPU_OP_H
#define DOMAIN_VCPU_OP_H

#include "domain/domain.h"

/*
 * Load a context, already copied from the guest, into a VCPU that does not run:
 * check it, take the references it needs, and set v->initialised. 0, -ERESTART, or
 * an error for the guest, and then nothing has changed. The current VCPU must
 * have no unfinished tables. (domain/context.c)
 */
int vcpu_set_context(struct vcpu *v, const struct vcpu_guest_context *context);

/* The reverse, for a VCPU that does not run and has a context. (domain/context.c) */
void vcpu_get_context(struct vcpu *v, struct vcpu_guest_context *context);

/* An NMI for v, as soon as it runs in its kernel. Any context. */
void vcpu_send_nmi(struct vcpu *v);

/* Whether a guest may have code or a base at va. */
static inline bool canonical(u64 va)
{
	return (s64)(va << 16) >> 16 == (s64)va;
}

/* Drop v's page-table roots; its domain's mmu lock is held. 0, or -ERESTART: call
 * again after tables_finish(current). (domain/context.c) */
int vcpu_drop_roots(struct vcpu *v);

/* A CPU's identifiers: bits 31:0 local APIC, 63:32 ACPI. (cpu/) */
u64 vcpu_physid(unsigned int cpu);

/* When v's domain dies: give back the frame that holds its vcpu_info. */
void vcpu_info_release(struct vcpu *v);

#endif
