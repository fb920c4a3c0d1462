/* SPDX-License-Identifier: GPL-2.0-only */
/* The real machine behind machine.h, which describes each of these. */
#ifndef CPU_MACHINE_IMPL_H
#define CPU_MACHINE_IMPL_H

#include "cpu/asm.h"
#include "cpu/cpu.h"
#include "cpu/layout.h"

#define current (this_cpu()->running)

#define frame_table ((struct frame *)FRAME_TABLE_VIRT)
#define machine_to_phys ((u64 *)M2P_VIRT)

static inline void *map_frame(mfn_t mfn)
{
	return (void *)(DIRECTMAP_VIRT + (mfn << PAGE_SHIFT));
}

static inline mfn_t virt_to_mfn(const void *va)
{
	return ((u64)va - DIRECTMAP_VIRT) >> PAGE_SHIFT;
}

extern mfn_t max_mfn;

/*
 * There is a record for each frame below the highest of RAM: what lies between
 * pieces of RAM has records too, of device memory (mm/paging.c).
 */
static inline bool mfn_valid(mfn_t mfn)
{
	return mfn < max_mfn;
}

/* Answer flush requests while waiting for something. */
void tlb_serve_requests(void);

static inline void spin_lock(struct spinlock *lock)
{
	u32 ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);

	while (unlikely(__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) !=
			ticket)) {
		tlb_serve_requests();
		cpu_relax();
	}
}

static inline bool spin_trylock(struct spinlock *lock)
{
	u32 owner = __atomic_load_n(&lock->owner, __ATOMIC_RELAXED);
	u32 ticket = owner;

	return __atomic_compare_exchange_n(&lock->next, &ticket, owner + 1,
					   false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

static inline void spin_unlock(struct spinlock *lock)
{
	/* Only we write it; stores of x86 are releases. */
	__asm__ volatile("incl %0" : "+m"(lock->owner) : : "memory");
}

static inline bool spin_is_locked(const struct spinlock *lock)
{
	return READ_ONCE(lock->next) != READ_ONCE(lock->owner);
}

#include "cpu/guest_access.h"

static inline u64 machine_cycles(void)
{
	return rdtsc();
}

stime_t now(void);
void machine_set_timer(stime_t deadline);

void cpu_raise_softirq(unsigned int cpu, unsigned int nr);
void cpu_kick(unsigned int cpu);

static inline bool preempt_check(void)
{
	irq_enable();
	__asm__ volatile("nop" : : : "memory"); /* sti takes effect after it */
	irq_disable();
	return READ_ONCE(this_cpu()->softirq_pending) != 0;
}

/* Loading CR3 drops all but global translations; we map guests non-global. */
static inline void flush_tlb_local(void)
{
	write_cr3(read_cr3());
}

static inline void flush_tlb_one_local(u64 va)
{
	invlpg(va);
}

void flush_tlb_mask(cpumask_t cpus);
void flush_tlb_one_mask(cpumask_t cpus, u64 va);

void context_switch(struct vcpu *prev, struct vcpu *next);

#endif
