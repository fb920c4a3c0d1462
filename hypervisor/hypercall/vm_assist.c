/* SPDX-License-Identifier: GPL-2.0-only */
/* vm_assist: a guest switches extras of the interface on and off. */
#include <xen/errno.h>
#include <xen/xen.h>

#include "domain/domain.h"
#include "hypercall/hypercall.h"

long do_vm_assist(unsigned int cmd, unsigned int type)
{
	struct domain *d = current->domain;

	if (cmd != VMASST_CMD_enable && cmd != VMASST_CMD_disable)
		return -XEN_ENOSYS;
	if (type >= 64 || !(ASSISTS >> type & 1))
		return -XEN_EINVAL;
	if (cmd == VMASST_CMD_enable)
		__atomic_or_fetch(&d->vm_assist, 1ul << type, __ATOMIC_RELAXED);
	else
		__atomic_and_fetch(&d->vm_assist, ~(1ul << type),
				   __ATOMIC_RELAXED);
	return 0;
}
