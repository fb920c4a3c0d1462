/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine, as the core sees it.
 *
 * mm, event, grant, sched, time/timer, domain and hypercall reach the machine
 * through this header alone. It has two implementations: cpu/machine_impl.h,
 * the real one, and tests/unit/sim/machine_impl.h, which makes an ordinary
 * Linux program of the core with simulated memory and CPUs. Whatever both must
 * offer is declared or described here; each implementation provides it as
 * inline functions or as functions of its own.
 *
 * One rule of the house keeps the core simple: the hypervisor runs with
 * interrupts off. They are taken while a guest runs, while a CPU idles, and at
 * preempt_check(), which every long operation calls after a bounded number of
 * steps. So no lock needs an interrupt-safe form, and nothing happens behind a
 * function's back.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "lib/types.h"

struct vcpu;
struct domain;
struct frame;

/*
 * Locks. Fair (ticket) spin locks. A CPU that waits for one goes on serving
 * other CPUs' TLB flush requests, so a lock may be held while waiting for a
 * flush. Order, outermost first:
 *
 *   domain list -> domain's mmu lock -> grant table -> event lock
 *     -> scheduler lock -> timer lock -> heap lock -> console lock
 */
struct spinlock {
	u32 next, owner;
};

#define SPINLOCK_INIT { 0, 0 }

static inline void spin_lock_init(struct spinlock *lock)
{
	lock->next = lock->owner = 0;
}

/* Provided by the implementation:
 *
 * void spin_lock(struct spinlock *lock);
 * bool spin_trylock(struct spinlock *lock);
 * void spin_unlock(struct spinlock *lock);
 * bool spin_is_locked(struct spinlock *lock);
 *
 * struct vcpu *current
 *	The VCPU that this CPU runs: an idle VCPU when no guest does.
 * unsigned int this_cpu_id(void)
 *	0 .. NR_CPUS - 1.
 *
 * void *map_frame(mfn_t mfn)
 *	Where the hypervisor sees a frame of RAM. Always mapped; no unmap.
 * mfn_t virt_to_mfn(const void *va)
 *	The reverse, for addresses that map_frame() gave.
 * struct frame *frame_table; u64 *machine_to_phys;
 *	Indexed by mfn; only entries of frames that mfn_valid() accepts exist.
 * mfn_t max_mfn; bool mfn_valid(mfn_t mfn)
 *	The highest frame of RAM + 1; whether the frame table has an entry for mfn,
 *	which all below it have (RAM, or a hole in it).
 *
 * int copy_from_guest(void *to, const void *from, size_t bytes)
 * int copy_to_guest(void *to, const void *from, size_t bytes)
 *	Between the current guest's memory, at an address it gave, and ours.
 *	0, or -EFAULT when the address is the hypervisor's or the guest may not
 *	read (write) there. On -EFAULT part may have been copied.
 * guest_range(p, bytes), guest_access_begin(), guest_access_end(),
 * guest_load(value, ptr, label), guest_store(value, ptr, label)
 *	The same word by word, where each instruction counts: a range that the
 *	guest may name; then between begin and end accesses that go to label when
 *	they fault (and end there).
 *
 * stime_t now(void)
 *	System time. Never goes backwards on a CPU nor between CPUs.
 * u64 machine_cycles(void)
 *	This CPU's cycle counter, for time stamps in traces.
 * void machine_set_timer(stime_t deadline)
 *	This CPU's one timer interrupt; STIME_MAX for none. When it fires it
 *	raises SOFTIRQ_TIMER. A deadline that has passed fires at once.
 *
 * void cpu_raise_softirq(unsigned int cpu, unsigned int nr)
 *	Ask a CPU to run softirq nr before it next runs a guest (or at once when
 *	it idles); sends an interrupt when it is another CPU.
 * bool preempt_check(void)
 *	Let interrupts in for a moment; true when a long operation should stop
 *	here and be continued (a softirq is pending on this CPU).
 *
 * void cpu_kick(unsigned int cpu)
 *	Make another CPU leave its guest and look at its VCPU's pending events.
 *
 * void flush_tlb_local(void)
 * void flush_tlb_one_local(u64 va)
 * void flush_tlb_mask(cpumask_t cpus)
 * void flush_tlb_one_mask(cpumask_t cpus, u64 va)
 *	Drop non-global translations; the mask forms return when every CPU in the
 *	mask (this one included, if in it) has done so.
 * void context_switch(struct vcpu *prev, struct vcpu *next)
 *	Called by the scheduler last: this CPU runs next from here on. On the
 *	real machine it does not return.
 */

enum softirq {
	SOFTIRQ_TIMER,
	SOFTIRQ_SCHEDULE,
	SOFTIRQ_NMI, /* dom0 shall hear of an NMI */
	SOFTIRQ_TRACE, /* and of trace records to be read */
	SOFTIRQ_SLEEP, /* the machine goes to sleep; first CPU */
	NR_SOFTIRQS,
};

/* lib/printk.c, and its counterpart of the host build. */
enum loglevel { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

void printk(enum loglevel level, const char *fmt, ...) __printf(2, 3);
void __noreturn panic(const char *fmt, ...) __printf(1, 2);

#define log_error(fmt, ...) printk(LOG_ERROR, fmt "\n", ##__VA_ARGS__)
#define log_warning(fmt, ...) printk(LOG_WARNING, fmt "\n", ##__VA_ARGS__)
#define log_info(fmt, ...) printk(LOG_INFO, fmt "\n", ##__VA_ARGS__)
#define log_debug(fmt, ...) printk(LOG_DEBUG, fmt "\n", ##__VA_ARGS__)

/* Messages that a guest can cause go through here: at most 20 a second. */
void guest_log(enum loglevel level, const char *fmt, ...) __printf(2, 3);

#define BUG() panic("BUG at %s:%d (%s)", __FILE__, __LINE__, __func__)
#define BUG_ON(cond)                                                     \
	do {                                                             \
		if (unlikely(cond))                                      \
			panic("BUG at %s:%d (%s): %s", __FILE__, __LINE__, \
			      __func__, #cond);                          \
	} while (0)

/* Checked in debug builds only. */
#ifdef CONFIG_DEBUG
#define ASSERT(cond) BUG_ON(!(cond))
#else
#define ASSERT(cond) ((void)sizeof(cond))
#endif

#ifdef XENOLITH_HOST
#include "sim/machine_impl.h"
#else
#include "cpu/machine_impl.h"
#endif

#endif
