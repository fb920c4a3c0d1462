/*
 * VCPUs. Each runs on its own piece of one aligned array of stacks and so
 * knows its number from its stack pointer. VCPU 0 counts for anything else.
 */
#ifndef LIB_SMP_H
#define LIB_SMP_H

#include <stdint.h>
#include <xen/xen.h>
#include "layout.h"

extern char stacks[MAX_VCPUS][STACK_SIZE];

static inline unsigned int smp_id(void)
{
	unsigned long sp, at;

	__asm__("movq %%rsp, %0" : "=r"(sp));
	at = sp - (unsigned long)stacks;
	return at < sizeof(stacks) ? at / STACK_SIZE : 0;
}

/* The vcpu_info in use for a VCPU; moved by guests that register another. */
extern struct vcpu_info *vcpu_info_moved[MAX_VCPUS];
struct vcpu_info *vcpu_info(unsigned int vcpu);

/* The number of VCPUs this domain has, up or not. */
unsigned int smp_count(void);
/* Fill a context so that the VCPU starts fn(arg) on its own stack. */
void smp_context(struct vcpu_guest_context *ctxt, unsigned int vcpu, void (*fn)(void *), void *arg);
/* Initialise a VCPU and bring it up. Returns what the hypervisor answered. */
long smp_start(unsigned int vcpu, void (*fn)(void *), void *arg);
/* Take the calling VCPU down; it comes back from here if brought up again. */
long smp_down(void);

#endif
