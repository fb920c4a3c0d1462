/* SPDX-License-Identifier: GPL-2.0-only */
/* sysctl getdomaininfolist: all domains from a number on, in ascending order. */
#include <xen/errno.h>

#include "domain/domain.h"
#include "domain/info.h"
#include "hypercall/sysctl.h"
#include "machine.h"

/* Numbers without a domain cost little, but there are many. */
#define PREEMPT_EVERY 64

long sysctl_getdomaininfolist(struct xen_sysctl_getdomaininfolist *op)
{
	u32 n = 0;

	for (u32 id = op->first_domain; id < MAX_DOMAINS && n < op->max_domains; id++) {
		struct xen_domctl_getdomaininfo info;
		struct domain *d = domain_get(id);

		if (id % PREEMPT_EVERY == 0)
			preempt_check();
		if (!d)
			continue;
		domain_info(d, &info);
		domain_put(d);
		if (copy_to_guest(op->buffer.p + n, &info, sizeof(info)))
			return -XEN_EFAULT;
		n++;
	}
	op->num_domains = n;
	return 0;
}
