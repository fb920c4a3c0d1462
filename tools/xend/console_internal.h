/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the console daemon know of each other. Data goes one way: the
 * ring is emptied into the backlog (console.c), and log, pty and clients follow
 * the backlog, each as fast as it can. What is typed goes from pty and clients
 * straight into the ring, as long as that has space.
 */
#ifndef XEND_CONSOLE_INTERNAL_H
#define XEND_CONSOLE_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "xend/console.h"
#include "xend/console_backlog.h"
#include "xend/console_ring.h"

#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/* A log is renamed to <name>.log.1 at this size, so that it cannot fill a disk. */
#define CONSOLE_LOG_BYTES (4u << 20)
#define CONSOLE_MAX_CLIENTS 16

/* A descriptor that the loop waits for. */
struct watch {
	int fd;		 /* -1: none */
	uint32_t events; /* EPOLL*, what is waited for now */
	void (*ready)(struct watch *w, uint32_t events);
};

struct console_log {
	char path[256];
	int fd; /* -1: could not be opened */
	uint64_t position;
	uint64_t lost;	/* bytes, since it cannot be written */
	uint64_t bytes; /* in the file */
	int error;	/* why it cannot be written; 0: it can */
};

struct console_pty {
	struct watch watch; /* of the master */
	int slave;	    /* held open: settings go with the last who has it */
	uint64_t position;
	char name[64];
	char link[256];
};

struct client {
	struct client *next;
	struct console *console;
	struct watch watch;
	uint64_t position;
};

struct console {
	struct console *next;
	struct consoles *all;
	unsigned int domid;
	char name[128];
	unsigned int tcp_port;

	struct console_ring ring;
	int port;     /* of ours, for its events */
	int budget;   /* bytes that it may print until the next tick */
	bool waiting; /* its port is masked until the next tick */
	bool full;    /* nothing can be typed until its next event */

	struct backlog backlog;
	struct console_log log;
	struct console_pty pty;
	struct watch listener;
	struct client *clients;
};

struct consoles {
	struct control *control;
	char log_dir[120], pty_dir[120];
	int epoll;
	xenevtchn_handle *evtchn;
	struct watch events; /* of evtchn */
	struct watch timer;
	bool ticking;
	struct console *list;
};

/* console.c: */

/* Wait for these events (0: for none but errors) on w->fd from now on. */
int watch_add(struct consoles *cs, struct watch *w, uint32_t events);
void watch_change(struct consoles *cs, struct watch *w, uint32_t events);
/* Stop waiting and close it. */
void watch_close(struct consoles *cs, struct watch *w);

/* Have the tick come, which tries again what could not be done. */
void consoles_tick_later(struct consoles *cs);

/*
 * Read from fd as much as can be typed, and type it. Returns what read() returned,
 * or 1 if nothing can be typed now; con->full says whether more can be.
 */
ssize_t console_type_from(struct console *con, int fd);

/* What pty and clients wait for: input, unless the ring is full, and more. */
static inline uint32_t console_input(const struct console *con)
{
	return con->full ? 0 : EPOLLIN;
}

/* console_log.c: */

int console_log_open(struct console *con, struct error *e);
void console_log_close(struct console *con);
/* Write what there is, if it can be written. */
void console_log_follow(struct console *con);

/* console_pty.c: */

int console_pty_open(struct console *con, struct error *e);
void console_pty_close(struct console *con);
void console_pty_follow(struct console *con);
int console_pty_link(struct console *con, struct error *e);
void console_pty_unlink(struct console *con);

/* console_tcp.c: */

int console_tcp_open(struct console *con, struct error *e);
void console_tcp_close(struct console *con);
void console_tcp_follow(struct console *con);

/* console_peer.c: */

/*
 * The user whose socket is the other end of a connection over loopback; -1: not to
 * be found out, because he has closed it.
 */
long console_peer_uid(int fd);

#endif
