/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console. Messages go into a ring that keeps the last 32 KiB of them and,
 * once they are open, to the devices that `console=` names; what was logged
 * before is shown then. Output of dom0 goes to the devices alone.
 *
 * Input comes from the serial lines, by a timer that looks at them. It belongs
 * to the hypervisor, where each key does something (keys.c), or to dom0, which
 * gets a VIRQ_CONSOLE and reads it; typing the switch character three times in a
 * row changes over.
 */
#include <xen/errno.h>

#include "boot/cmdline.h"
#include "console/console.h"
#include "console/keys.h"
#include "console/serial.h"
#include "console/vga.h"
#include "domain/domain.h"
#include "event/event.h"
#include "lib/string.h"
#include "machine.h"
#include "time/timer.h"

#define RING_SIZE 32768 /* both are powers of two */
#define INPUT_SIZE 1024

/* How often the lines are looked at: at rest, and when there is something on. */
#define POLL_REST MILLISECONDS(10)
#define POLL_BUSY MILLISECONDS(1)

#define SWITCH_COUNT 3

static struct {
	bool serial[SERIAL_PORTS];
	bool vga;
} wanted = { .serial = { true }, .vga = true }, in_use;

static bool opt_sync_console;
PARAM_BOOL("sync_console", opt_sync_console);

/* Ctrl-a by default; 0: no switching. */
static char switch_char = 1;
static bool switch_at_boot = true;

/*
 * Everything below is under this lock. The lock is recursive, for an NMI may
 * come while its CPU prints: the holder is known by the CPU area (cpu/layout.h)
 * that its stack is in, which works before and after struct cpu does.
 */
static struct spinlock console_lock = SPINLOCK_INIT;
static u64 lock_holder;
static unsigned int lock_depth;
static bool crashed;

/* The ring: bytes written so far, and the first that is still there. */
static char ring[RING_SIZE];
static u32 ring_produced, ring_oldest;

static char input[INPUT_SIZE];
static u32 input_produced, input_consumed;

static bool timers_run;
static bool ended;

/* Used by the polling timer alone. */
static struct timer poll_timer;
static bool input_to_dom0;
static unsigned int switch_typed;
static u32 ring_announced;

static int parse_console(const char *value)
{
	static const char *const names[] = { "com1", "com2", "vga", "none" };
	bool chosen[ARRAY_SIZE(names)] = { false };

	while (*value) {
		size_t n = 0;
		unsigned int i;

		while (value[n] && value[n] != ',')
			n++;
		for (i = 0; i < ARRAY_SIZE(names); i++) {
			if (strlen(names[i]) == n &&
			    strncmp(value, names[i], n) == 0)
				break;
		}
		if (i == ARRAY_SIZE(names))
			return -XEN_EINVAL;
		chosen[i] = true;
		value += n + (value[n] == ',');
	}
	wanted.serial[0] = chosen[0];
	wanted.serial[1] = chosen[1];
	wanted.vga = chosen[2];
	return 0;
}
PARAM_FN("console", parse_console);

/* The letter typed with Ctrl, ` for none; then x: do not switch at boot. */
static int parse_conswitch(const char *value)
{
	char c = *value;

	if (c >= 'a' && c <= 'z')
		c -= 'a' - 1;
	else if (c == '`')
		c = 0;
	else
		return -XEN_EINVAL;
	value++;
	if (*value && (*value != 'x' || value[1]))
		return -XEN_EINVAL;
	switch_char = c;
	switch_at_boot = *value != 'x';
	return 0;
}
PARAM_FN("conswitch", parse_conswitch);

static void lock(void)
{
	u64 self = (u64)__builtin_frame_address(0) &
		   ~(u64)(CPU_AREA_SIZE - 1);

	if (crashed)
		return;
	if (READ_ONCE(lock_holder) != self) {
		spin_lock(&console_lock);
		WRITE_ONCE(lock_holder, self);
	}
	lock_depth++;
}

static void unlock(void)
{
	if (crashed)
		return;
	if (--lock_depth == 0) {
		WRITE_ONCE(lock_holder, 0);
		spin_unlock(&console_lock);
	}
}

/* Lock held. */
static void devices_write(const char *s, size_t n)
{
	bool deferred = timers_run && !opt_sync_console && !ended;

	for (unsigned int i = 0; i < SERIAL_PORTS; i++) {
		if (in_use.serial[i])
			serial_write(i, s, n, deferred);
	}
	if (in_use.vga)
		vga_write(s, n);
}

/* Lock held. Copy out up to n bytes from number index on, which is there. */
static u32 ring_copy(char *buf, u32 index, u32 n)
{
	n = min(n, ring_produced - index);
	for (u32 i = 0; i < n; i++)
		buf[i] = ring[(index + i) % RING_SIZE];
	return n;
}

void console_write(const char *s, size_t n)
{
	lock();
	for (size_t i = 0; i < n; i++)
		ring[ring_produced++ % RING_SIZE] = s[i];
	if (ring_produced - ring_oldest > RING_SIZE)
		ring_oldest = ring_produced - RING_SIZE;
	devices_write(s, n);
	unlock();
}

void console_guest_write(const char *s, size_t n)
{
	lock();
	devices_write(s, n);
	unlock();
}

size_t console_guest_read(char *buf, size_t n)
{
	size_t got = 0;

	lock();
	while (got < n && input_consumed != input_produced)
		buf[got++] = input[input_consumed++ % INPUT_SIZE];
	unlock();
	return got;
}

void console_ring_range(u32 *oldest, u32 *end)
{
	lock();
	*oldest = ring_oldest;
	*end = ring_produced;
	unlock();
}

u32 console_ring_read(char *buf, u32 len, u32 *index)
{
	u32 n;

	lock();
	/* Overwritten meanwhile, or not there? */
	if (*index - ring_oldest > ring_produced - ring_oldest)
		*index = ring_oldest;
	n = ring_copy(buf, *index, len);
	*index += n;
	unlock();
	return n;
}

void console_ring_forget(u32 index)
{
	lock();
	if (index - ring_oldest <= ring_produced - ring_oldest)
		ring_oldest = index;
	unlock();
}

/* Lock held. Show on the devices what was logged before they were open. */
static void replay(void)
{
	char part[128];
	u32 n;

	for (u32 i = ring_oldest; i != ring_produced; i += n) {
		n = ring_copy(part, i, sizeof(part));
		devices_write(part, n);
	}
}

void console_init_early(bool vga_text)
{
	bool missing[SERIAL_PORTS] = { false };

	lock();
	for (unsigned int i = 0; i < SERIAL_PORTS; i++) {
		if (!wanted.serial[i])
			continue;
		in_use.serial[i] = serial_open(i);
		missing[i] = !in_use.serial[i];
	}
	if (wanted.vga && vga_text) {
		vga_init();
		in_use.vga = true;
	}
	replay();
	unlock();
	for (unsigned int i = 0; i < SERIAL_PORTS; i++) {
		if (missing[i])
			log_info("console: there is no com%u", i + 1);
	}
	keys_init();
}

static void input_switch(bool to_dom0)
{
	input_to_dom0 = to_dom0;
	if (switch_char)
		log_error("*** Serial input to %s (type 'CTRL-%c' three times to switch input)",
			  to_dom0 ? "DOM0" : "Xenolith", switch_char + 'a' - 1);
	else
		log_error("*** Serial input to %s",
			  to_dom0 ? "DOM0" : "Xenolith");
}

static void input_pass(char c)
{
	if (!input_to_dom0) {
		key_handle((unsigned char)c);
		return;
	}
	lock();
	if (input_produced - input_consumed < INPUT_SIZE)
		input[input_produced++ % INPUT_SIZE] = c;
	unlock();
}

/* Switch characters are held back until it shows how many follow. */
static void input_typed(char c)
{
	if (switch_char && c == switch_char) {
		if (++switch_typed == SWITCH_COUNT) {
			switch_typed = 0;
			input_switch(!input_to_dom0);
		}
		return;
	}
	for (; switch_typed; switch_typed--)
		input_pass(switch_char);
	input_pass(c);
}

static void poll(void *unused)
{
	char typed[64];
	unsigned int n = 0;
	bool sending = false;
	u32 before, produced;
	int c;

	lock();
	for (unsigned int i = 0; i < SERIAL_PORTS; i++) {
		if (!in_use.serial[i])
			continue;
		sending |= serial_poll(i);
		while (n < ARRAY_SIZE(typed) && (c = serial_receive(i)) >= 0)
			typed[n++] = c;
	}
	before = input_produced;
	unlock();

	for (unsigned int i = 0; i < n; i++)
		input_typed(typed[i]);
	if (input_produced != before)
		event_send_global_virq(VIRQ_CONSOLE);
	produced = READ_ONCE(ring_produced);
	if (produced != ring_announced) {
		ring_announced = produced;
		event_send_global_virq(VIRQ_CON_RING);
	}
	timer_set(&poll_timer, now() + (sending || n ? POLL_BUSY : POLL_REST));
}

void console_init_late(void)
{
	timer_init(&poll_timer, poll, NULL, 0);
	timers_run = true;
	timer_set(&poll_timer, now() + POLL_REST);
}

void console_end_boot(void)
{
	lock();
	in_use.vga = false;
	unlock();
	if (console_has_serial() && switch_at_boot)
		input_switch(true);
}

void console_end(bool crash)
{
	if (crash)
		crashed = true;
	lock();
	ended = true;
	/* Nothing more to send, but the rings are emptied first. */
	devices_write("", 0);
	unlock();
}

void console_resume(void)
{
	lock();
	for (unsigned int i = 0; i < SERIAL_PORTS; i++)
		if (in_use.serial[i])
			serial_open(i);
	ended = false;
	unlock();
}

bool console_has_serial(void)
{
	return in_use.serial[0] || in_use.serial[1];
}
