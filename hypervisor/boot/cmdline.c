/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Takes the command line apart into words and each word to the module that
 * declared an option of that name (cmdline.h). Runs before there is any console:
 * complaints wait in the console ring and show up when a device opens. Whatever
 * is wrong with an option, boot goes on.
 */
#include <xen/errno.h>

#include "boot/cmdline.h"
#include "lib/string.h"
#include "machine.h"

/* Made by the linker script. */
extern const struct param __start_params[], __stop_params[];

/*
 * Options whose part of the hypervisor comes later: known, without effect. A
 * module that declares one of them takes precedence. docs/options.md lists them.
 */
static const char *const accepted[] = { "edd",	"noirqbalance", "real-mode",
					"tbuf_size", "watchdog" };

#define MAX_NAME 32
#define MAX_VALUE 256

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return 16;
}

bool parse_number(const char **s, u64 *value)
{
	const char *p = *s;
	u64 base = 10, n = 0;

	if (p[0] == '0' && (p[1] | 0x20) == 'x' && digit_value(p[2]) < 16) {
		base = 16;
		p += 2;
	}
	if (digit_value(*p) >= (int)base)
		return false;
	for (; digit_value(*p) < (int)base; p++) {
		if (__builtin_mul_overflow(n, base, &n) ||
		    __builtin_add_overflow(n, (u64)digit_value(*p), &n))
			return false;
	}
	*s = p;
	*value = n;
	return true;
}

bool parse_size(const char **s, u64 *bytes)
{
	const char *p = *s;
	unsigned int shift = 10;
	u64 n;

	if (!parse_number(&p, &n))
		return false;
	switch (*p | 0x20) {
	case 'b':
		shift = 0;
		p++;
		break;
	case 'k':
		p++;
		break;
	case 'm':
		shift = 20;
		p++;
		break;
	case 'g':
		shift = 30;
		p++;
		break;
	case 't':
		shift = 40;
		p++;
		break;
	}
	if (n > UINT64_MAX >> shift)
		return false;
	*s = p;
	*bytes = n << shift;
	return true;
}

int parse_bool(const char *value)
{
	static const char *const yes[] = { "", "on", "yes", "true", "1",
					   "enable" };
	static const char *const no[] = { "off", "no", "false", "0",
					  "disable" };

	for (unsigned int i = 0; i < ARRAY_SIZE(yes); i++) {
		if (strcmp(value, yes[i]) == 0)
			return 1;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(no); i++) {
		if (strcmp(value, no[i]) == 0)
			return 0;
	}
	return -XEN_EINVAL;
}

static int param_set(const struct param *p, const char *value, bool negated)
{
	u64 n;
	int b;

	if (negated && (p->kind != PARAM_KIND_BOOL || *value))
		return -XEN_EINVAL;
	switch (p->kind) {
	case PARAM_KIND_BOOL:
		b = parse_bool(value);
		if (b < 0)
			return b;
		*(bool *)p->target = b != negated;
		return 0;
	case PARAM_KIND_UINT:
		if (!parse_number(&value, &n) || *value || n > UINT32_MAX)
			return -XEN_EINVAL;
		*(unsigned int *)p->target = n;
		return 0;
	case PARAM_KIND_SIZE:
		if (!parse_size(&value, &n) || *value)
			return -XEN_EINVAL;
		*(u64 *)p->target = n;
		return 0;
	case PARAM_KIND_STRING:
		if (strlen(value) >= p->size)
			return -XEN_EINVAL;
		strlcpy(p->target, value, p->size);
		return 0;
	default:
		return p->fn(value);
	}
}

static bool is_accepted(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(accepted); i++) {
		if (strcmp(name, accepted[i]) == 0)
			return true;
	}
	return false;
}

/* A module's option of that name was found, and set if that was possible. */
static bool option_try(const char *name, const char *value, bool negated)
{
	bool found = false;

	for (const struct param *p = __start_params; p < __stop_params; p++) {
		if (strcmp(p->name, name) != 0)
			continue;
		found = true;
		if (param_set(p, value, negated) != 0)
			log_warning("option %s%s: malformed value '%s'",
				    negated ? "no-" : "", name, value);
	}
	return found;
}

static void option_handle(const char *word, size_t length)
{
	char name[MAX_NAME], value[MAX_VALUE];
	size_t name_length = 0, value_length = 0;

	while (name_length < length && word[name_length] != '=')
		name_length++;
	if (name_length < length)
		value_length = length - name_length - 1;
	if (name_length >= MAX_NAME || value_length >= MAX_VALUE) {
		log_warning("option '%.*s': too long", (int)length, word);
		return;
	}
	memcpy(name, word, name_length);
	name[name_length] = '\0';
	memcpy(value, word + length - value_length, value_length);
	value[value_length] = '\0';

	if (option_try(name, value, false))
		return;
	if (strncmp(name, "no-", 3) == 0 && option_try(name + 3, value, true))
		return;
	if (is_accepted(name) ||
	    (strncmp(name, "no-", 3) == 0 && is_accepted(name + 3)))
		log_info("option %s: accepted, has no effect", name);
	else
		log_warning("option '%.*s': unknown", (int)length, word);
}

void cmdline_parse(const char *line)
{
	while (*line) {
		size_t length = 0;

		while (*line == ' ' || *line == '\t' || *line == '\n')
			line++;
		while (line[length] && line[length] != ' ' &&
		       line[length] != '\t' && line[length] != '\n')
			length++;
		if (length)
			option_handle(line, length);
		line += length;
	}
}
