// SPDX-License-Identifier: GPL-2.0
/*
 * Running a script without waiting for it: posix_spawn() in a process group of its
 * own, its output through a pipe to the log, its end through a pidfd.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "mainloop.h"
#include "script.h"

#define MAX_ENVIRONMENT 24

struct script {
	char *who, *path;
	script_fn *done;
	void *context;
	struct error error; /* text empty: none yet */
	pid_t pid;
	int pidfd, output;
	struct poll *pid_poll, *output_poll;
	struct timer timer;
	unsigned int ms;
	char line[512]; /* of output, not complete yet */
	size_t length;
	char last[512]; /* the last complete line */
};

static void finish(struct script *s)
{
	if (s->pid_poll)
		poll_remove(s->pid_poll);
	if (s->output_poll)
		poll_remove(s->output_poll);
	if (s->pidfd >= 0)
		close(s->pidfd);
	if (s->output >= 0)
		close(s->output);
	timer_cancel(&s->timer);
	if (*s->error.text)
		log_warning("%s: %s", s->who, s->error.text);
	s->done(s->context, *s->error.text ? &s->error : NULL);
	free(s->who);
	free(s->path);
	free(s);
}

static void finish_late(void *context)
{
	finish(context);
}

static void end_line(struct script *s)
{
	s->line[s->length] = 0;
	if (s->length) {
		log_info("%s: %s: %s", s->who, s->path, s->line);
		memcpy(s->last, s->line, s->length + 1);
	}
	s->length = 0;
}

static void read_output(struct script *s)
{
	char buffer[1024];
	ssize_t n;

	while ((n = read(s->output, buffer, sizeof(buffer))) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			if (buffer[i] == '\n' || s->length == sizeof(s->line) - 1)
				end_line(s);
			if (buffer[i] != '\n')
				s->line[s->length++] = buffer[i];
		}
	}
	if (!n) {
		/* What the script left running may keep the pipe open: its end is no event. */
		poll_remove(s->output_poll);
		s->output_poll = NULL;
	}
}

static void output_ready(void *context, uint32_t events)
{
	(void)events;
	read_output(context);
}

static void ended(void *context, uint32_t events)
{
	struct script *s = context;
	int status = 0;

	(void)events;
	while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
		;
	read_output(s);
	end_line(s);
	if (*s->error.text)
		; /* it was killed because of the time, which says more */
	else if (WIFSIGNALED(status))
		error_set(&s->error, EIO, "%s was killed by signal %d", s->path, WTERMSIG(status));
	else if (WEXITSTATUS(status))
		error_set(&s->error, EIO, "%s failed with status %d%s%s", s->path,
			  WEXITSTATUS(status), *s->last ? ": " : "", s->last);
	finish(s);
}

static void too_late(void *context)
{
	struct script *s = context;

	error_set(&s->error, ETIMEDOUT, "%s did not end within %u s%s%s", s->path, s->ms / 1000,
		  *s->last ? "; last it said: " : "", s->last);
	kill(-s->pid, SIGKILL);
}

/* Returns 0 or an errno. */
static int spawn(struct script *s, char *const *arguments, char *const *environment, int out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int rc;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, out, 2);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
						      POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	rc = posix_spawn(&s->pid, s->path, &actions, &attributes, arguments, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

static int start(struct script *s, const char *const *arguments, const char *const *environment)
{
	const char *argv[8] = { s->path }, *envp[MAX_ENVIRONMENT] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"
	};
	int ends[2], rc;

	for (int i = 0; arguments[i] && i < 6; i++)
		argv[i + 1] = arguments[i];
	for (int i = 0; environment[i] && i < MAX_ENVIRONMENT - 3; i++)
		envp[i + 2] = environment[i];
	if (pipe2(ends, O_CLOEXEC))
		return error_errno(&s->error, "pipe");
	s->output = ends[0];
	fcntl(s->output, F_SETFL, O_NONBLOCK);
	rc = spawn(s, (char *const *)argv, (char *const *)envp, ends[1]);
	close(ends[1]);
	if (rc)
		return error_set(&s->error, rc, "cannot run %s: %s", s->path, strerror(rc));
	s->pidfd = pidfd_open(s->pid, 0);
	if (s->pidfd < 0)
		log_die("pidfd_open: %m");
	s->pid_poll = poll_add(s->pidfd, EPOLLIN, ended, s);
	s->output_poll = poll_add(s->output, EPOLLIN, output_ready, s);
	return 0;
}

void script_run(const char *who, const char *path, const char *const *arguments,
		const char *const *environment, unsigned int ms, script_fn *done, void *context)
{
	struct script *s = calloc(1, sizeof(*s));

	if (!s)
		log_die("out of memory");
	s->who = strdup(who);
	s->path = strdup(path);
	s->done = done;
	s->context = context;
	s->ms = ms;
	s->output = s->pidfd = -1;
	if (start(s, arguments, environment))
		timer_set(&s->timer, 0, finish_late, s);
	else
		timer_set(&s->timer, ms, too_late, s);
}
