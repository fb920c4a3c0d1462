// SPDX-License-Identifier: GPL-2.0
/* xm info and xm dmesg: the machine and the hypervisor. */
#include "client.h"
#include "text.h"
#include "xm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines of "name : value"; memory in MiB as everywhere else in xm. */
static void print_info(const json_t *node)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)node, name, value)
	{
		size_t length = strlen(name);
		char *text;

		if (json_is_integer(value) && length > 4 && !strcmp(name + length - 4, "_kib")) {
			printf("%-22.*s : %lld\n", (int)length - 4, name,
			       json_integer_value(value) / 1024);
			continue;
		}
		text = json_is_string(value) ? strdup(json_string_value(value)) :
					       json_dumps(value, JSON_ENCODE_ANY);
		if (!text)
			continue;
		printf("%-22s : %s\n", name, text);
		free(text);
	}
}

int run_info(struct call *call)
{
	json_t *node;
	int error = xend_get("/node", &node);

	if (error)
		return error;
	if (call->option['j'])
		print_json(node);
	else
		print_info(node);
	json_decref(node);
	return XM_OK;
}

int run_dmesg(struct call *call)
{
	size_t length;
	char *text;
	int error = xend_get_text(call->option['c'] ? "/node/dmesg?clear=1" : "/node/dmesg", &text,
				  &length);

	if (error)
		return error;
	/* Guests can have lines in there. */
	text_clean(text, length, "\n\t");
	fwrite(text, 1, length, stdout);
	free(text);
	return XM_OK;
}
