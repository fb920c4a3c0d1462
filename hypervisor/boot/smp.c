/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The other CPUs, one after the other: each gets an area and an idle VCPU, is
 * kicked into the trampoline, sets itself up, and idles until the scheduler has
 * something for it.
 */
#include "boot/acpi.h"
#include "boot/cmdline.h"
#include "boot/smp.h"
#include "cpu/area.h"
#include "cpu/cpu.h"
#include "cpu/idle.h"
#include "cpu/setup.h"
#include "domain/create.h"
#include "domain/domain.h"
#include "irq/lapic.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/paging.h"
#include "sched/sched.h"
#include "time/clock.h"
#include "time/oneshot.h"
#include "time/timer.h"

/* A page that no BIOS uses: below the EBDA, above its data and the MBR's. */
#define TRAMPOLINE_PHYS 0x8000

static bool opt_nosmp;
PARAM_BOOL("nosmp", opt_nosmp);

extern char trampoline_start[], trampoline_end[];
extern void *smp_stack;

void smp_entry(void);

/* Runs on the new CPU, with the boot page tables and its own stack. */
void smp_entry(void)
{
	struct cpu *c = this_cpu();

	write_cr3(idle_l4_mfn << PAGE_SHIFT);
	cpu_area_load(c);
	cpu_setup();
	lapic_init_cpu();
	clock_init_cpu();
	oneshot_init_cpu();
	if (timer_init_cpu(c->id))
		panic("out of memory for CPU %u", c->id);
	sched_init_cpu(c->id, c->idle);
	__atomic_or_fetch(&cpus_online, cpumask_of(c->id), __ATOMIC_SEQ_CST);
	__atomic_store_n(&c->online, true, __ATOMIC_RELEASE);
	idle_loop();
}

static bool start(struct cpu *c)
{
	smp_stack = (void *)cpu_stack_top(c);
	lapic_start_cpu(c->apic_id, TRAMPOLINE_PHYS);
	for (stime_t end = now() + SECONDS(1); now() < end;) {
		if (__atomic_load_n(&c->online, __ATOMIC_ACQUIRE))
			return true;
		clock_sync_serve();
		cpu_relax();
	}
	return false;
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

	if (opt_nosmp || !lapic_usable()) {
		log_info("One CPU (%s)", opt_nosmp ? "nosmp" : "no local APIC");
		return;
	}
	memcpy(map_physical(TRAMPOLINE_PHYS, PAGE_SIZE), trampoline_start,
	       trampoline_end - trampoline_start);
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
		if (start(c))
			cpu_count++;
		else
			log_error("CPU with APIC id %u does not start",
				  c->apic_id);
	}
	log_info("%u CPUs online", cpu_count);
}
