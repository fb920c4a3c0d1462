/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Options of the hypervisor's command line. A module declares its own beside
 * the variable that an option sets:
 *
 *	static bool opt_sync;
 *	PARAM_BOOL("sync_console", opt_sync);
 *
 * The records gather in the section `params`, which cmdline_parse() walks.
 *
 * A boolean is given as `x`, `x=on|yes|true|1|enable`, or, to clear it, as
 * `no-x` or `x=off|no|false|0|disable`. Numbers are decimal, or with 0x
 * hexadecimal. Sizes are bytes with a suffix B, K, M, G or T; without one they
 * are KiB, as Xen has it.
 */
#ifndef BOOT_CMDLINE_H
#define BOOT_CMDLINE_H

#include "lib/types.h"

enum param_kind {
	PARAM_KIND_BOOL,   /* bool */
	PARAM_KIND_UINT,   /* unsigned int */
	PARAM_KIND_SIZE,   /* u64, bytes */
	PARAM_KIND_STRING, /* char[size] */
	PARAM_KIND_FN,
};

struct param {
	const char *name;
	void *target;
	int (*fn)(const char *value);
	u32 kind;
	u32 size;
};

#define PARAM_RECORD(id, ...)                                       \
	static const struct param id __used __section("params")     \
		__aligned(8) = { __VA_ARGS__ }
#define PARAM_PASTE2(a, b) a##b
#define PARAM_PASTE(a, b) PARAM_PASTE2(a, b)
#define PARAM_ID PARAM_PASTE(param_, __LINE__)

#define PARAM_CHECKED(var, type) \
	(&(var) + 0 * sizeof(&(var) == (type *)NULL))

#define PARAM_BOOL(opt, var)                                          \
	PARAM_RECORD(PARAM_ID, .name = (opt), .kind = PARAM_KIND_BOOL, \
		     .target = PARAM_CHECKED(var, bool))
#define PARAM_UINT(opt, var)                                          \
	PARAM_RECORD(PARAM_ID, .name = (opt), .kind = PARAM_KIND_UINT, \
		     .target = PARAM_CHECKED(var, unsigned int))
#define PARAM_SIZE(opt, var)                                          \
	PARAM_RECORD(PARAM_ID, .name = (opt), .kind = PARAM_KIND_SIZE, \
		     .target = PARAM_CHECKED(var, u64))
/* var is an array of char; a value that does not fit is malformed. */
#define PARAM_STRING(opt, var)                                          \
	PARAM_RECORD(PARAM_ID, .name = (opt), .kind = PARAM_KIND_STRING, \
		     .target = (var), .size = sizeof(var))
/*
 * fn gets what follows the =, or "" when the option stands alone, and returns 0,
 * or -XEN_EINVAL when that is malformed. It is called during cmdline_parse(), before
 * anything but the command line is set up, for each time the option is given.
 */
#define PARAM_FN(opt, function)                                     \
	PARAM_RECORD(PARAM_ID, .name = (opt), .kind = PARAM_KIND_FN, \
		     .fn = (function))

/*
 * Set all options from a command line (the path of the image not included).
 * Unknown and malformed options are named in the log and otherwise ignored.
 * Boot, first of all.
 */
void cmdline_parse(const char *line);

/*
 * For the functions of PARAM_FN. Each reads a number (a size) at *s and moves *s
 * behind it; false when there is none or it does not fit into 64 bits.
 */
bool parse_number(const char **s, u64 *value);
bool parse_size(const char **s, u64 *bytes);

/* The value of a boolean: 1 or 0, or -XEN_EINVAL. "" is 1. */
int parse_bool(const char *value);

#endif
