// SPDX-License-Identifier: GPL-2.0
/*
 * Callbacks: where the hypervisor enters the kernel other than by traps.
 *
 * All but those of 32-bit system calls have to be there. Each VCPU has its own set, so
 * every CPU registers them for itself.
 */
#include <linux/bug.h>
#include <linux/printk.h>
#include <xen/interface/callback.h>

#include "cpu.h"

static int callback(u16 type, u16 flags, void (*entry)(void))
{
	struct callback_register cb = {
		.type = type,
		.flags = flags,
		.address = XEN_CALLBACK(FLAT_KERNEL_CS, entry),
	};

	return HYPERVISOR_callback_op(CALLBACKOP_register, &cb);
}

void xen_callbacks_register(void)
{
	/* System calls enter with interrupts off, as Linux's own entry does. */
	if (callback(CALLBACKTYPE_event, 0, xen_asm_exc_xen_hypervisor_callback) ||
	    callback(CALLBACKTYPE_failsafe, CALLBACKF_mask_events, xen_failsafe_callback) ||
	    callback(CALLBACKTYPE_syscall, CALLBACKF_mask_events, xen_entry_SYSCALL_64))
		BUG();
	callback(CALLBACKTYPE_nmi, CALLBACKF_mask_events, xen_asm_xenpv_exc_nmi);
	/* AMD's CPUs have the one, Intel's the other. */
	callback(CALLBACKTYPE_syscall32, CALLBACKF_mask_events, xen_entry_SYSCALL_compat);
	callback(CALLBACKTYPE_sysenter, CALLBACKF_mask_events, xen_entry_SYSENTER_compat);
}
