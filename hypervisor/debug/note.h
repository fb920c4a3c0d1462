/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries from guests, noted in counters and trace buffers if there are any. */
#ifndef DEBUG_NOTE_H
#define DEBUG_NOTE_H

#include "lib/types.h"

struct vcpu;

#if defined(CONFIG_PERFC) || defined(CONFIG_TRACE)

/* entry.S calls this in place of the handler: the number is in current's rax. */
long hypercall_noted(u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6);

/* An exception or interrupt that came from v; address: of a page fault. */
void trap_note(const struct vcpu *v, u32 vector, u64 address);

#else

#define trap_note(v, vector, address) ((void)0)

#endif

#endif
