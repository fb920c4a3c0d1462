/* SPDX-License-Identifier: GPL-2.0-only */
/* vm_assist: a guest switches extras of the interface on and off. */
#include <xen/errno.h>
#include <xen/xen.h>

#include "domain/domain.h"
#include "hypercall/hypercall.h"

#define ASSIST(type) (1ul << VMASST_TYPE_##type)

/*
 * Accepted for 64-bit guests. Writable page tables are always there, segment
 * fix-ups have no meaning in 64-bit mode.
 */
#define KNOWN                                                              \
	(ASSIST(4gb_segments) | ASSIST(4gb_segments_notify) |              \
	 ASSIST(writable_pagetables) | ASSIST(pae_extended_cr3) |          \
	 ASSIST(architectural_iopl) | ASSIST(runstate_update_flag) |       \
	 ASSIST(m2p_strict))

long do_vm_assist(unsigned int cmd, unsigned int type)
{
	struct domain *d = current->domain;

	if (cmd != VMASST_CMD_enable && cmd != VMASST_CMD_disable)
		return -XEN_ENOSYS;
	if (type >= 64 || !(KNOWN >> type & 1))
		return -XEN_EINVAL;
	if (cmd == VMASST_CMD_enable)
		__atomic_or_fetch(&d->vm_assist, 1ul << type, __ATOMIC_RELAXED);
	else
		__atomic_and_fetch(&d->vm_assist, ~(1ul << type),
				   __ATOMIC_RELAXED);
	return 0;
}
