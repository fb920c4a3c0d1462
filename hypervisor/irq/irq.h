/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts as the hypervisor sees them: vectors, who handles each, and
 * interrupts from one CPU to another.
 */
#ifndef IRQ_IRQ_H
#define IRQ_IRQ_H

#include "lib/types.h"

struct guest_regs;

/*
 * Vectors. The higher the sixteen it is in, the more urgent (SDM vol. 3,
 * "Task and processor priorities"). 0x80 and 0x82 are left to guests.
 */
#define VECTOR_LEGACY 0x20	/* 16: the i8259s */
#define VECTOR_DEVICE_FIRST 0x30
#define VECTOR_DEVICE_LAST 0xef
#define VECTOR_STOP 0xfa	/* stop: the machine ends or sleeps */
#define VECTOR_TIMER 0xfb	/* this CPU's own timer */
#define VECTOR_FLUSH_TLB 0xfc	/* tlb_serve_requests() */
#define VECTOR_EVENT_CHECK 0xfd /* look at softirqs and events */
#define VECTOR_APIC_ERROR 0xfe
#define VECTOR_SPURIOUS 0xff	/* not acknowledged */

/* A handler: interrupts off, no lock held; acknowledged after it returns. */
typedef void (*irq_handler)(u8 vector, void *data);

/*
 * Handle an interrupt, vector 0x20 to 0xff: the entry code calls it. regs is
 * the guest it came to, NULL when it came to the hypervisor (idle,
 * preempt_check()).
 */
void irq_dispatch(struct guest_regs *regs, u8 vector);

/* Set a vector's handler; NULL for none. Any CPU. */
void irq_register(u8 vector, irq_handler handler, void *data);

/* A free vector for a device's interrupt, or -ENOSPC. Any CPU. */
int irq_vector_alloc(void);
void irq_vector_free(u8 vector);

/* Handlers of the vectors that belong to ipi.c. Boot. */
void ipi_init(void);

/* Make all other CPUs stop once they leave the hypervisor: they are no more online,
 * and need to be started. */
void ipi_stop_others(void);

#endif
