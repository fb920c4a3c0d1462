/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the first line of C to the first guest: the hypervisor's start, in order.
 */
#include "boot/acpi.h"
#include "boot/boot_info.h"
#include "boot/cmdline.h"
#include "boot/efi.h"
#include "boot/smp.h"
#include "boot/start.h"
#include "console/console.h"
#include "cpu/area.h"
#include "cpu/cpu.h"
#include "cpu/idle.h"
#include "cpu/idt.h"
#include "cpu/ioport.h"
#include "cpu/setup.h"
#include "debug/perfc.h"
#include "debug/trace.h"
#include "domain/create.h"
#include "domain/domain.h"
#include "irq/ioapic.h"
#include "irq/irq.h"
#include "irq/lapic.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/iomem.h"
#include "mm/paging.h"
#include "sched/sched.h"
#include "time/clock.h"
#include "time/oneshot.h"
#include "time/timer.h"
#include "time/wallclock.h"

static char opt_sched[16];
PARAM_STRING("sched", opt_sched);

/* badpage=<mfn>[-<mfn>][,...]: frames that do not work. */
static struct {
	mfn_t first, last;
} bad[16];
static unsigned int nr_bad;

static int parse_badpage(const char *s)
{
	do {
		u64 first, last;

		if (!parse_number(&s, &first))
			return -1;
		last = first;
		if (*s == '-') {
			s++;
			if (!parse_number(&s, &last) || last < first)
				return -1;
		}
		if (nr_bad == ARRAY_SIZE(bad))
			return -1;
		bad[nr_bad].first = first;
		bad[nr_bad++].last = last;
	} while (*s++ == ',');
	return s[-1] == '\0' ? 0 : -1;
}
PARAM_FN("badpage", parse_badpage);

static void take_bad_pages_out(void)
{
	for (unsigned int i = 0; i < nr_bad; i++)
		for (mfn_t m = bad[i].first; m <= bad[i].last; m++)
			log_info("badpage: frame %lx %s", m,
				 frame_offline(m) ? "taken out of use" :
						    "is not free RAM");
}

static void banner(void)
{
	const char *options = XENOLITH_OPTIONS;

	log_info("Xenolith %s%s%s", XENOLITH_VERSION, *options ? " " : "",
		 options);
	log_info("Started by %s (%s), command line: %s",
		 *boot_info.loader ? boot_info.loader : "an unnamed loader",
		 boot_info.protocol, boot_info.cmdline);
}

/*
 * What is ours in the machine: a guest that could write an interrupt controller
 * could have any interrupt, and the timer is the clock's reference.
 */
static void deny_own_ports(void)
{
	ioport_deny(0x20, 0x21); /* i8259s */
	ioport_deny(0xa0, 0xa1);
	ioport_deny(0x40, 0x43); /* i8254, and the gate of its channel 2 */
	ioport_deny(0x61, 0x61);
	ioport_deny(0xcf8, 0xcff); /* PCI configuration, done by irq/pci.c */
	if (acpi.pm_timer)
		ioport_deny(acpi.pm_timer, acpi.pm_timer + 3);
}

/* Interrupt messages are writes to this window; CPUs see their local APICs there. */
#define MESSAGES_START 0xfee00000ul
#define MESSAGES_END 0xfef00000ul
/* AMD: addresses that are HyperTransport's own and no memory's. */
#define HYPERTRANSPORT_START 0xfd00000000ul
#define HYPERTRANSPORT_END 0x10000000000ul

static void deny(paddr_t start, paddr_t end)
{
	iomem_deny(start >> PAGE_SHIFT, (end - 1) >> PAGE_SHIFT);
}

static void let_read(paddr_t page)
{
	if (iomem_protect(page >> PAGE_SHIFT, page >> PAGE_SHIFT))
		BUG();
}

/* The same in memory; and domain 0 puts nothing of its own there. */
static void deny_own_memory(void)
{
	deny(MESSAGES_START, MESSAGES_END);
	memory_map_reserve(MESSAGES_START, MESSAGES_END);
	if (acpi.lapic < MESSAGES_START || acpi.lapic >= MESSAGES_END)
		deny(acpi.lapic, acpi.lapic + PAGE_SIZE);
	if (strcmp(cpu_features.vendor, "AuthenticAMD") == 0 ||
	    strcmp(cpu_features.vendor, "HygonGenuine") == 0)
		deny(HYPERTRANSPORT_START, HYPERTRANSPORT_END);
	for (unsigned int i = 0; i < acpi.ioapic_count; i++) {
		paddr_t page = ROUND_DOWN(acpi.ioapic[i].address, PAGE_SIZE);

		let_read(page);
		memory_map_reserve(page, page + PAGE_SIZE);
	}
	if (acpi.hpet)
		let_read(acpi.hpet);
}

/* Second half, on the first CPU's own stack. */
static void __noreturn start_on_own_stack(void)
{
	struct cpu *c = this_cpu();

	cpu_area_load(c);
	cpu_setup();
	efi_init(boot_info.efi_table);
	acpi_init(boot_info.rsdp);
	lapic_init();
	ioapic_init();
	ipi_init();
	deny_own_ports();
	deny_own_memory();
	clock_init();
	wallclock_init();
	smp_init_first();
	lapic_init_cpu();
	clock_init_cpu();
	oneshot_init();
	oneshot_init_cpu();

	if (domain_create(DOMID_IDLE, false, NR_CPUS, &idle_domain))
		panic("out of memory for the idle domain");
	c->idle = vcpu_create(idle_domain, 0, 0);
	if (!c->idle || timer_init_cpu(0))
		panic("out of memory for CPU 0");
	c->idle->stack = cpu_stack_top(c);
	c->running = c->idle;
	if (!sched_init(*opt_sched ? opt_sched : NULL))
		log_warning("sched=%s: no such scheduler, using %s", opt_sched,
			    sched_current()->opt_name);
	sched_init_cpu(0, c->idle);
	console_init_late();
	perfc_init();
	clock_init_late();
	smp_boot();
	trace_init();
	dom0_build();
	idle_loop();
}

void start_hypervisor(u32 magic, u32 info)
{
	bool known = multiboot_read(magic, info);
	const char *line = boot_info.cmdline;

	cmdline_parse(boot_without_path(line));
	console_init_early(boot_info.vga_text_available);
	if (!known)
		panic("started by a loader that is not multiboot (eax %08x)",
		      magic);
	banner();
	memory_map_tidy();
	memory_map_print();
	cpu_detect();
	idt_init();
	paging_init();
	boot_alloc_finish();
	take_bad_pages_out();
	log_info("Free memory: %lu MiB", frames_free_count() >> 8);
	if (!cpu_area_create(0))
		panic("out of memory for CPU 0");
	run_on_stack((void *)cpu_stack_top(cpus[0]), start_on_own_stack);
}
