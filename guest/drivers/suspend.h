/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XEN_SUSPEND_H
#define XEN_SUSPEND_H

/* Suspend the domain; returns when it runs again. For xenwatch. */
void xen_suspend_domain(void);

#endif
