// SPDX-License-Identifier: GPL-2.0
/*
 * xend's paths and its look at the host, for tests: everything is below the directory
 * that the environment names, and nothing of Xen need be there.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xend/host.h"
#include "xend/paths.h"

struct paths paths;

static const char *below(const char *name)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", getenv("XEND_TEST_DIR"), name);
	return strdup(path);
}

void paths_init(void)
{
	static char tag[9];

	if (!getenv("XEND_TEST_DIR") || !getenv("XEND_TEST_TAG")) {
		fputs("XEND_TEST_DIR or XEND_TEST_TAG is not set\n", stderr);
		exit(1);
	}
	/* Loop devices are real, and other xends' are not ours. */
	snprintf(tag, sizeof(tag), "t%.7s", getenv("XEND_TEST_TAG"));
	paths = (struct paths){
		.run = below("run"),
		.socket = below("run/xend.sock"),
		.token = below("run/token"),
		.pid = below("run/xend.pid"),
		.records = below("lib/domains"),
		.log_dir = below("log"),
		.log = below("log/xend.log"),
		.consoles = below("log/console"),
		.ptys = below("run/console"),
		.cache = below("cache"),
		.boot = below("boot"),
		.scripts = below("scripts"),
		.our_scripts = below("scripts"),
		.net = below("net"),
		.tag = tag,
	};
}

int host_check(struct error *e)
{
	const char *missing = getenv("XEND_TEST_MISSING");

	return missing ? error_set(e, ENODEV, "%s", missing) : 0;
}
