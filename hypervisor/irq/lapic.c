/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The local APIC: what a CPU needs to get interrupts, to send them to others,
 * and to time itself (SDM vol. 3, chapter 10). Its registers are in memory, or,
 * when firmware has switched to x2APIC mode, are MSRs.
 */
#include "boot/acpi.h"
#include "boot/cmdline.h"
#include "irq/irq.h"
#include "irq/lapic.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/paging.h"
#include "time/clock.h"

#include <xen/errno.h>

#define APIC_BASE_X2APIC (1u << 10)
#define APIC_BASE_ENABLE (1u << 11)
#define APIC_BASE_ADDRESS 0x000ffffffffff000ull
#define APIC_DEFAULT_ADDRESS 0xfee00000

/* Registers: offsets in memory; MSR_X2APIC + offset / 16 in x2APIC mode. */
#define REG_ID 0x20
#define REG_VERSION 0x30
#define REG_TPR 0x80
#define REG_EOI 0xb0
#define REG_LDR 0xd0
#define REG_DFR 0xe0
#define REG_SVR 0xf0
#define REG_ISR 0x100
#define REG_ESR 0x280
#define REG_ICR 0x300
#define REG_ICR_HIGH 0x310
#define REG_LVT_TIMER 0x320
#define REG_LVT_THERMAL 0x330
#define REG_LVT_PERF 0x340
#define REG_LVT_LINT0 0x350
#define REG_LVT_LINT1 0x360
#define REG_LVT_ERROR 0x370
#define REG_TIMER_INITIAL 0x380
#define REG_TIMER_CURRENT 0x390
#define REG_TIMER_DIVIDE 0x3e0
#define MSR_X2APIC 0x800
#define MSR_TSC_DEADLINE 0x6e0

#define SVR_ENABLE (1u << 8)
#define LVT_MASKED (1u << 16)
#define LVT_NMI (4u << 8)
#define LVT_LEVEL (1u << 15)
#define LVT_LOW (1u << 13)
#define LVT_TSC_DEADLINE (2u << 17)
#define TIMER_DIVIDE_1 0xb
#define ICR_PENDING (1u << 12)
#define ICR_ASSERT (1u << 14)
#define ICR_INIT (5u << 8)
#define ICR_STARTUP (6u << 8)

unsigned int apic_verbosity;

static bool opt_nolapic;
PARAM_BOOL("nolapic", opt_nolapic);
/* There is nothing to force: we enable it wherever it exists. */
static bool opt_lapic;
PARAM_BOOL("lapic", opt_lapic);

static volatile u8 *registers; /* NULL in x2APIC mode */
static bool usable, x2apic;

static int parse_verbosity(const char *value)
{
	static const char *const names[] = { "quiet", "verbose", "debug" };

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(value, names[i]) == 0) {
			apic_verbosity = i;
			return 0;
		}
	}
	return -XEN_EINVAL;
}
PARAM_FN("apic_verbosity", parse_verbosity);

static u32 reg_read(unsigned int reg)
{
	if (unlikely(x2apic))
		return rdmsr(MSR_X2APIC + reg / 16);
	return *(volatile u32 *)(registers + reg);
}

static void reg_write(unsigned int reg, u32 value)
{
	if (unlikely(x2apic))
		wrmsr(MSR_X2APIC + reg / 16, value);
	else
		*(volatile u32 *)(registers + reg) = value;
}

void lapic_init(void)
{
	u32 a, b, c, d;
	u64 base;

	cpuid(1, 0, &a, &b, &c, &d);
	if (opt_nolapic || !(d & 1u << 9)) {
		log_info("lapic: not used, one CPU and a slow timer");
		return;
	}
	base = rdmsr(MSR_APIC_BASE);
	x2apic = (base & (APIC_BASE_ENABLE | APIC_BASE_X2APIC)) ==
		 (APIC_BASE_ENABLE | APIC_BASE_X2APIC);
	if (!x2apic) {
		/* Off: it comes up at its default place. */
		if (!(base & APIC_BASE_ENABLE))
			base = APIC_DEFAULT_ADDRESS;
		registers = ioremap(base & APIC_BASE_ADDRESS, PAGE_SIZE);
		if (!registers)
			panic("lapic: no room to map it");
	}
	usable = true;
	if (apic_verbosity)
		log_info("lapic: %s, at %llx", x2apic ? "x2APIC" : "xAPIC",
			 base & APIC_BASE_ADDRESS);
}

bool lapic_usable(void)
{
	return usable;
}

/* LINT0 and LINT1: NMI where MADT says so, else LINT1, as PCs have it. */
static void lint_setup(u32 acpi_id)
{
	u32 lint[2] = { LVT_MASKED, acpi.has_madt ? LVT_MASKED : LVT_NMI };

	for (unsigned int i = 0; i < acpi.nmi_count; i++) {
		u32 lvt = LVT_NMI;

		if (acpi.nmi[i].acpi_id != ACPI_ALL_CPUS &&
		    acpi.nmi[i].acpi_id != acpi_id)
			continue;
		if ((acpi.nmi[i].flags & ACPI_INTI_POLARITY) ==
		    ACPI_INTI_ACTIVE_LOW)
			lvt |= LVT_LOW;
		lint[acpi.nmi[i].lint] = lvt;
	}
	reg_write(REG_LVT_LINT0, lint[0]);
	reg_write(REG_LVT_LINT1, lint[1]);
}

/* SDM, 10.5.3: writing ESR makes it show the errors since the last time. */
static u32 errors_read(void)
{
	reg_write(REG_ESR, 0);
	return reg_read(REG_ESR);
}

static void error_interrupt(u8 vector, void *data)
{
	log_warning("lapic: error %x on CPU %u", errors_read(), this_cpu_id());
}

void lapic_init_cpu(void)
{
	unsigned int lvts;
	u64 base;

	if (!usable)
		return;
	base = rdmsr(MSR_APIC_BASE);
	if (x2apic)
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2APIC | APIC_BASE_ENABLE);
	else if (!(base & APIC_BASE_ENABLE))
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);

	reg_write(REG_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
	reg_write(REG_TPR, 0);
	if (!x2apic) {
		/* Logical addressing is not used; flat is the sane state. */
		reg_write(REG_DFR, 0xffffffff);
		reg_write(REG_LDR, 0);
	}
	reg_write(REG_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	lvts = ((reg_read(REG_VERSION) >> 16) & 0xff) + 1;
	if (lvts > 4)
		reg_write(REG_LVT_PERF, LVT_MASKED);
	if (lvts > 5)
		reg_write(REG_LVT_THERMAL, LVT_MASKED);
	lint_setup(this_cpu()->acpi_id);
	irq_register(VECTOR_APIC_ERROR, error_interrupt, NULL);
	errors_read();
	reg_write(REG_LVT_ERROR, VECTOR_APIC_ERROR);

	/* What firmware left in service would hold back all of ours. */
	for (unsigned int i = 0; i < 8; i++) {
		u32 in_service = reg_read(REG_ISR + 16 * i);

		for (; in_service; in_service &= in_service - 1)
			lapic_eoi();
	}
	if (apic_verbosity > 1)
		log_info("lapic: CPU %u, ID %x, version %x, LINT0 %x, LINT1 %x",
			 this_cpu_id(), lapic_id(), reg_read(REG_VERSION),
			 reg_read(REG_LVT_LINT0), reg_read(REG_LVT_LINT1));
}

u32 lapic_id(void)
{
	u32 id;

	if (!usable)
		return 0;
	id = reg_read(REG_ID);
	return x2apic ? id : id >> 24;
}

void lapic_eoi(void)
{
	if (usable)
		reg_write(REG_EOI, 0);
}

/*
 * The interrupt command register: the target's ID goes first. An xAPIC sends one
 * command at a time; what was sent has to be gone before the next.
 */
static void icr_write(u32 apic_id, u32 command)
{
	if (x2apic) {
		/* Unlike a store, WRMSR does not wait for stores before it. */
		__asm__ volatile("mfence; lfence" : : : "memory");
		wrmsr(MSR_X2APIC + REG_ICR / 16, (u64)apic_id << 32 | command);
		return;
	}
	while (reg_read(REG_ICR) & ICR_PENDING)
		cpu_relax();
	reg_write(REG_ICR_HIGH, apic_id << 24);
	reg_write(REG_ICR, command);
}

void ipi_send(unsigned int cpu, u8 vector)
{
	if (usable)
		icr_write(cpus[cpu]->apic_id, ICR_ASSERT | vector);
}

void lapic_start_cpu(u32 apic_id, paddr_t trampoline)
{
	u32 page = trampoline >> PAGE_SHIFT;

	/* SDM vol. 3, 8.4.4.1. */
	icr_write(apic_id, ICR_ASSERT | ICR_INIT);
	clock_delay(MILLISECONDS(10));
	icr_write(apic_id, ICR_ASSERT | ICR_STARTUP | page);
	clock_delay(MICROSECONDS(200));
	icr_write(apic_id, ICR_ASSERT | ICR_STARTUP | page);
}

void lapic_timer_setup(bool tsc_deadline)
{
	if (tsc_deadline) {
		reg_write(REG_LVT_TIMER, LVT_TSC_DEADLINE | VECTOR_TIMER);
		/* SDM, 10.5.4.1: the mode is set before the MSR is written. */
		__asm__ volatile("mfence" : : : "memory");
	} else {
		reg_write(REG_TIMER_DIVIDE, TIMER_DIVIDE_1);
		reg_write(REG_LVT_TIMER, VECTOR_TIMER);
	}
}

void lapic_timer_set(u32 ticks)
{
	reg_write(REG_TIMER_INITIAL, ticks);
}

u32 lapic_timer_left(void)
{
	return reg_read(REG_TIMER_CURRENT);
}

void lapic_timer_set_deadline(u64 tsc)
{
	wrmsr(MSR_TSC_DEADLINE, tsc);
}
