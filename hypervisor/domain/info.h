/* SPDX-License-Identifier: GPL-2.0-only */
/* What the control interface tells of a domain. */
#ifndef DOMAIN_INFO_H
#define DOMAIN_INFO_H

#include <xen/domctl.h>

struct domain;

/* Fill *info in. The caller holds a reference on d, and no lock. */
void domain_info(struct domain *d, struct xen_domctl_getdomaininfo *info);

#endif
