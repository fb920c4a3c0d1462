/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages of the hypervisor: which of them are printed, and the end of all
 * messages, panic().
 *
 * Two thresholds decide, set by `loglvl=` for the hypervisor's own messages and
 * by `guest_loglvl=` for those that a guest can cause: messages more serious than
 * the first are always printed, those between the two at most LIMIT_MESSAGES a
 * second, so that no guest can drown the console.
 */
#include <stdarg.h>

#include <xen/errno.h>

#include "boot/cmdline.h"
#include "console/console.h"
#include "cpu/shutdown.h"
#include "domain/domain.h"
#include "lib/format.h"
#include "lib/string.h"
#include "machine.h"

#define PREFIX "(XL) "
#define MAX_MESSAGE 512

#define LIMIT_MESSAGES 20

/* Levels below always are printed, those below limited at a limited rate. */
struct thresholds {
	unsigned int always, limited;
};

#ifdef CONFIG_DEBUG
static struct thresholds own = { LOG_DEBUG + 1, LOG_DEBUG + 1 };
static struct thresholds guests = { 0, LOG_DEBUG + 1 };
#else
static struct thresholds own = { LOG_INFO + 1, LOG_INFO + 1 };
static struct thresholds guests = { 0, LOG_WARNING + 1 };
#endif

/* A limited number of messages in the second that began at start. */
struct rate_limit {
	stime_t start;
	u32 printed, dropped;
};

static struct rate_limit own_limit, guest_limit;
static struct spinlock limit_lock = SPINLOCK_INIT;

/* The last message did not end its line. */
static bool mid_line;

static int parse_level(const char **s, unsigned int *threshold)
{
	static const struct {
		const char *name;
		unsigned int threshold;
	} levels[] = {
		{ "none", 0 },
		{ "error", LOG_ERROR + 1 },
		{ "warning", LOG_WARNING + 1 },
		{ "info", LOG_INFO + 1 },
		{ "debug", LOG_DEBUG + 1 },
		{ "all", LOG_DEBUG + 1 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(levels); i++) {
		size_t n = strlen(levels[i].name);

		if (strncmp(*s, levels[i].name, n) == 0) {
			*threshold = levels[i].threshold;
			*s += n;
			return 0;
		}
	}
	return -XEN_EINVAL;
}

/* level, or level/level */
static int parse_thresholds(const char *value, struct thresholds *t)
{
	struct thresholds new;

	if (parse_level(&value, &new.always) != 0)
		return -XEN_EINVAL;
	new.limited = new.always;
	if (*value == '/') {
		value++;
		if (parse_level(&value, &new.limited) != 0)
			return -XEN_EINVAL;
	}
	if (*value)
		return -XEN_EINVAL;
	*t = new;
	return 0;
}

static int parse_loglvl(const char *value)
{
	return parse_thresholds(value, &own);
}
PARAM_FN("loglvl", parse_loglvl);

static int parse_guest_loglvl(const char *value)
{
	return parse_thresholds(value, &guests);
}
PARAM_FN("guest_loglvl", parse_guest_loglvl);

/* Put the prefix before each line, and print. */
static void print(const char *text)
{
	while (*text) {
		const char *end = strchr(text, '\n');
		size_t n = end ? (size_t)(end - text) + 1 : strlen(text);

		if (!mid_line)
			console_write(PREFIX, sizeof(PREFIX) - 1);
		console_write(text, n);
		mid_line = !end;
		text += n;
	}
}

/* Whether one more may go out now; the dropped ones that nobody told of yet. */
static bool rate_allows(struct rate_limit *limit, u32 *dropped)
{
	stime_t t = now();
	bool allowed;

	spin_lock(&limit_lock);
	*dropped = 0;
	if (t - limit->start >= SECONDS(1)) {
		*dropped = limit->dropped;
		*limit = (struct rate_limit){ .start = t };
	}
	allowed = limit->printed < LIMIT_MESSAGES;
	if (allowed)
		limit->printed++;
	else
		limit->dropped++;
	spin_unlock(&limit_lock);
	return allowed;
}

static bool passes(const struct thresholds *t, struct rate_limit *limit,
		   enum loglevel level)
{
	char text[64];
	u32 dropped;
	bool allowed;

	if (level < t->always)
		return true;
	if (level >= t->limited)
		return false;
	allowed = rate_allows(limit, &dropped);
	if (dropped) {
		format(text, sizeof(text), "%u messages left out\n", dropped);
		print(text);
	}
	return allowed;
}

void printk(enum loglevel level, const char *fmt, ...)
{
	char text[MAX_MESSAGE];
	va_list args;

	if (!passes(&own, &own_limit, level))
		return;
	va_start(args, fmt);
	format_va(text, sizeof(text), fmt, args);
	va_end(args);
	print(text);
}

void guest_log(enum loglevel level, const char *fmt, ...)
{
	char text[MAX_MESSAGE];
	va_list args;
	int n;

	if (!passes(&guests, &guest_limit, level))
		return;
	n = format(text, sizeof(text), "d%uv%u ", current->domain->id,
		   current->id);
	va_start(args, fmt);
	format_va(text + n, sizeof(text) - n, fmt, args);
	va_end(args);
	print(text);
}

void panic(const char *fmt, ...)
{
	static bool panicked;
	char text[MAX_MESSAGE];
	va_list args;

	/* A panic on the way through a panic has nothing to add. */
	if (__atomic_exchange_n(&panicked, true, __ATOMIC_ACQ_REL))
		machine_crashed();
	console_end(true);
	va_start(args, fmt);
	format_va(text, sizeof(text), fmt, args);
	va_end(args);
	if (mid_line)
		print("\n");
	print("\n****************************************\n");
	print("Panic: ");
	print(text);
	print("\n****************************************\n");
	machine_crashed();
}
