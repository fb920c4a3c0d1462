/* SPDX-License-Identifier: GPL-2.0-only */
/* Debug registers of guests (SDM vol. 3, 17.2). */
#ifndef CPU_DEBUGREG_H
#define CPU_DEBUGREG_H

#include "lib/types.h"

struct vcpu;

/* v->debugreg[reg] = value, checked; loaded at once when v is current. */
long debugreg_set(struct vcpu *v, int reg, u64 value);

/* As after reset. */
void debugreg_init(struct vcpu *v);

/* v stops running here; v is about to. Cheap unless breakpoints are armed. */
void debugreg_save(struct vcpu *v);
void debugreg_load(struct vcpu *v);

#endif
