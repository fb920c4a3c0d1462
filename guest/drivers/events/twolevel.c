// SPDX-License-Identifier: GPL-2.0
/*
 * Ports shared as bits: 4096 in the shared page, a bit each for pending and masked,
 * in 64 words. Each VCPU's vcpu_info has a bit for each word in which something became
 * pending. All VCPUs share the words, so that each must know which bits are its own.
 *
 * Lower ports are not served before higher ones: each upcall begins after the port at
 * which the one before it ended.
 */
#include <linux/bitops.h>
#include <linux/percpu.h>
#include <asm/sync_bitops.h>
#include <asm/xen/hypervisor.h>
#include <xen/xen-ops.h>

#include "events.h"

#define WORDS 64

/*
 * The ports that are bound to this CPU; to CPU 0 those that nobody has. Changed when
 * they are masked.
 */
static DEFINE_PER_CPU(unsigned long[WORDS], own);
/* Where the next upcall begins; that CPU, interrupts off. */
static DEFINE_PER_CPU(unsigned int, next_word);
static DEFINE_PER_CPU(unsigned int, next_bit);

int __init twolevel_start(void)
{
	return 0;
}

/* Its IPIs and timer are bound already. */
int twolevel_start_cpu(unsigned int cpu)
{
	return 0;
}

/* Its ports have moved, and moving tells the new CPU of what is pending. */
void twolevel_end_cpu(unsigned int cpu)
{
}

unsigned int twolevel_ports(void)
{
	return WORDS * 64;
}

int twolevel_add_port(evtchn_port_t port)
{
	twolevel_mask(port);
	return 0;
}

void twolevel_moved(evtchn_port_t port, unsigned int from, unsigned int to)
{
	clear_bit(port, per_cpu(own, from));
	set_bit(port, per_cpu(own, to));
}

void twolevel_mask(evtchn_port_t port)
{
	sync_set_bit(port, HYPERVISOR_shared_info->evtchn_mask);
}

bool twolevel_masked(evtchn_port_t port)
{
	return sync_test_bit(port, HYPERVISOR_shared_info->evtchn_mask);
}

/*
 * On its own CPU it needs no hypercall: if it is pending, set what the hypervisor
 * would set.
 */
void twolevel_unmask(evtchn_port_t port)
{
	struct shared_info *shared = HYPERVISOR_shared_info;
	struct vcpu_info *vcpu;
	unsigned long flags;

	local_irq_save(flags);
	if (test_bit(port, per_cpu(own, smp_processor_id()))) {
		vcpu = __this_cpu_read(xen_vcpu);
		sync_clear_bit(port, shared->evtchn_mask);
		if (sync_test_bit(port, shared->evtchn_pending) &&
		    !sync_test_and_set_bit(port / 64, &vcpu->evtchn_pending_sel))
			vcpu->evtchn_upcall_pending = 1;
	} else if (sync_test_bit(port, shared->evtchn_mask)) {
		unmask_by_hypervisor(port);
	}
	local_irq_restore(flags);
}

void twolevel_clear(evtchn_port_t port)
{
	sync_clear_bit(port, HYPERVISOR_shared_info->evtchn_pending);
}

void twolevel_set(evtchn_port_t port)
{
	sync_set_bit(port, HYPERVISOR_shared_info->evtchn_pending);
}

bool twolevel_pending(evtchn_port_t port)
{
	return sync_test_bit(port, HYPERVISOR_shared_info->evtchn_pending);
}

/* Which ports of @word this CPU has to serve. */
static unsigned long active(unsigned int cpu, unsigned int word)
{
	return READ_ONCE(HYPERVISOR_shared_info->evtchn_pending[word]) &
	       ~READ_ONCE(HYPERVISOR_shared_info->evtchn_mask[word]) &
	       READ_ONCE(per_cpu(own, cpu)[word]);
}

/* The bits of @bits from number @first on, or all if there are none. */
static unsigned long from_bit(unsigned long bits, unsigned int first)
{
	unsigned long rest = bits & (~0ul << first);

	return rest ?: bits;
}

void twolevel_handle(unsigned int cpu, struct upcall *upcall)
{
	struct vcpu_info *vcpu = __this_cpu_read(xen_vcpu);
	unsigned long words = xchg(&vcpu->evtchn_pending_sel, 0), bits;
	unsigned int word, bit;

	while (words) {
		word = __ffs(from_bit(words, __this_cpu_read(next_word)));
		words &= ~BIT(word);
		bits = active(cpu, word);
		while (bits) {
			bit = __ffs(from_bit(bits, __this_cpu_read(next_bit)));
			bits &= ~BIT(bit);
			__this_cpu_write(next_bit, (bit + 1) % 64);
			/* Another event's handler may have masked it meanwhile. */
			if (active(cpu, word) & BIT(bit))
				event_deliver(word * 64 + bit, upcall);
		}
		__this_cpu_write(next_word, (word + 1) % 64);
	}
}

void twolevel_resume(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		memset(per_cpu(own, cpu), 0, sizeof(per_cpu(own, cpu)));
}
