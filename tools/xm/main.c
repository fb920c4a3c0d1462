// SPDX-License-Identifier: GPL-2.0
/*
 * xm, the command that manages domains: it finds the command in the table, reads
 * its options, and calls its function. All that lasts happens in xend.
 */
#include "text.h"
#include "xm.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command *current; /* for the beginning of a message */

int fail(enum exit_code code, const char *format, ...)
{
	va_list args;
	char *text;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		abort();
	text_clean(text, length, "");
	fflush(stdout);
	fprintf(stderr, "xm%s%s: %s\n", current ? " " : "", current ? current->name : "", text);
	free(text);
	return code;
}

void print_json(const json_t *json)
{
	json_dumpf(json, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
	putchar('\n');
}

const struct command *command_find(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static const char *next_command(void *cursor)
{
	const struct command **c = cursor;

	return (*c)->name ? (*c)++->name : NULL;
}

static const char *next_option(void *cursor)
{
	const struct xm_option **o = cursor;

	return *o && (*o)->letter ? (*o)++->name : NULL;
}

/* What getopt calls a long option: its letter and this. */
#define LONG 0x100

/* getopt stopped at an option that is not there, or lacks its value. */
static int bad_option(const struct command *command, int what, const char *word)
{
	const struct xm_option *cursor = command->options;
	const char *nearest;
	char name[64];

	if (what == ':' && optopt < LONG)
		return fail(XM_USAGE, "option -%c needs a value", optopt);
	if (what == ':')
		return fail(XM_USAGE, "option %s needs a value", word);
	if (optopt >= LONG)
		return fail(XM_USAGE, "option %.*s takes no value", (int)strcspn(word, "="), word);
	if (optopt)
		return fail(XM_USAGE, "unknown option -%c; \"xm help %s\" lists them", optopt,
			    command->name);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	nearest = text_nearest(name, next_option, &cursor);
	return fail(XM_USAGE, "unknown option --%s%s%s%s; \"xm help %s\" lists them", name,
		    nearest ? ": did you mean --" : "", nearest ? nearest : "", nearest ? "?" : "",
		    command->name);
}

/*
 * Read the options of @call's command into @call. Options and other arguments
 * may come in any order; "--" ends the options.
 */
static int read_options(struct call *call, int argc, char **argv)
{
	struct option longs[16] = { { "help", no_argument, NULL, LONG + 'h' } };
	char shorts[48] = ":h";
	int n = 1, c;

	for (const struct xm_option *o = call->command->options; o && o->letter; o++) {
		int has_value = o->value ? required_argument : no_argument;

		longs[n++] = (struct option){ o->name, has_value, NULL, LONG + o->letter };
		snprintf(strchr(shorts, '\0'), 3, "%c%s", o->letter, o->value ? ":" : "");
	}
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == '?' || c == ':')
			return bad_option(call->command, c, argv[optind - 1]);
		call->option[c % LONG] = optarg ? optarg : "";
	}
	call->nr_args = argc - optind;
	call->args = argv + optind;
	return XM_OK;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct call call = { .command = command };
	int error;

	current = command;
	error = read_options(&call, argc, argv);
	if (error)
		return error;
	if (call.option['h']) {
		help_command(command);
		return XM_OK;
	}
	if (call.nr_args < command->min_args)
		return fail(XM_USAGE, "an argument is missing; use: xm %s %s", command->name,
			    command->arguments);
	if (command->max_args >= 0 && call.nr_args > command->max_args)
		return fail(XM_USAGE, "\"%s\" is too much; use: xm %s %s",
			    call.args[command->max_args], command->name, command->arguments);
	return command->run(&call);
}

int main(int argc, char **argv)
{
	const struct command *command, *cursor = commands;
	const char *nearest;
	int code;

	if (argc < 2)
		return fail(XM_USAGE, "no command given; \"xm help\" lists them");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		argv[1] = "help";
	command = command_find(argv[1]);
	if (!command) {
		nearest = text_nearest(argv[1], next_command, &cursor);
		return fail(XM_USAGE, "unknown command \"%s\"%s%s%s; \"xm help\" lists them",
			    argv[1], nearest ? ": did you mean " : "", nearest ? nearest : "",
			    nearest ? "?" : "");
	}
	code = run(command, argc - 1, argv + 1);
	if (fflush(stdout) || ferror(stdout))
		return code ? code : fail(XM_FAILED, "cannot write the output: %m");
	return code;
}
