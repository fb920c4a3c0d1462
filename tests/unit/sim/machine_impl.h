/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The simulated machine behind machine.h: what makes the hypervisor's core an
 * ordinary Linux program. sim.h is what tests see of it, sim.c the machine.
 *
 * It is one thread. A test decides which CPU it is (sim_cpu) and when the others
 * get a turn, so every interleaving is the test's own and repeats.
 */
#ifndef SIM_MACHINE_IMPL_H
#define SIM_MACHINE_IMPL_H

#include "cpu/layout.h"

extern unsigned int sim_cpu;
extern struct vcpu *sim_current[NR_CPUS];

#define current (sim_current[sim_cpu])

static inline unsigned int this_cpu_id(void)
{
	return sim_cpu;
}

extern char *sim_ram; /* frame 0 on */
extern struct frame *frame_table;
extern mfn_t max_mfn;
extern u64 *machine_to_phys;

static inline void *map_frame(mfn_t mfn)
{
	return sim_ram + (mfn << PAGE_SHIFT);
}

static inline mfn_t virt_to_mfn(const void *va)
{
	return (mfn_t)((const char *)va - sim_ram) >> PAGE_SHIFT;
}

extern mfn_t max_mfn;
bool mfn_valid(mfn_t mfn);

/* With one thread, a lock that is taken will never be free again. */
static inline bool spin_is_locked(const struct spinlock *lock)
{
	return lock->next != lock->owner;
}

static inline void spin_lock(struct spinlock *lock)
{
	BUG_ON(spin_is_locked(lock));
	lock->next++;
}

static inline bool spin_trylock(struct spinlock *lock)
{
	if (spin_is_locked(lock))
		return false;
	lock->next++;
	return true;
}

static inline void spin_unlock(struct spinlock *lock)
{
	BUG_ON(!spin_is_locked(lock));
	lock->owner++;
}

int __must_check copy_from_guest(void *to, const void *from, size_t bytes);
int __must_check copy_to_guest(void *to, const void *from, size_t bytes);

/* Word by word: the checks are in each copy. */
#define guest_range(p, bytes) ((void)(p), true)
#define guest_access_begin() ((void)0)
#define guest_access_end() ((void)0)
#define guest_load(value, ptr, label)                              \
	do {                                                       \
		if (copy_from_guest(&(value), ptr, sizeof(value))) \
			goto label;                                \
	} while (0)
#define guest_store(value, ptr, label)                              \
	do {                                                        \
		__typeof__(*(ptr)) _v = (value);                    \
		if (copy_to_guest(ptr, &_v, sizeof(_v)))            \
			goto label;                                 \
	} while (0)

stime_t now(void);

static inline u64 machine_cycles(void)
{
	return now();
}

void machine_set_timer(stime_t deadline);

void cpu_raise_softirq(unsigned int cpu, unsigned int nr);
void cpu_kick(unsigned int cpu);
bool preempt_check(void);

void flush_tlb_local(void);
void flush_tlb_one_local(u64 va);
void flush_tlb_mask(cpumask_t cpus);
void flush_tlb_one_mask(cpumask_t cpus, u64 va);

void context_switch(struct vcpu *prev, struct vcpu *next);

#endif
