/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of xm share: how a command is described (command.c holds the
 * table), how its arguments reach it, and how it tells of a failure.
 *
 * xm is one thread and one command: memory that lives as long as the command
 * does is left to the end of the process where that keeps the code plain.
 */
#ifndef XM_H
#define XM_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

/* What xm ends with; the manual page promises these. */
enum exit_code {
	XM_OK = 0,
	XM_FAILED = 1,	/* xend refused it, or the configuration is wrong */
	XM_USAGE = 2,	/* the command line is wrong: nothing was done */
	XM_NO_XEND = 3, /* xend cannot be reached: nothing was done */
};

/* An option of a command; a table of them ends with a letter of 0. */
struct xm_option {
	char letter;
	const char *name;  /* the long form, without the dashes */
	const char *value; /* what its value is called in the help; NULL: takes none */
	const char *help;
};

struct call;

/* A command; the table ends with a name of NULL. */
struct command {
	const char *name;
	const char *arguments;		 /* as the help shows them */
	const char *summary;		 /* one line */
	const char *text;		 /* the rest of the help; may be NULL */
	int min_args, max_args;		 /* how many arguments; max_args -1: any number */
	const struct xm_option *options; /* may be NULL */
	int (*run)(struct call *call);	 /* returns an exit code */
};

/* One command as it was called. */
struct call {
	const struct command *command;
	const char *option[128]; /* by letter: NULL not given, "" or the value given */
	int nr_args;
	char **args;
};

extern const struct command commands[];

/* The commands' functions, by file. */
int run_help(struct call *call);   /* help.c */
int run_create(struct call *call); /* create.c */
int run_list(struct call *call);   /* list.c */
int run_vcpu_list(struct call *call);
int run_destroy(struct call *call); /* life.c */
int run_pause(struct call *call);
int run_unpause(struct call *call);
int run_shutdown(struct call *call);
int run_reboot(struct call *call);
int run_console(struct call *call); /* console.c */
int run_info(struct call *call);    /* host.c */
int run_dmesg(struct call *call);
int run_set_mem(struct call *call); /* resources.c */
int run_maxmem(struct call *call);
int run_pincpu(struct call *call);
int run_bvt(struct call *call);
int run_bvt_ctxallow(struct call *call);
int run_atropos(struct call *call);
int run_rrobin(struct call *call);

/* The command of that name, or NULL. */
const struct command *command_find(const char *name);

/* Print a command's help on standard output. */
void help_command(const struct command *command);

/*
 * Print "xm COMMAND: message" as one line on standard error, whatever the
 * message holds, and return @code.
 */
int fail(enum exit_code code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Print JSON for people and programs: indented, one newline at the end. */
void print_json(const json_t *json);

#endif
