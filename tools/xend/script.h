/* SPDX-License-Identifier: GPL-2.0 */
/* Programs that xend runs: the scripts of network interfaces. */
#ifndef XEND_SCRIPT_H
#define XEND_SCRIPT_H

#include "lib/error.h"

/*
 * @error is NULL when the script ended with status 0; otherwise it says what became
 * of it, with the last line that it wrote to standard error.
 */
typedef void script_fn(void *context, const struct error *error);

/*
 * Run @path with @arguments (without the path; NULL ends both) and @environment
 * ("NAME=value") on top of a PATH, killed after @ms milliseconds with all that it
 * started. Each line of its output goes to the log, with @who in front. @done is
 * called from the main loop exactly once, always after this has returned.
 */
void script_run(const char *who, const char *path, const char *const *arguments,
		const char *const *environment, unsigned int ms, script_fn *done, void *context);

#endif
