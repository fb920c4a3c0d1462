/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Clocks that count at a known rate: HPET (IA-PC HPET Specification 1.0a, 2.3),
 * the ACPI PM timer (ACPI, 4.8.3.3) and channel 2 of the PIT (Intel 8254). Each
 * is a counter of so many bits; here it is extended to 64 bits, which needs a
 * reading at least once in its period, and turned into nanoseconds.
 */
#include "boot/acpi.h"
#include "cpu/asm.h"
#include "machine.h"
#include "mm/paging.h"
#include "time/reference.h"

#define HPET_CAPABILITIES 0x00 /* period in fs in the upper half */
#define HPET_CAP_64BIT (1ull << 13)
#define HPET_CONFIG 0x10
#define HPET_CONFIG_ENABLE 1
#define HPET_COUNTER 0xf0
#define HPET_SIZE 0x400
#define HPET_MAX_PERIOD 100000000 /* fs: the specification's limit */

#define PM_TIMER_HZ 3579545

#define PIT_HZ 1193182
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND 0x43
#define PIT_LATCH2 0x80
#define PIT_RATE2 0xb4 /* channel 2, both bytes, rate generator */
#define PORT_B 0x61    /* bit 0: gate of channel 2, bit 1: speaker */

/* A reading is taken this often, and the quickest one is used. */
#define TRIES 5

static volatile u8 *hpet;

static u64 (*counter_read)(void);
static u64 counter_mask;
static u64 ns_per_tick; /* 32.32 */
static u64 ticks;	/* since the start, extended to 64 bits */
static u64 last;

static u64 hpet_read32(void)
{
	return *(volatile u32 *)(hpet + HPET_COUNTER);
}

static u64 hpet_read64(void)
{
	return *(volatile u64 *)(hpet + HPET_COUNTER);
}

static void hpet_enable(void)
{
	*(volatile u64 *)(hpet + HPET_CONFIG) |= HPET_CONFIG_ENABLE;
}

static bool hpet_start(void)
{
	u64 capabilities, period;

	if (!acpi.hpet)
		return false;
	hpet = ioremap(acpi.hpet, HPET_SIZE);
	if (!hpet)
		return false;
	capabilities = *(volatile u64 *)(hpet + HPET_CAPABILITIES);
	period = capabilities >> 32;
	if (period == 0 || period > HPET_MAX_PERIOD)
		return false;
	hpet_enable();
	if (capabilities & HPET_CAP_64BIT) {
		counter_read = hpet_read64;
		counter_mask = UINT64_MAX;
	} else {
		counter_read = hpet_read32;
		counter_mask = UINT32_MAX;
	}
	ns_per_tick = (period << 32) / 1000000;
	log_info("clock: reference is the HPET, %lu kHz",
		 1000000000000 / period);
	return true;
}

static u64 pm_timer_read(void)
{
	return inl(acpi.pm_timer);
}

static bool pm_timer_start(void)
{
	u32 first;

	if (!acpi.pm_timer)
		return false;
	/* It must move: some are dead. A reading takes about 1 us. */
	first = inl(acpi.pm_timer);
	for (unsigned int i = 0; inl(acpi.pm_timer) == first; i++) {
		if (i == 1000)
			return false;
	}
	counter_read = pm_timer_read;
	counter_mask = acpi.pm_timer_32bit ? 0xffffffff : 0xffffff;
	ns_per_tick = (1000000000ull << 32) / PM_TIMER_HZ;
	log_info("clock: reference is the ACPI PM timer, %u bits",
		 acpi.pm_timer_32bit ? 32 : 24);
	return true;
}

/* It counts down from 0 (65536), round and round. */
static u64 pit_read(void)
{
	u32 low;

	outb(PIT_COMMAND, PIT_LATCH2);
	low = inb(PIT_CHANNEL2);
	return -(u64)(low | inb(PIT_CHANNEL2) << 8);
}

static void pit_start(void)
{
	outb(PORT_B, (inb(PORT_B) & ~3) | 1);
	outb(PIT_COMMAND, PIT_RATE2);
	outb(PIT_CHANNEL2, 0);
	outb(PIT_CHANNEL2, 0);
	counter_read = pit_read;
	counter_mask = 0xffff;
	ns_per_tick = (1000000000ull << 32) / PIT_HZ;
	log_info("clock: reference is the PIT, for the start only");
}

void reference_init(void)
{
	if (!hpet_start() && !pm_timer_start())
		pit_start();
	last = counter_read();
}

void reference_resume(void)
{
	if (counter_read == hpet_read32 || counter_read == hpet_read64)
		hpet_enable();
	last = counter_read();
}

u64 reference_read(u64 *tsc)
{
	u64 best = UINT64_MAX, counter = 0;

	for (unsigned int i = 0; i < TRIES; i++) {
		u64 before = rdtsc(), value, after;

		value = counter_read();
		after = rdtsc();
		if (after - before < best) {
			best = after - before;
			counter = value;
			*tsc = before + best / 2;
		}
	}
	ticks += (counter - last) & counter_mask;
	last = counter;
	return (unsigned __int128)ticks * ns_per_tick >> 32;
}

bool reference_lasts(void)
{
	return counter_mask > 0xffff;
}
