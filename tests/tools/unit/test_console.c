/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What goes through consoles of domains: the ring against a domain that lies, and the
 * daemon's part against domains and clients that are slow or loud.
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

#include "xend/console_ring.h"

/* The ring. */

static void test_ring_wraps(void **state)
{
	struct console_ring r;
	char out[sizeof(sim_page.out)], in[600];
	size_t n;

	(void)state;
	sim_page.out_prod = sim_page.out_cons = 0xfffffff0;
	sim_page.in_prod = sim_page.in_cons = 0xfffffe00;
	console_ring_init(&r, &sim_page);
	guest_print("from one end to the other", 25);
	assert_int_equal(console_ring_take(&r, out), 25);
	assert_memory_equal(out, "from one end to the other", 25);
	assert_int_equal(sim_page.out_cons, 9);
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = i;
	assert_int_equal(console_ring_put(&r, in, sizeof(in)), sizeof(in));
	assert_int_equal(console_ring_put(&r, in, sizeof(in)), 1024 - sizeof(in));
	assert_int_equal(console_ring_space(&r), 0);
	n = guest_read(out, sizeof(in));
	assert_int_equal(n, sizeof(in));
	assert_memory_equal(out, in, n);
	assert_int_equal(console_ring_space(&r), sizeof(in));
}

static void test_ring_distrusts(void **state)
{
	struct console_ring r;
	char out[sizeof(sim_page.out)];

	(void)state;
	console_ring_init(&r, &sim_page);
	/* More than there can be is nothing, and what comes then is right again. */
	sim_page.out_prod = 2049;
	assert_int_equal(console_ring_take(&r, out), 0);
	assert_int_equal(sim_page.out_cons, 2049);
	guest_print("x", 1);
	assert_int_equal(console_ring_take(&r, out), 1);
	assert_int_equal(out[0], 'x');
	/* Our index in the page is not believed. */
	sim_page.out_cons = 17;
	sim_page.out_prod = 2050 + 2048;
	assert_int_equal(console_ring_take(&r, out), 2048);
	sim_page.in_cons = 1;
	assert_int_equal(console_ring_space(&r), 0);
	assert_int_equal(console_ring_put(&r, "y", 1), 0);
	sim_page.in_cons = 0;
	sim_page.in_prod = 1000;
	assert_int_equal(console_ring_put(&r, "y", 1), 1);
	assert_int_equal(sim_page.in_prod, 1);
}

/* Everybody gets everything. */
static void test_fan_out(void **state)
{
	struct console_info info;
	int pty, fd;

	(void)state;
	guest_print("before\r\n", 8);
	assert_int_equal(add("vm"), 0);
	settle();
	say("boot\r\n");
	fd = client();
	pty = open_pty("vm");
	say("later\r\n");
	expect(fd, "before\r\nboot\r\nlater\r\n");
	expect(pty, "before\r\nboot\r\nlater\r\n");
	assert_string_equal(log_text("vm.log", NULL), "before\r\nboot\r\nlater\r\n");
	assert_true(sim_notified >= 3);

	assert_int_equal(consoles_info(cs, 5, &info, &e), 0);
	assert_int_equal(info.tcp_port, tcp_port);
	assert_string_equal(info.pty, ttyname(pty));
	assert_int_equal(consoles_info(cs, 6, &info, &e), -1);
	assert_int_equal(e.number, ESRCH);
	close(fd);
	close(pty);
}

static void test_typing(void **state)
{
	int pty, fd;

	(void)state;
	assert_int_equal(add("vm"), 0);
	fd = client();
	pty = open_pty("vm");
	assert_int_equal(write(fd, "ls\n", 3), 3);
	guest_expect("ls\n");
	assert_int_equal(write(pty, "\003q\r", 3), 3);
	guest_expect("\003q\r");
	close(fd);
	close(pty);
}

/* What does not fit waits, and comes in order. */
static void test_typing_more_than_fits(void **state)
{
	char sent[3000], got[3000];
	size_t n = 0;
	int fd;

	(void)state;
	assert_int_equal(add("vm"), 0);
	fd = client();
	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = 'a' + i % 23;
	assert_int_equal(write(fd, sent, sizeof(sent)), sizeof(sent));
	settle();
	assert_int_equal(sim_page.in_prod, 1024);
	/* Nothing to do: it must not spin. */
	assert_false(wait_for(consoles_fd(cs), 20));
	/* Printing goes on. */
	say("still here");
	expect(fd, "still here");
	while (n < sizeof(sent)) {
		size_t more = guest_read(got + n, 100);

		assert_true(more > 0);
		n += more;
		settle();
	}
	assert_memory_equal(got, sent, sizeof(sent));
	close(fd);
}

/* Print until nothing is taken any more, or so much has been. */
static size_t flood(size_t bytes)
{
	char text[1024];
	size_t done = 0, n;

	memset(text, 'f', sizeof(text));
	while (done < bytes) {
		n = guest_print(text, bytes - done < sizeof(text) ? bytes - done : sizeof(text));
		if (n == 0)
			break;
		done += n;
		consoles_run(cs);
	}
	return done;
}

/* A tick later, whenever that is. */
static void wait_tick(void)
{
	assert_true(wait_for(consoles_fd(cs), 10000));
	consoles_run(cs);
}

static void flood_on(size_t bytes)
{
	for (size_t done = flood(bytes); done < bytes; done += flood(bytes - done))
		wait_tick();
	settle();
}

/* Nobody reads, and the domain prints and prints. */
static void test_slow_clients(void **state)
{
	char text[CONSOLE_BACKLOG + 16384];
	size_t total = 0;
	ssize_t n = -1;
	int fd, fast;

	(void)state;
	assert_int_equal(add("vm"), 0);
	fd = client();
	flood_on(1 << 20);
	/* The client has lost the connection and, before that, nothing. */
	while (wait_for(fd, 10000) && (n = read(fd, text, sizeof(text))) > 0)
		total += n;
	assert_int_equal(n, 0);
	assert_true(total > 0 && total < 1 << 20);
	close(fd);
	/* A new one begins with what there still is. */
	fast = client();
	for (total = 0; total < CONSOLE_BACKLOG; total += receive(fast, text, sizeof(text)))
		settle();
	assert_int_equal(total, CONSOLE_BACKLOG);
	say("end");
	expect(fast, "end");
	close(fast);
}

/* The oldest that fits into the kernel, a remark (or more), and the backlog. */
static void test_pty_that_nobody_reads(void **state)
{
	static char text[1 << 20];
	size_t got = 0, told, more;
	unsigned int n;
	int pty, end;

	(void)state;
	assert_int_equal(add("vm"), 0);
	say("begin");
	flood_on(1 << 20);
	say("end");
	pty = open_pty("vm");
	while ((more = receive(pty, text + got, sizeof(text) - 1 - got)) > 0) {
		got += more;
		settle();
	}
	text[got] = '\0';
	assert_memory_equal(text, "begin", 5);
	assert_string_equal(text + got - 3, "end");
	assert_true(got > CONSOLE_BACKLOG && got < 2 * CONSOLE_BACKLOG);
	/* All is accounted for: what came, but for the remarks, and what they tell. */
	told = got;
	for (char *at = text; (at = strstr(at, "\r\n[xend: ")); at++) {
		assert_int_equal(sscanf(at, "\r\n[xend: %u bytes left out]%n", &n, &end), 1);
		told += n - (end + 2);
	}
	assert_int_equal(told, 5 + (1 << 20) + 3);
	close(pty);
}

static void test_loud_domain_waits(void **state)
{
	size_t n;

	(void)state;
	assert_int_equal(add("vm"), 0);
	settle();
	n = flood(1 << 20);
	assert_true(n >= CONSOLE_BACKLOG && n < CONSOLE_BACKLOG + 8192);
	assert_true(sim_masked());
	/* The tick lets it go on. */
	wait_tick();
	assert_true(flood(4096) == 4096);
}

static void test_events_without_bytes_count(void **state)
{
	int n = 0;

	(void)state;
	assert_int_equal(add("vm"), 0);
	settle();
	for (; !sim_masked() && n < 100000; n++) {
		sim_raise();
		consoles_run(cs);
	}
	assert_true(n < 100000);
}

/* A disk that is full: RLIMIT_FSIZE says so. */
static void test_full_disk(void **state)
{
	struct rlimit was, full;
	size_t bytes;
	char *text;

	(void)state;
	assert_int_equal(add("vm"), 0);
	say("fits;");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	full = was;
	full.rlim_cur = 5;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	say("kept;");
	assert_string_equal(log_text("vm.log", NULL), "fits;");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	wait_tick();
	assert_string_equal(log_text("vm.log", NULL), "fits;kept;");

	full.rlim_cur = 10;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	flood_on(100000);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	wait_tick();
	text = log_text("vm.log", &bytes);
	assert_memory_equal(text + 10, "\r\n[xend: 34464 bytes lost: File too large]\r\n", 44);
	assert_int_equal(bytes, 10 + 44 + CONSOLE_BACKLOG);
}

/* A log that has grown large makes room, and nothing is lost on the way. */
static void test_log_is_bounded(void **state)
{
	const size_t before = (4 << 20) - 1000;
	size_t now, old;
	char path[256];

	(void)state;
	assert_int_equal(add("vm"), 0);
	settle();
	snprintf(path, sizeof(path), "%s/vm.log", log_dir);
	consoles_remove(cs, 5);
	assert_int_equal(truncate(path, before), 0);
	assert_int_equal(add("vm"), 0);
	flood_on(20000);
	log_text("vm.log", &now);
	log_text("vm.log.1", &old);
	assert_int_equal(now + old, before + 20000);
	assert_true(now > 0 && old >= 4 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ring_wraps),
		TEST(ring_distrusts),
		TEST(fan_out),
		TEST(typing),
		TEST(typing_more_than_fits),
		TEST(slow_clients),
		TEST(pty_that_nobody_reads),
		TEST(loud_domain_waits),
		TEST(events_without_bytes_count),
		TEST(full_disk),
		TEST(log_is_bounded),
	};

	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
