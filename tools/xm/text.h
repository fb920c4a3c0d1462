/* SPDX-License-Identifier: GPL-2.0 */
/* Small things about text: see text.c. */
#ifndef XM_TEXT_H
#define XM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <jansson.h>

/*
 * The name among those that @next gives one after the other (until NULL) that
 * @word was probably meant to be, or NULL if none is close.
 */
const char *text_nearest(const char *word, const char *(*next)(void *cursor), void *cursor);

/*
 * Replace what could move the terminal's cursor or change its state by '?'.
 * @keep: the control characters that may stay.
 */
void text_clean(char *text, size_t length, const char *keep);

/* A whole number of decimal digits within [min, max]; false if it is not one. */
bool text_number(const char *text, long long min, long long max, long long *number);

/*
 * CPUs written as "0,2-4,^3" to an array of numbers in ascending order, or NULL
 * with the reason in @error. @nr_cpus is how many there are.
 */
json_t *text_cpus(const char *text, unsigned int nr_cpus, char *error, size_t size);

/* The other way round: [0,1,2,5] to "0-2,5". */
void text_from_cpus(const json_t *cpus, char *text, size_t size);

#endif
