/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TLB flushes on other CPUs. A CPU that wants one sets its bit in the others'
 * mailboxes and interrupts them; each answers by clearing the bit, at its next
 * interrupt or while it waits for a lock or for a flush of its own. So nobody
 * who waits can block anybody.
 * A request has no address: what is asked of others is always a full flush.
 */
#include "cpu/asm.h"
#include "cpu/cpu.h"
#include "cpu/guest_mode.h"
#include "debug/perfc.h"
#include "irq/irq.h"
#include "irq/lapic.h"
#include "machine.h"
#include "mm/tlb.h"

static void flush_all_local(void)
{
	tlb_note_flush(this_cpu_id());
	write_cr3(read_cr3());
}

static void wbinvd(void)
{
	__asm__ volatile("wbinvd" : : : "memory");
}

void tlb_serve_requests(void)
{
	struct cpu *c = this_cpu();
	u64 from;

	if (likely(READ_ONCE(c->flush_from) == 0))
		return;
	from = __atomic_load_n(&c->flush_from, __ATOMIC_ACQUIRE);
	if (READ_ONCE(c->flush_caches)) {
		WRITE_ONCE(c->flush_caches, false);
		wbinvd();
	}
	flush_all_local();
	__atomic_and_fetch(&c->flush_from, ~from, __ATOMIC_RELEASE);
}

static __noinline void flush_others(cpumask_t mask)
{
	u64 my_bit = cpumask_of(this_cpu_id());
	cpumask_t others = mask & cpus_online & ~my_bit;

	if (others)
		perfc_incr(flush);
	for (cpumask_t m = others; m; m &= m - 1) {
		struct cpu *c = cpus[__builtin_ctzll(m)];

		__atomic_or_fetch(&c->flush_from, my_bit, __ATOMIC_SEQ_CST);
		ipi_send(c->id, VECTOR_FLUSH_TLB);
	}
	/* While they are at it. */
	if (mask & my_bit)
		flush_all_local();
	for (cpumask_t m = others; m; m &= m - 1) {
		struct cpu *c = cpus[__builtin_ctzll(m)];

		while (__atomic_load_n(&c->flush_from, __ATOMIC_ACQUIRE) &
		       my_bit) {
			tlb_serve_requests();
			cpu_relax();
		}
	}
}

void flush_tlb_mask(cpumask_t mask)
{
	if (likely(mask == cpumask_of(this_cpu_id())))
		flush_all_local();
	else if (mask)
		flush_others(mask);
}

void flush_tlb_one_mask(cpumask_t mask, u64 va)
{
	u64 my_bit = cpumask_of(this_cpu_id());

	if (mask & my_bit)
		flush_tlb_one_local(va);
	if (mask & ~my_bit)
		flush_tlb_mask(mask & ~my_bit);
}

/* Rare enough to ride along with a TLB flush. */
void flush_cache(bool all)
{
	cpumask_t others = cpus_online & ~cpumask_of(this_cpu_id());

	wbinvd();
	if (!all)
		return;
	for (cpumask_t m = others; m; m &= m - 1)
		WRITE_ONCE(cpus[__builtin_ctzll(m)]->flush_caches, true);
	flush_tlb_mask(others);
}
