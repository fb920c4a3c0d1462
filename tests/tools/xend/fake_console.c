// SPDX-License-Identifier: GPL-2.0
/* Consoles, for tests: a list of who has one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "xend/console.h"

struct consoles {
	int fd;
	struct console_info by_id[32768];
	char name[32768][80];
};

struct consoles *consoles_open(struct control *c, const struct consoles_config *config,
			       struct error *e)
{
	struct consoles *cs = calloc(1, sizeof(*cs));

	(void)c;
	(void)config;
	(void)e;
	cs->fd = eventfd(0, EFD_CLOEXEC);
	return cs;
}

void consoles_close(struct consoles *cs)
{
	free(cs);
}

int consoles_fd(struct consoles *cs)
{
	return cs->fd;
}

void consoles_run(struct consoles *cs)
{
	(void)cs;
}

int consoles_add(struct consoles *cs, const struct console_config *config, struct error *e)
{
	struct console_info *info = &cs->by_id[config->domid];

	if (info->tcp_port)
		return error_set(e, EEXIST, "domain %u has a console", config->domid);
	info->tcp_port = config->tcp_port ? config->tcp_port : CONSOLE_BASE_PORT + config->domid;
	snprintf(info->pty, sizeof(info->pty), "/dev/pts/%u", config->domid);
	snprintf(info->log, sizeof(info->log), "/log/%s.log", config->name);
	return 0;
}

void consoles_remove(struct consoles *cs, unsigned int domid)
{
	memset(&cs->by_id[domid], 0, sizeof(cs->by_id[domid]));
}

int consoles_rename(struct consoles *cs, unsigned int domid, const char *name, struct error *e)
{
	(void)e;
	snprintf(cs->by_id[domid].log, sizeof(cs->by_id[domid].log), "/log/%s.log", name);
	return 0;
}

int consoles_info(struct consoles *cs, unsigned int domid, struct console_info *info,
		  struct error *e)
{
	if (domid > 32767 || !cs->by_id[domid].tcp_port)
		return error_set(e, ESRCH, "domain %u has no console", domid);
	*info = cs->by_id[domid];
	return 0;
}
