/* SPDX-License-Identifier: GPL-2.0-only */
/* Model-specific registers as guests see them. */
#ifndef CPU_MSR_H
#define CPU_MSR_H

#include "lib/types.h"

struct vcpu;

/* RDMSR, WRMSR by v, which is current; false: its kernel gets #GP. */
bool msr_guest_read(struct vcpu *v, u32 msr, u64 *value);
bool msr_guest_write(struct vcpu *v, u32 msr, u64 value);

#endif
