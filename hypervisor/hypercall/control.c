/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control interface: domctl, sysctl, platform_op. Each structure begins with
 * a command and the version of the interface that the caller was built for; any
 * other version than ours is refused before anything is looked at.
 */
#include <xen/errno.h>

#include "domain/domain.h"
#include "hypercall/control.h"
#include "hypercall/hypercall.h"
#include "machine.h"

long control_enter(void *arg, u32 version, struct control_header *h)
{
	if (!current->domain->is_privileged)
		return -XEN_EPERM;
	if (copy_from_guest(h, arg, sizeof(*h)))
		return -XEN_EFAULT;
	return h->version == version ? 0 : -XEN_EACCES;
}
