/* SPDX-License-Identifier: GPL-2.0-only */
/* Non-maskable interrupts: the machine's, for dom0 or the end (`nmi=`). */
#ifndef CPU_NMI_H
#define CPU_NMI_H

#include "cpu/regs.h"

/* On the NMI's own stack, or a guest's registers: may only set flags and log. */
void nmi_handle(struct guest_regs *regs);

#endif
