// SPDX-License-Identifier: GPL-2.0
/* Where xend keeps its things. */
#include <stdlib.h>

#include "paths.h"

struct paths paths = {
	.run = "/run/xenolith",
	.socket = "/run/xenolith/xend.sock",
	.token = "/run/xenolith/token",
	.pid = "/run/xenolith/xend.pid",
	.records = "/var/lib/xenolith/domains",
	.log_dir = "/var/log/xenolith",
	.log = "/var/log/xenolith/xend.log",
	.consoles = "/var/log/xenolith/console",
	.ptys = "/run/xenolith/console",
	.cache = "/var/cache/xenolith",
	.boot = "/boot",
	.scripts = "/etc/xen/scripts",
	.our_scripts = "/usr/lib/xenolith/scripts",
	.tag = "xend",
	.net = "/sys/class/net",
};

void paths_init(void)
{
	const char *socket = getenv(SOCKET_VARIABLE);

	if (socket && *socket)
		paths.socket = socket;
}
