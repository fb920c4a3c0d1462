/* SPDX-License-Identifier: GPL-2.0-only */
/* Restarting a hypercall where it stopped: invariant 4 of the design. */
#include <stdarg.h>

#include <xen/xen.h>

#include "debug/perfc.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "machine.h"

#define SYSCALL_BYTES 2

long hypercall_restart(unsigned int op, unsigned int nr_args, ...)
{
	struct vcpu *v = current;
	struct guest_regs *r = &v->regs;
	u64 *const args[6] = { &r->rdi, &r->rsi, &r->rdx,
			       &r->r10, &r->r8,	 &r->r9 };
	va_list list;

	perfc_incr(restart);
	va_start(list, nr_args);
	if (v->in_multicall) {
		for (unsigned int i = 0; i < nr_args; i++)
			v->restart_args[i] = va_arg(list, u64);
		v->restart_op = op;
		v->multicall_restarted = true;
	} else {
		for (unsigned int i = 0; i < nr_args; i++)
			*args[i] = va_arg(list, u64);
		r->rip -= SYSCALL_BYTES;
	}
	va_end(list);
	/* entry.S puts this into rax, where the guest's number has to be. */
	return op;
}
