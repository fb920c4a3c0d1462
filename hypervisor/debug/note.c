/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Builds with counters or trace buffers take note of every entry from a guest
 * here; others have nothing of this file.
 */
#if defined(CONFIG_PERFC) || defined(CONFIG_TRACE)

#include "debug/note.h"
#include "debug/perfc.h"
#include "debug/trace.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"

#define FIRST_INTERRUPT 0x20
#define VECTOR_PF 14

/* Operands are often pointers; two tell most of the story. */
#define TWO_OPERANDS (TRC_PV_HYPERCALL_V2_ARG_64(0) | TRC_PV_HYPERCALL_V2_ARG_64(1))

long hypercall_noted(u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6)
{
	u64 nr = index_nospec(current->regs.rax, NR_HYPERCALLS);

	perfc_incr_at(hypercall, nr);
	TRACE(TRC_PV_HYPERCALL_V2, nr | TWO_OPERANDS, TRACE_64(a1), TRACE_64(a2));
	return hypercall_table[nr](a1, a2, a3, a4, a5, a6);
}

void trap_note(const struct vcpu *v, u32 vector, u64 address)
{
	if (vector >= FIRST_INTERRUPT) {
		perfc_incr(interrupt);
		return;
	}
	perfc_incr_at(exception, vector);
	if (vector == VECTOR_PF)
		TRACE(TRC_PV_PAGE_FAULT | TRC_64_FLAG, TRACE_64(v->regs.rip), TRACE_64(address),
		      v->regs.error_code);
	else
		TRACE(TRC_PV_TRAP | TRC_64_FLAG, TRACE_64(v->regs.rip),
		      vector | v->regs.error_code << 16);
}

#endif
