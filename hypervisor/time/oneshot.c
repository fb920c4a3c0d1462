/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * machine_set_timer(): one interrupt, at a system time, on this CPU. From the
 * local APIC: at a value of the TSC where the CPU offers that, else after a
 * number of ticks whose rate is measured here. With `nolapic` from the PIT, whose
 * counter is good for 54 ms; timer_softirq() then finds nothing to do and asks
 * again.
 */
#include "cpu/cpu.h"
#include "irq/i8259.h"
#include "irq/irq.h"
#include "irq/lapic.h"
#include "machine.h"
#include "time/clock.h"
#include "time/oneshot.h"

#define MEASURE MILLISECONDS(10)
#define TRIES 3

#define PIT_HZ 1193182
#define PIT_CHANNEL0 0x40
#define PIT_COMMAND 0x43
#define PIT_ONESHOT0 0x30 /* channel 0, both bytes, interrupt on zero */
#define PIT_IRQ 0

static enum { SOURCE_LAPIC, SOURCE_TSC, SOURCE_PIT } source;

static u64 ticks_per_ns;  /* 32.32 */
static stime_t max_delay; /* that the counter can hold */

static void fired(u8 vector, void *data)
{
	cpu_raise_softirq(this_cpu_id(), SOFTIRQ_TIMER);
}

static void program(u64 ticks)
{
	switch (source) {
	case SOURCE_LAPIC:
		lapic_timer_set(ticks);
		break;
	case SOURCE_TSC:
		lapic_timer_set_deadline(rdtsc() + ticks);
		break;
	case SOURCE_PIT:
		outb(PIT_COMMAND, PIT_ONESHOT0);
		outb(PIT_CHANNEL0, ticks);
		outb(PIT_CHANNEL0, ticks >> 8);
		break;
	}
}

static void stop(void)
{
	switch (source) {
	case SOURCE_LAPIC:
		lapic_timer_set(0);
		break;
	case SOURCE_TSC:
		lapic_timer_set_deadline(0);
		break;
	case SOURCE_PIT:
		/* The mode alone: it waits for a count. */
		outb(PIT_COMMAND, PIT_ONESHOT0);
		break;
	}
}

void machine_set_timer(stime_t deadline)
{
	stime_t delay;

	if (deadline == STIME_MAX) {
		stop();
		return;
	}
	delay = deadline - now();
	if (delay <= 0) {
		fired(VECTOR_TIMER, NULL);
		return;
	}
	delay = min(delay, max_delay);
	program(((unsigned __int128)delay * ticks_per_ns >> 32) + 1);
}

/* The counter, and the TSC at that moment: the quickest of a few readings. */
static u32 counter_read(u64 *tsc)
{
	u64 best = UINT64_MAX;
	u32 counter = 0;

	*tsc = 0;
	for (unsigned int i = 0; i < TRIES; i++) {
		u64 before = rdtsc(), after;
		u32 value = lapic_timer_left();

		after = rdtsc();
		if (after - before < best) {
			best = after - before;
			counter = value;
			*tsc = before + best / 2;
		}
	}
	return counter;
}

static void measure_lapic(void)
{
	u64 start_tsc, end_tsc, ticks, ns;
	u32 start, end;

	lapic_timer_set(UINT32_MAX);
	start = counter_read(&start_tsc);
	clock_delay(MEASURE);
	end = counter_read(&end_tsc);
	lapic_timer_set(0);

	ticks = start - end;
	/* About 10 ms of ticks: neither product comes near 64 bits. */
	ns = (end_tsc - start_tsc) * 1000000 / (clock_tsc_hz() / 1000);
	if (ticks == 0)
		panic("the timer of the local APIC stands still");
	ticks_per_ns = (ticks << 32) / ns;
	max_delay = (stime_t)UINT32_MAX * ns / ticks - 1;
	log_info("timer: local APIC at %lu kHz", ticks * 1000000 / ns);
}

void oneshot_init(void)
{
	if (!lapic_usable()) {
		source = SOURCE_PIT;
		ticks_per_ns = ((u64)PIT_HZ << 32) / 1000000000;
		max_delay = MILLISECONDS(54);
		irq_register(VECTOR_LEGACY + PIT_IRQ, fired, NULL);
		stop();
		i8259_unmask(PIT_IRQ);
		log_info("timer: PIT");
	} else if (cpu_features.tsc_deadline) {
		source = SOURCE_TSC;
		ticks_per_ns = (clock_tsc_hz() << 24) / 1000000000 << 8;
		max_delay = SECONDS(3600);
		log_info("timer: local APIC, TSC deadline");
	} else {
		source = SOURCE_LAPIC;
		lapic_timer_setup(false);
		measure_lapic();
	}
	irq_register(VECTOR_TIMER, fired, NULL);
}

void oneshot_init_cpu(void)
{
	if (source != SOURCE_PIT)
		lapic_timer_setup(source == SOURCE_TSC);
}
