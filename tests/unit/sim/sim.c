/* SPDX-License-Identifier: GPL-2.0-only */
/* The simulated machine: RAM, CPUs, a clock, timers, and what they are asked. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <xen/errno.h>

#include "debug/trace.h"
#include "cpu/layout.h"
#include "domain/domain.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/audit.h"
#include "mm/frame.h"
#include "mm/paging.h"
#include "sched/sched.h"
#include "sim/internal.h"
#include "sim/sim.h"
#include "time/timer.h"

unsigned int sim_cpu;
struct vcpu *sim_current[NR_CPUS];
static unsigned int sim_cpus;
cpumask_t sim_cpus_present;

char *sim_ram;
struct frame *frame_table;
u64 *machine_to_phys;
static u64 free_at_start;

stime_t sim_time;
stime_t sim_timer[NR_CPUS];
u32 sim_softirqs_pending[NR_CPUS];
cpumask_t sim_kicked;
struct sim_counts sim_count;
unsigned int sim_preempt_every;
bool (*sim_preempt)(void);
static unsigned int preempt_calls;
bool sim_delay_save;
static struct vcpu *unsaved[NR_CPUS];
bool sim_verbose;

/* Messages. */

void printk(enum loglevel level, const char *fmt, ...)
{
	va_list args;

	if (!sim_verbose && !getenv("SIM_VERBOSE"))
		return;
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
}

void guest_log(enum loglevel level, const char *fmt, ...)
{
	va_list args;

	if (!sim_verbose && !getenv("SIM_VERBOSE"))
		return;
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
}

void panic(const char *fmt, ...)
{
	va_list args;

	fputs("panic: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

/* Memory. */

bool mfn_valid(mfn_t mfn)
{
	return mfn < max_mfn;
}

/* No mapping of ours but the direct one is simulated. */
mfn_t hypervisor_mfn(u64 va)
{
	return 0;
}

/*
 * Guests see their own frames, where the hypervisor sees them too, and may write
 * to those that are no tables: any of them they could map writable.
 */
static bool guest_may(const void *address, size_t bytes, bool write)
{
	u64 start = (const char *)address - sim_ram;

	if ((const char *)address < sim_ram || start + bytes > max_mfn << PAGE_SHIFT)
		return false;
	for (mfn_t m = start >> PAGE_SHIFT; m <= (start + bytes - 1) >> PAGE_SHIFT; m++)
		if (!(frame_table[m].ref & FRAME_REF_MASK) ||
		    frame_table[m].owner != current->domain->id ||
		    (write && (frame_table[m].type & FRAME_TYPE_COUNT) &&
		     (frame_table[m].type & FRAME_TYPE_MASK) != FRAME_WRITABLE))
			return false;
	return true;
}

int copy_from_guest(void *to, const void *from, size_t bytes)
{
	if (!guest_may(from, bytes, false))
		return -XEN_EFAULT;
	memcpy(to, from, bytes);
	return 0;
}

int copy_to_guest(void *to, const void *from, size_t bytes)
{
	if (!guest_may(to, bytes, true))
		return -XEN_EFAULT;
	memcpy(to, from, bytes);
	return 0;
}

/* Time and CPUs. */

stime_t now(void)
{
	return sim_time;
}

void machine_set_timer(stime_t deadline)
{
	sim_count.set_timer++;
	sim_timer[sim_cpu] = deadline;
	if (deadline <= sim_time) {
		sim_timer[sim_cpu] = STIME_MAX;
		cpu_raise_softirq(sim_cpu, SOFTIRQ_TIMER);
	}
}

void cpu_raise_softirq(unsigned int cpu, unsigned int nr)
{
	BUG_ON(cpu >= sim_cpus);
	sim_count.softirqs++;
	sim_softirqs_pending[cpu] |= 1u << nr;
}

void cpu_kick(unsigned int cpu)
{
	BUG_ON(cpu >= sim_cpus || cpu == sim_cpu);
	sim_count.kicks++;
	sim_kicked |= cpumask_of(cpu);
}

static bool take(unsigned int cpu, unsigned int nr)
{
	bool set = sim_softirqs_pending[cpu] & 1u << nr;

	sim_softirqs_pending[cpu] &= ~(1u << nr);
	return set;
}

void sim_run_cpu(unsigned int cpu)
{
	unsigned int was = sim_cpu;

	sim_cpu = cpu;
	for (unsigned int n = 0; sim_softirqs_pending[cpu]; n++) {
		BUG_ON(n > 10000); /* a storm */
		if (take(cpu, SOFTIRQ_TIMER))
			timer_softirq();
		if (take(cpu, SOFTIRQ_NMI))
			current->nmi_pending = false;
		if (take(cpu, SOFTIRQ_TRACE))
			trace_softirq();
		if (take(cpu, SOFTIRQ_SCHEDULE))
			sched_softirq();
	}
	sim_cpu = was;
}

void sim_run(void)
{
	bool any;

	do {
		any = false;
		for (unsigned int cpu = 0; cpu < sim_cpus; cpu++) {
			any |= sim_softirqs_pending[cpu] != 0;
			sim_run_cpu(cpu);
		}
	} while (any);
}

/* Somebody waits for another CPU, or can stop here: the others get a turn. */
bool preempt_check(void)
{
	static bool nested;

	if (!nested) {
		nested = true;
		for (unsigned int cpu = 0; cpu < sim_cpus; cpu++)
			if (cpu != sim_cpu)
				sim_run_cpu(cpu);
		nested = false;
	}
	if (sim_preempt)
		return sim_preempt();
	if (sim_preempt_every && ++preempt_calls % sim_preempt_every == 0)
		return true;
	return sim_softirqs_pending[sim_cpu] != 0;
}

void sim_advance(stime_t ns)
{
	stime_t end = sim_time + ns;

	sim_run();
	for (;;) {
		unsigned int first = 0;

		for (unsigned int cpu = 1; cpu < sim_cpus; cpu++)
			if (sim_timer[cpu] < sim_timer[first])
				first = cpu;
		if (sim_timer[first] > end)
			break;
		sim_time = sim_timer[first];
		sim_timer[first] = STIME_MAX;
		cpu_raise_softirq(first, SOFTIRQ_TIMER);
		sim_run();
	}
	sim_time = end;
}

void sim_save(unsigned int cpu)
{
	struct vcpu *v = unsaved[cpu];
	unsigned int was = sim_cpu;

	BUG_ON(!v);
	unsaved[cpu] = NULL;
	sim_cpu = cpu;
	sched_context_saved(v);
	sim_cpu = was;
}

void context_switch(struct vcpu *prev, struct vcpu *next)
{
	BUG_ON(prev != current || next == prev);
	/* One CPU at a time runs a VCPU. */
	for (unsigned int cpu = 0; cpu < sim_cpus; cpu++)
		BUG_ON(sim_current[cpu] == next || unsaved[cpu] == next);
	BUG_ON(!next->is_running || next->processor != sim_cpu);
	sim_count.switches++;
	sim_load_vcpu(prev, next);
	current = next;
	if (sim_delay_save) {
		BUG_ON(unsaved[sim_cpu]);
		unsaved[sim_cpu] = prev;
	} else {
		sched_context_saved(prev);
	}
}

/* The whole machine. */

void sim_init_cpus(u64 ram_bytes, unsigned int cpus, const char *sched)
{
	/* The same again is dirty, as RAM is after a reset, and spares faults. */
	if (max_mfn != ram_bytes >> PAGE_SHIFT) {
		if (sim_ram)
			munmap(sim_ram, max_mfn << PAGE_SHIFT);
		sim_ram = mmap(NULL, ram_bytes, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		BUG_ON(sim_ram == MAP_FAILED);
	}
	max_mfn = ram_bytes >> PAGE_SHIFT;
	frame_table = calloc(max_mfn, sizeof(struct frame));
	machine_to_phys = calloc(max_mfn, sizeof(u64));
	/* As on the machine, frame 0 is nobody's, and 0 stands for none. */
	frame_table[0].owner = DOMID_IO;
	frames_add(1, max_mfn);
	free_at_start = frames_free_count();
	idle_l4 = page_alloc();
	idle_l4_mfn = virt_to_mfn(idle_l4);
	sim_null_mfn = virt_to_mfn(page_alloc());
	for (unsigned int i = L4_SLOT_FIRST; i <= L4_SLOT_LAST; i++)
		idle_l4[i] = pte_make(idle_l4_mfn, PTE_PRESENT | PTE_RW);

	sim_cpus = cpus;
	sim_cpus_present = cpus < NR_CPUS ? cpumask_of(cpus) - 1 : ~0ull;
	sim_cpu = 0;
	sim_time = SECONDS(1);
	sim_delay_save = false;
	sim_preempt_every = 0;
	sim_preempt = NULL;
	sim_kicked = 0;
	memset(&sim_count, 0, sizeof(sim_count));
	memset(unsaved, 0, sizeof(unsaved));
	sim_domains_init();
	BUG_ON(!sched_init(sched));
	for (unsigned int cpu = 0; cpu < cpus; cpu++) {
		sim_softirqs_pending[cpu] = 0;
		sim_timer[cpu] = STIME_MAX;
		timer_init_cpu(cpu);
		sim_current[cpu] = sim_idle_vcpu(cpu);
		sched_init_cpu(cpu, sim_current[cpu]);
	}
}

void sim_exit(void)
{
	if (audit())
		panic("the audit found something");
	sim_domains_exit();
	page_free(idle_l4);
	page_free(map_frame(sim_null_mfn));
	if (frames_free_count() != free_at_start)
		panic("%llu frames are lost",
		      (unsigned long long)(free_at_start - frames_free_count()));
	/* The allocator forgets it all: take every block off its lists. */
	while (frames_free_count())
		for (int order = MAX_ORDER; order >= 0; order--)
			while (frames_alloc(order, ALLOC_DIRTY))
				;
	free(frame_table);
	free(machine_to_phys);
}
