/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Consoles of domains that come and go: with xend, with the domain, with clients, and
 * who may not have one.
 */
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

/* As nobody: the one line that tells why. */
static void test_only_root(void **state)
{
	char text[256] = "";
	int result[2], status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(add("vm"), 0);
	say("secret");
	assert_int_equal(pipe(result), 0);
	pid = fork();
	if (pid == 0) {
		struct sockaddr_in a = { .sin_family = AF_INET,
					 .sin_port = htons(tcp_port),
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		int fd;
		ssize_t n;

		if (setuid(65534))
			_exit(1);
		fd = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(fd, (struct sockaddr *)&a, sizeof(a)) || write(fd, "rm\n", 3) != 3)
			_exit(2);
		while ((n = read(fd, text, sizeof(text))) > 0)
			if (write(result[1], text, n) != n)
				_exit(3);
		_exit(0);
	}
	close(result[1]);
	for (int i = 0; i < 1000 && waitpid(pid, &status, WNOHANG) == 0; i++)
		if (wait_for(consoles_fd(cs), 10))
			consoles_run(cs);
	expect(result[0], "xend: only root may use a domain's console\r\n");
	assert_int_equal(sim_page.in_prod, 0);
	close(result[0]);
}

/* Nothing may be left of one that could not be added. */
static void test_all_or_nothing(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(tcp_port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct console_config config = { .domid = 5,
					 .name = "vm",
					 .ring_mfn = SIM_FRAME,
					 .port = SIM_REMOTE_PORT,
					 .tcp_port = tcp_port };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char link[256];

	(void)state;
	snprintf(link, sizeof(link), "%s/vm", pty_dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(add("vm"), -1);
	assert_int_equal(e.number, EADDRINUSE);
	assert_non_null(strstr(e.text, "console port"));
	assert_int_equal(sim_mappings, 0);
	assert_int_equal(sim_ports, 0);
	assert_int_not_equal(access(link, F_OK), 0);
	close(fd);

	config.ring_mfn++;
	assert_int_equal(consoles_add(cs, &config, &e), -1);
	config.ring_mfn--;
	config.port++;
	assert_int_equal(consoles_add(cs, &config, &e), -1);
	assert_int_equal(sim_mappings, 0);
	config.port--;
	config.tcp_port = 65536;
	assert_int_equal(consoles_add(cs, &config, &e), -1);
	assert_int_equal(e.number, EINVAL);
	assert_int_equal(add(".."), -1);
	assert_int_equal(add("a/b"), -1);
	assert_int_equal(add(""), -1);
	assert_int_equal(add("vm"), 0);
	assert_int_equal(add("vm"), -1);
	assert_int_equal(e.number, EEXIST);
}

static void test_remove(void **state)
{
	char link[256];
	int fd;

	(void)state;
	snprintf(link, sizeof(link), "%s/vm", pty_dir);
	assert_int_equal(add("vm"), 0);
	fd = client();
	assert_int_equal(access(link, F_OK), 0);
	assert_int_equal(write(fd, "never read", 10), 10);
	/* The last words, and no event for them. */
	guest_print("panic", 5);
	consoles_remove(cs, 5);
	assert_int_equal(sim_mappings, 0);
	assert_int_equal(sim_ports, 0);
	expect(fd, "panic");
	expect_end(fd);
	close(fd);
	assert_string_equal(log_text("vm.log", NULL), "panic");
	assert_int_not_equal(access(link, F_OK), 0);
	consoles_remove(cs, 5);
}

/* xend was killed: what was printed meanwhile is there, what was served is not. */
static void test_restart(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(add("vm"), 0);
	say("one ");
	consoles_close(cs);
	guest_print("two ", 4);
	open_consoles();
	assert_int_equal(add("vm"), 0);
	settle();
	fd = client();
	expect(fd, "two ");
	assert_string_equal(log_text("vm.log", NULL), "one two ");
	close(fd);
}

static void test_rename(void **state)
{
	struct console_info info;
	char path[256];
	int pty;

	(void)state;
	assert_int_equal(add("vm"), 0);
	say("one ");
	assert_int_equal(consoles_rename(cs, 5, "a/b", &e), -1);
	assert_int_equal(consoles_rename(cs, 5, "vm-1", &e), 0);
	say("two ");
	pty = open_pty("vm-1");
	expect(pty, "one two ");
	close(pty);
	assert_string_equal(log_text("vm-1.log", NULL), "one two ");
	snprintf(path, sizeof(path), "%s/vm", pty_dir);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(consoles_info(cs, 5, &info, &e), 0);
	assert_non_null(strstr(info.link, "/vm-1"));
}

static void test_too_many_clients(void **state)
{
	int fd[17];

	(void)state;
	assert_int_equal(add("vm"), 0);
	for (int i = 0; i < 17; i++)
		fd[i] = client();
	expect(fd[16], "xend: too many clients at this console\r\n");
	expect_end(fd[16]);
	close(fd[0]);
	close(fd[16]);
	settle();
	fd[0] = client();
	say("all");
	for (int i = 0; i < 16; i++) {
		expect(fd[i], "all");
		close(fd[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_root),
		TEST(all_or_nothing),
		TEST(remove),
		TEST(restart),
		TEST(rename),
		TEST(too_many_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
