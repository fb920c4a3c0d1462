// SPDX-License-Identifier: GPL-2.0
/*
 * xm console: the terminal becomes the domain's.
 *
 * xend tells where the console is: a TCP port of loopback, or a pty. The
 * terminal goes raw, so that every key reaches the domain, and is put back
 * however this ends: Ctrl-], the console closed, the terminal gone, a signal.
 * Signals are let in only while waiting, so none can come in between.
 */
#include "client.h"
#include "console.h"
#include "xm.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#define LEAVE 0x1d /* Ctrl-] */

static const int ending[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
static volatile sig_atomic_t signalled;

/* Typed, and not yet taken by the console. */
struct typed {
	char data[4096];
	size_t length;
};

static int open_port(long long port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		fail(XM_FAILED, "cannot connect to the console at TCP port %lld: %m", port);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static int open_pty(const char *path)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios raw;

	if (fd < 0) {
		fail(XM_FAILED, "cannot open the console at %s: %m", path);
		return -1;
	}
	/* Or the pty would send back to the domain what the domain says. */
	if (!tcgetattr(fd, &raw)) {
		cfmakeraw(&raw);
		tcsetattr(fd, TCSANOW, &raw);
	}
	return fd;
}

int console_open(const json_t *domain)
{
	const json_t *console = json_object_get(domain, "console");
	long long port = member_number(console, "tcp_port");
	const char *pty = member_text(console, "pty");
	int fd;

	if (port > 0 && port < 65536)
		fd = open_port(port);
	else if (*pty)
		fd = open_pty(pty);
	else
		return fail(XM_FAILED, "domain %s has no console", member_text(domain, "name")), -1;
	if (fd >= 0)
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	return fd;
}

static void note_signal(int number)
{
	signalled = number;
}

static bool write_all(const char *data, ssize_t length)
{
	while (length > 0) {
		ssize_t n = write(STDOUT_FILENO, data, length);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			data += n;
			length -= n;
		}
	}
	return true;
}

/* From the console to the terminal; false when either is at its end. */
static bool carry_out(int fd)
{
	char data[4096];
	ssize_t n = read(fd, data, sizeof(data));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	return n > 0 && write_all(data, n);
}

/*
 * What is typed goes to @typed. When the domain takes nothing and that is full,
 * the rest of what a person types is lost, so that Ctrl-] is still seen. False
 * when it was, or the terminal is gone; @open false at the end of a file.
 */
static bool take_in(struct typed *typed, bool is_terminal, bool *open)
{
	char data[1024];
	size_t room = sizeof(typed->data) - typed->length;
	ssize_t n =
		read(STDIN_FILENO, data, is_terminal || room > sizeof(data) ? sizeof(data) : room);
	char *leave;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0) {
		*open = false;
		return !is_terminal;
	}
	leave = memchr(data, LEAVE, n);
	if (leave)
		n = leave - data;
	if ((size_t)n > room)
		n = room;
	memcpy(typed->data + typed->length, data, n);
	typed->length += n;
	return !leave;
}

static bool pass_on(int fd, struct typed *typed)
{
	ssize_t n = write(fd, typed->data, typed->length);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	typed->length -= n;
	memmove(typed->data, typed->data + n, typed->length);
	return true;
}

/* Carry bytes until an end; @mask has the signals let in while waiting. */
static void carry(int fd, bool is_terminal, const sigset_t *mask)
{
	struct typed typed = {};
	bool open = true;

	while (!signalled) {
		bool room = is_terminal || typed.length < sizeof(typed.data);
		struct pollfd wait[] = {
			{ fd, POLLIN | (typed.length ? POLLOUT : 0), 0 },
			{ open && room ? STDIN_FILENO : -1, POLLIN, 0 },
		};

		if (ppoll(wait, 2, NULL, mask) < 0)
			continue;
		if (wait[0].revents & (POLLIN | POLLHUP | POLLERR) && !carry_out(fd))
			break;
		if (wait[1].revents && !take_in(&typed, is_terminal, &open))
			break;
		if (typed.length && !pass_on(fd, &typed))
			break;
	}
	/* What came before Ctrl-] still goes, if the console takes it. */
	if (typed.length)
		pass_on(fd, &typed);
}

int console_relay(int fd)
{
	struct sigaction action = { .sa_handler = note_signal };
	struct termios saved, raw;
	bool is_terminal = !tcgetattr(STDIN_FILENO, &saved);
	sigset_t blocked, before;

	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++)
		sigaddset(&blocked, ending[i]);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++)
		sigaction(ending[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (is_terminal) {
		raw = saved;
		cfmakeraw(&raw);
		tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	}

	carry(fd, is_terminal, &before);

	if (is_terminal) {
		tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
		write_all("\n", 1);
	}
	close(fd);
	if (signalled) {
		/* Whoever waits for xm sees what ended it. */
		signal(signalled, SIG_DFL);
		raise(signalled);
		sigprocmask(SIG_SETMASK, &before, NULL);
	}
	return XM_OK;
}

int run_console(struct call *call)
{
	char path[PATH_MAX_LENGTH];
	json_t *domain;
	int error = xend_domain_path(path, call->args[0], "");
	int fd;

	if (!error)
		error = xend_get(path, &domain);
	if (error)
		return error;
	fd = console_open(domain);
	json_decref(domain);
	return fd < 0 ? XM_FAILED : console_relay(fd);
}
