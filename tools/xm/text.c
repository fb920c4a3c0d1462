// SPDX-License-Identifier: GPL-2.0
/*
 * Small things about text that several commands need: which name was meant,
 * what may go to a terminal, numbers and sets of CPUs.
 */
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LONGEST 32 /* no name that can be meant is longer */

/*
 * How many letters to insert, delete, replace or swap with the next to get from
 * one word to the other.
 */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int d[LONGEST + 1][LONGEST + 1];
	size_t la = strlen(a), lb = strlen(b);

	if (la > LONGEST || lb > LONGEST)
		return LONGEST;
	for (size_t i = 0; i <= la; i++) {
		for (size_t j = 0; j <= lb; j++) {
			unsigned int best;

			if (!i || !j) {
				d[i][j] = i + j;
				continue;
			}
			best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	}
	return d[la][lb];
}

const char *text_nearest(const char *word, const char *(*next)(void *cursor), void *cursor)
{
	/* A third of the letters may be wrong, one always; a letter alone says nothing. */
	unsigned int best = strlen(word) < 2 ? 0 : strlen(word) / 3 + 2;
	const char *nearest = NULL, *name;

	while ((name = next(cursor))) {
		unsigned int d = distance(word, name);

		/* The beginning of a name is as good as one wrong letter. */
		if (strlen(word) >= 2 && !strncasecmp(word, name, strlen(word)))
			d = 1;
		if (d < best) {
			best = d;
			nearest = name;
		}
	}
	return nearest;
}

void text_clean(char *text, size_t length, const char *keep)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = text[i];

		if ((c < 0x20 || c == 0x7f) && !(c && strchr(keep, c)))
			text[i] = '?';
		/* The control characters of C1, as UTF-8 writes them. */
		if (c == 0xc2 && i + 1 < length && (text[i + 1] & 0xe0) == 0x80)
			text[i] = text[i + 1] = '?';
	}
}

bool text_number(const char *text, long long min, long long max, long long *number)
{
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*number = strtoll(text, &end, 10);
	return !errno && !*end && *number >= min && *number <= max;
}

/* One item of a set of CPUs: "3" or "0-3"; false if it is neither. */
static bool cpu_range(const char *item, unsigned int nr_cpus, long long *first, long long *last)
{
	char copy[32];
	char *dash;

	if (strlen(item) >= sizeof(copy))
		return false;
	strcpy(copy, item);
	dash = strchr(copy, '-');
	if (dash)
		*dash = '\0';
	if (!text_number(copy, 0, nr_cpus - 1, first))
		return false;
	*last = *first;
	return !dash || text_number(dash + 1, *first, nr_cpus - 1, last);
}

json_t *text_cpus(const char *text, unsigned int nr_cpus, char *error, size_t size)
{
	bool *in = calloc(nr_cpus, sizeof(*in));
	char *copy = strdup(text), *item, *rest = copy;
	json_t *cpus = NULL;

	while ((item = strsep(&rest, ","))) {
		bool add = item[0] != '^';
		long long first, last;

		if (!cpu_range(item + !add, nr_cpus, &first, &last)) {
			snprintf(error, size,
				 "\"%s\" is no set of CPUs: allowed are numbers from 0 to %u, "
				 "ranges "
				 "as 0-3 and exceptions as ^2, with commas between them",
				 text, nr_cpus - 1);
			goto out;
		}
		for (; first <= last; first++)
			in[first] = add;
	}
	cpus = json_array();
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		if (in[cpu])
			json_array_append_new(cpus, json_integer(cpu));
	if (!json_array_size(cpus)) {
		snprintf(error, size, "\"%s\" names no CPU", text);
		json_decref(cpus);
		cpus = NULL;
	}
out:
	free(copy);
	free(in);
	return cpus;
}

void text_from_cpus(const json_t *cpus, char *text, size_t size)
{
	size_t n = json_array_size(cpus), used = 0;

	text[0] = '\0';
	for (size_t i = 0, last; i < n && used < size; i = last + 1) {
		long long a = json_integer_value(json_array_get(cpus, i)), b = a;

		for (last = i; last + 1 < n; last++, b++)
			if (json_integer_value(json_array_get(cpus, last + 1)) != b + 1)
				break;
		used += snprintf(text + used, size - used, a == b ? "%s%lld" : "%s%lld-%lld",
				 i ? "," : "", a, b);
	}
}
