/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FPU, SSE, AVX registers. We never use them ourselves: they are switched with
 * the VCPU.
 */
#ifndef CPU_FPU_H
#define CPU_FPU_H

#include "lib/types.h"

struct vcpu;

void fpu_init(void);	 /* boot, first CPU: what there is to save */
void fpu_init_cpu(void); /* each CPU */

/* #NM from a guest. False: the guest wants to see it. */
bool fpu_fault(struct vcpu *v);

/* v stops running on this CPU; v is about to run on it. */
void fpu_save(struct vcpu *v);
void fpu_load(struct vcpu *v);

/* XSETBV by v; false: #GP. What guests may set in XCR0; 0: no XSAVE. */
bool fpu_set_xcr0(struct vcpu *v, u64 value);
u64 fpu_xcr0_mask(void);

/* The guest set or cleared TS, by hypercall or in CR0. */
void fpu_set_ts(struct vcpu *v, bool ts);

/* State for a VCPU, as after FNINIT; 0 or -ENOMEM. */
int fpu_vcpu_init(struct vcpu *v);
void fpu_vcpu_destroy(struct vcpu *v);

#endif
