// SPDX-License-Identifier: GPL-2.0
/* xm help: printed from the table of commands, so that it cannot differ from it. */
#include "xm.h"

#include <stdio.h>

static void help_all(void)
{
	puts("Use: xm COMMAND [OPTIONS] [ARGUMENTS]\n\n"
	     "A DOMAIN is a domain's name or its number.\n");
	for (const struct command *c = commands; c->name; c++)
		printf("  %-13s %s\n", c->name, c->summary);
	puts("\n\"xm help COMMAND\" tells all about one. xm ends with 0 when it was done, 1 when\n"
	     "it failed, 2 when the command line is wrong, 3 when xend cannot be reached.");
}

void help_command(const struct command *command)
{
	printf("Use: xm %s %s\n\n%s.\n", command->name, command->arguments, command->summary);
	if (command->text)
		printf("\n%s\n", command->text);
	if (command->options)
		puts("\nOptions:");
	for (const struct xm_option *o = command->options; o && o->letter; o++) {
		char left[48];

		snprintf(left, sizeof(left), "-%c, --%s%s%s", o->letter, o->name,
			 o->value ? "=" : "", o->value ? o->value : "");
		printf("  %-20s %s\n", left, o->help);
	}
}

int run_help(struct call *call)
{
	const struct command *command;

	if (!call->nr_args) {
		help_all();
		return XM_OK;
	}
	command = command_find(call->args[0]);
	if (!command)
		return fail(XM_USAGE, "unknown command \"%s\"; \"xm help\" lists them",
			    call->args[0]);
	help_command(command);
	return XM_OK;
}
