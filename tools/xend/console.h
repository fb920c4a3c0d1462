/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The domains' consoles. What a domain prints goes, at the same time, to a log
 * file, to a pty and to everybody who is connected to its TCP port; what any of
 * these but the log send is typed to the domain.
 *
 * Nothing is lost between boot and attach: the last CONSOLE_BACKLOG bytes are kept
 * and are what a new client sees first. Nobody can stop the domain: a client that
 * does not take what it is sent is dropped once it is CONSOLE_BACKLOG bytes behind
 * (a pty that nobody reads: the oldest bytes are), and a log file that cannot be
 * written loses bytes, which it says when it can be written again.
 *
 * TCP: on 127.0.0.1 only, and only for root's processes (the kernel tells whose
 * the other end is): others are told so and disconnected. Bytes go as they are,
 * there is no protocol.
 *
 * All functions are for one thread, the one with the daemon's loop: poll
 * consoles_fd() for POLLIN and call consoles_run() whenever it is readable; that
 * never blocks.
 */
#ifndef XEND_CONSOLE_H
#define XEND_CONSOLE_H

#include "lib/control.h"

#define CONSOLE_BACKLOG (64u << 10) /* bytes */
#define CONSOLE_BASE_PORT 9600

struct consoles;

struct consoles_config {
	const char *log_dir; /* logs: <log_dir>/<name>.log, appended to */
	const char *pty_dir; /* symbolic links: <pty_dir>/<name> */
};

/* Both directories are made if they are not there. c must outlive the result. */
struct consoles *consoles_open(struct control *c, const struct consoles_config *config,
			       struct error *e);

/* Leaves the domains as they are; a new consoles_open() can add them again. */
void consoles_close(struct consoles *cs);

/* For poll(): readable when consoles_run() has something to do. */
int consoles_fd(struct consoles *cs);

/* Do what there is to do. Calls no one and never blocks. */
void consoles_run(struct consoles *cs);

struct console_config {
	unsigned int domid;
	const char *name;      /* the domain's */
	uint64_t ring_mfn;     /* console/ring-ref: build_result.console_mfn */
	uint32_t port;	       /* console/port: the domain's port */
	unsigned int tcp_port; /* 0: CONSOLE_BASE_PORT + domid */
};

/*
 * Serve a domain's console, also that of a domain which another xend has served
 * (what is left in the ring comes then). EADDRINUSE: the TCP port is taken;
 * EEXIST: the domain has a console already. -1 leaves nothing behind.
 */
int consoles_add(struct consoles *cs, const struct console_config *config, struct error *e);

/*
 * The domain goes (or is gone): what is left in its ring is taken, clients get
 * what they can take at once and are disconnected, the link is removed, the log
 * stays. No such domain: nothing happens. To be called before or after
 * control_destroy(): the domain's last frame goes only then.
 */
void consoles_remove(struct consoles *cs, unsigned int domid);

/* The domain has a new name: so have link and log. */
int consoles_rename(struct consoles *cs, unsigned int domid, const char *name, struct error *e);

struct console_info {
	unsigned int tcp_port;
	char pty[64]; /* the slave: /dev/pts/N (console/tty in xenstore) */
	char link[256];
	char log[256];
};

/* ESRCH: no such console. */
int consoles_info(struct consoles *cs, unsigned int domid, struct console_info *info,
		  struct error *e);

#endif
