/* SPDX-License-Identifier: GPL-2.0-only */
/* What the control interface tells about a domain. */
#ifndef DOMAIN_INFO_H
#define DOMAIN_INFO_H

struct domain;
struct xen_domctl_getdomaininfo;

/* Fill in all of info; the caller holds a reference on d. */
void domain_info(struct domain *d, struct xen_domctl_getdomaininfo *info);

#endif
