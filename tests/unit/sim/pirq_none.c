/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The simulated machine has no devices, so no physical interrupts. Weak: a test
 * that wants some brings its own.
 */
#include <xen/errno.h>

#include "irq/pirq.h"

__attribute__((weak)) int pirq_bind(struct domain *d, unsigned int pirq, u32 port, bool share)
{
	return -XEN_ENODEV;
}

__attribute__((weak)) void pirq_unbind(struct domain *d, unsigned int pirq)
{
}

__attribute__((weak)) void pirq_eoi(struct domain *d, unsigned int pirq)
{
}

__attribute__((weak)) void pirq_follow(struct domain *d, unsigned int pirq, const struct vcpu *v)
{
}

__attribute__((weak)) void pirq_domain_destroy(struct domain *d)
{
}
