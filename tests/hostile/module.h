/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hostile half as a module, for its one file that includes this: it does what is written
 * to its parameter "run" ("cases"; or "random SECONDS SEED"; or what else obey() knows), and
 * "result" tells what came of it. The file has
 *
 *	static bool obey(const char *text, unsigned int seconds)
 *		do that, at random for so many @seconds if not 0. False: not even the
 *		honest part works.
 */
#ifndef HOSTILE_MODULE_H
#define HOSTILE_MODULE_H

#include <linux/module.h>
#include <xen/xenbus.h>

#include "hostile.h"

u64 seed = 1;
unsigned int checks, failures, malformed;

static bool obey(const char *text, unsigned int seconds);

static char result[64] = "nothing was run\n";

static int run(const char *text, const struct kernel_param *unused)
{
	unsigned long long first = 1;
	unsigned int seconds = 0;

	if (sscanf(text, "random %u %llu", &seconds, &first) >= 1)
		seed = first * 2 + 1;
	checks = failures = malformed = 0;
	if (!obey(text, seconds))
		return -EIO;
	snprintf(result, sizeof(result), "%u checks, %u failures, %u malformed\n", checks, failures,
		 malformed);
	return failures ? -EIO : 0;
}

static int get_result(char *to, const struct kernel_param *unused)
{
	return sprintf(to, "%s", result);
}

static const struct kernel_param_ops run_ops = { .set = run };
static const struct kernel_param_ops result_ops = { .get = get_result };
module_param_cb(run, &run_ops, NULL, 0200);
module_param_cb(result, &result_ops, NULL, 0400);

/* It is told all that it does, and looks itself how far the other side is. */
static void ignore_state(struct xenbus_device *xdev, enum xenbus_state state)
{
}

/* A back end that goes leaves its device to an honest one. */
#define REBIND_frontend false
#define REBIND_backend true

/* @end: frontend or backend; its probe() and remove() come before. */
#define HOSTILE_DRIVER(end, type, what)                                    \
	static const struct xenbus_device_id ids[] = { { type }, { "" } }; \
	static struct xenbus_driver driver = {                             \
		.name = KBUILD_MODNAME,                                    \
		.ids = ids,                                                \
		.probe = probe,                                            \
		.remove = remove,                                          \
		.otherend_changed = ignore_state,                          \
		.allow_rebind = REBIND_##end,                              \
	};                                                                 \
	static int __init start(void)                                      \
	{                                                                  \
		return xenbus_register_##end(&driver);                     \
	}                                                                  \
	module_init(start);                                                \
	static void __exit finish(void)                                    \
	{                                                                  \
		xenbus_unregister_driver(&driver);                         \
	}                                                                  \
	module_exit(finish);                                               \
	MODULE_DESCRIPTION(what " that breaks the protocol, for tests");   \
	MODULE_LICENSE("GPL")

#endif
