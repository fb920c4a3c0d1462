/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a vector to its handler. The entry code brings every interrupt here;
 * what a vector means is for its handler, how it is acknowledged is known here.
 */
#include <xen/errno.h>

#include "irq/i8259.h"
#include "irq/irq.h"
#include "irq/lapic.h"
#include "machine.h"

static struct {
	irq_handler handler;
	void *data;
	bool allocated;
} vectors[256];

static struct spinlock vector_lock = SPINLOCK_INIT;

static void acknowledge(u8 vector)
{
	if (vector < VECTOR_LEGACY + 16)
		i8259_eoi(vector - VECTOR_LEGACY);
	else
		lapic_eoi();
}

void irq_dispatch(struct guest_regs *regs, u8 vector)
{
	irq_handler handler = READ_ONCE(vectors[vector].handler);

	if (vector == VECTOR_SPURIOUS)
		return;
	if (likely(handler))
		handler(vector, vectors[vector].data);
	else
		log_debug("interrupt %x in %s: nobody's", vector,
			  regs ? "a guest" : "the hypervisor");
	acknowledge(vector);
}

void irq_register(u8 vector, irq_handler handler, void *data)
{
	/* Never the new handler with the old one's data. */
	WRITE_ONCE(vectors[vector].handler, NULL);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	vectors[vector].data = data;
	__atomic_store_n(&vectors[vector].handler, handler, __ATOMIC_RELEASE);
}

int irq_vector_alloc(void)
{
	int vector, found = -XEN_ENOSPC;

	spin_lock(&vector_lock);
	for (vector = VECTOR_DEVICE_FIRST; vector <= VECTOR_DEVICE_LAST;
	     vector++) {
		if (vector == 0x80 || vector == 0x82)
			continue;
		if (!vectors[vector].allocated) {
			vectors[vector].allocated = true;
			found = vector;
			break;
		}
	}
	spin_unlock(&vector_lock);
	return found;
}

void irq_vector_free(u8 vector)
{
	spin_lock(&vector_lock);
	vectors[vector].allocated = false;
	spin_unlock(&vector_lock);
}
