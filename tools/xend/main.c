// SPDX-License-Identifier: GPL-2.0
/*
 * xend: the daemon that makes and keeps domains, and the commands to start and stop it.
 *
 * `xend start` returns when the daemon serves, or with the reason why it does not: the
 * child gets everything ready while its parent waits at a pipe.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon.h"
#include "paths.h"
#include "pidfile.h"

#define STOP_MS 90000	     /* longer than the daemon gives to what is under way */
#define STATUS_NOT_RUNNING 3 /* as the Linux Standard Base has it */

static const char usage[] = "usage: xend start|stop|restart|status|run [--port NUMBER]\n"
			    "\n"
			    "  start    start the daemon; returns when it serves\n"
			    "  stop     stop it; domains run on\n"
			    "  restart  stop it if it runs, and start it\n"
			    "  status   does it run? Status 0: yes, 3: no\n"
			    "  run      be the daemon, without going into the background\n"
			    "\n"
			    "  --port NUMBER  serve 127.0.0.1 at this TCP port too, for who knows\n"
			    "                 what is in /run/xenolith/token\n"
			    "  --help, --version\n";

static int fail(const char *text)
{
	fprintf(stderr, "xend: %s\n", text);
	return 1;
}

static int run(const struct daemon_options *options)
{
	struct error e;

	if (daemon_open(options, &e))
		return fail(e.text);
	daemon_serve();
	return 0;
}

/* The daemon's process; @ready is closed without a byte when it does not come to serve. */
static void child(const struct daemon_options *options, int ready)
{
	struct error e;
	int null;

	setsid();
	if (chdir("/"))
		_exit(fail(strerror(errno)));
	if (daemon_open(options, &e)) {
		fail(e.text);
		_exit(1);
	}
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	if (write(ready, "", 1) != 1)
		_exit(1);
	close(ready);
	daemon_serve();
	_exit(0);
}

static int start(const struct daemon_options *options)
{
	int ends[2];
	pid_t pid;
	char byte;

	pid = pidfile_owner();
	if (pid) {
		printf("xend runs already (pid %d)\n", (int)pid);
		return 0;
	}
	if (pipe2(ends, O_CLOEXEC))
		return fail(strerror(errno));
	pid = fork();
	if (pid < 0)
		return fail(strerror(errno));
	if (!pid) {
		close(ends[0]);
		child(options, ends[1]);
	}
	close(ends[1]);
	if (read(ends[0], &byte, 1) == 1)
		return 0;
	waitpid(pid, NULL, 0);
	return 1;
}

static int stop(void)
{
	pid_t pid = pidfile_owner();
	struct pollfd end;
	char text[64];

	if (!pid) {
		puts("xend does not run");
		return 0;
	}
	end.fd = pidfd_open(pid, 0);
	end.events = POLLIN;
	if (end.fd < 0)
		return errno == ESRCH ? 0 : fail(strerror(errno));
	if (kill(pid, SIGTERM))
		return errno == ESRCH ? 0 : fail(strerror(errno));
	if (poll(&end, 1, STOP_MS) != 1) {
		snprintf(text, sizeof(text), "process %d does not end", (int)pid);
		return fail(text);
	}
	return 0;
}

static int status(void)
{
	pid_t pid = pidfile_owner();

	if (pid)
		printf("xend runs (pid %d)\n", (int)pid);
	else
		puts("xend does not run");
	return pid ? 0 : STATUS_NOT_RUNNING;
}

static int parse_port(const char *text, unsigned int *port)
{
	unsigned long number = strtoul(text, NULL, 10);
	char line[100];

	if (!*text || strspn(text, "0123456789") != strlen(text) || strlen(text) > 5 ||
	    number < 1 || number > 65535) {
		snprintf(line, sizeof(line),
			 "--port: \"%.20s\" is not a port; allowed are 1 to "
			 "65535",
			 text);
		return fail(line);
	}
	*port = number;
	return 0;
}

/* 0: go on; otherwise the status to end with, less one. */
static int parse(int argc, char **argv, struct daemon_options *options)
{
	static const struct option longs[] = { { "port", required_argument, NULL, 'p' },
					       { "help", no_argument, NULL, 'h' },
					       { "version", no_argument, NULL, 'v' },
					       { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		switch (option) {
		case 'p':
			if (parse_port(optarg, &options->port))
				return 2;
			break;
		case 'h':
			fputs(usage, stdout);
			return 1;
		case 'v':
			printf("xend %s\n", XENOLITH_VERSION);
			return 1;
		default:
			fputs(usage, stderr);
			return 3;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct daemon_options options = { 0 };
	int rc = parse(argc, argv, &options);
	const char *command;
	char text[100];

	if (rc)
		return rc - 1;
	paths_init();
	command = argc - optind == 1 ? argv[optind] : "";
	if (!strcmp(command, "start"))
		return start(&options);
	if (!strcmp(command, "stop"))
		return stop();
	if (!strcmp(command, "restart"))
		return stop() || start(&options);
	if (!strcmp(command, "status"))
		return status();
	if (!strcmp(command, "run"))
		return run(&options);
	if (argc - optind == 1)
		snprintf(text, sizeof(text),
			 "\"%.30s\" is unknown; allowed are start, stop, "
			 "restart, status and run",
			 command);
	else
		snprintf(text, sizeof(text),
			 "one of start, stop, restart, status and run is "
			 "wanted");
	fail(text);
	return 2;
}
