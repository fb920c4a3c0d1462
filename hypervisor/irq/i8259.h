/* SPDX-License-Identifier: GPL-2.0-only */
/* The two i8259 interrupt controllers of the PC. */
#ifndef IRQ_I8259_H
#define IRQ_I8259_H

#include "lib/types.h"

/* Boot: vectors from VECTOR_LEGACY on, all masked. */
void i8259_init(void);

void i8259_unmask(u8 irq);
void i8259_eoi(u8 irq);

#endif
