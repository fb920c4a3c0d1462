// SPDX-License-Identifier: GPL-2.0
/* Reading JSON strictly; see json.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "json.h"

const char *shown(const char *text)
{
	static char buffers[4][64];
	static unsigned int next;
	char *out = buffers[next++ % 4];
	size_t n;

	for (n = 0; n < 60 && text[n]; n++)
		out[n] = (unsigned char)text[n] < ' ' || text[n] == 0x7f ? '?' : text[n];
	strcpy(out + n, text[n] ? "..." : "");
	return out;
}

json_t *json_parse(const char *text, size_t length, struct error *e)
{
	json_error_t where;
	json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);

	if (!json)
		error_set(e, EINVAL, "the request's body is not JSON: line %d, column %d: %s",
			  where.line, where.column, shown(where.text));
	return json;
}

static void list_names(char *text, size_t size, const char *const *names)
{
	size_t n = 0;

	text[0] = 0;
	for (; *names && n < size; names++)
		n += snprintf(text + n, size - n, "%s%s", n ? ", " : "", *names);
}

int json_check_members(const json_t *object, const char *where, const char *const *names,
		       struct error *e)
{
	const char *key;
	char list[400];
	json_t *value;

	list_names(list, sizeof(list), names);
	if (!json_is_object(object)) {
		int length = (int)strcspn(where, ":");

		return error_set(e, EINVAL, "%.*s: an object is wanted, with members %s",
				 length ? length : 16, length ? where : "the request body", list);
	}
	json_object_foreach((json_t *)object, key, value)
	{
		const char *const *name = names;

		while (*name && strcmp(*name, key))
			name++;
		if (!*name)
			return error_set(e, EINVAL, "%s%s: unknown; allowed are %s", where,
					 shown(key), list);
	}
	return 0;
}

/* Sets *value to the member, NULL when it is not there and need not be. */
static int get(const json_t *object, const char *where, const char *name, bool required,
	       json_t **value, struct error *e)
{
	*value = json_object_get(object, name);
	if (json_is_null(*value))
		*value = NULL;
	if (!*value && required)
		return error_set(e, EINVAL, "%s%s: missing", where, name);
	return 0;
}

int json_get_string(const json_t *object, const char *where, const char *name, bool required,
		    size_t max, const char **value, struct error *e)
{
	json_t *member;

	*value = NULL;
	if (get(object, where, name, required, &member, e))
		return -1;
	if (!member)
		return 0;
	if (!json_is_string(member))
		return error_set(e, EINVAL, "%s%s: a string is wanted", where, name);
	if (!json_string_length(member) || json_string_length(member) > max)
		return error_set(e, EINVAL, "%s%s: %zu bytes long; allowed are 1 to %zu", where,
				 name, json_string_length(member), max);
	*value = json_string_value(member);
	for (const char *c = *value; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return error_set(e, EINVAL, "%s%s: \"%s\" has a control character", where,
					 name, shown(*value));
	return 0;
}

int json_get_number(const json_t *object, const char *where, const char *name, bool required,
		    json_int_t min, json_int_t max, json_int_t *value, struct error *e)
{
	json_t *member;
	json_int_t n;

	if (get(object, where, name, required, &member, e))
		return -1;
	if (!member)
		return 0;
	if (!json_is_integer(member))
		return error_set(e, EINVAL, "%s%s: a whole number is wanted", where, name);
	n = json_integer_value(member);
	if (n < min || n > max)
		return error_set(e, EINVAL, "%s%s: %lld is not within %lld to %lld", where, name,
				 (long long)n, (long long)min, (long long)max);
	*value = n;
	return 0;
}

int json_get_word(const json_t *object, const char *where, const char *name, bool required,
		  const char *const *words, unsigned int *value, struct error *e)
{
	const char *text;
	char list[200];

	if (json_get_string(object, where, name, required, 100, &text, e))
		return -1;
	if (!text)
		return 0;
	for (unsigned int i = 0; words[i]; i++) {
		if (!strcmp(words[i], text)) {
			*value = i;
			return 0;
		}
	}
	list_names(list, sizeof(list), words);
	return error_set(e, EINVAL, "%s%s: \"%s\" is unknown; allowed are %s", where, name,
			 shown(text), list);
}

int json_get_array(const json_t *object, const char *where, const char *name, size_t max,
		   json_t **array, struct error *e)
{
	if (get(object, where, name, false, array, e))
		return -1;
	if (!*array)
		return 0;
	if (!json_is_array(*array))
		return error_set(e, EINVAL, "%s%s: a list is wanted", where, name);
	if (json_array_size(*array) > max)
		return error_set(e, EINVAL, "%s%s: %zu elements; allowed are at most %zu", where,
				 name, json_array_size(*array), max);
	return 0;
}
