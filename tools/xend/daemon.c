// SPDX-License-Identifier: GPL-2.0
/*
 * The daemon: opens all it works with, takes up what an earlier one left, and serves.
 * Asked to stop, it finishes what it has begun; domains run on without it, and the next
 * one finds them.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ahead.h"
#include "daemon.h"
#include "domain.h"
#include "host.h"
#include "http.h"
#include "log.h"
#include "mainloop.h"
#include "paths.h"
#include "pidfile.h"
#include "store.h"

#define STOP_STEP_MS 50
#define STOP_MS 60000 /* for what is under way */

static int signals;
static struct poll *signals_poll, *consoles_poll;
static struct timer stop_timer;
static unsigned int stop_waited;

int make_directory(const char *path)
{
	char copy[256];

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	for (char *p = copy + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		if (mkdir(copy, 0755) && errno != EEXIST)
			return -1;
		*p = '/';
	}
	return mkdir(copy, 0755) && errno != EEXIST ? -1 : 0;
}

static void consoles_ready(void *context, uint32_t events)
{
	(void)context;
	(void)events;
	consoles_run(consoles);
}

static void try_to_stop(void *context)
{
	bool busy = false;

	(void)context;
	for (struct domain *d = domains; d; d = d->next)
		busy |= d->create || d->destroy || d->moving;
	if (busy && stop_waited < STOP_MS) {
		stop_waited += STOP_STEP_MS;
		timer_set(&stop_timer, STOP_STEP_MS, try_to_stop, NULL);
		return;
	}
	mainloop_stop();
}

static void signal_ready(void *context, uint32_t events)
{
	struct signalfd_siginfo info;

	(void)context;
	(void)events;
	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP) {
		if (log_open(paths.log))
			log_error("%s: %m", paths.log);
		return;
	}
	log_info("stopping: signal %u from process %u", info.ssi_signo, info.ssi_pid);
	http_refuse();
	timer_set(&stop_timer, 0, try_to_stop, NULL);
}

static int open_signals(struct error *e)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		return error_errno(e, "signalfd");
	signals_poll = poll_add(signals, EPOLLIN, signal_ready, NULL);
	return 0;
}

static int open_consoles(struct error *e)
{
	struct consoles_config config = { .log_dir = paths.consoles, .pty_dir = paths.ptys };

	consoles = consoles_open(control, &config, e);
	if (!consoles)
		return -1;
	consoles_poll = poll_add(consoles_fd(consoles), EPOLLIN, consoles_ready, NULL);
	return 0;
}

static int open_directories(struct error *e)
{
	if (make_directory(paths.run))
		return error_errno(e, "cannot make %s", paths.run);
	if (make_directory(paths.log_dir))
		return error_errno(e, "cannot make %s", paths.log_dir);
	make_directory(paths.cache); /* without it, kernels are unpacked each time */
	return 0;
}

int daemon_open(const struct daemon_options *options, struct error *e)
{
	umask(022);
	if (host_check(e) || open_directories(e) || pidfile_take(e))
		return -1;
	if (log_open(paths.log))
		return error_errno(e, "%s", paths.log);
	control = control_open(e);
	if (!control)
		return -1;
	mainloop_start();
	if (open_signals(e) || store_open(e) || open_consoles(e))
		return -1;
	log_info("xend %s starts, pid %d", XENOLITH_VERSION, (int)getpid());
	if (recover(e) || life_start(e) || http_open_unix(e) ||
	    (options->port && http_open_tcp(options->port, e)))
		return -1;
	log_info("serving at %s", paths.socket);
	ahead_start();
	return 0;
}

void daemon_serve(void)
{
	mainloop_run();
	http_close();
	poll_remove(signals_poll);
	poll_remove(consoles_poll);
	consoles_close(consoles);
	store_close();
	control_close(control);
	mainloop_end();
	log_info("stopped");
}
