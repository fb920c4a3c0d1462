/* SPDX-License-Identifier: GPL-2.0-only */
/* physdev_op: devices and their interrupts, for domains that drive them. */
#include <xen/errno.h>
#include <xen/physdev.h>

#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "machine.h"

long do_physdev_op(int cmd, void *arg)
{
	struct vcpu *v = current;

	switch (cmd) {
	case PHYSDEVOP_set_iopl: {
		struct physdev_set_iopl op;

		if (copy_from_guest(&op, arg, sizeof(op)))
			return -XEN_EFAULT;
		if (op.iopl > 3)
			return -XEN_EINVAL;
		v->iopl = op.iopl;
		return 0;
	}
	case PHYSDEVOP_set_iobitmap: {
		struct physdev_set_iobitmap op;

		if (copy_from_guest(&op, arg, sizeof(op)))
			return -XEN_EFAULT;
		/* Ports of user programs go by IOPL only. */
		return op.nr_ports > 65536 ? -XEN_EINVAL : 0;
	}
	case PHYSDEVOP_apic_read: {
		struct physdev_apic op;

		if (copy_from_guest(&op, arg, sizeof(op)))
			return -XEN_EFAULT;
		return -XEN_ENOSYS;
	}
	default:
		return -XEN_ENOSYS;
	}
}
