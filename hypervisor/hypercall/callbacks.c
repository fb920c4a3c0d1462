/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a guest's kernel wants to be called: set_callbacks, callback_op, nmi_op,
 * and the stack that it is called on.
 */
#include <xen/callback.h>
#include <xen/errno.h>
#include <xen/nmi.h>

#include "cpu/selectors.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "machine.h"

static bool canonical(u64 va)
{
	return (s64)(va << 16) >> 16 == (s64)va;
}

static struct callback *callback_of_type(struct vcpu *v, u16 type)
{
	switch (type) {
	case CALLBACKTYPE_event:
		return &v->event_callback;
	case CALLBACKTYPE_failsafe:
		return &v->failsafe_callback;
	case CALLBACKTYPE_syscall:
		return &v->syscall_callback;
	case CALLBACKTYPE_sysenter:
		return &v->sysenter_callback;
	case CALLBACKTYPE_syscall32:
		return &v->syscall32_callback;
	default:
		return NULL;
	}
}

/* The NMI's callback is entry 2 of the trap table, by another name. */
static void set_nmi_handler(struct vcpu *v, u64 address)
{
	v->traps[2] = (struct trap_gate){
		.address = address,
		.cs = GUEST_CS64,
		.flags = address ? 4 : 0,
	};
}

static long callback_register(struct vcpu *v, u16 type, u16 flags, u64 address)
{
	struct callback *c = callback_of_type(v, type);

	if (!canonical(address))
		return -XEN_EINVAL;
	if (type == CALLBACKTYPE_nmi) {
		set_nmi_handler(v, address);
		return 0;
	}
	if (!c)
		return -XEN_ENOSYS;
	c->address = address;
	/* Events are masked on entry to the event and NMI callbacks anyway. */
	c->masks_events = flags & CALLBACKF_mask_events;
	return 0;
}

static long callback_unregister(struct vcpu *v, u16 type)
{
	switch (type) {
	case CALLBACKTYPE_event:
	case CALLBACKTYPE_failsafe:
	case CALLBACKTYPE_syscall:
	case CALLBACKTYPE_sysenter:
	case CALLBACKTYPE_syscall32:
		return -XEN_EINVAL; /* these can only be replaced */
	case CALLBACKTYPE_nmi:
		set_nmi_handler(v, 0);
		return 0;
	default:
		return -XEN_ENOSYS;
	}
}

long do_callback_op(int cmd, void *arg)
{
	struct vcpu *v = current;

	switch (cmd) {
	case CALLBACKOP_register: {
		struct callback_register r;

		if (copy_from_guest(&r, arg, sizeof(r)))
			return -XEN_EFAULT;
		return callback_register(v, r.type, r.flags, r.address);
	}
	case CALLBACKOP_unregister: {
		struct callback_unregister u;

		if (copy_from_guest(&u, arg, sizeof(u)))
			return -XEN_EFAULT;
		return callback_unregister(v, u.type);
	}
	default:
		return -XEN_ENOSYS;
	}
}

long do_set_callbacks(u64 event, u64 failsafe, u64 syscall)
{
	struct vcpu *v = current;

	/* As Xen: an address that cannot be one is left out without a word. */
	callback_register(v, CALLBACKTYPE_event, 0, event);
	callback_register(v, CALLBACKTYPE_failsafe, 0, failsafe);
	callback_register(v, CALLBACKTYPE_syscall, 0, syscall);
	return 0;
}

long do_nmi_op(unsigned int cmd, void *arg)
{
	struct vcpu *v = current;

	switch (cmd) {
	case XENNMI_register_callback: {
		struct xennmi_callback c;

		if (copy_from_guest(&c, arg, sizeof(c)))
			return -XEN_EFAULT;
		if (v->domain->id != 0 || v->id != 0)
			return -XEN_EINVAL;
		return callback_register(v, CALLBACKTYPE_nmi, 0,
					 c.handler_address);
	}
	case XENNMI_unregister_callback:
		set_nmi_handler(v, 0);
		return 0;
	default:
		return -XEN_ENOSYS;
	}
}

long do_stack_switch(u64 ss, u64 sp)
{
	struct vcpu *v = current;

	v->kernel_ss = ss | 3;
	v->kernel_sp = sp;
	return 0;
}
