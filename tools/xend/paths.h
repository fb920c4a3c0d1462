/* SPDX-License-Identifier: GPL-2.0 */
/* Where xend keeps its things. tests/tools links another paths.c. */
#ifndef XEND_PATHS_H
#define XEND_PATHS_H

#define SOCKET_VARIABLE "XEND_SOCKET" /* in the environment: another socket */

struct paths {
	const char *run;    /* the directory of what lasts until the host goes down */
	const char *socket; /* the HTTP interface */
	const char *token;  /* what clients on TCP must show */
	const char *pid;
	const char *records; /* a file a domain */
	const char *log_dir;
	const char *log;
	const char *consoles; /* log files of consoles */
	const char *ptys;     /* links to the consoles' ptys */
	const char *cache;    /* the builder's unpacked kernels */
	const char *boot;     /* where domain 0's kernel is */
	const char *scripts;  /* where a script without a slash in its name is */
	const char *our_scripts;
	const char *tag;      /* what names of loop devices begin with; up to 8 bytes */
	const char *net;      /* sysfs: network interfaces */
};

extern struct paths paths;

/* Looks at the environment; once, before anything else. */
void paths_init(void);

/* Make a directory and those above it, all of mode 0755. -1 with errno. */
int make_directory(const char *path);

#endif
