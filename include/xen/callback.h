/* SPDX-License-Identifier: MIT */
/*
 * Where the hypervisor calls the guest's kernel.
 *
 * long callback_op(int cmd, void *arg). Registration is for the calling VCPU.
 * -ENOSYS: no such type; -EINVAL: the address is not canonical, or the type
 * cannot be unregistered (only nmi can).
 *
 * The older call set_callbacks(event, failsafe, syscall), three addresses,
 * does the same for the three that every kernel has.
 */
#ifndef __XEN_PUBLIC_CALLBACK_H__
#define __XEN_PUBLIC_CALLBACK_H__

#include "xen.h"

#define CALLBACKTYPE_event		0	/* upcalls: events are pending */
#define CALLBACKTYPE_failsafe		1	/* return to the guest failed */
#define CALLBACKTYPE_syscall		2	/* SYSCALL by 64-bit user code */
#define CALLBACKTYPE_sysenter_deprecated 3	/* 32-bit hypervisors only */
#define CALLBACKTYPE_nmi		4	/* NMI */
#define CALLBACKTYPE_sysenter		5	/* SYSENTER by user code */
#define CALLBACKTYPE_syscall32		7	/* SYSCALL by 32-bit user code */

/*
 * Enter with upcalls masked. Event and NMI callbacks always are; for syscall32
 * the flag of syscall counts.
 */
#define _CALLBACKF_mask_events		0
#define CALLBACKF_mask_events		(xen_mk_uint(1) << _CALLBACKF_mask_events)

#define CALLBACKOP_register		0
#define CALLBACKOP_unregister		1

#ifndef __ASSEMBLY__

struct callback_register {
	uint16_t type;			/* [in] CALLBACKTYPE_* */
	uint16_t flags;			/* [in] CALLBACKF_* */
	xen_callback_t address;		/* [in] virtual address */
};
typedef struct callback_register callback_register_t;
DEFINE_XEN_GUEST_HANDLE(callback_register_t);

struct callback_unregister {
	uint16_t type;			/* [in] CALLBACKTYPE_* */
	uint16_t _unused;
};
typedef struct callback_unregister callback_unregister_t;
DEFINE_XEN_GUEST_HANDLE(callback_unregister_t);

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_CALLBACK_H__ */
