/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * multicall: a list of hypercalls, each with its result written back. An entry
 * that stops half-way has its new arguments written back too, and the multicall
 * itself is restarted at that entry.
 */
#include <xen/errno.h>
#include <xen/xen.h>

#include "debug/perfc.h"
#include "debug/trace.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "machine.h"

/* Entries between two looks at the clock. */
#define CHECK_EVERY 8

/* The entry that stopped: what it wants to be called with goes back to it. */
static long restart(struct vcpu *v, struct multicall_entry *entry,
		    unsigned int left)
{
	v->multicall_restarted = false;
	if (copy_to_guest(&entry->op, &v->restart_op, sizeof(entry->op)) ||
	    copy_to_guest(entry->args, v->restart_args, sizeof(entry->args)))
		return -XEN_EFAULT;
	return hypercall_restart(__HYPERVISOR_multicall, 2, (u64)entry,
				 (u64)left);
}

long do_multicall(void *list, unsigned int count)
{
	struct multicall_entry *entry = list;
	struct vcpu *v = current;

	if (unlikely(v->in_multicall))
		return -XEN_EINVAL; /* one in another */
	for (; count; count--, entry++) {
		u64 op, a1, a2, a3, a4, a5, a6;
		long result = -XEN_ENOSYS;

		/* Not at the first, or a restart might get nowhere. */
		if (unlikely(count % CHECK_EVERY == 0) && entry != list &&
		    preempt_check())
			return hypercall_restart(__HYPERVISOR_multicall, 2,
						 (u64)entry, (u64)count);
		if (unlikely(!guest_range(entry, sizeof(*entry))))
			return -XEN_EFAULT;
		guest_access_begin();
		guest_load(op, &entry->op, fault);
		guest_load(a1, &entry->args[0], fault);
		guest_load(a2, &entry->args[1], fault);
		guest_load(a3, &entry->args[2], fault);
		guest_load(a4, &entry->args[3], fault);
		guest_load(a5, &entry->args[4], fault);
		guest_load(a6, &entry->args[5], fault);
		guest_access_end();
		if (likely(op < NR_HYPERCALLS)) {
			op = index_nospec(op, NR_HYPERCALLS);
			perfc_incr_at(multicall, op);
			TRACE(TRC_PV_HYPERCALL_SUBCALL, op);
			v->in_multicall = true;
			result = hypercall_table[op](a1, a2, a3, a4, a5, a6);
			v->in_multicall = false;
			if (unlikely(v->multicall_restarted))
				return restart(v, entry, count);
		}
		guest_access_begin();
		guest_store((u64)result, &entry->result, fault);
		guest_access_end();
	}
	return 0;
fault:
	guest_access_end();
	return -XEN_EFAULT;
}
