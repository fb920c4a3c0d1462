/* SPDX-License-Identifier: GPL-2.0 */
/* Tables on the terminal: see table.c. */
#ifndef XM_TABLE_H
#define XM_TABLE_H

#include <stddef.h>

#define TABLE_COLUMNS 8

struct table {
	int columns;
	size_t rows;
	char *(*cells)[TABLE_COLUMNS]; /* the first row is the head */
};

/*
 * Add a row; @format gives its cells with a newline between them, which text that
 * client.c passed on never has in it.
 */
void table_row(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Print the table on standard output and free what it holds. */
void table_print(struct table *table);

#endif
