/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * multicall: a list of hypercalls, each with its result written back. An entry
 * that stops half-way has its new arguments written back too, and the multicall
 * itself is restarted at that entry.
 */
#include <xen/errno.h>
#include <xen/xen.h>

#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "machine.h"

long do_multicall(void *list, unsigned int count)
{
	struct multicall_entry *entry = list;
	struct vcpu *v = current;

	if (unlikely(v->multicall))
		return -XEN_EINVAL; /* one in another */
	for (unsigned int i = 0; i < count; i++, entry++) {
		struct multicall_entry e;
		u64 nr;

		if (unlikely(i > 0 && preempt_check()))
			return hypercall_restart(__HYPERVISOR_multicall, 2,
						 (u64)entry, (u64)(count - i));
		if (unlikely(copy_from_guest(&e, entry, sizeof(e))))
			return -XEN_EFAULT;
		if (unlikely(e.op >= NR_HYPERCALLS)) {
			e.result = -XEN_ENOSYS;
		} else {
			nr = index_nospec(e.op, NR_HYPERCALLS);
			v->multicall = &e;
			e.result = hypercall_table[nr](e.args[0], e.args[1],
						       e.args[2], e.args[3],
						       e.args[4], e.args[5]);
			v->multicall = NULL;
		}
		if (unlikely(v->multicall_restarted)) {
			v->multicall_restarted = false;
			if (copy_to_guest(entry, &e, sizeof(e)))
				return -XEN_EFAULT;
			return hypercall_restart(__HYPERVISOR_multicall, 2,
						 (u64)entry, (u64)(count - i));
		}
		if (unlikely(copy_to_guest(&entry->result, &e.result,
					   sizeof(e.result))))
			return -XEN_EFAULT;
	}
	return 0;
}
