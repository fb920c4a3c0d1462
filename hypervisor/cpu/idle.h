/* SPDX-License-Identifier: GPL-2.0-only */
/* What a CPU does between guests. */
#ifndef CPU_IDLE_H
#define CPU_IDLE_H

struct vcpu;

/* The idle VCPU's life. */
void idle_loop(void) __attribute__((noreturn));

/* Run what is pending on this CPU; v is current. May not return: it may switch
 * to another VCPU. entry.S calls it on the way back to a guest. */
void softirq_run(struct vcpu *v);

#endif
