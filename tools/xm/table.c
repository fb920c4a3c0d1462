// SPDX-License-Identifier: GPL-2.0
/*
 * Tables on the terminal: columns as wide as their widest cell, the first one
 * (a name) to the left, the others to the right, two spaces between.
 */
#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void table_row(struct table *table, const char *format, ...)
{
	char *text, *rest, *cell;
	va_list args;
	int column = 0;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	table->cells = realloc(table->cells, (table->rows + 1) * sizeof(*table->cells));
	if (!table->cells)
		abort();
	memset(table->cells[table->rows], 0, sizeof(*table->cells));
	for (rest = text; column < TABLE_COLUMNS && (cell = strsep(&rest, "\n")); column++) {
		table->cells[table->rows][column] = strdup(cell);
	}
	table->rows++;
	if (column > table->columns)
		table->columns = column;
	free(text);
}

static void print_row(const struct table *table, char *const *cells, const int *width)
{
	for (int column = 0; column < table->columns; column++) {
		const char *cell = cells[column] ? cells[column] : "";

		if (!column)
			printf("%-*s", width[column], cell);
		else
			printf("  %*s", width[column], cell);
	}
	putchar('\n');
}

void table_print(struct table *table)
{
	int width[TABLE_COLUMNS] = {};

	for (size_t row = 0; row < table->rows; row++)
		for (int column = 0; column < table->columns; column++) {
			const char *cell = table->cells[row][column];

			if (cell && (int)strlen(cell) > width[column])
				width[column] = strlen(cell);
		}
	for (size_t row = 0; row < table->rows; row++) {
		print_row(table, table->cells[row], width);
		for (int column = 0; column < TABLE_COLUMNS; column++)
			free(table->cells[row][column]);
	}
	free(table->cells);
}
