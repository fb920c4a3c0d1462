// SPDX-License-Identifier: GPL-2.0
/* JSON as S-expressions, the form in which xm has always shown a whole domain. */
#include "sxp.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void print_indent(int depth)
{
	printf("\n%*s", 4 * depth, "");
}

/* A word as it is; anything else between quotes, as JSON writes it. */
static void print_string(const json_t *string)
{
	const char *text = json_string_value(string);

	if (*text && !strpbrk(text, " ()\"'\\;"))
		fputs(text, stdout);
	else
		json_dumpf(string, stdout, JSON_ENCODE_ANY);
}

static void print_member(const char *name, const json_t *value, int depth);

static void print_members(const json_t *object, int depth)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)object, name, value)
	{
		/* Objects in a list: one (disk ...) each, of the list "disks". */
		bool objects = json_is_object(json_array_get(value, 0));
		size_t i, length = strlen(name);
		json_t *item;
		char one[64];

		if (!objects) {
			print_member(name, value, depth);
			continue;
		}
		snprintf(one, sizeof(one), "%.*s", (int)(length - (name[length - 1] == 's')), name);
		json_array_foreach(value, i, item) print_member(one, item, depth);
	}
}

/* What follows a name, with the space before it. */
static void print_value(const json_t *value, int depth)
{
	const json_t *item;
	size_t i;

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		print_members(value, depth + 1);
		break;
	case JSON_ARRAY:
		json_array_foreach((json_t *)value, i, item) print_value(item, depth);
		break;
	case JSON_STRING:
		putchar(' ');
		print_string(value);
		break;
	case JSON_NULL:
		break;
	default:
		putchar(' ');
		json_dumpf(value, stdout, JSON_ENCODE_ANY);
	}
}

static void print_member(const char *name, const json_t *value, int depth)
{
	print_indent(depth);
	printf("(%s", name);
	print_value(value, depth);
	putchar(')');
}

void sxp_print(const char *name, const json_t *json)
{
	printf("(%s", name);
	print_value(json, 0);
	puts(")");
}
