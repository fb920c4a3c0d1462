/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tests of consoles play all others: the domain, on the other side of a page, and
 * clients. Each test begins with consoles that are open, and no domain; domain 5 is
 * the one that is added.
 */
#ifndef CONSOLE_PLAY_H
#define CONSOLE_PLAY_H

#include "../../unit/test.h"

#include "sim_xen.h"
#include "xend/console.h"

extern char dir[64], log_dir[80], pty_dir[80];
extern struct consoles *cs;
extern struct error e;
extern unsigned int tcp_port;

size_t guest_print(const char *text, size_t bytes);
size_t guest_read(char *to, size_t room);
bool wait_for(int fd, int ms);

/* Run until there is nothing to do for a moment. */
void settle(void);
int add(const char *name);
void say(const char *text);
void open_consoles(void);
int setup(void **state);
int teardown(void **state);
int client(void);
size_t receive(int fd, char *to, size_t room);

/* These bytes, however long they take, and then for a moment no others. */
void expect(int fd, const char *text);

/* The same of what was typed, for the guest: a terminal takes its time to pass it on. */
void guest_expect(const char *text);

/* Has the other end closed, with nothing left to read? */
void expect_end(int fd);
char *log_text(const char *name, size_t *bytes);
int open_pty(const char *name);

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

#endif
