// SPDX-License-Identifier: MIT
/*
 * Headers of Xen's client libraries, compiled with our headers in place of
 * Xen's: a tool that was written for the one must build with the other.
 */
#define __XEN_TOOLS__	1

#include <xenctrl.h>
#include <xencall.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xengnttab.h>
#include <xenguest.h>
#include <xenstore.h>

int dying(const xc_domaininfo_t *info);

int dying(const xc_domaininfo_t *info)
{
	struct xen_domctl domctl = { .cmd = XEN_DOMCTL_getdomaininfo };

	domctl.u.getdomaininfo = *info;
	return domctl.u.getdomaininfo.flags & XEN_DOMINF_dying;
}
