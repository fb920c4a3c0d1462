/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Without irq/pirq.c there are no physical interrupts to give away. Weak: the
 * real functions win by being there.
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
