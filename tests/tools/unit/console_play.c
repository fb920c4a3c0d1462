/* SPDX-License-Identifier: GPL-2.0-only */
/* The others of the tests of consoles: console_play.h. */
#include "console_play.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

char dir[64], log_dir[80], pty_dir[80];
struct consoles *cs;
struct error e;
unsigned int tcp_port;

/* The domain. */

size_t guest_print(const char *text, size_t bytes)
{
	size_t room = sizeof(sim_page.out) - (sim_page.out_prod - sim_page.out_cons);

	if (bytes > room)
		bytes = room;
	for (size_t i = 0; i < bytes; i++)
		sim_page.out[MASK_XENCONS_IDX(sim_page.out_prod + i, sim_page.out)] = text[i];
	sim_page.out_prod += bytes;
	if (bytes)
		sim_raise();
	return bytes;
}

size_t guest_read(char *to, size_t room)
{
	size_t n = 0;

	while (n < room && sim_page.in_cons != sim_page.in_prod)
		to[n++] = sim_page.in[MASK_XENCONS_IDX(sim_page.in_cons++, sim_page.in)];
	if (n)
		sim_raise();
	return n;
}

/* xend. */

bool wait_for(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) > 0;
}

void settle(void)
{
	while (wait_for(consoles_fd(cs), 20))
		consoles_run(cs);
}

int add(const char *name)
{
	struct console_config config = { .domid = 5,
					 .name = name,
					 .ring_mfn = SIM_FRAME,
					 .port = SIM_REMOTE_PORT,
					 .tcp_port = tcp_port };

	return consoles_add(cs, &config, &e);
}

void say(const char *text)
{
	assert_int_equal(guest_print(text, strlen(text)), strlen(text));
	settle();
}

static unsigned int free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t bytes = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &bytes), 0);
	close(fd);
	return ntohs(a.sin_port);
}

void open_consoles(void)
{
	struct consoles_config config = { .log_dir = log_dir, .pty_dir = pty_dir };

	cs = consoles_open(&sim_control, &config, &e);
	assert_non_null(cs);
}

int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/xenolith-console-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(log_dir, sizeof(log_dir), "%s/a/log", dir);
	snprintf(pty_dir, sizeof(pty_dir), "%s/a/pty", dir);
	sim_reset();
	tcp_port = free_port();
	open_consoles();
	return 0;
}

int teardown(void **state)
{
	char command[128];

	(void)state;
	consoles_close(cs);
	assert_int_equal(sim_mappings, 0);
	assert_int_equal(sim_ports, 0);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

/* Clients. */

int client(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(tcp_port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), bytes = 64 << 10;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	settle();
	return fd;
}

size_t receive(int fd, char *to, size_t room)
{
	size_t n = 0;
	ssize_t got;

	while (n < room && wait_for(fd, 20) && (got = read(fd, to + n, room - n)) > 0)
		n += got;
	return n;
}

void expect(int fd, const char *text)
{
	char bytes[4096];
	size_t n = 0;

	for (int i = 0; n < strlen(text) && i < 500; i++) {
		settle();
		n += receive(fd, bytes + n, sizeof(bytes) - 1 - n);
	}
	n += receive(fd, bytes + n, sizeof(bytes) - 1 - n);
	bytes[n] = '\0';
	assert_string_equal(bytes, text);
}

void guest_expect(const char *text)
{
	char bytes[64] = "";
	size_t n = 0;

	for (int i = 0; n < strlen(text) && i < 500; i++) {
		settle();
		n += guest_read(bytes + n, sizeof(bytes) - 1 - n);
	}
	assert_string_equal(bytes, text);
}

void expect_end(int fd)
{
	char byte;

	assert_true(wait_for(fd, 1000));
	assert_true(read(fd, &byte, 1) <= 0);
}

char *log_text(const char *name, size_t *bytes)
{
	static char text[8 << 20];
	char path[256];
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", log_dir, name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n] = '\0';
	if (bytes)
		*bytes = n;
	return text;
}

int open_pty(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", pty_dir, name);
	fd = open(path, O_RDWR | O_NOCTTY);
	assert_true(fd >= 0);
	return fd;
}
