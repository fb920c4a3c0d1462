/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The time of day. At boot it is read from the battery-backed clock (Motorola
 * MC146818A data sheet), which counts seconds in UTC; later dom0, which has NTP
 * and time zones, says better.
 */
#include "boot/acpi.h"
#include "cpu/asm.h"
#include "domain/domain.h"
#include "lib/string.h"
#include "machine.h"
#include "time/vtime.h"
#include "time/wallclock.h"

#define CMOS_INDEX 0x70
#define CMOS_DATA 0x71

#define REG_A 0x0a
#define REG_A_UPDATE 0x80 /* about to change: do not read */
#define REG_B 0x0b
#define REG_B_24H 0x02
#define REG_B_BINARY 0x04
#define HOURS_PM 0x80

/* An update takes 2 ms at most; each look about 1 us. */
#define UPDATE_PATIENCE 10000
#define TRIES 10

/* Registers of the clock, as they are read. */
struct rtc {
	u8 seconds, minutes, hours, day, month, year, century;
};

/* A clock that shows no new second in this time stands still. */
#define SECOND_PATIENCE SECONDS(2)

static struct spinlock wallclock_lock = SPINLOCK_INIT;
static u64 at_zero; /* nanoseconds since 1970 at system time zero */

static u8 cmos_read(u8 index)
{
	outb(CMOS_INDEX, index);
	return inb(CMOS_DATA);
}

static struct rtc rtc_read_once(void)
{
	struct rtc t;

	for (unsigned int i = 0; i < UPDATE_PATIENCE; i++) {
		if (!(cmos_read(REG_A) & REG_A_UPDATE))
			break;
	}
	t.seconds = cmos_read(0);
	t.minutes = cmos_read(2);
	t.hours = cmos_read(4);
	t.day = cmos_read(7);
	t.month = cmos_read(8);
	t.year = cmos_read(9);
	t.century = acpi.rtc_century ? cmos_read(acpi.rtc_century) : 0;
	return t;
}

static unsigned int from_bcd(u8 v)
{
	return (v >> 4) * 10 + (v & 15);
}

static bool is_leap(unsigned int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static u64 seconds_since_1970(unsigned int year, unsigned int month,
			      unsigned int day, unsigned int hour,
			      unsigned int minute, unsigned int second)
{
	static const u16 days_before[] = { 0,	31,  59,  90,  120, 151,
					   181, 212, 243, 273, 304, 334 };
	u64 days = 0;

	for (unsigned int y = 1970; y < year; y++)
		days += is_leap(y) ? 366 : 365;
	days += days_before[month - 1] + day - 1;
	if (month > 2 && is_leap(year))
		days++;
	return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

/* Seconds since 1970; 0 when the clock shows nonsense. */
static u64 rtc_read(void)
{
	struct rtc t = rtc_read_once(), again;
	unsigned int hours, year, century;
	bool pm = false;
	u8 mode;

	/* A change may come right after we looked: read until twice the same. */
	for (unsigned int i = 0; i < TRIES; i++) {
		again = rtc_read_once();
		if (memcmp(&t, &again, sizeof(t)) == 0)
			break;
		t = again;
	}
	mode = cmos_read(REG_B);
	if (!(mode & REG_B_24H)) {
		pm = t.hours & HOURS_PM;
		t.hours &= ~HOURS_PM;
	}
	if (!(mode & REG_B_BINARY)) {
		t.seconds = from_bcd(t.seconds);
		t.minutes = from_bcd(t.minutes);
		t.hours = from_bcd(t.hours);
		t.day = from_bcd(t.day);
		t.month = from_bcd(t.month);
		t.year = from_bcd(t.year);
		t.century = from_bcd(t.century);
	}
	hours = t.hours;
	if (!(mode & REG_B_24H))
		hours = hours % 12 + (pm ? 12 : 0);
	/* No x86-64 machine has seen another century. */
	century = t.century >= 20 && t.century < 100 ? t.century : 20;
	year = century * 100 + t.year;
	if (t.seconds > 59 || t.minutes > 59 || hours > 23 || t.day < 1 ||
	    t.day > 31 || t.month < 1 || t.month > 12 || t.year > 99)
		return 0;
	return seconds_since_1970(year, t.month, t.day, hours, t.minutes,
				  t.seconds);
}

void wallclock_init(void)
{
	u64 seconds = rtc_read();

	if (!seconds)
		log_warning("clock: the real-time clock shows nonsense");
	wallclock_set(seconds, 0, now());
	log_info("clock: %lu seconds since 1970", seconds);
}

void wallclock_set(u64 sec, u32 nsec, stime_t system_time)
{
	u64 t = sec * SECONDS(1) + nsec;

	spin_lock(&wallclock_lock);
	/* Before 1970 there is nothing to show. */
	at_zero = t > (u64)system_time ? t - system_time : 0;
	spin_unlock(&wallclock_lock);
}

void wallclock_read(u64 *sec, u32 *nsec)
{
	u64 t;

	spin_lock(&wallclock_lock);
	t = at_zero;
	spin_unlock(&wallclock_lock);
	*sec = t / SECONDS(1);
	*nsec = t % SECONDS(1);
}

/* The moment when a second of the real-time clock begins. */
static struct moment {
	u64 seconds;
	stime_t at;
} before;

static struct moment next_second(void)
{
	u64 seconds = rtc_read();
	stime_t end = now() + SECOND_PATIENCE;
	struct moment m;

	do {
		m.at = now();
		m.seconds = rtc_read();
	} while (m.seconds == seconds && m.at < end);
	return m;
}

void wallclock_suspend(void)
{
	before = next_second();
}

void wallclock_resume(void)
{
	struct moment after = next_second();
	struct domain *d;
	s64 slept = (after.seconds - before.seconds) * SECONDS(1) - (after.at - before.at);

	if (!before.seconds || !after.seconds || slept < 0) {
		log_warning("clock: the real-time clock does not tell how long we slept");
		return;
	}
	spin_lock(&wallclock_lock);
	at_zero += slept;
	spin_unlock(&wallclock_lock);
	for_each_domain(d)
		vtime_update_wallclock(d);
}
