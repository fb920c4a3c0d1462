/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The other CPUs, one after the other: each gets an area and an idle VCPU, is
 * kicked into the trampoline, sets itself up, and idles until the scheduler has
 * something for it.
 */
#include "boot/acpi.h"
#include "boot/boot_info.h"
#include "boot/cmdline.h"
#include "boot/smp.h"
#include "cpu/area.h"
#include "cpu/cpu.h"
#include "cpu/idle.h"
#include "cpu/setup.h"
#include "domain/create.h"
#include "domain/domain.h"
#include "irq/irq.h"
#include "irq/lapic.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/paging.h"
#include "sched/sched.h"
#include "time/clock.h"
#include "time/oneshot.h"
#include "time/timer.h"

/* Where the trampoline may be: above the BIOS's data, below its extended data. */
#define TRAMPOLINE_FIRST 0x8000
#define TRAMPOLINE_LAST 0x90000

/* Long, for the sake of emulators on busy hosts. */
#define START_PATIENCE SECONDS(4)
#define START_TRIES 5

static bool opt_nosmp;
PARAM_BOOL("nosmp", opt_nosmp);

extern char trampoline_start[], trampoline_end[];
extern void *smp_stack;

void smp_entry(void);

/* A CPU that starts has arrived at smp_entry(); it will not be started again. */
static bool arrived, expected;

void smp_come_up(struct cpu *c)
{
	write_cr3(idle_l4_mfn << PAGE_SHIFT);
	cpu_area_load(c);
	cpu_setup();
	lapic_init_cpu();
	clock_init_cpu();
	oneshot_init_cpu();
	/* If it had timers, it shall look at them. */
	cpu_raise_softirq(c->id, SOFTIRQ_TIMER);
}

/* Runs on the new CPU, with the boot page tables and its own stack. */
void smp_entry(void)
{
	struct cpu *c = this_cpu();

	__atomic_store_n(&arrived, true, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&expected, __ATOMIC_ACQUIRE))
		cpu_relax();
	smp_come_up(c);
	if (!c->idle->is_running) {
		if (timer_init_cpu(c->id))
			panic("out of memory for CPU %u", c->id);
		sched_init_cpu(c->id, c->idle);
	}
	__atomic_or_fetch(&cpus_online, cpumask_of(c->id), __ATOMIC_SEQ_CST);
	__atomic_store_n(&c->online, true, __ATOMIC_RELEASE);
	idle_loop();
}

/* A page of RAM there that no boot module lies in. */
static paddr_t trampoline_page(void)
{
	for (paddr_t p = TRAMPOLINE_FIRST; p < TRAMPOLINE_LAST; p += PAGE_SIZE) {
		bool is_free = mfn_is_ram(p >> PAGE_SHIFT);

		for (unsigned int i = 0; i < boot_info.nr_modules; i++)
			if (boot_info.module[i].start < p + PAGE_SIZE &&
			    p < boot_info.module[i].end)
				is_free = false;
		if (is_free)
			return p;
	}
	return 0;
}

paddr_t smp_trampoline(void)
{
	paddr_t page = trampoline_page();

	if (page)
		memcpy(map_physical(page, PAGE_SIZE), trampoline_start,
		       trampoline_end - trampoline_start);
	return page;
}

static bool wait_for(const bool *flag)
{
	for (stime_t end = now() + START_PATIENCE; now() < end;) {
		if (__atomic_load_n(flag, __ATOMIC_ACQUIRE))
			return true;
		clock_sync_serve();
		cpu_relax();
	}
	return false;
}

/*
 * Firmware that woke the machine has just started the CPU for its own purposes. In
 * QEMU a start that it has not seen yet outlives our INIT, ours is ignored after it,
 * and the CPU is lost in what firmware had below 1 MiB. A further INIT gets it out
 * of there; and so it waits in smp_entry() until there are no more to come.
 */
static bool start(struct cpu *c, paddr_t trampoline)
{
	smp_stack = (void *)cpu_stack_top(c);
	expected = false;
	for (unsigned int i = 0; i < START_TRIES; i++) {
		arrived = false;
		lapic_start_cpu(c->apic_id, trampoline);
		if (wait_for(&arrived))
			break;
	}
	__atomic_store_n(&expected, true, __ATOMIC_RELEASE);
	return wait_for(&c->online);
}

void smp_init_first(void)
{
	struct cpu *c = this_cpu();

	c->apic_id = lapic_id();
	for (unsigned int i = 0; i < acpi.cpu_count; i++)
		if (acpi.cpu[i].apic_id == c->apic_id)
			c->acpi_id = acpi.cpu[i].acpi_id;
	c->online = true;
	cpus_online = cpumask_of(0);
	cpu_count = 1;
}

void smp_boot(void)
{
	u32 first = this_cpu()->apic_id;
	paddr_t trampoline;

	if (opt_nosmp || !lapic_usable()) {
		log_info("One CPU (%s)", opt_nosmp ? "nosmp" : "no local APIC");
		return;
	}
	trampoline = smp_trampoline();
	if (!trampoline) {
		log_error("One CPU: no memory below 1 MiB to start others in");
		return;
	}
	for (unsigned int i = 0; i < acpi.cpu_count && cpu_count < NR_CPUS;
	     i++) {
		unsigned int id = cpu_count;
		struct cpu *c;

		if (acpi.cpu[i].apic_id == first)
			continue;
		c = cpu_area_create(id);
		if (!c || !(c->idle = vcpu_create(idle_domain, id, id)))
			panic("out of memory for CPU %u", id);
		c->running = c->idle;
		c->idle->stack = cpu_stack_top(c);
		c->apic_id = acpi.cpu[i].apic_id;
		c->acpi_id = acpi.cpu[i].acpi_id;
		if (!start(c, trampoline)) {
			/* If it comes later, its stack must still be its own. */
			log_error("CPU with APIC id %u does not start: going on without it and the rest",
				  c->apic_id);
			break;
		}
		cpu_count++;
	}
	log_info("%u CPUs online", cpu_count);
}

void smp_stop(void)
{
	ipi_stop_others();
	for (unsigned int cpu = 1; cpu < cpu_count; cpu++) {
		/* It may wait for us before it looks at interrupts. */
		while (__atomic_load_n(&cpus[cpu]->online, __ATOMIC_ACQUIRE))
			tlb_serve_requests();
	}
	__atomic_store_n(&cpus_online, cpumask_of(0), __ATOMIC_SEQ_CST);
}

void smp_start_again(void)
{
	paddr_t trampoline = smp_trampoline();

	for (unsigned int cpu = 1; cpu < cpu_count; cpu++)
		if (!start(cpus[cpu], trampoline))
			panic("CPU %u does not start again", cpu);
}
